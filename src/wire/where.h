/*
 * where.h - the place of a value in a document, as links towards the root that live on the reader's stack;
 * made into a JSON pointer (RFC 6901) only when something is wrong there.
 */
#ifndef WIRE_WHERE_H
#define WIRE_WHERE_H

#include <stddef.h>

#include "base/problem.h"

struct where {
	const struct where *up; /* NULL: this is the root */
	const char *name;       /* NULL: an element of an array */
	size_t index;
};

/* The root of a document. */
extern const struct where where_root;

/* Say what is wrong with the value there; gives -EINVAL. */
int where_problem(const struct where *where, struct problem *reterr, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for the member `name` of the object there. */
int where_member_problem(const struct where *where, const char *name, struct problem *reterr,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
