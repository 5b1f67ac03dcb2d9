/* test_waitgroup.c - who waits, who is done, who may free. */
#define UNIT_FORKS 1
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "crew.h"

enum { MEMBERS = 8, ROUNDS = 300 };

static void wait_for_it(void *arg)
{
	ck_assert_int_eq(pen_waitgroup_wait(NULL, arg), 0);
}

static void be_done(void *arg)
{
	pen_waitgroup_done(arg);
}

KIND_TEST(a_count_of_0_is_not_waited_for)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	struct pen_ctx *ended = ctx_canceled();

	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	ck_assert_int_eq(pen_waitgroup_wait(ended, wg), 0);
	pen_ctx_unref(ended);
	pen_waitgroup_free(wg);
	pen_waitgroup_free(NULL);
}

struct done_later {
	struct pen_waitgroup *wg;
	int written;
};

static void write_and_be_done(void *arg)
{
	struct done_later *later = arg;

	pen_yield();
	later->written = 1;
	pen_waitgroup_done(later->wg);
}

KIND_TEST(a_wait_ends_once_all_are_done_and_sees_what_they_wrote)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	struct done_later later[MEMBERS];
	struct crew crew;

	crew_init(&crew, kind);
	pen_waitgroup_add(wg, MEMBERS);
	for (int i = 0; i < MEMBERS; i++) {
		later[i] = (struct done_later){.wg = wg};
		crew_go(&crew, write_and_be_done, &later[i]);
	}
	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	for (int i = 0; i < MEMBERS; i++)
		ck_assert_int_eq(later[i].written, 1);
	crew_join(&crew);
	pen_waitgroup_free(wg);
}

KIND_TEST(a_wait_group_may_be_freed_right_after_a_wait)
{
	struct crew crew;

	for (int i = 0; i < ROUNDS; i++) {
		struct pen_waitgroup *wg = pen_waitgroup_new();

		crew_init(&crew, kind);
		pen_waitgroup_add(wg, 2);
		crew_go(&crew, be_done, wg);
		crew_go(&crew, be_done, wg);
		ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
		pen_waitgroup_free(wg);
		crew_join(&crew);
	}
}

KIND_TEST(all_who_wait_wake_and_the_group_can_be_used_again)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	struct crew crew;

	for (int round = 0; round < 20; round++) {
		crew_init(&crew, kind);
		pen_waitgroup_add(wg, 1);
		for (int i = 0; i < MEMBERS; i++)
			crew_go(&crew, wait_for_it, wg);
		pen_waitgroup_add(wg, -1);
		crew_join(&crew);
	}
	pen_waitgroup_free(wg);
}

KIND_TEST(a_wait_ends_with_its_context)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	struct pen_ctx *ended = ctx_canceled(), *late = ctx_soon_late();

	pen_waitgroup_add(wg, 1);
	ck_assert_int_eq(pen_waitgroup_wait(ended, wg), -ECANCELED);
	ck_assert_int_eq(pen_waitgroup_wait(late, wg), -ETIMEDOUT);
	pen_waitgroup_done(wg);
	pen_waitgroup_free(wg);
	pen_ctx_unref(ended);
	pen_ctx_unref(late);
}

struct waiting {
	struct pen_waitgroup *wg;
	struct pen_ctx *ctx;
	int result;
};

static void wait_under_ctx(void *arg)
{
	struct waiting *waiting = arg;

	waiting->result = pen_waitgroup_wait(waiting->ctx, waiting->wg);
}

KIND_TEST(a_canceled_waiter_leaves_alone)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	struct waiting leaves = {.wg = wg}, stays = {.wg = wg};
	struct crew leaving, staying;

	ck_assert_int_eq(pen_ctx_with_cancel(&leaves.ctx, NULL), 0);
	pen_waitgroup_add(wg, 1);
	crew_init(&leaving, kind);
	crew_init(&staying, kind);
	crew_go(&leaving, wait_under_ctx, &leaves);
	crew_go(&staying, wait_under_ctx, &stays);
	pen_ctx_cancel(leaves.ctx, NULL);
	crew_join(&leaving);
	ck_assert_int_eq(leaves.result, -ECANCELED);
	pen_waitgroup_done(wg);
	crew_join(&staying);
	ck_assert_int_eq(stays.result, 0);
	pen_ctx_unref(leaves.ctx);
	pen_waitgroup_free(wg);
}

START_TEST(a_count_below_0_aborts)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();

	pen_waitgroup_add(wg, 1);
	pen_waitgroup_add(wg, -2);
}
END_TEST

START_TEST(a_count_beyond_an_int_aborts)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();

	pen_waitgroup_add(wg, INT_MAX);
	pen_waitgroup_add(wg, 1);
}
END_TEST

TASK_TEST(freeing_one_that_somebody_waits_for_aborts)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();

	pen_waitgroup_add(wg, 1);
	ck_assert_int_eq(pen_go(wait_for_it, wg), 0);
	let_others_park();
	pen_waitgroup_free(wg);
}

int main(void)
{
	TCase *tcase = tcase_create("waitgroup");

	tcase_add_kind_test(tcase, a_count_of_0_is_not_waited_for);
	tcase_add_kind_test(tcase, a_wait_ends_once_all_are_done_and_sees_what_they_wrote);
	tcase_add_kind_test(tcase, a_wait_group_may_be_freed_right_after_a_wait);
	tcase_add_kind_test(tcase, all_who_wait_wake_and_the_group_can_be_used_again);
	tcase_add_kind_test(tcase, a_wait_ends_with_its_context);
	tcase_add_kind_test(tcase, a_canceled_waiter_leaves_alone);
	tcase_add_abort_test(tcase, a_count_below_0_aborts);
	tcase_add_abort_test(tcase, a_count_beyond_an_int_aborts);
	tcase_add_abort_test(tcase, freeing_one_that_somebody_waits_for_aborts);
	return crew_run_suite("waitgroup", tcase);
}
