/*
 * out.h - writing JSON straight into a buffer: no tree to build, and whole spans of JSON can be put in as
 * they are.
 *
 * What is written is always valid JSON in UTF-8, whatever the strings hold.  The buffer's sticky error is
 * looked at once, at the end.  `name` is the member's name, a literal that needs no escapes, or NULL for an
 * array's element.
 */
#ifndef WIRE_OUT_H
#define WIRE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct out {
	struct buf *buf;
	bool comma; /* something stands before on this level */
};

/* '{' or '[', and its end '}' or ']'. */
void out_open(struct out *out, const char *name, char bracket);
void out_close(struct out *out, char bracket);

void out_raw(struct out *out, const char *name, const char *json, size_t bytes);
void out_null(struct out *out, const char *name);
void out_bool(struct out *out, const char *name, bool value);
void out_int(struct out *out, const char *name, int64_t value);

/* A count of thousandths as a number: 1500 is 1.5. */
void out_thousandths(struct out *out, const char *name, int64_t value);

/* Bytes that are not UTF-8 become U+FFFD. */
void out_string(struct out *out, const char *name, const char *value);
void out_chars(struct out *out, const char *name, const char *value, size_t bytes);

/* A name that is data: any text.  Its value follows with a NULL name. */
void out_name(struct out *out, const char *name);

/* RFC 3339, null for 0. */
void out_time(struct out *out, const char *name, int64_t wall_ms);

/* Bytes that may be text or not: member `name`, or else member `name_base64`. */
void out_data(struct out *out, const char *name, const char *name_base64, const char *data, size_t bytes);

#endif
