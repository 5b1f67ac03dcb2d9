/* test_chan.c - what is sent arrives once and in order, until the channel is closed. */
#define UNIT_FORKS 1
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "pair.h"
#include "party.h"

enum { VALUES = 500, MEMBERS = 4, ROUNDS = UNIT_SANITIZER ? 100 : 300 };

static const size_t capacities[] = {0, 1, 3, 128};

static void send_all(void *arg)
{
	for (int i = 0; i < VALUES; i++)
		if (pen_chan_send(NULL, arg, &i) != 0)
			ck_abort_msg("the value %d could not be sent", i);
	pen_chan_close(arg);
}

static void recv_all(void *arg)
{
	int value, n = 0, r;

	while ((r = pen_chan_recv(NULL, arg, &value)) == 0)
		if (value != n++)
			ck_abort_msg("the value %d came after %d", value, n - 2);
	ck_assert_int_eq(r, -EPIPE);
	ck_assert_int_eq(n, VALUES);
}

PAIR_TEST(values_arrive_in_the_order_they_were_sent)
{
	for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
		struct pen_chan *chan = new_chan(capacities[i]);

		pair_go(pairing, send_all, recv_all, chan);
		pen_chan_free(chan);
	}
}

struct crowd {
	struct pen_chan *chan;
	int senders; /* atomic; gives each its number */
	unsigned char arrived[MEMBERS * VALUES];
};

static void send_mine(void *arg)
{
	struct crowd *crowd = arg;
	int me = __atomic_fetch_add(&crowd->senders, 1, __ATOMIC_RELAXED);

	for (int i = 0; i < VALUES; i++) {
		int value = me * VALUES + i;

		if (pen_chan_send(NULL, crowd->chan, &value) != 0)
			ck_abort_msg("the value %d could not be sent", value);
	}
}

/* Who receives sees what one sender sent in its order. */
static void recv_any(void *arg)
{
	struct crowd *crowd = arg;
	int value, latest[MEMBERS];

	memset(latest, -1, sizeof(latest));
	while (pen_chan_recv(NULL, crowd->chan, &value) == 0) {
		if (latest[value / VALUES] >= value)
			ck_abort_msg("the value %d came too late", value);
		latest[value / VALUES] = value;
		__atomic_fetch_add(&crowd->arrived[value], 1, __ATOMIC_RELAXED);
	}
}

KIND_TEST(with_many_at_both_ends_each_value_arrives_once)
{
	for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
		struct crowd crowd = {.chan = new_chan(capacities[i])};
		struct crew senders, receivers;

		crew_init(&receivers, kind);
		crew_init(&senders, kind);
		for (int k = 0; k < MEMBERS; k++) {
			crew_go(&receivers, recv_any, &crowd);
			crew_go(&senders, send_mine, &crowd);
		}
		crew_join(&senders);
		pen_chan_close(crowd.chan);
		crew_join(&receivers);
		for (size_t k = 0; k < sizeof(crowd.arrived); k++)
			if (crowd.arrived[k] != 1)
				ck_abort_msg("the value %zu arrived %d times", k, crowd.arrived[k]);
		pen_chan_free(crowd.chan);
	}
}

START_TEST(a_channel_holds_its_capacity_and_no_more)
{
	size_t capacity = (size_t)_i;
	struct pen_chan *chan = new_chan(capacity);

	ck_assert_uint_eq(pen_chan_cap(chan), capacity);
	for (int round = 0; round < 3; round++) { /* so that the ring goes round */
		for (int i = 0; i < (int)capacity; i++) {
			ck_assert_uint_eq(pen_chan_len(chan), (size_t)i);
			ck_assert_int_eq(pen_chan_try_send(chan, &i), 0);
		}
		ck_assert_int_eq(pen_chan_try_send(chan, &round), -EAGAIN);
		ck_assert_uint_eq(pen_chan_len(chan), capacity);
		for (int i = 0; i < (int)capacity; i++)
			assert_next(chan, i);
		ck_assert_int_eq(pen_chan_try_recv(chan, NULL), -EAGAIN);
	}
	pen_chan_free(chan);
}
END_TEST

START_TEST(what_was_not_received_is_not_written)
{
	struct pen_chan *chan = new_chan(1);
	struct pen_ctx *ended = ctx_canceled();
	int value = 42, sent = 7;

	ck_assert_int_eq(pen_chan_try_recv(chan, &value), -EAGAIN);
	ck_assert_int_eq(pen_chan_try_send(chan, &sent), 0);
	ck_assert_int_eq(pen_chan_recv(ended, chan, &value), -ECANCELED);
	ck_assert_int_eq(pen_chan_try_recv(chan, NULL), 0); /* thrown away */
	pen_chan_close(chan);
	ck_assert_int_eq(pen_chan_try_recv(chan, &value), -EPIPE);
	ck_assert_int_eq(value, 42);
	pen_chan_free(chan);
	pen_ctx_unref(ended);
}
END_TEST

START_TEST(a_channel_of_elements_without_bytes_counts_signals)
{
	struct pen_chan *chan = pen_chan_new(0, 2);

	ck_assert_int_eq(pen_chan_send(NULL, chan, NULL), 0);
	ck_assert_int_eq(pen_chan_send(NULL, chan, NULL), 0);
	ck_assert_int_eq(pen_chan_try_send(chan, NULL), -EAGAIN);
	ck_assert_int_eq(pen_chan_recv(NULL, chan, NULL), 0);
	ck_assert_uint_eq(pen_chan_len(chan), 1);
	pen_chan_free(chan);
}
END_TEST

struct large {
	int64_t numbers[500];
};

static void send_large(void *arg)
{
	struct large large;

	for (int64_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < sizeof(large.numbers) / sizeof(large.numbers[0]); i++)
			large.numbers[i] = round;
		ck_assert_int_eq(pen_chan_send(NULL, arg, &large), 0);
	}
	pen_chan_close(arg);
}

static void recv_large(void *arg)
{
	struct large large;
	int64_t n = 0;

	for (; pen_chan_recv(NULL, arg, &large) == 0; n++)
		for (size_t i = 0; i < sizeof(large.numbers) / sizeof(large.numbers[0]); i++)
			if (large.numbers[i] != n)
				ck_abort_msg("half an element arrived");
	ck_assert_int_eq(n, ROUNDS);
}

PAIR_TEST(a_large_element_arrives_whole)
{
	struct pen_chan *chan = pen_chan_new(sizeof(struct large), (size_t)pairing);

	pair_go(pairing, send_large, recv_large, chan);
	pen_chan_free(chan);
}

START_TEST(a_channel_larger_than_memory_is_null)
{
	ck_assert_ptr_null(pen_chan_new(SIZE_MAX / 2, 3));
	ck_assert_ptr_null(pen_chan_new(1, SIZE_MAX));
	ck_assert_ptr_null(pen_chan_new(1, SIZE_MAX - sizeof(void *)));
}
END_TEST

TASK_TEST(an_unbuffered_send_returns_once_a_receiver_has_the_value)
{
	struct pen_chan *chan = new_chan(0);
	struct party sender = {chan, 7, NULL, 0};

	ck_assert_int_eq(pen_chan_try_send(chan, &sender.value), -EAGAIN);
	queue_up(send_one, &sender);
	ck_assert_uint_eq(pen_chan_len(chan), 0);
	assert_next(chan, 7);
	let_others_park();
	ck_assert_int_eq(sender.result, 0);
	pen_chan_free(chan);
}

TASK_TEST(a_value_goes_straight_to_one_who_waits)
{
	for (size_t capacity = 0; capacity < 3; capacity++) {
		struct pen_chan *chan = new_chan(capacity);
		struct party receiver = {chan, -1, NULL, 0};
		int value = 7;

		queue_up(recv_one, &receiver);
		ck_assert_int_eq(pen_chan_try_send(chan, &value), 0);
		ck_assert_uint_eq(pen_chan_len(chan), 0);
		let_others_park();
		ck_assert_int_eq(receiver.result, 0);
		ck_assert_int_eq(receiver.value, 7);
		pen_chan_free(chan);
	}
}

TASK_TEST(who_waits_to_send_is_served_in_order_of_arrival_behind_what_is_buffered)
{
	struct pen_chan *chan = new_chan(2);
	struct party parties[3];
	int first = 0, second = 1;

	ck_assert_int_eq(pen_chan_try_send(chan, &first), 0);
	ck_assert_int_eq(pen_chan_try_send(chan, &second), 0);
	for (int i = 0; i < 3; i++) {
		parties[i] = (struct party){chan, 2 + i, NULL, 0};
		queue_up(send_one, &parties[i]);
	}
	for (int i = 0; i < 5; i++) {
		assert_next(chan, i);
		let_others_park();
		for (int k = 0; k < 3; k++)
			ck_assert_int_eq(parties[k].result, k <= i ? 0 : PENDING);
	}
	pen_chan_free(chan);
}

TASK_TEST(who_waits_to_receive_is_served_in_order_of_arrival)
{
	struct pen_chan *chan = new_chan(1);
	struct party parties[3];

	for (int i = 0; i < 3; i++) {
		parties[i] = (struct party){chan, -1, NULL, 0};
		queue_up(recv_one, &parties[i]);
	}
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pen_chan_try_send(chan, &i), 0);
	let_others_park();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(parties[i].value, i);
	assert_next(chan, 3);
	pen_chan_free(chan);
}

KIND_TEST(a_closed_channel_gives_what_it_holds_then_epipe)
{
	struct pen_chan *chan = new_chan(3);
	int value = -1;

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pen_chan_send(NULL, chan, &i), 0);
	ck_assert(!pen_chan_closed(chan));
	pen_chan_close(chan);
	ck_assert(pen_chan_closed(chan));
	ck_assert_uint_eq(pen_chan_len(chan), 3);
	ck_assert_int_eq(pen_chan_recv(NULL, chan, &value), 0);
	ck_assert_int_eq(value, 0);
	assert_next(chan, 1);
	ck_assert_int_eq(pen_chan_recv(NULL, chan, &value), 0);
	ck_assert_int_eq(value, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pen_chan_recv(NULL, chan, &value), -EPIPE);
		ck_assert_int_eq(pen_chan_try_recv(chan, &value), -EPIPE);
	}
	pen_chan_free(chan);
}

KIND_TEST(nothing_is_sent_on_a_closed_channel)
{
	struct pen_chan *chan = new_chan(2);
	int value = 7;

	pen_chan_close(chan);
	ck_assert_int_eq(pen_chan_send(NULL, chan, &value), -EPIPE);
	ck_assert_int_eq(pen_chan_try_send(chan, &value), -EPIPE);
	ck_assert_uint_eq(pen_chan_len(chan), 0);
	ck_assert_int_eq(pen_chan_recv(NULL, chan, NULL), -EPIPE);
	pen_chan_free(chan);
}

TASK_TEST(closing_sends_away_all_who_wait_to_send_and_none_of_their_values_arrives)
{
	struct pen_chan *chan = new_chan(1);
	struct party parties[3];
	int buffered = 7;

	ck_assert_int_eq(pen_chan_try_send(chan, &buffered), 0);
	for (int i = 0; i < 3; i++) {
		parties[i] = (struct party){chan, i, NULL, 0};
		queue_up(send_one, &parties[i]);
	}
	pen_chan_close(chan);
	let_others_park();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(parties[i].result, -EPIPE);
	assert_next(chan, 7);
	ck_assert_int_eq(pen_chan_try_recv(chan, NULL), -EPIPE);
	pen_chan_free(chan);
}

static void recv_the_end(void *arg)
{
	int value = 42;

	ck_assert_int_eq(pen_chan_recv(NULL, arg, &value), -EPIPE);
	ck_assert_int_eq(value, 42);
}

KIND_TEST(closing_wakes_all_who_wait_to_receive)
{
	struct pen_chan *chan = new_chan((size_t)kind);
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < 2 * MEMBERS; i++)
		crew_go(&crew, recv_the_end, chan);
	pen_yield();
	pen_chan_close(chan);
	crew_join(&crew);
	pen_chan_free(chan);
}

/* So many channels, that the two meet at each anew. */
struct chans {
	struct pen_chan *chans[ROUNDS];
};

static void new_chans(struct chans *chans)
{
	for (int i = 0; i < ROUNDS; i++)
		chans->chans[i] = new_chan(0);
}

static void close_each(void *arg)
{
	struct chans *chans = arg;

	for (int i = 0; i < ROUNDS; i++)
		pen_chan_close(chans->chans[i]);
}

static void recv_each_end(void *arg)
{
	struct chans *chans = arg;

	for (int i = 0; i < ROUNDS; i++) {
		recv_the_end(chans->chans[i]);
		pen_chan_free(chans->chans[i]);
	}
}

PAIR_TEST(one_who_waits_may_free_what_another_closes)
{
	struct chans chans;

	new_chans(&chans);
	pair_go(pairing, close_each, recv_each_end, &chans);
}

static void send_and_free(void *arg)
{
	struct chans *chans = arg;

	for (int i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(pen_chan_send(NULL, chans->chans[i], &i), 0);
		if (i % 2)
			pen_chan_free(chans->chans[i]);
	}
}

static void recv_and_free(void *arg)
{
	struct chans *chans = arg;

	for (int i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(pen_chan_recv(NULL, chans->chans[i], NULL), 0);
		if (i % 2 == 0)
			pen_chan_free(chans->chans[i]);
	}
}

PAIR_TEST(an_unbuffered_channel_may_be_freed_by_either_as_soon_as_the_value_is_over)
{
	struct chans chans;

	new_chans(&chans);
	pair_go(pairing, send_and_free, recv_and_free, &chans);
}

/* What was dropped, in order. */
static int dropped[8];
static size_t n_dropped;

static void drop(void *elem)
{
	memcpy(&dropped[n_dropped++], elem, sizeof(int));
}

START_TEST(what_is_left_at_the_free_is_dropped_oldest_first)
{
	struct pen_chan *chan = new_chan(3);

	pen_chan_set_drop(chan, drop);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pen_chan_try_send(chan, &i), 0);
	assert_next(chan, 0);
	ck_assert_int_eq(pen_chan_try_recv(chan, NULL), 0);
	for (int i = 3; i < 5; i++)
		ck_assert_int_eq(pen_chan_try_send(chan, &i), 0);
	if (_i)
		pen_chan_close(chan);
	ck_assert_uint_eq(n_dropped, 0);
	pen_chan_free(chan);
	ck_assert_uint_eq(n_dropped, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(dropped[i], 2 + i);
}
END_TEST

START_TEST(an_empty_channel_drops_nothing)
{
	struct pen_chan *chan = new_chan(3);

	pen_chan_set_drop(chan, drop);
	pen_chan_free(chan);
	ck_assert_uint_eq(n_dropped, 0);
	pen_chan_free(NULL);
}
END_TEST

START_TEST(closing_twice_aborts)
{
	struct pen_chan *chan = new_chan(1);

	pen_chan_close(chan);
	pen_chan_close(chan);
}
END_TEST

TASK_TEST(freeing_one_on_which_somebody_waits_to_receive_aborts)
{
	struct party receiver = {new_chan(1), 0, NULL, 0};

	queue_up(recv_one, &receiver);
	pen_chan_free(receiver.chan);
}

TASK_TEST(freeing_one_on_which_somebody_waits_to_send_aborts)
{
	struct party sender = {new_chan(0), 0, NULL, 0};

	queue_up(send_one, &sender);
	pen_chan_free(sender.chan);
}

int main(void)
{
	TCase *tcase = tcase_create("chan");

	tcase_add_pair_test(tcase, values_arrive_in_the_order_they_were_sent);
	tcase_add_kind_test(tcase, with_many_at_both_ends_each_value_arrives_once);
	tcase_add_loop_test(tcase, a_channel_holds_its_capacity_and_no_more, 0, 4);
	tcase_add_test(tcase, what_was_not_received_is_not_written);
	tcase_add_test(tcase, a_channel_of_elements_without_bytes_counts_signals);
	tcase_add_pair_test(tcase, a_large_element_arrives_whole);
	tcase_add_test(tcase, a_channel_larger_than_memory_is_null);
	tcase_add_test(tcase, an_unbuffered_send_returns_once_a_receiver_has_the_value);
	tcase_add_test(tcase, a_value_goes_straight_to_one_who_waits);
	tcase_add_test(tcase, who_waits_to_send_is_served_in_order_of_arrival_behind_what_is_buffered);
	tcase_add_test(tcase, who_waits_to_receive_is_served_in_order_of_arrival);
	tcase_add_kind_test(tcase, a_closed_channel_gives_what_it_holds_then_epipe);
	tcase_add_kind_test(tcase, nothing_is_sent_on_a_closed_channel);
	tcase_add_test(tcase, closing_sends_away_all_who_wait_to_send_and_none_of_their_values_arrives);
	tcase_add_kind_test(tcase, closing_wakes_all_who_wait_to_receive);
	tcase_add_pair_test(tcase, one_who_waits_may_free_what_another_closes);
	tcase_add_pair_test(tcase, an_unbuffered_channel_may_be_freed_by_either_as_soon_as_the_value_is_over);
	tcase_add_loop_test(tcase, what_is_left_at_the_free_is_dropped_oldest_first, 0, 2);
	tcase_add_test(tcase, an_empty_channel_drops_nothing);
	tcase_add_abort_test(tcase, closing_twice_aborts);
	tcase_add_abort_test(tcase, freeing_one_on_which_somebody_waits_to_receive_aborts);
	tcase_add_abort_test(tcase, freeing_one_on_which_somebody_waits_to_send_aborts);
	return crew_run_suite("chan", tcase);
}
