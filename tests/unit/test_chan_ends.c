/* test_chan_ends.c - a wait on a channel ends with its context; a value of the same instant is not lost, nor there twice. */
#include <errno.h>
#include <penstock/chan.h>

#include "pair.h"
#include "party.h"

enum { ROUNDS = 500, MEMBERS = 4, RACES = 15 };

static struct pen_ctx *new_ctx(void)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	return ctx;
}

KIND_TEST(under_an_ended_context_nothing_is_moved_though_it_could_be)
{
	struct pen_chan *chan = new_chan(2);
	struct pen_ctx *ended = ctx_canceled(), *past;
	int value = 7;

	ck_assert_int_eq(pen_ctx_with_deadline(&past, NULL, pen_now_ns()), 0);
	ck_assert_int_eq(pen_chan_send(ended, chan, &value), -ECANCELED);
	ck_assert_int_eq(pen_chan_send(past, chan, &value), -ETIMEDOUT);
	ck_assert_uint_eq(pen_chan_len(chan), 0);
	assert_sent(chan, 1);
	ck_assert_int_eq(pen_chan_recv(ended, chan, &value), -ECANCELED);
	ck_assert_int_eq(pen_chan_recv(past, chan, &value), -ETIMEDOUT);
	ck_assert_int_eq(value, 7);
	ck_assert_uint_eq(pen_chan_len(chan), 1);
	pen_chan_free(chan);
	pen_ctx_unref(ended);
	pen_ctx_unref(past);
}

KIND_TEST(a_wait_ends_at_the_deadline)
{
	struct pen_chan *chan = new_chan(0);
	struct pen_ctx *late = ctx_soon_late(), *later = ctx_soon_late();
	int value = 7;

	ck_assert_int_eq(pen_chan_recv(late, chan, &value), -ETIMEDOUT);
	ck_assert_int_ge(pen_now_ns(), pen_ctx_deadline(late));
	ck_assert_int_eq(pen_chan_send(later, chan, &value), -ETIMEDOUT);
	ck_assert_int_ge(pen_now_ns(), pen_ctx_deadline(later));
	ck_assert_int_eq(value, 7);
	ck_assert_int_eq(pen_chan_try_recv(chan, NULL), -EAGAIN);
	ck_assert_int_eq(pen_chan_try_send(chan, &value), -EAGAIN);
	pen_chan_free(chan);
	pen_ctx_unref(late);
	pen_ctx_unref(later);
}

/* One channel, and for each wait a context that the other ends. */
struct waits {
	struct pen_chan *chan;
	struct pen_ctx *ctxs[ROUNDS];
};

static void cancel_each(void *arg)
{
	struct waits *waits = arg;

	for (int i = 0; i < ROUNDS; i++)
		pen_ctx_cancel(waits->ctxs[i], NULL);
}

static void wait_under_each(void *arg)
{
	struct waits *waits = arg;

	for (int i = 0; i < ROUNDS; i++) {
		int value = 7;
		int r = i % 2 ? pen_chan_recv(waits->ctxs[i], waits->chan, &value)
			      : pen_chan_send(waits->ctxs[i], waits->chan, &value);

		if (r != -ECANCELED || value != 7)
			ck_abort_msg("the wait gave %d", r);
	}
}

PAIR_TEST(a_wait_ends_when_anybody_cancels_its_context)
{
	struct waits waits = {.chan = new_chan(0)};

	for (int i = 0; i < ROUNDS; i++)
		waits.ctxs[i] = new_ctx();
	pair_go(pairing, cancel_each, wait_under_each, &waits);
	for (int i = 0; i < ROUNDS; i++)
		pen_ctx_unref(waits.ctxs[i]);
	pen_chan_free(waits.chan);
}

TASK_TEST(a_value_handed_over_before_the_context_ended_is_received)
{
	struct party receiver = {new_chan(0), -1, new_ctx(), 0};

	queue_up(recv_one, &receiver);
	assert_sent(receiver.chan, 7);
	pen_ctx_cancel(receiver.ctx, NULL);
	let_others_park();
	ck_assert_int_eq(receiver.result, 0);
	ck_assert_int_eq(receiver.value, 7);
	pen_ctx_unref(receiver.ctx);
	pen_chan_free(receiver.chan);
}

TASK_TEST(a_value_that_comes_after_the_context_ended_stays)
{
	struct party receiver = {new_chan(1), -1, new_ctx(), 0};

	queue_up(recv_one, &receiver);
	pen_ctx_cancel(receiver.ctx, NULL);
	assert_sent(receiver.chan, 7); /* while the receiver is still in line */
	ck_assert_uint_eq(pen_chan_len(receiver.chan), 1);
	let_others_park();
	ck_assert_int_eq(receiver.result, -ECANCELED);
	ck_assert_int_eq(receiver.value, -1);
	assert_next(receiver.chan, 7);
	pen_ctx_unref(receiver.ctx);
	pen_chan_free(receiver.chan);
}

TASK_TEST(a_value_taken_before_the_context_ended_was_sent)
{
	struct party sender = {new_chan(0), 7, new_ctx(), 0};

	queue_up(send_one, &sender);
	assert_next(sender.chan, 7);
	pen_ctx_cancel(sender.ctx, NULL);
	let_others_park();
	ck_assert_int_eq(sender.result, 0);
	pen_ctx_unref(sender.ctx);
	pen_chan_free(sender.chan);
}

TASK_TEST(a_value_whose_context_ended_first_is_not_there)
{
	struct party sender = {new_chan(0), 7, new_ctx(), 0};

	queue_up(send_one, &sender);
	pen_ctx_cancel(sender.ctx, NULL);
	ck_assert_int_eq(pen_chan_try_recv(sender.chan, NULL), -EAGAIN);
	let_others_park();
	ck_assert_int_eq(sender.result, -ECANCELED);
	pen_ctx_unref(sender.ctx);
	pen_chan_free(sender.chan);
}

TASK_TEST(closing_before_the_context_ends_is_epipe_and_after_it_is_not)
{
	struct party early = {new_chan(0), -1, new_ctx(), 0}, late = {new_chan(0), -1, new_ctx(), 0};

	queue_up(recv_one, &early);
	queue_up(recv_one, &late);
	pen_chan_close(early.chan);
	pen_ctx_cancel(early.ctx, NULL);
	pen_ctx_cancel(late.ctx, NULL);
	pen_chan_close(late.chan);
	let_others_park();
	ck_assert_int_eq(early.result, -EPIPE);
	ck_assert_int_eq(late.result, -ECANCELED);
	pen_chan_free(early.chan);
	pen_chan_free(late.chan);
	pen_ctx_unref(early.ctx);
	pen_ctx_unref(late.ctx);
}

TASK_TEST(one_who_gave_up_is_passed_over_by_values_and_by_receivers)
{
	struct pen_chan *chan = new_chan(0);
	struct party gone = {chan, -1, new_ctx(), 0}, next = {chan, -1, NULL, 0};

	queue_up(recv_one, &gone);
	queue_up(recv_one, &next);
	pen_ctx_cancel(gone.ctx, NULL);
	assert_sent(chan, 7);
	let_others_park();
	ck_assert_int_eq(gone.result, -ECANCELED);
	ck_assert_int_eq(next.value, 7);

	pen_ctx_unref(gone.ctx);
	gone = (struct party){chan, 1, new_ctx(), 0};
	next = (struct party){chan, 2, NULL, 0};
	queue_up(send_one, &gone);
	queue_up(send_one, &next);
	pen_ctx_cancel(gone.ctx, NULL);
	assert_next(chan, 2);
	let_others_park();
	ck_assert_int_eq(gone.result, -ECANCELED);
	ck_assert_int_eq(next.result, 0);
	pen_ctx_unref(gone.ctx);
	pen_chan_free(chan);
}

/* One context for all: whoever has a value has it once, and each value that was sent is with somebody or still there. */
struct race {
	struct pen_chan *chan;
	struct pen_ctx *ctx;
	int sent, received; /* atomic */
};

static void send_until_the_end(void *arg)
{
	struct race *race = arg;
	int value = 1;

	while (pen_chan_send(race->ctx, race->chan, &value) == 0)
		__atomic_fetch_add(&race->sent, 1, __ATOMIC_RELAXED);
}

static void recv_until_the_end(void *arg)
{
	struct race *race = arg;
	int value;

	for (int n = 0; pen_chan_recv(race->ctx, race->chan, &value) == 0; n++) {
		__atomic_fetch_add(&race->received, value, __ATOMIC_RELAXED);
		if (n == 3)
			pen_ctx_cancel(race->ctx, NULL);
	}
}

KIND_TEST(what_was_sent_until_the_end_of_all_was_received_or_is_left)
{
	for (size_t i = 0; i < RACES; i++) {
		struct race race = {.chan = new_chan(i % 3), .ctx = new_ctx()};
		struct crew crew;

		crew_init(&crew, kind);
		for (int k = 0; k < MEMBERS; k++)
			crew_go(&crew, k < MEMBERS / 2 ? send_until_the_end : recv_until_the_end, &race);
		crew_join(&crew);
		ck_assert_int_eq(race.sent, race.received + (int)pen_chan_len(race.chan));
		pen_chan_free(race.chan);
		pen_ctx_unref(race.ctx);
	}
}

int main(void)
{
	TCase *tcase = tcase_create("chan_ends");

	tcase_add_kind_test(tcase, under_an_ended_context_nothing_is_moved_though_it_could_be);
	tcase_add_kind_test(tcase, a_wait_ends_at_the_deadline);
	tcase_add_pair_test(tcase, a_wait_ends_when_anybody_cancels_its_context);
	tcase_add_test(tcase, a_value_handed_over_before_the_context_ended_is_received);
	tcase_add_test(tcase, a_value_that_comes_after_the_context_ended_stays);
	tcase_add_test(tcase, a_value_taken_before_the_context_ended_was_sent);
	tcase_add_test(tcase, a_value_whose_context_ended_first_is_not_there);
	tcase_add_test(tcase, closing_before_the_context_ends_is_epipe_and_after_it_is_not);
	tcase_add_test(tcase, one_who_gave_up_is_passed_over_by_values_and_by_receivers);
	tcase_add_kind_test(tcase, what_was_sent_until_the_end_of_all_was_received_or_is_left);
	return crew_run_suite("chan_ends", tcase);
}
