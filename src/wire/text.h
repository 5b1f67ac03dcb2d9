/*
 * text.h - walking JSON text that jansson has found valid: spans of it are kept as they were sent, so that
 * 0.10 stays 0.10.
 *
 * Nothing here reads past a span, whatever is in it; but only of valid JSON are the answers right.
 */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One JSON value within a longer text; borrowed. */
struct text {
	const char *at;
	size_t bytes;
};

/*
 * Take the next member of an object (first called with the object itself in `*rest`).  Gives its name, with
 * its quotes, and its value; false when there is no more.
 */
bool text_next(struct text *rest, struct text *ret_name, struct text *ret_value);

/* Take the next element of an array, in the same way. */
bool text_element(struct text *rest, struct text *ret_value);

/* Find a member by its name (ASCII); false when there is none or `object` is none. */
bool text_member(struct text object, const char *name, struct text *ret_value);

/* Whether a quoted string, escapes and all, says `ascii`. */
bool text_is(struct text string, const char *ascii);
bool text_is_nocase(struct text string, const char *ascii);

/* Append without the spaces between tokens; 0 or the buffer's error. */
int text_compact(struct buf *out, struct text text);

/*
 * The first place where arrays and objects stand more than `max` deep, NULL for none.  Of any text, valid or
 * not.
 */
const char *text_too_deep(struct text text, size_t max);

#endif
