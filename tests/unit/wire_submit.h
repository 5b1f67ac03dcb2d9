/* wire_submit.h - handing bodies to wire_read_job() in tests, good ones and bad ones. */
#ifndef TESTS_WIRE_SUBMIT_H
#define TESTS_WIRE_SUBMIT_H

#include <check.h>
#include <errno.h>
#include <penstock/base.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/wire.h"

#define NOW_MS INT64_C(1764000000000)

static const struct wire_limits submit_limits = {.depth_max = 64,
	.timeout_max_ns = 3600 * PEN_SECOND,
	.result_max = 65536};

static inline int read_bytes(const char *text, size_t bytes, struct job **ret_job, struct problem *reterr)
{
	return wire_read_job(text, bytes, &submit_limits, NOW_MS, ret_job, reterr);
}

/* A job that must be good. */
static inline struct job *good(const char *text)
{
	struct problem problem = {0};
	struct job *job = NULL;
	int r = read_bytes(text, strlen(text), &job, &problem);

	ck_assert_msg(r == 0, "%s: %s %s", text, problem.field, problem.message);
	ck_assert_ptr_nonnull(job);
	return job;
}

/* One that must be refused; gives why. */
static inline struct problem refused_bytes(const char *text, size_t bytes)
{
	struct job *const untouched = (struct job *)&submit_limits;
	struct job *job = untouched;
	struct problem problem = {0};
	int r = read_bytes(text, bytes, &job, &problem);

	ck_assert_msg(r == -EINVAL, "%.200s: %d", text, r);
	ck_assert_ptr_eq(job, untouched);
	ck_assert_ptr_nonnull(problem.code);
	ck_assert_uint_gt(strlen(problem.message), 0);
	return problem;
}

static inline struct problem refused(const char *text)
{
	return refused_bytes(text, strlen(text));
}

#endif
