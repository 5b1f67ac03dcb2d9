/*
 * wire.h - structures <-> text that clients see: JSON, problem+json, Prometheus.  The only folder that knows
 * jansson. Pure but for the clock of a new job; any task or thread.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/problem.h"
#include "core/job.h"
#include "core/outcome.h"
#include "core/result.h"

#define RUN_AT_MAX_MS (INT64_C(3660) * 86400 * 1000) /* how far ahead delay and run_at may lie: ten years */

#define WIRE_DEPTH_MAX 256 /* deeper would cost a task too much of its stack: some 80 bytes a level */

struct wire_limits {
	size_t depth_max; /* nesting of arrays and objects; more than WIRE_DEPTH_MAX is as good as that */
	int64_t timeout_max_ns; /* the most `timeout` may be */
	size_t result_max;      /* the most that "result_max" of an http job may be */
};

/*
 * Read a submitted job.  Gives it in `*ret_job`, id and created_ms set from `now_ms`, `request` in compact
 * form.  -EINVAL or -ENOMEM with words and a JSON pointer in reterr: not JSON (with line and column), not
 * UTF-8, duplicate keys, too deep, wrong type, out of range, unknown member, unknown kind.
 */
int wire_read_job(const char *text, size_t bytes, const struct wire_limits *limits, int64_t now_ms,
	struct job **ret_job, struct problem *reterr);

/*
 * Have a job that was read pass on the trace that its request came with, unless it names one itself or this is none (either may be
 * NULL).  It becomes a part of its request, but not of what it is known by.  0 or -ENOMEM.
 */
int wire_add_trace(struct job *job, const char *traceparent, const char *tracestate);

/*
 * Read a job back that was put on record as `text`, its `request`, and `stamp`.  The limits of today do not count, nor does
 * `delay` again.  As wire_read_job() in all else.
 */
int wire_restore_job(const char *text, size_t bytes, const struct job_stamp *stamp, struct job **ret_job,
	struct problem *reterr);

/* Append documents of API.md to `out`; 0 or -ENOMEM. */
int wire_write_accepted(struct buf *out, const struct job *job, const struct uuid *id,
	enum job_state state); /* the 202 of POST /jobs */
int wire_write_job(
	struct buf *out, const struct job *job, const struct progress *progress); /* GET /jobs/<id> */

/* Whether a valid request has these labels: 1 or 0, or -ENOMEM. */
struct wire_label {
	const char *name, *value;
};

int wire_has_labels(const char *request, size_t bytes, const struct wire_label *labels, size_t n);

/* Give the result document of an ended job; `outcome` is of the last attempt, NULL when none ran. */
int wire_make_result(const struct job *job, const struct progress *progress, const struct outcome *outcome,
	struct result **ret_result);

/*
 * Give the http job that tells of the end of one that has a callback: its body is the result document, `callback_of` its label, and
 * tenant, priority, durability and trace are the other's.  0, -ENOMEM, or -EINVAL (never of a job that was read).
 */
int wire_make_callback(
	const struct job *job, const struct result *result, int64_t now_ms, struct job **ret_job);

/* The HTTP status of a problem's code, and the document. */
int wire_problem_status(const struct problem *problem);
int wire_write_problem(
	struct buf *out, const struct problem *problem, const char *instance, const char *request_id);

/* For the client: the string member `name` of a JSON object, "" when it has none; 0 or -EINVAL. */
int wire_read_member(const char *text, size_t bytes, const char *name, char *value, size_t size);

/* The number member of that name, not below 0; 0 or -EINVAL. */
int wire_read_number(const char *text, size_t bytes, const char *name, uint64_t *ret_number);

/*
 * For the client: an answer of GET /jobs or /tenants, which is the array `list`.  Calls `fn` with each document of it in turn and gives the cursor, "" where there is none;
 * 0, -EINVAL, or what `fn` returned, which ends it.
 */
typedef int (*wire_page_fn)(void *arg, const char *job, size_t bytes);
int wire_read_page(const char *text, size_t bytes, const char *list, wire_page_fn fn, void *arg, char *cursor,
	size_t size);

#endif
