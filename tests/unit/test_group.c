/* test_group.c - a group runs its tasks, keeps its limit, and ends at the first error. */
#define UNIT_FORKS 1
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/group.h>
#include <signal.h>

#include "crew.h"

enum { MANY = 200 };

static struct pen_group *new_group(struct pen_ctx *parent, size_t limit)
{
	struct pen_group *group;

	ck_assert_int_eq(pen_group_new(&group, parent, limit), 0);
	return group;
}

static int add_one(struct pen_ctx *ctx, void *arg)
{
	(void)ctx;
	pen_yield();
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
	return 0;
}

static int fail_with(struct pen_ctx *ctx, void *arg)
{
	(void)ctx;
	return *(int *)arg;
}

/* Until the group's context ends. */
static int stay(struct pen_ctx *ctx, void *arg)
{
	(void)arg;
	return pen_sleep(ctx, 3600 * PEN_SECOND);
}

static int wait_for_close(struct pen_ctx *ctx, void *arg)
{
	(void)ctx;
	return pen_chan_recv(NULL, arg, NULL) == -EPIPE ? 0 : -EIO;
}

PLACE_TEST(all_tasks_of_a_group_run_before_the_wait_ends)
{
	struct pen_group *group = new_group(NULL, 0);
	int ran = 0;

	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(pen_group_go(group, add_one, &ran), 0);
	ck_assert_int_eq(pen_group_wait(group), 0);
	ck_assert_int_eq(ran, MANY);
	ck_assert_int_eq(pen_ctx_err(pen_group_ctx(group)), -ECANCELED);
	pen_group_free(group);
}

PLACE_TEST(an_empty_group_is_not_waited_for)
{
	struct pen_group *group = new_group(NULL, 1);

	ck_assert_int_eq(pen_group_wait(group), 0);
	pen_group_free(group);
	pen_group_free(NULL);
}

PLACE_TEST(a_group_may_be_freed_right_after_its_wait)
{
	int ran = 0;

	for (int i = 0; i < MANY; i++) {
		struct pen_group *group = new_group(NULL, 2);

		ck_assert_int_eq(pen_group_go(group, add_one, &ran), 0);
		ck_assert_int_eq(pen_group_go(group, add_one, &ran), 0);
		ck_assert_int_eq(pen_group_wait(group), 0);
		pen_group_free(group);
	}
	ck_assert_int_eq(ran, 2 * MANY);
}

PLACE_TEST(the_first_error_ends_the_others_and_is_what_the_wait_returns)
{
	struct pen_group *group = new_group(NULL, 0);
	int err = -EIO;

	ck_assert_int_eq(pen_group_go(group, stay, NULL), 0);
	ck_assert_int_eq(pen_group_go(group, stay, NULL), 0);
	ck_assert_int_eq(pen_group_go(group, fail_with, &err), 0);
	ck_assert_int_eq(pen_group_wait(group), -EIO);
	ck_assert_str_eq(pen_ctx_cause(pen_group_ctx(group)), "group failed");
	pen_group_free(group);
}

TASK_TEST(a_failed_group_starts_nothing)
{
	struct pen_group *group = new_group(NULL, 1);
	int err = 7, ran = 0;

	ck_assert_int_eq(pen_group_go(group, fail_with, &err), 0);
	let_others_park();
	ck_assert_int_eq(pen_group_go(group, add_one, &ran), -ECANCELED);
	ck_assert_int_eq(pen_group_try_go(group, add_one, &ran), -ECANCELED);
	ck_assert_int_eq(pen_group_wait(group), 7);
	ck_assert_int_eq(ran, 0);
	pen_group_free(group);
}

PLACE_TEST(a_group_ends_with_the_context_above_it)
{
	struct pen_ctx *parent;
	struct pen_group *group;

	ck_assert_int_eq(pen_ctx_with_cancel(&parent, NULL), 0);
	group = new_group(parent, 0);
	ck_assert_int_eq(pen_group_go(group, stay, NULL), 0);
	pen_ctx_cancel(parent, "enough");
	ck_assert_int_eq(pen_group_wait(group), -ECANCELED);
	ck_assert_str_eq(pen_ctx_cause(pen_group_ctx(group)), "enough");
	pen_group_free(group);
	pen_ctx_unref(parent);
}

struct crowd {
	int inside, most; /* atomic */
};

static int be_inside(struct pen_ctx *ctx, void *arg)
{
	struct crowd *crowd = arg;
	int inside = __atomic_add_fetch(&crowd->inside, 1, __ATOMIC_RELAXED);
	int most = __atomic_load_n(&crowd->most, __ATOMIC_RELAXED);

	(void)ctx;
	while (inside > most && !__atomic_compare_exchange_n(&crowd->most, &most, inside, true,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	pen_yield();
	__atomic_sub_fetch(&crowd->inside, 1, __ATOMIC_RELAXED);
	return 0;
}

PLACE_TEST(no_more_tasks_than_the_limit_are_alive)
{
	struct pen_group *group = new_group(NULL, 3);
	struct crowd crowd = {0};

	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(pen_group_go(group, be_inside, &crowd), 0);
	ck_assert_int_eq(pen_group_wait(group), 0);
	ck_assert_int_ge(crowd.most, 1);
	ck_assert_int_le(crowd.most, 3);
	pen_group_free(group);
}

static void cancel(void *arg)
{
	pen_ctx_cancel(arg, NULL);
}

PLACE_TEST(a_wait_for_a_place_under_the_limit_ends_with_the_context)
{
	struct pen_chan *leave = pen_chan_new(0, 0);
	struct pen_ctx *parent;
	struct pen_group *group;

	ck_assert_int_eq(pen_ctx_with_cancel(&parent, NULL), 0);
	group = new_group(parent, 1);
	ck_assert_int_eq(pen_group_go(group, wait_for_close, leave), 0);
	ck_assert_int_eq(pen_go(cancel, parent), 0);
	ck_assert_int_eq(pen_group_go(group, wait_for_close, leave), -ECANCELED);
	pen_chan_close(leave);
	ck_assert_int_eq(pen_group_wait(group), 0);
	pen_group_free(group);
	pen_ctx_unref(parent);
	pen_chan_free(leave);
}

TASK_TEST(trying_at_the_limit_is_eagain_and_works_again_after)
{
	struct pen_chan *leave = pen_chan_new(0, 0);
	struct pen_group *group = new_group(NULL, 1);

	ck_assert_int_eq(pen_group_try_go(group, wait_for_close, leave), 0);
	ck_assert_int_eq(pen_group_try_go(group, wait_for_close, leave), -EAGAIN);
	pen_chan_close(leave);
	let_others_park();
	ck_assert_int_eq(pen_group_try_go(group, wait_for_close, leave), 0);
	ck_assert_int_eq(pen_group_wait(group), 0);
	pen_group_free(group);
	pen_chan_free(leave);
}

struct family {
	struct pen_group *group;
	int children; /* atomic */
};

static int be_born(struct pen_ctx *ctx, void *arg)
{
	return add_one(ctx, &((struct family *)arg)->children);
}

static int have_two(struct pen_ctx *ctx, void *arg)
{
	struct family *family = arg;
	int r = pen_group_go(family->group, be_born, family);

	(void)ctx;
	return r < 0 ? r : pen_group_go(family->group, be_born, family);
}

PLACE_TEST(a_task_of_a_group_may_add_more)
{
	struct family family = {.group = new_group(NULL, 0)};

	ck_assert_int_eq(pen_group_go(family.group, have_two, &family), 0);
	ck_assert_int_eq(pen_group_wait(family.group), 0);
	ck_assert_int_eq(family.children, 2);
	pen_group_free(family.group);
}

START_TEST(without_a_runtime_a_group_starts_nothing_and_stays_whole)
{
	struct pen_group *group = new_group(NULL, 1);
	int ran = 0;

	ck_assert_int_eq(pen_group_go(group, add_one, &ran), -ESRCH);
	ck_assert_int_eq(pen_group_try_go(group, add_one, &ran), -ESRCH); /* the place was given back */
	ck_assert_int_eq(pen_group_wait(group), 0);
	pen_group_free(group);
}
END_TEST

TASK_TEST(freeing_a_group_with_a_task_alive_aborts)
{
	struct pen_group *group = new_group(NULL, 0);

	ck_assert_int_eq(pen_group_go(group, stay, NULL), 0);
	pen_group_free(group);
}

int main(void)
{
	TCase *tcase = tcase_create("group");

	tcase_add_place_test(tcase, all_tasks_of_a_group_run_before_the_wait_ends);
	tcase_add_place_test(tcase, an_empty_group_is_not_waited_for);
	tcase_add_place_test(tcase, a_group_may_be_freed_right_after_its_wait);
	tcase_add_place_test(tcase, the_first_error_ends_the_others_and_is_what_the_wait_returns);
	tcase_add_test(tcase, a_failed_group_starts_nothing);
	tcase_add_place_test(tcase, a_group_ends_with_the_context_above_it);
	tcase_add_place_test(tcase, no_more_tasks_than_the_limit_are_alive);
	tcase_add_place_test(tcase, a_wait_for_a_place_under_the_limit_ends_with_the_context);
	tcase_add_test(tcase, trying_at_the_limit_is_eagain_and_works_again_after);
	tcase_add_place_test(tcase, a_task_of_a_group_may_add_more);
	tcase_add_test(tcase, without_a_runtime_a_group_starts_nothing_and_stays_whole);
	tcase_add_abort_test(tcase, freeing_a_group_with_a_task_alive_aborts);
	return crew_run_suite("group", tcase);
}
