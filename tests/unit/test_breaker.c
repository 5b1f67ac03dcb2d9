/* test_breaker.c - when calls to an endpoint are made, put off, and tried again; the clock is the test's. */
#include <check.h>

#include "core/breaker.h"
#include "unit.h"

#define S INT64_C(1000000000)

static const struct breaker_rules rules = {.failures = 3, .min_ns = S, .max_ns = 4 * S};

struct trial {
	struct breaker breaker;
	int64_t now_ns;
};

static void call(struct trial *at, enum breaker_event event)
{
	bool trial;

	ck_assert_int_eq(breaker_admit(&at->breaker, &rules, at->now_ns, &trial), 0);
	breaker_report(&at->breaker, &rules, at->now_ns, trial, event, 0);
}

static int64_t wait(struct trial *at)
{
	bool trial;

	return breaker_admit(&at->breaker, &rules, at->now_ns, &trial);
}

static struct trial opened(void)
{
	struct trial at = {.now_ns = 100 * S};

	for (int i = 0; i < 3; i++)
		call(&at, BREAKER_FAILURE);
	ck_assert(breaker_is_open(&at.breaker));
	return at;
}

START_TEST(it_opens_after_so_many_failures_in_a_row_and_not_before)
{
	struct trial at = {.now_ns = S};

	for (int i = 0; i < 10; i++) {
		call(&at, BREAKER_FAILURE);
		call(&at, BREAKER_FAILURE);
		call(&at, BREAKER_NEITHER);
		ck_assert(!breaker_is_blank(&at.breaker));
		call(&at, BREAKER_SUCCESS);
		ck_assert(breaker_is_blank(&at.breaker));
	}
	at = opened();
	ck_assert_int_eq(wait(&at), S);
	at.now_ns += S / 4;
	ck_assert_int_eq(wait(&at), S - S / 4);
}
END_TEST

START_TEST(after_its_time_one_call_goes_on_trial_and_the_others_wait_for_it)
{
	struct trial at = opened();
	bool trial, other;

	at.now_ns += S;
	ck_assert_int_eq(breaker_admit(&at.breaker, &rules, at.now_ns, &trial), 0);
	ck_assert(trial);
	ck_assert_int_eq(breaker_admit(&at.breaker, &rules, at.now_ns, &other), S);
	ck_assert(!other);
	breaker_report(&at.breaker, &rules, at.now_ns, trial, BREAKER_SUCCESS, 0);
	ck_assert_int_eq(breaker_admit(&at.breaker, &rules, at.now_ns, &other), 0);
	ck_assert(!other && breaker_is_blank(&at.breaker));
}
END_TEST

START_TEST(each_trial_that_fails_doubles_the_time_up_to_the_most_and_a_success_ends_that)
{
	static const int64_t times[] = {1, 2, 4, 4, 4};
	struct trial at = opened();

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		ck_assert_int_eq(wait(&at), times[i] * S);
		at.now_ns += times[i] * S;
		call(&at, BREAKER_FAILURE);
	}
	at.now_ns += 4 * S;
	call(&at, BREAKER_SUCCESS);
	for (int i = 0; i < 3; i++)
		call(&at, BREAKER_FAILURE);
	ck_assert_int_eq(wait(&at), S);
}
END_TEST

START_TEST(a_trial_that_tells_nothing_leaves_it_to_the_next_one)
{
	struct trial at = opened();
	bool trial;

	at.now_ns += S;
	call(&at, BREAKER_NEITHER);
	ck_assert_int_eq(breaker_admit(&at.breaker, &rules, at.now_ns, &trial), 0);
	ck_assert(trial);
}
END_TEST

START_TEST(what_began_before_it_opened_and_fails_late_does_not_keep_it_open_longer)
{
	struct trial at = opened();

	at.now_ns += S / 2;
	breaker_report(&at.breaker, &rules, at.now_ns, false, BREAKER_FAILURE, 0);
	ck_assert_int_eq(wait(&at), S / 2);
	breaker_report(&at.breaker, &rules, at.now_ns, false, BREAKER_SUCCESS, 0);
	ck_assert_int_eq(wait(&at), 0);
}
END_TEST

START_TEST(it_is_left_alone_for_as_long_as_it_asks_for_whatever_the_answer_was)
{
	struct trial at = {.now_ns = S};

	breaker_report(&at.breaker, &rules, at.now_ns, false, BREAKER_SUCCESS, 60 * S);
	ck_assert_int_eq(wait(&at), 60 * S);
	breaker_report(&at.breaker, &rules, at.now_ns, false, BREAKER_FAILURE, 30 * S);
	ck_assert_int_eq(wait(&at), 60 * S); /* the longer wish counts */
	at.now_ns += 60 * S;
	call(&at, BREAKER_SUCCESS);
	ck_assert(breaker_is_blank(&at.breaker));
}
END_TEST

START_TEST(with_rules_that_count_no_failures_none_opens_it)
{
	static const struct breaker_rules never = {.failures = 0, .min_ns = S, .max_ns = S};
	struct breaker breaker = {0};

	for (int i = 0; i < 1000; i++)
		breaker_report(&breaker, &never, S, false, BREAKER_FAILURE, 0);
	ck_assert(!breaker_is_open(&breaker));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("breaker");

	tcase_add_test(tcase, it_opens_after_so_many_failures_in_a_row_and_not_before);
	tcase_add_test(tcase, after_its_time_one_call_goes_on_trial_and_the_others_wait_for_it);
	tcase_add_test(tcase, each_trial_that_fails_doubles_the_time_up_to_the_most_and_a_success_ends_that);
	tcase_add_test(tcase, a_trial_that_tells_nothing_leaves_it_to_the_next_one);
	tcase_add_test(tcase, what_began_before_it_opened_and_fails_late_does_not_keep_it_open_longer);
	tcase_add_test(tcase, it_is_left_alone_for_as_long_as_it_asks_for_whatever_the_answer_was);
	tcase_add_test(tcase, with_rules_that_count_no_failures_none_opens_it);
	return unit_run("breaker", tcase);
}
