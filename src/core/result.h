/* result.h - the result document of an ended job: rendered once, then shared (counted) and never changed. */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include <penstock/ref.h>

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "core/job.h"

#define ETAG_TEXT 36 /* a quoted strong ETag and NUL */

struct result {
	struct pen_ref refs;
	struct uuid id;
	enum job_state state;
	int64_t finished_ms;
	char etag[ETAG_TEXT]; /* with its quotes */
	size_t body_bytes;
	char body[]; /* the JSON document, NUL-terminated */
};

/* Gives a result with a copy of `body`, its ETag made from id and content; or NULL. */
struct result *result_new(
	const struct uuid *id, enum job_state state, int64_t finished_ms, const char *body, size_t bytes);
struct result *result_ref(struct result *result);
void result_unref(struct result *result); /* NULL is allowed */
void result_unrefp(struct result **result);

#endif
