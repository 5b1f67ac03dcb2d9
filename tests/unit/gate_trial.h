/*
 * gate_trial.h - tests of the gate: each in a task of a runtime, with a gate of its own over the store of gate_store.h.
 *
 * Each ends by draining the gate, and looks that no task and no descriptor is left.
 */
#ifndef TESTS_GATE_TRIAL_H
#define TESTS_GATE_TRIAL_H

#include <errno.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>
#include <signal.h>
#include <stdarg.h>

#include "base/clock.h"
#include "conf_file.h"
#include "gate/gate.h"
#include "gate_store.h"
#include "unit.h"
#include "wire/wire.h"

/* A test that waits for it fails by its own time limit. */
#define NEVER_NS (3600 * PEN_SECOND)

struct gate_trial {
	const char *conf;
	void (*fn)(struct gate *gate);
};

/* What the gate of this test was made with. */
static struct {
	struct conf *conf;
	struct store *store;
	struct pen_ctx *ctx;
} with;

static inline struct gate *gate_begin(const char *text)
{
	struct store_options options = {.queue_max = 8192, .group_max = 1024, .batch_max = 10000};
	struct gate *gate;

	with.conf = load_apart(text);
	options.retention_ns = with.conf->retention_ns;
	options.retention_jobs = with.conf->retention_jobs;
	options.retention_bytes = with.conf->retention_bytes;
	if (told.n_unfinished == 0)
		told_kind.scan = NULL;
	ck_assert_int_eq(store_open_kind(&told_kind, &options, &with.store, NULL), 0);
	ck_assert_int_eq(pen_ctx_with_cancel(&with.ctx, NULL), 0);
	ck_assert_int_eq(gate_start(with.ctx, with.conf, with.store, &gate), 0);
	return gate;
}

/* Also after a test that has drained it itself. */
static inline void gate_end(struct gate *gate)
{
	gate_drain(gate);
	gate_cancel_running(gate);
	ck_assert_int_eq(gate_drained(NULL, gate), 0);
	gate_stop(gate);
	store_close(with.store);
	pen_ctx_unrefp(&with.ctx);
	conf_unref(with.conf);
}

static inline int gate_trial_main(void *arg)
{
	const struct gate_trial *trial = arg;
	struct gate *gate = gate_begin(trial->conf);

	trial->fn(gate);
	gate_end(gate);
	return 0;
}

static inline void gate_trial_leak(const char *task, void *arg)
{
	(void)arg;
	ck_abort_msg("the task %s was left parked", task);
}

static inline void gate_trial_run(size_t loops, struct gate_trial trial)
{
	struct pen_run_options options = {.loops = loops, .on_leak = gate_trial_leak};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon */
	ck_assert_int_eq(pen_run(&options, gate_trial_main, &trial), 0);
	clock_wall_set(0);
}

/* With this configuration, on one loop and on two. */
#define GATE_TEST(name, text) \
	static void name##_body(struct gate *gate); \
	START_TEST(name) \
	{ \
		gate_trial_run((size_t)_i + 1, (struct gate_trial){text, name##_body}); \
	} \
	END_TEST \
	static void name##_body(struct gate *gate __attribute__((unused)))

#define tcase_add_gate_test(tcase, name) tcase_add_loop_test(tcase, name, 0, 2)

/* A job as a client writes it; more arguments as for printf. */
static inline struct job *job_as(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline struct job *job_as(const char *format, ...)
{
	const struct wire_limits limits = {.depth_max = 64, .timeout_max_ns = NEVER_NS};
	struct problem problem = {0};
	CLEANUP(freep) char *text = NULL;
	struct job *job = NULL;
	va_list args;
	int r;

	va_start(args, format);
	ck_assert_int_ge(vasprintf(&text, format, args), 0);
	va_end(args);
	r = wire_read_job(text, strlen(text), &limits, clock_wall_ms(), &job, &problem);
	ck_assert_msg(r == 0, "%s: %s %s", text, problem.field, problem.message);
	return job;
}

/* One that runs until it is cancelled, and one that is done at once; of a tenant. */
static inline struct job *long_job(const char *tenant)
{
	return job_as("{\"kind\":\"sleep\",\"tenant\":\"%s\",\"spec\":{\"for\":\"1h\"},\"timeout\":\"1h\"}",
		tenant);
}

static inline struct job *quick_job(const char *tenant)
{
	return job_as("{\"kind\":\"echo\",\"tenant\":\"%s\",\"spec\":[1]}", tenant);
}

/* Submit it, as it must be possible.  Gives it back. */
static inline struct job *submit(struct gate *gate, struct job *job)
{
	struct problem problem = {0};
	struct gate_receipt receipt;
	int r = gate_submit(gate, job, &receipt, &problem);

	ck_assert_msg(r == 0, "%d: %s", r, problem.message);
	ck_assert(receipt.state == JOB_QUEUED || receipt.state == JOB_SCHEDULED);
	return job;
}

/* Submit it, as it must not be possible; takes it and gives why. */
static inline struct problem submit_refused(struct gate *gate, struct job *job, int error, const char *code)
{
	struct problem problem = {0};
	struct gate_receipt receipt = {.state = JOB_STATES};

	ck_assert_int_eq(gate_submit(gate, job, &receipt, &problem), error);
	ck_assert_str_eq(problem.code, code);
	ck_assert_str_ne(problem.message, "");
	ck_assert_int_eq(receipt.state, JOB_STATES);
	job_unref(job);
	return problem;
}

/* Wait for the job's end, which must be this one.  Gives the document; takes the job. */
static inline struct result *ends(struct gate *gate, struct job *job, enum job_state state)
{
	struct result *result;

	ck_assert_int_eq(gate_result(NULL, gate, &job->id, pen_now_ns() + NEVER_NS, &result), 0);
	ck_assert_msg(result->state == state, "%s", result->body);
	job_unref(job);
	return result;
}

/* The same for those that do not read the document. */
static inline void just_ends(struct gate *gate, struct job *job, enum job_state state)
{
	result_unref(ends(gate, job, state));
}

/* What the gate says of it now; it must be known. */
static inline struct store_record looked_at(struct gate *gate, const struct job *job)
{
	struct store_record record;

	ck_assert_int_eq(gate_look(gate, &job->id, &record, NULL), 0);
	return record;
}

static inline enum job_state state_of(struct gate *gate, const struct job *job)
{
	CLEANUP(store_record_fini) struct store_record record = looked_at(gate, job);

	return record.progress.state;
}

/* Submit one that runs until it is cancelled; it runs when this returns. */
static inline struct job *submit_running(struct gate *gate, const char *tenant)
{
	struct job *job = submit(gate, long_job(tenant));

	await_state(job, JOB_RUNNING);
	return job;
}

static inline void cancel(struct gate *gate, const struct job *job, enum job_state becomes)
{
	struct problem problem = {0};
	enum job_state state;

	ck_assert_int_eq(gate_cancel(gate, &job->id, &state, &problem), 0);
	ck_assert_int_eq(state, becomes);
}

/* Cancel one that runs, and wait until it has ended; takes it. */
static inline void cancel_running(struct gate *gate, struct job *job)
{
	cancel(gate, job, JOB_CANCELLING);
	just_ends(gate, job, JOB_CANCELLED);
}

/* A call of the test's in a task of its own, where it may wait. */
struct called {
	void (*fn)(struct called *called);
	struct gate *gate;
	struct job *job;
	int result;
	enum job_state state;
	struct problem problem;
	bool back;
	struct pen_waitgroup *over;
};

static inline void called_task(void *arg)
{
	struct called *called = arg;

	called->fn(called);
	called->back = true;
	pen_waitgroup_done(called->over);
}

static inline void submit_called(struct called *called)
{
	struct gate_receipt receipt = {.state = called->state};

	called->result = gate_submit(called->gate, called->job, &receipt, &called->problem);
	called->state = receipt.state;
}

static inline void cancel_called(struct called *called)
{
	called->result = gate_cancel(called->gate, &called->job->id, &called->state, &called->problem);
}

/* Begin it; it must be awaited. */
static inline void call_begin(
	struct called *called, void (*fn)(struct called *called), struct gate *gate, struct job *job)
{
	*called = (struct called){.fn = fn, .gate = gate, .job = job, .over = pen_waitgroup_new()};
	ck_assert_ptr_nonnull(called->over);
	pen_waitgroup_add(called->over, 1);
	ck_assert_int_eq(pen_go(called_task, called), 0);
}

static inline int call_await(struct called *called)
{
	ck_assert_int_eq(pen_waitgroup_wait(NULL, called->over), 0);
	pen_waitgroup_free(called->over);
	return called->result;
}

/* The end of each main(); sanitizers and a busy machine may take their time. */
static inline int gate_run_suite(const char *name, TCase *tcase)
{
	tcase_set_timeout(tcase, 60);
	return unit_run(name, tcase);
}

#endif
