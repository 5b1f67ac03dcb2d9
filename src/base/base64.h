/* base64.h - RFC 4648, section 4: the plain alphabet, with padding. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

/* Append the text of `bytes` of data; 0 or the buffer's error. */
int base64_encode(struct buf *out, const char *data, size_t bytes);

/*
 * Give the data, NUL-terminated.  Strict: no spaces, whole groups of four, padding where it belongs, no stray
 * bits under it.  0, -EINVAL or -ENOMEM.
 */
int base64_decode(const char *text, size_t bytes, char **ret_data, size_t *ret_bytes);

#endif
