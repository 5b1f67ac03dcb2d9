/* test_task.c - where a task runs, when, under which name, and what a run gives back. */
#define UNIT_FORKS 1
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/task.h>
#include <string.h>

#include "crew.h"

enum { ORDER_MOST = 16, RESULT = 42, MEMBERS = 12 };

/* What happened, a letter each, in order. */
static char order[ORDER_MOST + 1];

static void note(const char *letter)
{
	ck_assert_uint_lt(strlen(order), ORDER_MOST);
	strcat(order, letter);
}

static void note_task(void *arg)
{
	note(arg);
}

static void note_twice(void *arg)
{
	note(arg);
	pen_yield();
	note(arg);
}

static void note_and_park(void *arg)
{
	note("p");
	ck_assert_int_eq(pen_chan_recv(NULL, arg, NULL), -EPIPE);
	note("q");
}

static int give_result(void *arg)
{
	*(bool *)arg = true;
	return RESULT;
}

START_TEST(a_run_gives_what_its_main_function_returned)
{
	bool ran = false;

	ck_assert_int_eq(pen_run(NULL, give_result, &ran), RESULT);
	ck_assert(ran);
}
END_TEST

START_TEST(what_is_out_of_range_is_refused_before_anything_runs)
{
	static const struct pen_run_options wrong[] = {
		{.loops = 257},
		{.stack_bytes = (16 << 10) - 1},
		{.stack_bytes = ((size_t)64 << 20) + 1},
		{.spin_ns = -1},
	};
	bool ran = false;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(pen_run(&wrong[i], give_result, &ran), -EINVAL);
	ck_assert(!ran);
}
END_TEST

START_TEST(the_ends_of_each_range_are_allowed)
{
	static const struct pen_run_options right[] = {
		{.loops = 256                    },
		{ .loops = 1,         .stack_bytes = 16 << 10},
		{ .loops = 1, .stack_bytes = (size_t)64 << 20},
		{ .loops = 1,                    .spin_ns = 1},
	};
	bool ran = false;

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		ck_assert_int_eq(pen_run(&right[i], give_result, &ran), RESULT);
}
END_TEST

TASK_TEST(there_is_one_runtime_at_a_time)
{
	bool ran = false;

	ck_assert_int_eq(pen_run(NULL, give_result, &ran), -EALREADY);
	ck_assert(!ran);
}

START_TEST(without_a_runtime_there_is_no_loop_no_task_and_nowhere_to_start_one)
{
	ck_assert_uint_eq(pen_loops(), 0);
	ck_assert_uint_eq(pen_tasks_alive(), 0);
	ck_assert(!pen_in_task());
	ck_assert_str_eq(pen_task_name(), "thread");
	ck_assert_uint_eq(pen_loop_self(), SIZE_MAX);
	ck_assert_int_eq(pen_go(note_task, NULL), -ESRCH);
	ck_assert_int_eq(pen_go_on(0, note_task, NULL), -ESRCH);
	ck_assert_int_eq(pen_go_now(note_task, NULL), -EPERM);
	pen_yield();
}
END_TEST

static int be_main(void *arg)
{
	ck_assert(pen_in_task());
	ck_assert_str_eq(pen_task_name(), "main");
	ck_assert_uint_eq(pen_loop_self(), 0);
	ck_assert_uint_eq(pen_loops(), 3);
	ck_assert_uint_eq(pen_tasks_alive(), 1);
	ck_assert(pthread_equal(pthread_self(), *(pthread_t *)arg));
	return 0;
}

START_TEST(the_main_function_is_the_first_task_on_loop_0_which_is_the_callers_thread)
{
	struct pen_run_options options = {.loops = 3};
	pthread_t me = pthread_self();

	ck_assert_int_eq(pen_run(&options, be_main, &me), 0);
}
END_TEST

TASK_TEST(a_task_comes_behind_those_already_ready)
{
	ck_assert_int_eq(pen_go(note_task, "a"), 0);
	ck_assert_int_eq(pen_go_on(0, note_task, "b"), 0);
	ck_assert_int_eq(pen_go(note_task, "c"), 0);
	note("-");
	pen_yield();
	ck_assert_str_eq(order, "-abc");
}

TASK_TEST(one_that_yields_lets_all_that_are_ready_run_first)
{
	ck_assert_int_eq(pen_go(note_twice, "a"), 0);
	ck_assert_int_eq(pen_go(note_twice, "b"), 0);
	pen_yield();
	note("-");
	pen_yield();
	ck_assert_str_eq(order, "ab-ab");
}

TASK_TEST(one_that_is_to_run_now_does_and_the_caller_goes_on_before_any_other)
{
	struct pen_chan *never = pen_chan_new(0, 0);

	ck_assert_int_eq(pen_go(note_task, "x"), 0);
	ck_assert_int_eq(pen_go_now(note_task, "a"), 0); /* it returns */
	note("1");
	ck_assert_int_eq(pen_go_now(note_twice, "b"), 0); /* it yields */
	note("2");
	ck_assert_int_eq(pen_go_now(note_and_park, never), 0);
	note("3");
	let_others_park();
	ck_assert_str_eq(order, "a1b2p3xb");
	pen_chan_close(never);
	let_others_park();
	ck_assert_str_eq(order, "a1b2p3xbq");
	pen_chan_free(never);
}

struct whereabouts {
	struct pen_waitgroup *wg;
	size_t loop;
	pthread_t thread;
};

static void stay(void *arg)
{
	struct whereabouts *where = arg;
	pthread_t thread = pthread_self();

	ck_assert_str_eq(pen_task_name(), "stay");
	for (int i = 0; i < 100; i++) {
		ck_assert_uint_eq(pen_loop_self(), where->loop);
		ck_assert(pthread_equal(pthread_self(), thread));
		if (i % 10)
			pen_yield();
		else
			ck_assert_int_eq(pen_sleep(NULL, 10 * PEN_US), 0);
	}
	where->thread = thread;
	pen_waitgroup_done(where->wg);
}

static int stay_everywhere(void *arg)
{
	struct whereabouts where[3];
	struct pen_waitgroup *wg = pen_waitgroup_new();

	(void)arg;
	pen_waitgroup_add(wg, 3);
	for (size_t i = 0; i < 3; i++) {
		where[i] = (struct whereabouts){.wg = wg, .loop = i};
		ck_assert_int_eq(pen_go_on(i, stay, &where[i]), 0);
	}
	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	ck_assert(!pthread_equal(where[0].thread, where[1].thread));
	ck_assert(!pthread_equal(where[1].thread, where[2].thread));
	ck_assert_int_eq(pen_go_on(3, stay, NULL), -EINVAL);
	pen_waitgroup_free(wg);
	return 0;
}

START_TEST(a_task_stays_on_its_loop_and_each_loop_is_a_thread)
{
	struct pen_run_options options = {.loops = 3};

	ck_assert_int_eq(pen_run(&options, stay_everywhere, NULL), 0);
}
END_TEST

static void keep_errno(void *arg)
{
	int mine = (int)(uintptr_t)arg;

	errno = mine;
	for (int i = 0; i < 10; i++) {
		pen_yield();
		ck_assert_int_eq(errno, mine);
	}
	ck_assert_int_eq(pen_sleep(NULL, 10 * PEN_US), 0);
	if (pen_in_task())
		ck_assert_int_eq(errno, mine);
}

/* Threads come along to be in the way. */
KIND_TEST(errno_is_what_the_task_left_in_it)
{
	struct crew crew;

	crew_init(&crew, kind);
	for (uintptr_t i = 1; i <= MEMBERS; i++)
		crew_go(&crew, keep_errno, (void *)i); /* NOLINT(performance-no-int-to-ptr) */
	crew_join(&crew);
}

static size_t loops_seen; /* atomic; a bit each */

static void see_loop(void *arg)
{
	__atomic_fetch_or(&loops_seen, (size_t)1 << pen_loop_self(), __ATOMIC_RELAXED);
	pen_waitgroup_done(arg);
}

static void *start_in_turn(void *arg)
{
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pen_go(see_loop, arg), 0);
	return NULL;
}

static int start_from_a_thread(void *arg)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	pthread_t thread;

	(void)arg;
	pen_waitgroup_add(wg, 3);
	ck_assert_int_eq(pthread_create(&thread, NULL, start_in_turn, wg), 0);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	pthread_join(thread, NULL);
	pen_waitgroup_free(wg);
	return 0;
}

START_TEST(a_thread_starts_tasks_on_the_loops_in_turn)
{
	struct pen_run_options options = {.loops = 3};

	ck_assert_int_eq(pen_run(&options, start_from_a_thread, NULL), 0);
	ck_assert_uint_eq(loops_seen, 7);
}
END_TEST

TASK_TEST(tasks_alive_are_counted_parked_ones_too)
{
	struct pen_chan *never = pen_chan_new(0, 0);
	size_t before = pen_tasks_alive();

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pen_go(note_and_park, never), 0);
	ck_assert_uint_eq(pen_tasks_alive(), before + 3);
	let_others_park();
	ck_assert_uint_eq(pen_tasks_alive(), before + 3);
	pen_chan_close(never);
	let_others_park();
	ck_assert_uint_eq(pen_tasks_alive(), before);
	pen_chan_free(never);
}

static struct pen_chan *never;

static int leave_some_behind(void *arg)
{
	ck_assert_int_eq(pen_go(note_twice, arg), 0);
	ck_assert_int_eq(pen_go(note_and_park, never), 0);
	ck_assert_int_eq(pen_go(note_task, arg), 0);
	note("-");
	return 0;
}

static void tell(const char *task, void *arg)
{
	ck_assert_str_eq(task, "note_and_park");
	++*(int *)arg;
}

START_TEST(what_can_still_run_does_after_the_main_function_and_the_parked_are_told)
{
	int told = 0;
	struct pen_run_options options = {.loops = 1, .on_leak = tell, .on_leak_arg = &told};

	never = pen_chan_new(0, 0);
	ck_assert_int_eq(pen_run(&options, leave_some_behind, "a"), 0);
	ck_assert_str_eq(order, "-apaa");
	ck_assert_int_eq(told, 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("task");

	tcase_add_test(tcase, a_run_gives_what_its_main_function_returned);
	tcase_add_test(tcase, what_is_out_of_range_is_refused_before_anything_runs);
	tcase_add_test(tcase, the_ends_of_each_range_are_allowed);
	tcase_add_test(tcase, there_is_one_runtime_at_a_time);
	tcase_add_test(tcase, without_a_runtime_there_is_no_loop_no_task_and_nowhere_to_start_one);
	tcase_add_test(tcase, the_main_function_is_the_first_task_on_loop_0_which_is_the_callers_thread);
	tcase_add_test(tcase, a_task_comes_behind_those_already_ready);
	tcase_add_test(tcase, one_that_yields_lets_all_that_are_ready_run_first);
	tcase_add_test(tcase, one_that_is_to_run_now_does_and_the_caller_goes_on_before_any_other);
	tcase_add_test(tcase, a_task_stays_on_its_loop_and_each_loop_is_a_thread);
	tcase_add_kind_test(tcase, errno_is_what_the_task_left_in_it);
	tcase_add_test(tcase, a_thread_starts_tasks_on_the_loops_in_turn);
	tcase_add_test(tcase, tasks_alive_are_counted_parked_ones_too);
	tcase_add_test(tcase, what_can_still_run_does_after_the_main_function_and_the_parked_are_told);
	return crew_run_suite("task", tcase);
}
