/* kept.h - what is kept of an output: all of it up to a cap, beyond that its beginning and its end. */
#ifndef WORK_KEPT_H
#define WORK_KEPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "core/outcome.h"

enum { KEPT_DIVIDED_MAX = 3 }; /* bytes of a character that is not whole */

struct kept {
	struct buf head, tail; /* the tail in a ring, once it is full */
	size_t oldest;         /* where in the ring it begins */
	size_t total;          /* bytes that came */
	bool broken;           /* for want of memory, or since it could not be read to its end */
};

/* Keep at most `max` bytes, the larger half of them from the beginning. */
void kept_init(struct kept *kept, size_t max);
void kept_fini(struct kept *kept);

void kept_add(struct kept *kept, const char *data, size_t bytes);

/*
 * Give what is kept in one piece, NUL-terminated, to be freed (NULL: nothing, as when out of memory), and what was left out of it.
 * A character of UTF-8 that a cut would divide is left out whole.
 */
char *kept_take(struct kept *kept, size_t *ret_bytes, struct omitted *ret_omitted);

/* Bytes at the end of data that are the beginning of a character of UTF-8. */
size_t kept_divided(const char *data, size_t bytes);

#endif
