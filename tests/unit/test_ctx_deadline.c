/* test_ctx_deadline.c - deadlines, in a runtime and outside, and what runs once a context has ended. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <string.h>

#include "pair.h"

enum { ROUNDS = 200, LOOKS = 2000 };

#define AN_HOUR (3600 * PEN_SECOND)
#define WHILE_IT_STARTS (50 * PEN_MS) /* longer than a runtime takes to start or to stop, most days */

static struct pen_ctx *child_of(struct pen_ctx *parent)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, parent), 0);
	return ctx;
}

static struct pen_ctx *until(struct pen_ctx *parent, int64_t deadline_ns)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_deadline(&ctx, parent, deadline_ns), 0);
	return ctx;
}

KIND_TEST(the_earlier_of_two_deadlines_counts)
{
	int64_t hour_ns = pen_now_ns() + AN_HOUR;
	struct pen_ctx *parent = until(NULL, hour_ns), *later = until(parent, hour_ns + 1),
		       *sooner = until(parent, hour_ns - 1), *never = until(parent, PEN_NEVER),
		       *leaf = child_of(sooner);

	ck_assert_int_eq(pen_ctx_deadline(parent), hour_ns);
	ck_assert_int_eq(pen_ctx_deadline(later), hour_ns);
	ck_assert_int_eq(pen_ctx_deadline(sooner), hour_ns - 1);
	ck_assert_int_eq(pen_ctx_deadline(never), hour_ns);
	ck_assert_int_eq(pen_ctx_deadline(leaf), hour_ns - 1);
	pen_ctx_unref(parent);
	pen_ctx_unref(later);
	pen_ctx_unref(sooner);
	pen_ctx_unref(never);
	pen_ctx_unref(leaf);
}

KIND_TEST(a_timeout_counts_from_now_and_does_not_overflow)
{
	int64_t before_ns = pen_now_ns();
	struct pen_ctx *hour, *ages;

	ck_assert_int_eq(pen_ctx_with_timeout(&hour, NULL, AN_HOUR), 0);
	ck_assert_int_ge(pen_ctx_deadline(hour), before_ns + AN_HOUR);
	ck_assert_int_le(pen_ctx_deadline(hour), pen_now_ns() + AN_HOUR);
	ck_assert_int_eq(pen_ctx_with_timeout(&ages, NULL, INT64_MAX), 0);
	ck_assert_int_eq(pen_ctx_deadline(ages), PEN_NEVER);
	ck_assert_int_eq(pen_ctx_err(ages), 0);
	pen_ctx_unref(hour);
	pen_ctx_unref(ages);
}

KIND_TEST(a_deadline_that_has_passed_makes_a_context_that_has_ended)
{
	static const int64_t timeouts[] = {0, -1, INT64_MIN};

	for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		struct pen_ctx *ctx;

		ck_assert_int_eq(pen_ctx_with_timeout(&ctx, NULL, timeouts[i]), 0);
		ck_assert_int_eq(pen_ctx_err(ctx), -ETIMEDOUT);
		ck_assert_str_eq(pen_ctx_cause(ctx), "deadline");
		ck_assert_int_eq(pen_chan_try_recv(pen_ctx_done(ctx), NULL), -EPIPE);
		pen_ctx_unref(ctx);
	}
}

PLACE_TEST(at_its_deadline_a_context_ends_with_all_below_it)
{
	struct pen_ctx *late = ctx_soon_late(), *leaf = child_of(late);

	ck_assert_int_eq(pen_chan_recv(NULL, pen_ctx_done(leaf), NULL), -EPIPE);
	ck_assert_int_ge(pen_now_ns(), pen_ctx_deadline(leaf));
	ck_assert_int_eq(pen_ctx_err(leaf), -ETIMEDOUT);
	ck_assert_str_eq(pen_ctx_cause(leaf), "deadline");
	pen_ctx_cancel(leaf, "too late");
	ck_assert_int_eq(pen_ctx_err(leaf), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(late), -ETIMEDOUT);
	pen_ctx_unref(late);
	pen_ctx_unref(leaf);
}

PLACE_TEST(a_cancel_before_the_deadline_counts)
{
	struct pen_ctx *late = ctx_soon_late(), *other = ctx_soon_late();

	pen_ctx_cancel(late, "sooner");
	if (pen_ctx_err(late) == -ECANCELED) { /* else the deadline was faster, on a slow day */
		ck_assert_int_eq(pen_chan_recv(NULL, pen_ctx_done(other), NULL), -EPIPE);
		ck_assert_str_eq(pen_ctx_cause(late), "sooner");
		ck_assert_int_eq(pen_ctx_err(late), -ECANCELED);
	}
	pen_ctx_unref(late);
	pen_ctx_unref(other);
}

/* Each of them would end a moment later. */
PLACE_TEST(a_context_may_be_given_back_at_its_very_deadline)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct pen_ctx *ctx = until(NULL, pen_now_ns() + i % 20 * PEN_US), *leaf = child_of(ctx);

		pen_ctx_unref(ctx);
		pen_yield();
		pen_ctx_unref(leaf);
	}
}

START_TEST(outside_a_runtime_a_deadline_still_ends_what_blocks)
{
	struct pen_ctx *late = ctx_soon_late(), *leaf = child_of(late);

	ck_assert_int_eq(pen_sleep(leaf, AN_HOUR), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(late), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(leaf), -ETIMEDOUT);
	pen_ctx_unref(late);
	pen_ctx_unref(leaf);
}
END_TEST

static int run(int (*fn)(void *arg), void *arg)
{
	struct pen_run_options options = {.loops = 2, .on_leak = crew_leak};

	return pen_run(&options, fn, arg);
}

static int wait_below(void *arg)
{
	struct pen_ctx *leaf = child_of(arg);
	int r = pen_sleep(leaf, AN_HOUR);

	pen_ctx_unref(leaf);
	return r;
}

START_TEST(a_deadline_set_outside_a_runtime_ends_what_blocks_within)
{
	struct pen_ctx *late = until(NULL, pen_now_ns() + WHILE_IT_STARTS);

	ck_assert_int_eq(run(wait_below, late), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(late), -ETIMEDOUT);
	pen_ctx_unref(late);
}
END_TEST

static int make_two(void *arg)
{
	struct pen_ctx **two = arg;
	int r = pen_ctx_with_timeout(&two[0], NULL, AN_HOUR);

	return r < 0 ? r : pen_ctx_with_timeout(&two[1], NULL, WHILE_IT_STARTS);
}

START_TEST(a_context_may_outlive_the_runtime_it_was_made_in)
{
	struct pen_ctx *two[2], *leaf;

	ck_assert_int_eq(run(make_two, two), 0);
	leaf = child_of(two[1]);
	ck_assert_int_eq(pen_ctx_err(two[0]), 0);
	if (_i)
		ck_assert_int_eq(run(wait_below, leaf), -ETIMEDOUT);
	else
		ck_assert_int_eq(pen_sleep(leaf, AN_HOUR), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(leaf), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(two[1]), -ETIMEDOUT);
	pen_ctx_cancel(two[0], NULL);
	pen_ctx_unref(two[0]);
	pen_ctx_unref(two[1]);
	pen_ctx_unref(leaf);
}
END_TEST

/* Contexts whose deadline is now, which one cancels while the other looks. */
struct looks {
	struct pen_ctx *ctxs[LOOKS];
};

static void cancel_at_the_deadline(void *arg)
{
	struct looks *looks = arg;

	for (int i = 0; i < LOOKS; i++) {
		while (pen_now_ns() < pen_ctx_deadline(looks->ctxs[i]))
			;
		pen_ctx_cancel(looks->ctxs[i], "at the deadline");
	}
}

static void look_at_each(void *arg)
{
	struct looks *looks = arg;

	for (int i = 0; i < LOOKS; i++) {
		int err, again;

		while ((err = pen_ctx_err(looks->ctxs[i])) == 0)
			pen_yield();
		again = pen_ctx_err(looks->ctxs[i]);
		if (again != err)
			ck_abort_msg("a context that ended with %d ends with %d", err, again);
		if (strcmp(pen_ctx_cause(looks->ctxs[i]), err == -ETIMEDOUT ? "deadline" : "at the deadline"))
			ck_abort_msg("%d because of %s", err, pen_ctx_cause(looks->ctxs[i]));
	}
}

PAIR_TEST(why_a_context_ended_stays_the_same_for_ever)
{
	static struct looks looks;
	int64_t soon_ns = pen_now_ns() + PEN_MS;

	for (int i = 0; i < LOOKS; i++)
		looks.ctxs[i] = until(NULL, soon_ns);
	pair_go(pairing, cancel_at_the_deadline, look_at_each, &looks);
	for (int i = 0; i < LOOKS; i++)
		pen_ctx_unref(looks.ctxs[i]);
}

static void count(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
}

static struct pen_ctx_after *count_after(struct pen_ctx *ctx, int *counted)
{
	struct pen_ctx_after *after;

	ck_assert_int_eq(pen_ctx_after(&after, ctx, count, counted), 0);
	return after;
}

TASK_TEST(what_comes_after_runs_once_the_context_has_ended_and_in_a_task_of_its_own)
{
	struct pen_ctx *root = child_of(NULL), *leaf = child_of(root);
	struct pen_ctx_after *after, *late;
	int counted = 0;

	after = count_after(leaf, &counted);
	let_others_park();
	ck_assert_int_eq(counted, 0);
	pen_ctx_cancel(root, NULL);
	ck_assert_int_eq(counted, 0);
	let_others_park();
	ck_assert_int_eq(counted, 1);
	late = count_after(leaf, &counted); /* at once, since it has ended */
	let_others_park();
	ck_assert_int_eq(counted, 2);
	ck_assert(!pen_ctx_after_stop(after));
	ck_assert(!pen_ctx_after_stop(late));
	pen_ctx_unref(root);
	pen_ctx_unref(leaf);
}

TASK_TEST(what_was_stopped_in_time_never_runs)
{
	struct pen_ctx *ctx = child_of(NULL);
	struct pen_ctx_after *afters[3];
	int counted[3] = {0};

	for (int i = 0; i < 3; i++)
		afters[i] = count_after(ctx, &counted[i]);
	ck_assert(pen_ctx_after_stop(afters[1])); /* out of the middle */
	pen_ctx_cancel(ctx, NULL);
	ck_assert(!pen_ctx_after_stop(afters[0])); /* it is on its way */
	let_others_park();
	ck_assert(!pen_ctx_after_stop(afters[2]));
	ck_assert_int_eq(counted[0], 1);
	ck_assert_int_eq(counted[1], 0);
	ck_assert_int_eq(counted[2], 1);
	pen_ctx_unref(ctx);
}

PLACE_TEST(what_comes_after_runs_at_the_deadline)
{
	struct pen_ctx *late = ctx_soon_late();
	struct pen_waitgroup *ran = pen_waitgroup_new();
	struct pen_ctx_after *after;

	pen_waitgroup_add(ran, 1);
	ck_assert_int_eq(pen_ctx_after(&after, late, (void (*)(void *))pen_waitgroup_done, ran), 0);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, ran), 0);
	ck_assert_int_eq(pen_ctx_err(late), -ETIMEDOUT);
	ck_assert(!pen_ctx_after_stop(after));
	pen_ctx_unref(late);
	pen_waitgroup_free(ran);
}

START_TEST(outside_a_runtime_the_one_who_cancels_runs_what_comes_after)
{
	struct pen_ctx *ctx = child_of(NULL);
	int counted = 0;
	struct pen_ctx_after *after = count_after(ctx, &counted), *stopped = count_after(ctx, &counted);

	ck_assert(pen_ctx_after_stop(stopped));
	pen_ctx_cancel(ctx, NULL);
	ck_assert_int_eq(counted, 1);
	pen_ctx_unref(ctx);
	ck_assert(!pen_ctx_after_stop(after));
}
END_TEST

START_TEST(outside_a_runtime_any_call_finds_that_the_deadline_has_passed)
{
	struct pen_ctx *late = ctx_soon_late(), *asked[4];
	int counted = 0;

	for (int i = 0; i < 4; i++)
		asked[i] = child_of(late);
	ck_assert_int_eq(pen_sleep(late, AN_HOUR), -ETIMEDOUT); /* which need not ask the context */
	ck_assert_int_eq(pen_chan_try_recv(pen_ctx_done(asked[0]), NULL), -EPIPE);
	ck_assert(!pen_ctx_after_stop(count_after(asked[1], &counted)));
	ck_assert_int_eq(counted, 1);
	ck_assert_str_eq(pen_ctx_cause(asked[2]), "deadline");
	ck_assert_int_eq(pen_sleep(asked[3], AN_HOUR), -ETIMEDOUT);
	for (int i = 0; i < 4; i++)
		pen_ctx_unref(asked[i]);
	pen_ctx_unref(late);
}
END_TEST

START_TEST(nothing_comes_after_the_background)
{
	int counted = 0;

	ck_assert(pen_ctx_after_stop(count_after(NULL, &counted)));
	ck_assert(pen_ctx_after_stop(count_after(pen_ctx_background(), &counted)));
	ck_assert_int_eq(counted, 0);
}
END_TEST

START_TEST(a_handle_keeps_the_context_it_is_of)
{
	struct pen_ctx *ctx = child_of(NULL);
	int counted = 0;
	struct pen_ctx_after *after = count_after(ctx, &counted);

	pen_ctx_unref(ctx);
	ck_assert(pen_ctx_after_stop(after));
	ck_assert_int_eq(counted, 0);
}
END_TEST

/* One cancels, the other stops: a function ran if and only if its stop came too late. */
struct stops {
	struct pen_ctx *ctxs[ROUNDS];
	struct pen_ctx_after *afters[ROUNDS];
	struct pen_waitgroup *to_run;
	bool stopped[ROUNDS];
	int ran[ROUNDS]; /* atomic */
};

struct ran {
	int *ran;
	struct pen_waitgroup *to_run;
};

static void cancel_each(void *arg)
{
	struct stops *stops = arg;

	for (int i = 0; i < ROUNDS; i++)
		pen_ctx_cancel(stops->ctxs[i], NULL);
}

static void stop_each(void *arg)
{
	struct stops *stops = arg;

	for (int i = 0; i < ROUNDS; i++) {
		stops->stopped[i] = pen_ctx_after_stop(stops->afters[i]);
		if (stops->stopped[i])
			pen_waitgroup_done(stops->to_run);
	}
}

static void note_run(void *arg)
{
	struct ran *ran = arg;

	__atomic_fetch_add(ran->ran, 1, __ATOMIC_RELAXED);
	pen_waitgroup_done(ran->to_run);
}

PAIR_TEST(a_function_ran_unless_its_stop_said_it_never_will)
{
	static struct stops stops;
	static struct ran ran[ROUNDS];

	stops = (struct stops){.to_run = pen_waitgroup_new()};
	pen_waitgroup_add(stops.to_run, ROUNDS);
	for (int i = 0; i < ROUNDS; i++) {
		stops.ctxs[i] = child_of(NULL);
		ran[i] = (struct ran){&stops.ran[i], stops.to_run};
		ck_assert_int_eq(pen_ctx_after(&stops.afters[i], stops.ctxs[i], note_run, &ran[i]), 0);
	}
	pair_go(pairing, cancel_each, stop_each, &stops);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, stops.to_run), 0);
	for (int i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(stops.ran[i], !stops.stopped[i]);
		pen_ctx_unref(stops.ctxs[i]);
	}
	pen_waitgroup_free(stops.to_run);
}

int main(void)
{
	TCase *tcase = tcase_create("ctx_deadline");

	tcase_add_kind_test(tcase, the_earlier_of_two_deadlines_counts);
	tcase_add_kind_test(tcase, a_timeout_counts_from_now_and_does_not_overflow);
	tcase_add_kind_test(tcase, a_deadline_that_has_passed_makes_a_context_that_has_ended);
	tcase_add_place_test(tcase, at_its_deadline_a_context_ends_with_all_below_it);
	tcase_add_place_test(tcase, a_cancel_before_the_deadline_counts);
	tcase_add_place_test(tcase, a_context_may_be_given_back_at_its_very_deadline);
	tcase_add_test(tcase, outside_a_runtime_a_deadline_still_ends_what_blocks);
	tcase_add_test(tcase, a_deadline_set_outside_a_runtime_ends_what_blocks_within);
	tcase_add_loop_test(tcase, a_context_may_outlive_the_runtime_it_was_made_in, 0, 2);
	tcase_add_pair_test(tcase, why_a_context_ended_stays_the_same_for_ever);
	tcase_add_test(tcase, what_comes_after_runs_once_the_context_has_ended_and_in_a_task_of_its_own);
	tcase_add_test(tcase, what_was_stopped_in_time_never_runs);
	tcase_add_place_test(tcase, what_comes_after_runs_at_the_deadline);
	tcase_add_test(tcase, outside_a_runtime_the_one_who_cancels_runs_what_comes_after);
	tcase_add_test(tcase, outside_a_runtime_any_call_finds_that_the_deadline_has_passed);
	tcase_add_test(tcase, nothing_comes_after_the_background);
	tcase_add_test(tcase, a_handle_keeps_the_context_it_is_of);
	tcase_add_pair_test(tcase, a_function_ran_unless_its_stop_said_it_never_will);
	return crew_run_suite("ctx_deadline", tcase);
}
