/* test_runtime_end.c - threads that use a runtime while it ends: what they started has run, and nothing is touched that is gone. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <pthread.h>

#include "unit.h"

enum { ROUNDS = UNIT_SANITIZER ? 30 : 300 };
enum { SOME = 20 };

/* What a thread does beside a runtime, over and over, until it is told to stop. */
struct beside {
	pthread_t thread;
	int (*act)(struct beside *beside);
	bool stop;           /* atomic */
	long started, ended; /* the latter atomic */
};

static void *beside_thread(void *arg)
{
	struct beside *beside = arg;

	while (!__atomic_load_n(&beside->stop, __ATOMIC_RELAXED))
		beside->started += beside->act(beside) == 0;
	return NULL;
}

static int yield_a_few_times(void *arg)
{
	for (int *times = arg; *times > 0; --*times)
		pen_yield();
	return 0;
}

static void run_often(size_t loops)
{
	struct pen_run_options options = {.loops = loops};

	for (int i = 0; i < ROUNDS; i++) {
		int times = i % SOME;

		ck_assert_int_eq(pen_run(&options, yield_a_few_times, &times), 0);
	}
}

static void run_beside(struct beside *beside, size_t loops)
{
	ck_assert_int_eq(pthread_create(&beside->thread, NULL, beside_thread, beside), 0);
	run_often(loops);
	__atomic_store_n(&beside->stop, true, __ATOMIC_RELAXED);
	pthread_join(beside->thread, NULL);
}

static void end_task(void *arg)
{
	__atomic_add_fetch((long *)arg, 1, __ATOMIC_RELAXED);
}

/* A few at a time: a loop that is given tasks faster than it can end them gets to its others ever more rarely. */
static int start_task(struct beside *beside)
{
	int r;

	if (beside->started - __atomic_load_n(&beside->ended, __ATOMIC_RELAXED) > SOME)
		return -EAGAIN;
	r = beside->started % 2 ? pen_go(end_task, &beside->ended) : pen_go_on(0, end_task, &beside->ended);

	ck_assert(r == 0 || r == -ESRCH);
	return r;
}

START_TEST(a_task_that_a_thread_could_start_runs_though_the_runtime_is_about_to_end)
{
	struct beside beside = {.act = start_task};

	run_beside(&beside, (size_t)_i);
	ck_assert_int_eq(beside.started, beside.ended);
}
END_TEST

static int ask(struct beside *beside)
{
	(void)beside;
	ck_assert_uint_le(pen_loops(), 2);
	ck_assert_uint_le(pen_tasks_alive(), 2);
	return 0;
}

START_TEST(a_thread_may_ask_about_a_runtime_at_any_time)
{
	run_beside(&(struct beside){.act = ask}, (size_t)_i);
}
END_TEST

/* Contexts with deadlines: their timers are armed on whatever loop there is, and cancelled when that may be gone. */
static int set_and_cancel(struct beside *beside)
{
	struct pen_ctx *ctx;
	int r = pen_ctx_with_timeout(&ctx, NULL, beside->started % 3 ? 10 * PEN_US : 3600 * PEN_SECOND);

	ck_assert_int_eq(r, 0);
	sched_yield();
	pen_ctx_unref(ctx);
	return 0;
}

START_TEST(a_thread_may_set_and_cancel_deadlines_at_any_time)
{
	run_beside(&(struct beside){.act = set_and_cancel}, (size_t)_i);
}
END_TEST

static void *finish(void *wg)
{
	pen_waitgroup_done(wg);
	return NULL;
}

static int wait_for_a_thread(void *arg)
{
	pthread_t *thread = arg;
	struct pen_waitgroup *wg = pen_waitgroup_new();
	int r;

	ck_assert_ptr_nonnull(wg);
	pen_waitgroup_add(wg, 1);
	ck_assert_int_eq(pthread_create(thread, NULL, finish, wg), 0);
	r = pen_waitgroup_wait(NULL, wg);
	pen_waitgroup_free(wg);
	return r;
}

/* The thread that wakes the last task may still be on its way out of the wake-up when all is over. */
START_TEST(the_one_who_wakes_the_last_task_is_waited_for)
{
	struct pen_run_options options = {.loops = (size_t)_i};
	pthread_t thread;

	for (int i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(pen_run(&options, wait_for_a_thread, &thread), 0);
		pthread_join(thread, NULL);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("runtime_end");

	tcase_add_loop_test(
		tcase, a_task_that_a_thread_could_start_runs_though_the_runtime_is_about_to_end, 1, 3);
	tcase_add_loop_test(tcase, a_thread_may_ask_about_a_runtime_at_any_time, 1, 3);
	tcase_add_loop_test(tcase, a_thread_may_set_and_cancel_deadlines_at_any_time, 1, 3);
	tcase_add_loop_test(tcase, the_one_who_wakes_the_last_task_is_waited_for, 1, 3);
	return unit_run("runtime_end", tcase);
}
