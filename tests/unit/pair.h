/*
 * pair.h - tests of two who meet: tasks of one loop, tasks of two, a task and a thread either way, two threads.
 *
 * A PAIR_TEST is run once for each of these; its body gives both something to do by pair_go().  The two threads
 * are in a process without a runtime.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include "crew.h"

enum pairing { ONE_LOOPS_TASKS, TWO_LOOPS_TASKS, TASK_AND_THREAD, THREAD_AND_TASK, TWO_THREADS, PAIRINGS };

/* How a crew of two comes to be such a pair. */
static const struct pair_how {
	enum kind kind;
	size_t loops;
	bool swapped;
} pair_how[] = {
	[ONE_LOOPS_TASKS] = {TASKS,   1, false},
	[TWO_LOOPS_TASKS] = {TASKS,   2, false},
	[TASK_AND_THREAD] = {MIXED,   2, false},
	[THREAD_AND_TASK] = {MIXED,   2, true },
	[TWO_THREADS] = {THREADS, 0, false},
};

/* Let one run `first(arg)` and the other `second(arg)` at the same time, until both are done. */
static inline void pair_go(
	enum pairing pairing, void (*first)(void *arg), void (*second)(void *arg), void *arg)
{
	const struct pair_how *how = &pair_how[pairing];
	struct crew crew;

	crew_init(&crew, how->kind);
	crew_go(&crew, how->swapped ? second : first, arg);
	crew_go(&crew, how->swapped ? first : second, arg);
	crew_join(&crew);
}

struct pair_test {
	void (*fn)(enum pairing pairing);
	enum pairing pairing;
};

static inline int pair_test_main(void *arg)
{
	struct pair_test *test = arg;

	test->fn(test->pairing);
	return 0;
}

static inline void pair_run(enum pairing pairing, void (*fn)(enum pairing pairing))
{
	struct pen_run_options options = {.loops = pair_how[pairing].loops, .on_leak = crew_leak};
	struct pair_test test = {fn, pairing};

	if (pairing == TWO_THREADS)
		fn(pairing);
	else
		ck_assert_int_eq(pen_run(&options, pair_test_main, &test), 0);
}

#define PAIR_TEST(name) \
	static void name##_body(enum pairing pairing); \
	START_TEST(name) \
	{ \
		pair_run((enum pairing)_i, name##_body); \
	} \
	END_TEST \
	static void name##_body(enum pairing pairing __attribute__((unused)))

#define tcase_add_pair_test(tcase, name) tcase_add_loop_test(tcase, name, 0, PAIRINGS)

#endif
