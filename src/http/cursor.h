/*
 * cursor.h - a place in a list as a token for clients, who are to give it back as it is: the place and a check of it, in
 * hexadecimal digits.
 */
#ifndef HTTP_CURSOR_H
#define HTTP_CURSOR_H

#include <stdint.h>

#include "base/buf.h"

#define CURSOR_TEXT 25 /* bytes of a token with its NUL */

void cursor_write(int64_t place, char text[static CURSOR_TEXT]);
int cursor_read(const char *text, int64_t *ret_place); /* 0, or -EINVAL: it is none that was ever given */

/* Add the member "next_cursor", and the brace that ends an answer with it; null where the place is 0.  0 or -ENOMEM. */
int cursor_add(struct buf *to, int64_t place);

#endif
