/*
 * crew.h - tests of the library as tasks, as plain threads, and as both.
 *
 * The library promises the same to tasks and to threads; a KIND_TEST is run once for each and so holds it to
 * that.  A PLACE_TEST is of something that needs a runtime, and is called from a task and from a thread
 * beside the runtime.  What needs a certain order of events is a TASK_TEST: with one loop, tasks run one at a
 * time and in a known order.
 */
#ifndef TESTS_CREW_H
#define TESTS_CREW_H

#include <check.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <pthread.h>
#include <stdlib.h>

#include "unit.h"

enum kind { TASKS, THREADS, MIXED, KINDS };

enum { CREW_MAX = 64 };

/* Members that run at the same time, half of them threads when MIXED. */
struct crew {
	enum kind kind;
	size_t n, n_threads;
	pthread_t threads[CREW_MAX];
	struct pen_waitgroup *alive;
};

struct crew_member {
	struct crew *crew;
	void (*fn)(void *arg);
	void *arg;
};

static inline void crew_init(struct crew *crew, enum kind kind)
{
	*crew = (struct crew){.kind = kind, .alive = pen_waitgroup_new()};
	ck_assert_ptr_nonnull(crew->alive);
}

static inline void crew_task(void *arg)
{
	struct crew_member member = *(struct crew_member *)arg;

	free(arg);
	member.fn(member.arg);
	pen_waitgroup_done(member.crew->alive);
}

static inline void *crew_thread(void *arg)
{
	crew_task(arg);
	return NULL;
}

static inline void crew_go(struct crew *crew, void (*fn)(void *arg), void *arg)
{
	struct crew_member *member = malloc(sizeof(*member));
	bool thread = crew->kind == THREADS || (crew->kind == MIXED && crew->n % 2);

	ck_assert_ptr_nonnull(member);
	ck_assert_uint_lt(crew->n_threads, CREW_MAX);
	*member = (struct crew_member){crew, fn, arg};
	pen_waitgroup_add(crew->alive, 1);
	if (thread)
		ck_assert_int_eq(
			pthread_create(&crew->threads[crew->n_threads++], NULL, crew_thread, member), 0);
	else
		ck_assert_int_eq(pen_go_on(crew->n % pen_loops(), crew_task, member), 0);
	crew->n++;
}

/* Threads are joined once they are done, so as not to hold up the loop on which other members may run. */
static inline void crew_join(struct crew *crew)
{
	ck_assert_int_eq(pen_waitgroup_wait(NULL, crew->alive), 0);
	for (size_t i = 0; i < crew->n_threads; i++)
		pthread_join(crew->threads[i], NULL);
	pen_waitgroup_free(crew->alive);
}

struct crew_test {
	void (*fn)(enum kind kind);
	enum kind kind;
	bool beside; /* in a thread beside the runtime */
};

static inline void crew_test_run(void *arg)
{
	struct crew_test *test = arg;

	test->fn(test->kind);
}

static inline int crew_test_main(void *arg)
{
	struct crew_test *test = arg;
	struct crew crew;

	crew_init(&crew, test->beside ? THREADS : TASKS);
	crew_go(&crew, crew_test_run, test);
	crew_join(&crew);
	return 0;
}

static inline void crew_leak(const char *task, void *arg)
{
	(void)arg;
	ck_abort_msg("the task %s was left parked", task);
}

/* In a runtime, in which all tasks must end. */
static inline void crew_run(size_t loops, struct crew_test test)
{
	struct pen_run_options options = {.loops = loops, .on_leak = crew_leak};

	ck_assert_int_eq(pen_run(&options, crew_test_main, &test), 0);
}

static inline void crew_run_kind(enum kind kind, void (*fn)(enum kind kind))
{
	if (kind == THREADS)
		fn(kind);
	else
		crew_run(2, (struct crew_test){.fn = fn, .kind = kind});
}

/* Where the test of something that needs a runtime runs itself. */
enum place { ONE_LOOP, TWO_LOOPS, A_THREAD, PLACES };

static inline void crew_run_place(enum place place, void (*fn)(enum kind kind))
{
	crew_run(place == ONE_LOOP ? 1 : 2, (struct crew_test){.fn = fn, .beside = place == A_THREAD});
}

/* In a TASK_TEST: let every other task run until it is parked or has ended. */
static inline void let_others_park(void)
{
	for (int i = 0; i < 8; i++)
		pen_yield();
}

/* A context that has ended, or one that will in an instant. */
static inline struct pen_ctx *ctx_canceled(void)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	pen_ctx_cancel(ctx, NULL);
	return ctx;
}

static inline struct pen_ctx *ctx_soon_late(void)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_timeout(&ctx, NULL, PEN_MS), 0);
	return ctx;
}

#define CREW_TEST(name, run) \
	static void name##_body(enum kind kind); \
	START_TEST(name) \
	{ \
		run; \
	} \
	END_TEST \
	static void name##_body(enum kind kind __attribute__((unused)))

#define TASK_TEST(name) CREW_TEST(name, crew_run(1, (struct crew_test){.fn = name##_body}))
#define KIND_TEST(name) CREW_TEST(name, crew_run_kind((enum kind)_i, name##_body))
#define PLACE_TEST(name) CREW_TEST(name, crew_run_place((enum place)_i, name##_body))

#define tcase_add_kind_test(tcase, name) tcase_add_loop_test(tcase, name, 0, KINDS)
#define tcase_add_place_test(tcase, name) tcase_add_loop_test(tcase, name, 0, PLACES)
#define tcase_add_abort_test(tcase, name) tcase_add_test_raise_signal(tcase, name, SIGABRT)

/* The end of each main(); sanitizers and a busy machine may take their time. */
static inline int crew_run_suite(const char *name, TCase *tcase)
{
	tcase_set_timeout(tcase, 60);
	return unit_run(name, tcase);
}

#endif
