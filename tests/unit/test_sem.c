/* test_sem.c - units, their line, and what lets the next one in. */
#define UNIT_FORKS 1
#include <errno.h>
#include <penstock/sem.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "crew.h"

/* Who got in, in order: for TASK_TESTs, where everything happens on one thread. */
struct entrance {
	struct pen_sem *sem;
	size_t n_in;
	char in[16];
};

struct visitor {
	struct entrance *entrance;
	struct pen_ctx *ctx;
	size_t n;
	char name;
	int result;
};

static void enter(void *arg)
{
	struct visitor *visitor = arg;
	struct entrance *entrance = visitor->entrance;

	visitor->result = pen_sem_acquire(visitor->ctx, entrance->sem, visitor->n);
	if (visitor->result == 0)
		entrance->in[entrance->n_in++] = visitor->name;
}

static void queue_up(struct visitor *visitor)
{
	ck_assert_int_eq(pen_go(enter, visitor), 0);
	let_others_park();
}

static void assert_in(const struct entrance *entrance, const char *names)
{
	ck_assert_str_eq(entrance->in, names);
}

START_TEST(units_are_taken_and_given_back)
{
	struct pen_sem *sem = pen_sem_new(3);

	ck_assert_int_eq(pen_sem_acquire(NULL, sem, 2), 0);
	ck_assert_uint_eq(pen_sem_taken(sem), 2);
	ck_assert_int_eq(pen_sem_try_acquire(sem, 2), -EAGAIN);
	ck_assert_int_eq(pen_sem_try_acquire(sem, 1), 0);
	ck_assert_int_eq(pen_sem_try_acquire(sem, 0), 0);
	pen_sem_release(sem, 3);
	ck_assert_uint_eq(pen_sem_taken(sem), 0);
	ck_assert_uint_eq(pen_sem_size(sem), 3);
	pen_sem_free(sem);
	pen_sem_free(NULL);
}
END_TEST

START_TEST(more_than_the_whole_size_is_e2big)
{
	struct pen_sem *sem = pen_sem_new(3);

	ck_assert_int_eq(pen_sem_acquire(NULL, sem, 4), -E2BIG);
	ck_assert_int_eq(pen_sem_try_acquire(sem, SIZE_MAX), -E2BIG);
	ck_assert_uint_eq(pen_sem_taken(sem), 0);
	pen_sem_free(sem);
}
END_TEST

KIND_TEST(an_ended_context_takes_nothing)
{
	struct pen_sem *sem = pen_sem_new(1);
	struct pen_ctx *ended = ctx_canceled(), *late = ctx_soon_late();

	ck_assert_int_eq(pen_sem_acquire(ended, sem, 1), -ECANCELED);
	ck_assert_int_eq(pen_sem_try_acquire(sem, 1), 0);
	ck_assert_int_eq(pen_sem_acquire(late, sem, 1), -ETIMEDOUT);
	ck_assert_uint_eq(pen_sem_taken(sem), 1);
	pen_sem_release(sem, 1);
	pen_sem_free(sem);
	pen_ctx_unref(ended);
	pen_ctx_unref(late);
}

TASK_TEST(waiters_enter_in_order_of_arrival)
{
	struct entrance entrance = {.sem = pen_sem_new(1)};
	struct visitor visitors[5];

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 1), 0);
	for (int i = 0; i < 5; i++) {
		visitors[i] = (struct visitor){&entrance, NULL, 1, "abcde"[i], 0};
		queue_up(&visitors[i]);
	}
	for (int i = 0; i < 5; i++) {
		pen_sem_release(entrance.sem, 1);
		let_others_park();
		ck_assert_uint_eq(entrance.n_in, (size_t)i + 1);
	}
	assert_in(&entrance, "abcde");
	pen_sem_release(entrance.sem, 1);
	pen_sem_free(entrance.sem);
}

TASK_TEST(a_small_one_does_not_pass_a_large_one)
{
	struct entrance entrance = {.sem = pen_sem_new(4)};
	struct visitor large = {&entrance, NULL, 4, 'L', 0}, small = {&entrance, NULL, 1, 's', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 2), 0);
	queue_up(&large);
	queue_up(&small);
	ck_assert_int_eq(pen_sem_try_acquire(entrance.sem, 1), -EAGAIN);
	assert_in(&entrance, "");
	pen_sem_release(entrance.sem, 2);
	let_others_park();
	assert_in(&entrance, "L");
	pen_sem_release(entrance.sem, 4);
	let_others_park();
	assert_in(&entrance, "Ls");
	pen_sem_release(entrance.sem, 1);
	pen_sem_free(entrance.sem);
}

TASK_TEST(one_release_lets_in_all_it_suffices_for)
{
	struct entrance entrance = {.sem = pen_sem_new(4)};
	struct visitor a = {&entrance, NULL, 1, 'a', 0}, b = {&entrance, NULL, 2, 'b', 0},
		       c = {&entrance, NULL, 2, 'c', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 4), 0);
	queue_up(&a);
	queue_up(&b);
	queue_up(&c);
	pen_sem_release(entrance.sem, 4);
	ck_assert_uint_eq(pen_sem_taken(entrance.sem), 3); /* counted before they run */
	let_others_park();
	assert_in(&entrance, "ab");
	pen_sem_release(entrance.sem, 3);
	let_others_park();
	assert_in(&entrance, "abc");
	pen_sem_release(entrance.sem, 2);
	pen_sem_free(entrance.sem);
}

TASK_TEST(a_canceled_first_in_line_lets_those_behind_it_in)
{
	struct entrance entrance = {.sem = pen_sem_new(4)};
	struct visitor large = {&entrance, NULL, 4, 'L', 0}, a = {&entrance, NULL, 1, 'a', 0},
		       b = {&entrance, NULL, 1, 'b', 0};

	ck_assert_int_eq(pen_ctx_with_cancel(&large.ctx, NULL), 0);
	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 2), 0);
	queue_up(&large);
	queue_up(&a);
	queue_up(&b);
	pen_ctx_cancel(large.ctx, NULL);
	let_others_park();
	ck_assert_int_eq(large.result, -ECANCELED);
	assert_in(&entrance, "ab");
	ck_assert_uint_eq(pen_sem_taken(entrance.sem), 4);
	pen_sem_release(entrance.sem, 4);
	pen_ctx_unref(large.ctx);
	pen_sem_free(entrance.sem);
}

/* Release and cancel meet while the waiter cannot run in between: whichever comes first decides. */
TASK_TEST(one_granted_before_its_context_ends_has_its_units)
{
	struct entrance entrance = {.sem = pen_sem_new(1)};
	struct visitor a = {&entrance, NULL, 1, 'a', -1};

	ck_assert_int_eq(pen_ctx_with_cancel(&a.ctx, NULL), 0);
	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 1), 0);
	queue_up(&a);
	pen_sem_release(entrance.sem, 1);
	pen_ctx_cancel(a.ctx, NULL);
	let_others_park();
	ck_assert_int_eq(a.result, 0);
	ck_assert_uint_eq(pen_sem_taken(entrance.sem), 1);
	pen_sem_release(entrance.sem, 1);
	pen_ctx_unref(a.ctx);
	pen_sem_free(entrance.sem);
}

TASK_TEST(one_whose_context_ended_first_has_none)
{
	struct entrance entrance = {.sem = pen_sem_new(1)};
	struct visitor a = {&entrance, NULL, 1, 'a', 0};

	ck_assert_int_eq(pen_ctx_with_cancel(&a.ctx, NULL), 0);
	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 1), 0);
	queue_up(&a);
	pen_ctx_cancel(a.ctx, NULL);
	pen_sem_release(entrance.sem, 1);
	ck_assert_uint_eq(pen_sem_taken(entrance.sem), 0);
	let_others_park();
	ck_assert_int_eq(a.result, -ECANCELED);
	pen_ctx_unref(a.ctx);
	pen_sem_free(entrance.sem);
}

TASK_TEST(growing_lets_waiters_in)
{
	struct entrance entrance = {.sem = pen_sem_new(1)};
	struct visitor a = {&entrance, NULL, 1, 'a', 0}, b = {&entrance, NULL, 1, 'b', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 1), 0);
	queue_up(&a);
	queue_up(&b);
	pen_sem_resize(entrance.sem, 2);
	let_others_park();
	assert_in(&entrance, "a");
	pen_sem_resize(entrance.sem, 3);
	let_others_park();
	assert_in(&entrance, "ab");
	pen_sem_release(entrance.sem, 3);
	pen_sem_free(entrance.sem);
}

TASK_TEST(shrinking_lets_nobody_in_until_enough_has_come_back)
{
	struct entrance entrance = {.sem = pen_sem_new(4)};
	struct visitor a = {&entrance, NULL, 1, 'a', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 4), 0);
	pen_sem_resize(entrance.sem, 2);
	ck_assert_uint_eq(pen_sem_taken(entrance.sem), 4);
	ck_assert_int_eq(pen_sem_try_acquire(entrance.sem, 0), -EAGAIN);
	queue_up(&a);
	pen_sem_release(entrance.sem, 2);
	let_others_park();
	assert_in(&entrance, "");
	pen_sem_release(entrance.sem, 1);
	let_others_park();
	assert_in(&entrance, "a");
	pen_sem_release(entrance.sem, 2);
	pen_sem_free(entrance.sem);
}

TASK_TEST(shrinking_turns_away_who_asks_for_more_wherever_they_stand)
{
	struct entrance entrance = {.sem = pen_sem_new(4)};
	struct visitor a = {&entrance, NULL, 2, 'a', 0}, large = {&entrance, NULL, 3, 'L', 0},
		       b = {&entrance, NULL, 1, 'b', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 4), 0);
	queue_up(&a);
	queue_up(&large);
	queue_up(&b);
	pen_sem_resize(entrance.sem, 2);
	let_others_park();
	ck_assert_int_eq(large.result, -E2BIG);
	assert_in(&entrance, "");
	pen_sem_release(entrance.sem, 4);
	let_others_park();
	assert_in(&entrance, "a");
	pen_sem_release(entrance.sem, 2);
	let_others_park();
	assert_in(&entrance, "ab");
	pen_sem_release(entrance.sem, 1);
	pen_sem_free(entrance.sem);
}

TASK_TEST(shrinking_past_a_large_first_lets_those_behind_it_in)
{
	struct entrance entrance = {.sem = pen_sem_new(4)};
	struct visitor large = {&entrance, NULL, 4, 'L', 0}, a = {&entrance, NULL, 1, 'a', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 1), 0);
	queue_up(&large);
	queue_up(&a);
	pen_sem_resize(entrance.sem, 2);
	let_others_park();
	ck_assert_int_eq(large.result, -E2BIG);
	assert_in(&entrance, "a");
	pen_sem_release(entrance.sem, 2);
	pen_sem_free(entrance.sem);
}

struct room {
	struct pen_sem *sem;
	size_t inside; /* atomic; units of those inside */
};

static void come_and_go(void *arg)
{
	struct room *room = arg;

	for (size_t i = 0; i < 200; i++) {
		size_t n = 1 + i % 3, inside;

		ck_assert_int_eq(pen_sem_acquire(NULL, room->sem, n), 0);
		inside = __atomic_add_fetch(&room->inside, n, __ATOMIC_RELAXED);
		pen_yield();
		if (inside > 3)
			ck_abort_msg("%zu units are taken of 3", inside);
		__atomic_sub_fetch(&room->inside, n, __ATOMIC_RELAXED);
		pen_sem_release(room->sem, n);
	}
}

KIND_TEST(no_more_are_inside_than_fit)
{
	struct room room = {.sem = pen_sem_new(3)};
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < 6; i++)
		crew_go(&crew, come_and_go, &room);
	crew_join(&crew);
	ck_assert_uint_eq(pen_sem_taken(room.sem), 0);
	pen_sem_free(room.sem);
}

START_TEST(giving_back_more_than_was_taken_aborts)
{
	struct pen_sem *sem = pen_sem_new(3);

	ck_assert_int_eq(pen_sem_acquire(NULL, sem, 1), 0);
	pen_sem_release(sem, 2);
}
END_TEST

TASK_TEST(freeing_one_that_somebody_waits_on_aborts)
{
	struct entrance entrance = {.sem = pen_sem_new(1)};
	struct visitor a = {&entrance, NULL, 1, 'a', 0};

	ck_assert_int_eq(pen_sem_acquire(NULL, entrance.sem, 1), 0);
	queue_up(&a);
	pen_sem_free(entrance.sem);
}

int main(void)
{
	TCase *tcase = tcase_create("sem");

	tcase_add_test(tcase, units_are_taken_and_given_back);
	tcase_add_test(tcase, more_than_the_whole_size_is_e2big);
	tcase_add_kind_test(tcase, an_ended_context_takes_nothing);
	tcase_add_test(tcase, waiters_enter_in_order_of_arrival);
	tcase_add_test(tcase, a_small_one_does_not_pass_a_large_one);
	tcase_add_test(tcase, one_release_lets_in_all_it_suffices_for);
	tcase_add_test(tcase, a_canceled_first_in_line_lets_those_behind_it_in);
	tcase_add_test(tcase, one_granted_before_its_context_ends_has_its_units);
	tcase_add_test(tcase, one_whose_context_ended_first_has_none);
	tcase_add_test(tcase, growing_lets_waiters_in);
	tcase_add_test(tcase, shrinking_lets_nobody_in_until_enough_has_come_back);
	tcase_add_test(tcase, shrinking_turns_away_who_asks_for_more_wherever_they_stand);
	tcase_add_test(tcase, shrinking_past_a_large_first_lets_those_behind_it_in);
	tcase_add_kind_test(tcase, no_more_are_inside_than_fit);
	tcase_add_abort_test(tcase, giving_back_more_than_was_taken_aborts);
	tcase_add_abort_test(tcase, freeing_one_that_somebody_waits_on_aborts);
	return crew_run_suite("sem", tcase);
}
