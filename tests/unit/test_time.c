/* test_time.c - sleeps, timers and tickers come when they are due, once, and not when they were stopped. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/select.h>
#include <penstock/time.h>
#include <string.h>
#include <time.h>

#include "pair.h"

enum { ROUNDS = 300, TICKS = 10, TIMERS = 200 };

#define AN_HOUR (3600 * PEN_SECOND)

START_TEST(now_is_of_the_monotonic_clock)
{
	struct timespec before, after;
	int64_t now_ns;

	clock_gettime(CLOCK_MONOTONIC, &before);
	now_ns = pen_now_ns();
	clock_gettime(CLOCK_MONOTONIC, &after);
	ck_assert_int_ge(now_ns, before.tv_sec * PEN_SECOND + before.tv_nsec);
	ck_assert_int_le(now_ns, after.tv_sec * PEN_SECOND + after.tv_nsec);
}
END_TEST

KIND_TEST(a_sleep_lasts_no_less_than_it_was_told)
{
	static const int64_t lengths[] = {1, PEN_US, PEN_MS};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int64_t before_ns = pen_now_ns();

		ck_assert_int_eq(pen_sleep(NULL, lengths[i]), 0);
		ck_assert_int_ge(pen_now_ns() - before_ns, lengths[i]);
	}
}

KIND_TEST(a_sleep_of_nothing_or_less_does_not_wait)
{
	struct pen_ctx *ended = ctx_canceled();

	ck_assert_int_eq(pen_sleep(NULL, 0), 0);
	ck_assert_int_eq(pen_sleep(NULL, -1), 0);
	ck_assert_int_eq(pen_sleep(NULL, INT64_MIN), 0);
	ck_assert_int_eq(pen_sleep(ended, 0), -ECANCELED);
	pen_ctx_unref(ended);
}

KIND_TEST(a_sleep_ends_with_its_context)
{
	struct pen_ctx *ended = ctx_canceled(), *late = ctx_soon_late(), *later = ctx_soon_late(), *patient;

	ck_assert_int_eq(pen_sleep(ended, AN_HOUR), -ECANCELED);
	ck_assert_int_eq(pen_sleep(late, AN_HOUR), -ETIMEDOUT);
	ck_assert_int_ge(pen_now_ns(), pen_ctx_deadline(late));
	ck_assert_int_eq(pen_sleep(later, INT64_MAX), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_with_timeout(&patient, NULL, AN_HOUR), 0);
	ck_assert_int_eq(pen_sleep(patient, PEN_US), 0);
	ck_assert_int_eq(pen_ctx_err(patient), 0);
	pen_ctx_unref(ended);
	pen_ctx_unref(late);
	pen_ctx_unref(later);
	pen_ctx_unref(patient);
}

/* Who woke, in order. */
struct sleeper {
	int64_t until_ns;
	char name, *woken;
};

static void sleep_until(void *arg)
{
	struct sleeper *sleeper = arg;

	ck_assert_int_eq(pen_select_until(NULL, NULL, 0, PEN_SELECT_FAIR, sleeper->until_ns), -ETIMEDOUT);
	sleeper->woken[strlen(sleeper->woken)] = sleeper->name;
}

/* At times that have passed, so that all are due when the loop first looks. */
TASK_TEST(sleepers_wake_in_the_order_of_their_times)
{
	char woken[8] = "";
	struct sleeper sleepers[] = {
		{30, 'c', woken},
                {10, 'a', woken},
                {40, 'd', woken},
                {20, 'b', woken}
        };

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pen_go(sleep_until, &sleepers[i]), 0);
	while (strlen(woken) < 4)
		pen_yield();
	ck_assert_str_eq(woken, "abcd");
}

static int64_t next_from(struct pen_timer *timer)
{
	int64_t due_ns;

	ck_assert_int_eq(pen_chan_recv(NULL, pen_timer_chan(timer), &due_ns), 0);
	ck_assert_int_ge(pen_now_ns(), due_ns);
	return due_ns;
}

static void assert_nothing_from(struct pen_timer *timer)
{
	ck_assert_int_eq(pen_chan_try_recv(pen_timer_chan(timer), NULL), -EAGAIN);
}

/* Until the value is there to be received. */
static void let_it_fire(struct pen_timer *timer)
{
	while (pen_chan_len(pen_timer_chan(timer)) == 0)
		pen_yield();
}

PLACE_TEST(a_timer_sends_its_due_time_once)
{
	int64_t before_ns = pen_now_ns(), after_ns, due_ns;
	struct pen_timer *timer = pen_timer_new(PEN_MS);

	after_ns = pen_now_ns();
	ck_assert_ptr_nonnull(timer);
	ck_assert_uint_eq(pen_chan_cap(pen_timer_chan(timer)), 1);
	due_ns = next_from(timer);
	ck_assert_int_ge(due_ns, before_ns + PEN_MS);
	ck_assert_int_le(due_ns, after_ns + PEN_MS);
	ck_assert(!pen_timer_stop(timer));
	assert_nothing_from(timer);
	ck_assert(!pen_chan_closed(pen_timer_chan(timer)));
	pen_timer_free(timer);
}

PLACE_TEST(a_timer_of_nothing_or_less_is_due_at_once)
{
	static const int64_t lengths[] = {0, -1, INT64_MIN};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int64_t before_ns = pen_now_ns();
		struct pen_timer *timer = pen_timer_new(lengths[i]);

		ck_assert_int_ge(next_from(timer), before_ns);
		pen_timer_free(timer);
	}
}

PLACE_TEST(a_stopped_timer_does_not_send)
{
	struct pen_timer *timer = pen_timer_new(AN_HOUR), *ages = pen_timer_new(INT64_MAX);

	ck_assert(pen_timer_stop(timer));
	ck_assert(!pen_timer_stop(timer));
	ck_assert(pen_timer_stop(ages));
	assert_nothing_from(timer);
	pen_timer_free(timer);
	pen_timer_free(ages);
	pen_timer_free(NULL);
}

PLACE_TEST(a_value_that_was_sent_is_gone_once_its_timer_is_stopped_or_set_anew)
{
	struct pen_timer *timer = pen_timer_new(0);
	int64_t reset_ns;

	let_it_fire(timer);
	ck_assert(pen_timer_stop(timer)); /* it had not been received */
	assert_nothing_from(timer);
	ck_assert(!pen_timer_reset(timer, 0));
	let_it_fire(timer);
	reset_ns = pen_now_ns();
	ck_assert(pen_timer_reset(timer, PEN_US));
	ck_assert_int_ge(next_from(timer), reset_ns + PEN_US);
	pen_timer_free(timer);
}

PLACE_TEST(a_timer_may_be_set_to_sooner_and_to_later)
{
	struct pen_timer *timer = pen_timer_new(AN_HOUR);
	int64_t reset_ns = pen_now_ns();

	ck_assert(pen_timer_reset(timer, PEN_US));
	ck_assert_int_lt(next_from(timer), reset_ns + AN_HOUR);
	ck_assert(!pen_timer_reset(timer, PEN_MS));
	ck_assert(pen_timer_reset(timer, AN_HOUR));
	assert_nothing_from(timer);
	ck_assert(pen_timer_reset(timer, 0));
	ck_assert_int_ge(next_from(timer), reset_ns);
	pen_timer_free(timer);
}

PLACE_TEST(a_select_may_have_a_timer_for_its_time)
{
	struct pen_timer *timer = pen_timer_new(PEN_MS);
	struct pen_chan *never = pen_chan_new(0, 0);
	struct pen_case cases[] = {PEN_CASE_RECV(never, NULL), PEN_CASE_RECV(pen_timer_chan(timer), NULL)};

	ck_assert_int_eq(pen_select(NULL, cases, 2, PEN_SELECT_FAIR), 1);
	ck_assert_int_eq(cases[1].result, 0);
	pen_timer_free(timer);
	pen_chan_free(never);
}

PLACE_TEST(of_many_timers_each_fires)
{
	struct pen_timer *timers[TIMERS];

	for (int i = 0; i < TIMERS; i++)
		timers[i] = pen_timer_new((i * 7919) % TIMERS * PEN_US);
	for (int i = 0; i < TIMERS; i += 3) {
		pen_timer_free(timers[i]);
		timers[i] = NULL;
	}
	for (int i = 0; i < TIMERS; i++) {
		if (!timers[i])
			continue;
		next_from(timers[i]);
		pen_timer_free(timers[i]);
	}
}

PLACE_TEST(a_ticker_ticks_without_drift)
{
	int64_t period_ns = 200 * PEN_US, before_ns = pen_now_ns(), first_ns, last_ns;
	struct pen_timer *ticker = pen_ticker_new(period_ns);

	first_ns = last_ns = next_from(ticker);
	ck_assert_int_ge(first_ns, before_ns + period_ns);
	for (int i = 0; i < TICKS; i++) {
		int64_t tick_ns = next_from(ticker);

		ck_assert_int_gt(tick_ns, last_ns);
		ck_assert_int_eq((tick_ns - first_ns) % period_ns, 0);
		last_ns = tick_ns;
	}
	pen_timer_free(ticker);
}

PLACE_TEST(a_slow_receiver_misses_ticks_and_none_is_queued)
{
	int64_t period_ns = 50 * PEN_US, first_ns, next_ns;
	struct pen_timer *ticker = pen_ticker_new(period_ns);

	let_it_fire(ticker);
	ck_assert_int_eq(pen_sleep(NULL, 20 * period_ns), 0);
	ck_assert_uint_eq(pen_chan_len(pen_timer_chan(ticker)), 1);
	first_ns = next_from(ticker);
	next_ns = next_from(ticker);
	ck_assert_int_gt(next_ns, first_ns);
	ck_assert_int_eq((next_ns - first_ns) % period_ns, 0);
	pen_timer_free(ticker);
}

PLACE_TEST(a_ticker_set_anew_has_another_period_from_then_on)
{
	int64_t period_ns = 100 * PEN_US, reset_ns, first_ns;
	struct pen_timer *ticker = pen_ticker_new(AN_HOUR);

	reset_ns = pen_now_ns();
	ck_assert(pen_timer_reset(ticker, period_ns));
	first_ns = next_from(ticker);
	ck_assert_int_ge(first_ns, reset_ns + period_ns);
	ck_assert_int_eq((next_from(ticker) - first_ns) % period_ns, 0);
	ck_assert(pen_timer_reset(ticker, AN_HOUR));
	assert_nothing_from(ticker);
	ck_assert(pen_timer_stop(ticker));
	ck_assert(!pen_timer_stop(ticker));
	ck_assert(!pen_timer_reset(ticker, 0)); /* as often as can be */
	ck_assert_int_gt(next_from(ticker), first_ns);
	ck_assert_int_gt(next_from(ticker), first_ns);
	ck_assert(pen_timer_stop(ticker));
	assert_nothing_from(ticker);
	pen_timer_free(ticker);
}

PLACE_TEST(a_ticker_has_a_period_above_0)
{
	ck_assert_ptr_null(pen_ticker_new(0));
	ck_assert_ptr_null(pen_ticker_new(-1));
}

PLACE_TEST(a_timer_may_be_freed_just_as_it_fires)
{
	for (int i = 0; i < ROUNDS; i++) {
		int64_t ns = i % 20 * PEN_US;
		struct pen_timer *timer = i % 2 ? pen_timer_new(ns) : pen_ticker_new(ns + 1);

		for (int k = 0; k < i % 3; k++)
			pen_yield();
		pen_timer_free(timer);
	}
}

START_TEST(without_a_runtime_there_is_no_timer)
{
	ck_assert_ptr_null(pen_timer_new(0));
	ck_assert_ptr_null(pen_ticker_new(1));
}
END_TEST

static int make_timers(void *arg)
{
	struct pen_timer **timers = arg;

	timers[0] = pen_timer_new(AN_HOUR);
	timers[1] = pen_ticker_new(PEN_US);
	timers[2] = pen_timer_new(AN_HOUR);
	return 0;
}

START_TEST(a_timer_may_be_freed_after_its_runtime)
{
	struct pen_run_options options = {.loops = 2};
	struct pen_timer *timers[3];

	ck_assert_int_eq(pen_run(&options, make_timers, timers), 0);
	ck_assert(pen_timer_stop(timers[0]));
	ck_assert(!pen_timer_reset(timers[0], 0)); /* nobody will fire it */
	assert_nothing_from(timers[0]);
	ck_assert(!pen_timer_stop(timers[0]));
	for (int i = 0; i < 3; i++)
		pen_timer_free(timers[i]);
}
END_TEST

/* One sets and stops a timer, the other receives: each setting is either received or stopped. */
struct race {
	struct pen_timer *timer;
	struct pen_chan *over;
	int missed, received;
};

static void set_and_stop(void *arg)
{
	struct race *race = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (pen_timer_reset(race->timer, i % 7 * 5 * PEN_US))
			ck_abort_msg("a timer that was stopped is armed");
		for (int k = 0; k < i % 5; k++)
			pen_yield();
		if (i % 3 == 0 && !pen_timer_reset(race->timer, i % 7 * 5 * PEN_US))
			race->missed++;
		if (!pen_timer_stop(race->timer))
			race->missed++;
	}
	pen_chan_close(race->over);
}

static void recv_until_over(void *arg)
{
	struct race *race = arg;
	struct pen_case cases[] = {
		PEN_CASE_RECV(pen_timer_chan(race->timer), NULL), PEN_CASE_RECV(race->over, NULL)};

	while (pen_select(NULL, cases, 2, PEN_SELECT_PRIORITY) == 0)
		race->received++;
}

/* Two threads without a runtime would have no timer. */
PAIR_TEST(each_setting_of_a_timer_is_received_once_or_stopped)
{
	struct race race = {.over = pen_chan_new(0, 0)};

	race.timer = pen_timer_new(AN_HOUR);
	ck_assert(pen_timer_stop(race.timer));
	pair_go(pairing, set_and_stop, recv_until_over, &race);
	ck_assert_int_eq(race.received, race.missed);
	pen_timer_free(race.timer);
	pen_chan_free(race.over);
}

int main(void)
{
	TCase *tcase = tcase_create("time");

	tcase_add_test(tcase, now_is_of_the_monotonic_clock);
	tcase_add_kind_test(tcase, a_sleep_lasts_no_less_than_it_was_told);
	tcase_add_kind_test(tcase, a_sleep_of_nothing_or_less_does_not_wait);
	tcase_add_kind_test(tcase, a_sleep_ends_with_its_context);
	tcase_add_test(tcase, sleepers_wake_in_the_order_of_their_times);
	tcase_add_place_test(tcase, a_timer_sends_its_due_time_once);
	tcase_add_place_test(tcase, a_timer_of_nothing_or_less_is_due_at_once);
	tcase_add_place_test(tcase, a_stopped_timer_does_not_send);
	tcase_add_place_test(tcase, a_value_that_was_sent_is_gone_once_its_timer_is_stopped_or_set_anew);
	tcase_add_place_test(tcase, a_timer_may_be_set_to_sooner_and_to_later);
	tcase_add_place_test(tcase, a_select_may_have_a_timer_for_its_time);
	tcase_add_place_test(tcase, of_many_timers_each_fires);
	tcase_add_place_test(tcase, a_ticker_ticks_without_drift);
	tcase_add_place_test(tcase, a_slow_receiver_misses_ticks_and_none_is_queued);
	tcase_add_place_test(tcase, a_ticker_set_anew_has_another_period_from_then_on);
	tcase_add_place_test(tcase, a_ticker_has_a_period_above_0);
	tcase_add_place_test(tcase, a_timer_may_be_freed_just_as_it_fires);
	tcase_add_test(tcase, without_a_runtime_there_is_no_timer);
	tcase_add_test(tcase, a_timer_may_be_freed_after_its_runtime);
	tcase_add_loop_test(tcase, each_setting_of_a_timer_is_received_once_or_stopped, 0, TWO_THREADS);
	return crew_run_suite("time", tcase);
}
