/* json.h - text to a tree, strictly. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <jansson.h>

#include "base/problem.h"
#include "wire/text.h"

/*
 * Give the tree of an object or array.  -EINVAL (not JSON, not UTF-8, a key twice, NUL in a string, deeper
 * than `depth_max`) with line and column in words, or -ENOMEM.
 */
int json_read(struct text text, size_t depth_max, json_t **ret_json, struct problem *reterr);

/* -ENOMEM, in words. */
int json_no_memory(struct problem *reterr);

#endif
