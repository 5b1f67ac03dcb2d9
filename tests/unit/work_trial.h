/*
 * work_trial.h - tests of attempts: each runs in a task of a runtime, with a `struct work` of its own.
 *
 * Each ends by looking that nothing is left: no task, no descriptor, no child.
 */
#ifndef TESTS_WORK_TRIAL_H
#define TESTS_WORK_TRIAL_H

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "unit.h"
#include "work/work.h"

#define TRIAL_BODY_MAX ((size_t)64 << 10)
#define TRIAL_GRACE_NS (60 * PEN_SECOND) /* a test that waits for it fails by its own time limit */

struct trial {
	void (*fn)(struct work *work);
	struct work_options options;
};

static inline void trial_leak(const char *task, void *arg)
{
	(void)arg;
	ck_abort_msg("the task %s was left parked", task);
}

static inline int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

/* A thread that libcurl resolved a name in ends by itself, and closes what it had only then. */
static inline void ck_assert_descriptors(int n)
{
	for (int tries = 0; tries < 100000 && count_descriptors() != n; tries++)
		sched_yield();
	ck_assert_int_eq(count_descriptors(), n);
}

static inline int trial_main(void *arg)
{
	const struct trial *trial = arg;
	struct work *work;

	ck_assert_int_eq(work_new(&trial->options, &work), 0);
	trial->fn(work);
	work_free(work);
	return 0;
}

static inline void trial_run_with(size_t loops, struct trial trial)
{
	struct pen_run_options options = {.loops = loops, .on_leak = trial_leak};
	int before;

	signal(SIGPIPE, SIG_IGN); /* as in the daemon */
	before = count_descriptors();
	ck_assert_int_eq(pen_run(&options, trial_main, &trial), 0);
	ck_assert_descriptors(before);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static inline void trial_run(size_t loops, void (*fn)(struct work *work))
{
	trial_run_with(
		loops, (struct trial){
			       fn, {.http_body_max = TRIAL_BODY_MAX, .command_grace_ns = TRIAL_GRACE_NS}
        });
}

#define TRIAL(name) \
	static void name##_body(struct work *work); \
	START_TEST(name) \
	{ \
		trial_run(1, name##_body); \
	} \
	END_TEST \
	static void name##_body(struct work *work __attribute__((unused)))

/* One attempt, in a task of its own beside the test's. */
struct attempted {
	struct work *work;
	const struct job *job;
	const struct command_def *command;
	struct pen_ctx *ctx;
	struct outcome outcome;
	struct pen_waitgroup *over;
};

static inline void attempt_task(void *arg)
{
	struct attempted *attempted = arg;

	work_run(attempted->ctx, attempted->work, attempted->job, attempted->command, &attempted->outcome);
	pen_waitgroup_done(attempted->over);
}

/* Start it; it is to be awaited with attempt_await(), and may be cancelled by its ctx before. */
static inline void attempt_start(struct attempted *attempted, struct work *work, const struct job *job,
	const struct command_def *command)
{
	*attempted = (struct attempted){.work = work, .job = job, .command = command};
	attempted->over = pen_waitgroup_new();
	ck_assert_ptr_nonnull(attempted->over);
	ck_assert_int_eq(pen_ctx_with_cancel(&attempted->ctx, NULL), 0);
	pen_waitgroup_add(attempted->over, 1);
	ck_assert_int_eq(pen_go(attempt_task, attempted), 0);
}

static inline void attempt_await(struct attempted *attempted)
{
	ck_assert_int_eq(pen_waitgroup_wait(NULL, attempted->over), 0);
	pen_waitgroup_free(attempted->over);
	pen_ctx_unref(attempted->ctx);
}

static inline void ck_assert_failed(const struct outcome *outcome, const char *code, bool retryable)
{
	ck_assert_int_eq(outcome->end, OUTCOME_FAILED);
	ck_assert_str_eq(outcome->code, code);
	ck_assert_str_ne(outcome->message, "");
	ck_assert_msg(outcome->retryable == retryable, "%s: %s", outcome->code, outcome->message);
}

static inline void ck_assert_cancelled(const struct outcome *outcome, const char *cause)
{
	ck_assert_int_eq(outcome->end, OUTCOME_CANCELLED);
	ck_assert_str_eq(outcome->code, cause);
}

static inline void ck_assert_timeout(const struct outcome *outcome)
{
	ck_assert_int_eq(outcome->end, OUTCOME_TIMEOUT);
	ck_assert_str_eq(outcome->code, "timeout");
}

/* The end of each main(). */
static inline int trial_run_suite(const char *name, TCase *tcase)
{
	tcase_set_timeout(tcase, 30);
	return unit_run(name, tcase);
}

#endif
