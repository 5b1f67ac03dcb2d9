/* result.c - see result.h. */
#include "core/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static void make_etag(struct result *result)
{
	uint64_t hash = fnv1a(FNV1A_BEGIN, &result->id, sizeof result->id);

	snprintf(result->etag, sizeof result->etag, "\"%016" PRIx64 "\"",
		fnv1a(hash, result->body, result->body_bytes));
}

struct result *result_new(
	const struct uuid *id, enum job_state state, int64_t finished_ms, const char *body, size_t bytes)
{
	struct result *result = malloc(sizeof *result + bytes + 1);

	if (!result)
		return NULL;
	*result = (struct result){
		.refs = PEN_REF_ONE,
		.id = *id,
		.state = state,
		.finished_ms = finished_ms,
		.body_bytes = bytes,
	};
	memcpy(result->body, body, bytes);
	result->body[bytes] = 0;
	make_etag(result);
	return result;
}

struct result *result_ref(struct result *result)
{
	pen_ref_get(&result->refs);
	return result;
}

void result_unref(struct result *result)
{
	if (result && pen_ref_put(&result->refs))
		free(result);
}

void result_unrefp(struct result **result)
{
	result_unref(*result);
}
