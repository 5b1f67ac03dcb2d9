/* store_ops.h - jobs and operations to try a store with. */
#ifndef TESTS_STORE_OPS_H
#define TESTS_STORE_OPS_H

#include <penstock/chan.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "crew.h"
#include "store/kind.h"

#define NOW_MS INT64_C(1764000000000)
#define HOUR_MS INT64_C(3600000)

static const struct store_options small = {
	.kind = "memory",
	.retention_ns = HOUR_MS * PEN_MS,
	.retention_jobs = 1000,
	.queue_max = 64,
	.group_max = 16,
};

static inline struct job *new_job(int n)
{
	struct job *job = job_new(JOB_SLEEP);

	ck_assert_ptr_nonnull(job);
	uuid_new(&job->id, NOW_MS);
	job->priority = n;
	return job;
}

static inline struct store_op *new_op(
	enum store_op_type type, struct job *job, enum job_state state, struct pen_chan *done)
{
	struct store_op *op = store_op_new(type, job);

	ck_assert_ptr_nonnull(op);
	op->done = done;
	op->progress.state = state;
	if (job_state_ended(state))
		op->progress.finished_ms = clock_wall_ms();
	if (type == STORE_FINISH) {
		op->result = result_new(&job->id, state, op->progress.finished_ms, "{}", 2);
		ck_assert_ptr_nonnull(op->result);
	}
	return op;
}

static inline struct pen_chan *new_done(void)
{
	struct pen_chan *done = pen_chan_new(sizeof(struct store_op *), 256);

	ck_assert_ptr_nonnull(done);
	return done;
}

/* Wait for one operation to come back; gives its error. */
static inline int come_back(struct pen_chan *done)
{
	struct store_op *op;
	int error;

	ck_assert_int_eq(pen_chan_recv(NULL, done, &op), 0);
	error = op->error;
	store_op_free(op);
	return error;
}

#endif
