/* utf8.h - is it UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF)? */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character that begins `data`, 1..4; 0 when none does, or `bytes` is 0. */
size_t utf8_step(const char *data, size_t bytes);

/* Whether all of it is text: UTF-8 without NUL, which many a JSON reader refuses. */
bool utf8_is_text(const char *data, size_t bytes);

#endif
