/* test_select_ends.c - a select ends with its context or its time, and is done with a channel once that was chosen. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/select.h>

#include "choice.h"
#include "pair.h"
#include "party.h"

enum { ROUNDS = 300 };

static struct pen_ctx *new_ctx(void)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	return ctx;
}

KIND_TEST(under_an_ended_context_no_case_is_done)
{
	struct pen_chan *holds = new_chan(1);
	struct pen_ctx *ended = ctx_canceled();
	struct pen_case recv = PEN_CASE_RECV(holds, NULL);

	assert_sent(holds, 1);
	ck_assert_int_eq(pen_select(ended, &recv, 1, PEN_SELECT_FAIR), -ECANCELED);
	ck_assert_int_eq(pen_select(ended, &recv, 1, PEN_SELECT_DEFAULT), -ECANCELED);
	ck_assert_int_eq(pen_select_until(ended, &recv, 1, PEN_SELECT_FAIR, 0), -ECANCELED);
	assert_next(holds, 1);
	pen_chan_free(holds);
	pen_ctx_unref(ended);
}

KIND_TEST(without_a_channel_a_select_waits_for_the_context_alone)
{
	struct pen_case cases[] = {PEN_CASE_RECV(NULL, NULL), PEN_CASE_SEND(NULL, NULL)};
	struct pen_ctx *late = ctx_soon_late(), *later = ctx_soon_late();

	ck_assert_int_eq(pen_select(late, cases, 2, PEN_SELECT_FAIR), -ETIMEDOUT);
	ck_assert_int_eq(pen_select(later, NULL, 0, PEN_SELECT_PRIORITY), -ETIMEDOUT);
	ck_assert_int_ge(pen_now_ns(), pen_ctx_deadline(later));
	pen_ctx_unref(late);
	pen_ctx_unref(later);
}

KIND_TEST(a_select_gives_up_at_its_time_and_not_before)
{
	struct pen_chan *chan = new_chan(1);
	struct pen_case recv = PEN_CASE_RECV(chan, NULL);
	int64_t until_ns = pen_now_ns() + PEN_MS;

	ck_assert_int_eq(pen_select_until(NULL, &recv, 1, PEN_SELECT_FAIR, until_ns), -ETIMEDOUT);
	ck_assert_int_ge(pen_now_ns(), until_ns);
	ck_assert_int_eq(pen_select_until(NULL, NULL, 0, PEN_SELECT_FAIR, until_ns), -ETIMEDOUT);
	/* a time that has passed does not keep it from what is ready */
	assert_sent(chan, 7);
	ck_assert_int_eq(pen_select_until(NULL, &recv, 1, PEN_SELECT_FAIR, until_ns), 0);
	pen_chan_free(chan);
}

KIND_TEST(the_earlier_of_a_selects_time_and_its_contexts_deadline_counts)
{
	struct pen_ctx *soon = ctx_soon_late(), *never = new_ctx();
	int64_t far_ns = pen_now_ns() + 3600 * PEN_SECOND;

	ck_assert_int_eq(pen_select_until(soon, NULL, 0, PEN_SELECT_FAIR, far_ns), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(soon), -ETIMEDOUT);
	ck_assert_int_eq(
		pen_select_until(never, NULL, 0, PEN_SELECT_FAIR, pen_now_ns() + PEN_MS), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(never), 0);
	pen_ctx_unref(soon);
	pen_ctx_unref(never);
}

TASK_TEST(a_select_canceled_while_it_waits_leaves_all_its_channels)
{
	struct pen_chan *a = new_chan(0), *b = new_chan(0);
	int to = -1, from = 7;
	struct choice choice = {
		.ctx = new_ctx(), .n = 2, .cases = {PEN_CASE_RECV(a, &to), PEN_CASE_SEND(b, &from)}
        };

	choose_later(&choice);
	pen_ctx_cancel(choice.ctx, NULL);
	ck_assert_int_eq(pen_chan_try_send(a, &from), -EAGAIN);
	ck_assert_int_eq(pen_chan_try_recv(b, NULL), -EAGAIN);
	let_others_park();
	ck_assert_int_eq(choice.chosen, -ECANCELED);
	ck_assert_int_eq(to, -1);
	pen_chan_free(a);
	pen_chan_free(b);
	pen_ctx_unref(choice.ctx);
}

TASK_TEST(a_case_done_before_the_context_ended_is_chosen)
{
	struct pen_chan *a = new_chan(0), *b = new_chan(0);
	int to = -1, from = 7;
	struct choice choice = {
		.ctx = new_ctx(), .n = 2, .cases = {PEN_CASE_RECV(a, &to), PEN_CASE_SEND(b, &from)}
        };

	choose_later(&choice);
	assert_next(b, 7);
	pen_ctx_cancel(choice.ctx, NULL);
	let_others_park();
	assert_chosen(&choice, 1, 0);
	pen_chan_free(a);
	pen_chan_free(b);
	pen_ctx_unref(choice.ctx);
}

TASK_TEST(a_context_may_be_a_case_like_any_other)
{
	struct pen_chan *chan = new_chan(1);
	struct pen_ctx *ctx = new_ctx();
	int to = -1;
	struct choice choice = {
		.n = 2, .cases = {PEN_CASE_RECV(pen_ctx_done(ctx), NULL), PEN_CASE_RECV(chan, &to)}
        };

	choose_later(&choice);
	assert_sent(chan, 7);
	let_others_park();
	assert_chosen(&choice, 1, 0);
	choose_later(&choice);
	pen_ctx_cancel(ctx, NULL);
	let_others_park();
	assert_chosen(&choice, 0, -EPIPE);
	pen_chan_free(chan);
	pen_ctx_unref(ctx);
}

/* For each round a channel and a context; the other ends the one or the other. */
struct ends {
	struct pen_chan *chans[ROUNDS], *never;
	struct pen_ctx *ctxs[ROUNDS];
};

static void end_each(void *arg)
{
	struct ends *ends = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (i % 2)
			pen_ctx_cancel(ends->ctxs[i], NULL);
		else
			pen_chan_close(ends->chans[i]);
	}
}

static void select_each(void *arg)
{
	struct ends *ends = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct pen_case cases[] = {
			PEN_CASE_RECV(ends->never, NULL), PEN_CASE_RECV(ends->chans[i], NULL)};
		int r = pen_select(ends->ctxs[i], cases, 2, PEN_SELECT_FAIR);

		if (r != (i % 2 ? -ECANCELED : 1))
			ck_abort_msg("the select gave %d", r);
		pen_chan_free(ends->chans[i]);
	}
}

PAIR_TEST(a_select_ends_when_anybody_cancels_or_closes)
{
	struct ends ends = {.never = new_chan(0)};

	for (int i = 0; i < ROUNDS; i++) {
		ends.chans[i] = new_chan(0);
		ends.ctxs[i] = new_ctx();
	}
	pair_go(pairing, end_each, select_each, &ends);
	for (int i = 0; i < ROUNDS; i++)
		pen_ctx_unref(ends.ctxs[i]);
	pen_chan_free(ends.never);
}

/* As with a plain receive: when the send has returned, the receiver needs the channel no more. */
static void send_on_each_and_free(void *arg)
{
	struct ends *ends = arg;

	for (int i = 0; i < ROUNDS; i++) {
		int r = i % 2 ? pen_chan_send(NULL, ends->chans[i], &i)
			      : pen_chan_recv(NULL, ends->chans[i], NULL);

		if (r != 0)
			ck_abort_msg("the other end gave %d", r);
		pen_chan_free(ends->chans[i]);
	}
}

static void meet_on_each(void *arg)
{
	struct ends *ends = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct pen_case cases[] = {PEN_CASE_RECV(ends->never, NULL),
			i % 2 ? (struct pen_case)PEN_CASE_RECV(ends->chans[i], NULL)
			      : (struct pen_case)PEN_CASE_SEND(ends->chans[i], &i)};

		if (pen_select(NULL, cases, 2, PEN_SELECT_FAIR) != 1 || cases[1].result != 0)
			ck_abort_msg("the wrong case was chosen");
	}
}

PAIR_TEST(the_channel_that_was_chosen_may_be_freed_by_the_other_end)
{
	struct ends ends = {.never = new_chan(0)};

	for (int i = 0; i < ROUNDS; i++)
		ends.chans[i] = new_chan(0);
	pair_go(pairing, send_on_each_and_free, meet_on_each, &ends);
	pen_chan_free(ends.never);
}

int main(void)
{
	TCase *tcase = tcase_create("select_ends");

	tcase_add_kind_test(tcase, under_an_ended_context_no_case_is_done);
	tcase_add_kind_test(tcase, without_a_channel_a_select_waits_for_the_context_alone);
	tcase_add_kind_test(tcase, a_select_gives_up_at_its_time_and_not_before);
	tcase_add_kind_test(tcase, the_earlier_of_a_selects_time_and_its_contexts_deadline_counts);
	tcase_add_test(tcase, a_select_canceled_while_it_waits_leaves_all_its_channels);
	tcase_add_test(tcase, a_case_done_before_the_context_ended_is_chosen);
	tcase_add_test(tcase, a_context_may_be_a_case_like_any_other);
	tcase_add_pair_test(tcase, a_select_ends_when_anybody_cancels_or_closes);
	tcase_add_pair_test(tcase, the_channel_that_was_chosen_may_be_freed_by_the_other_end);
	return crew_run_suite("select_ends", tcase);
}
