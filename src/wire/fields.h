/* fields.h - reading an object by a table: one row a member says its type, its range and where it goes. */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "wire/where.h"

enum field_type {       /* what stands at `offset`; strings and trees are borrowed from the object */
	FIELD_STRING,   /* const char *; min..max bytes, when max is not 0 */
	FIELD_INTEGER,  /* int64_t, min..max */
	FIELD_DURATION, /* int64_t ns, min..max */
	FIELD_TIME,     /* int64_t wall ms */
	FIELD_OBJECT,   /* json_t *; at most max members */
	FIELD_ARRAY,    /* json_t *; min..max elements */
	FIELD_ANY,      /* json_t * */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	bool required;
	int64_t min, max;
};

/*
 * Read `object`, which stands at `where`, into `target`.  Members that it lacks leave their place in `target`
 * untouched.  0, or -EINVAL with words: not an object, an unknown member, one that is missing, of the wrong
 * type or out of range.
 */
int fields_read(const struct where *where, json_t *object, const struct field *fields, size_t n, void *target,
	struct problem *reterr);

/* What a value is, for people: "a string", "null", ... */
const char *fields_type_name(const json_t *value);

/* The string there; NULL with words when it is none. */
const char *fields_string(const struct where *where, const json_t *value, struct problem *reterr);

#endif
