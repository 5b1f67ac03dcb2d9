/* test_select.c - of several sends and receives one is done, and only that. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/select.h>

#include "choice.h"
#include "pair.h"
#include "party.h"

enum { ROUNDS = 300, MANY = PEN_SELECT_CASES_MAX };

KIND_TEST(a_ready_case_is_done_and_no_other)
{
	struct pen_chan *empty = new_chan(0), *holds = new_chan(1), *full = new_chan(1), *room = new_chan(1);
	int to[2] = {-1, -1}, from[2] = {5, 6};
	struct pen_case recvs[] = {PEN_CASE_RECV(empty, &to[0]), PEN_CASE_RECV(holds, &to[1])};
	struct pen_case sends[] = {PEN_CASE_SEND(full, &from[0]), PEN_CASE_SEND(room, &from[1])};

	assert_sent(holds, 1);
	assert_sent(full, 2);
	recvs[0].result = recvs[1].result = PENDING;
	ck_assert_int_eq(pen_select(NULL, recvs, 2, PEN_SELECT_FAIR), 1);
	ck_assert_int_eq(recvs[1].result, 0);
	ck_assert_int_eq(recvs[0].result, PENDING);
	ck_assert_int_eq(to[0], -1);
	ck_assert_int_eq(to[1], 1);
	ck_assert_int_eq(pen_select(NULL, sends, 2, PEN_SELECT_FAIR), 1);
	ck_assert_uint_eq(pen_chan_len(full), 1);
	assert_next(full, 2);
	assert_next(room, 6);
	pen_chan_free(empty);
	pen_chan_free(holds);
	pen_chan_free(full);
	pen_chan_free(room);
}

KIND_TEST(a_closed_channel_is_ready_and_says_epipe_once_it_is_empty)
{
	struct pen_chan *chan = new_chan(2);
	int to = -1, from = 7;
	struct pen_case recv = PEN_CASE_RECV(chan, &to), send = PEN_CASE_SEND(chan, &from);

	assert_sent(chan, 1);
	pen_chan_close(chan);
	ck_assert_int_eq(pen_select(NULL, &send, 1, PEN_SELECT_FAIR), 0);
	ck_assert_int_eq(send.result, -EPIPE);
	ck_assert_int_eq(pen_select(NULL, &recv, 1, PEN_SELECT_FAIR), 0);
	ck_assert_int_eq(recv.result, 0);
	ck_assert_int_eq(to, 1);
	ck_assert_int_eq(pen_select(NULL, &recv, 1, PEN_SELECT_FAIR), 0);
	ck_assert_int_eq(recv.result, -EPIPE);
	ck_assert_int_eq(to, 1);
	pen_chan_free(chan);
}

KIND_TEST(by_default_a_select_without_a_ready_case_does_not_wait)
{
	struct pen_chan *chan = new_chan(0), *room = new_chan(1);
	int to = -1, from = 7;
	struct pen_case cases[] = {
		PEN_CASE_RECV(chan, &to), PEN_CASE_SEND(chan, &from), PEN_CASE_SEND(room, &from)};

	ck_assert_int_eq(pen_select(NULL, cases, 2, PEN_SELECT_DEFAULT), -EAGAIN);
	ck_assert_int_eq(pen_select(NULL, cases, 2, PEN_SELECT_DEFAULT | PEN_SELECT_PRIORITY), -EAGAIN);
	ck_assert_int_eq(pen_select(NULL, NULL, 0, PEN_SELECT_DEFAULT), -EAGAIN);
	ck_assert_int_eq(pen_select(NULL, cases, 3, PEN_SELECT_DEFAULT), 2);
	assert_next(room, 7);
	ck_assert_int_eq(to, -1);
	pen_chan_free(chan);
	pen_chan_free(room);
}

/* All of them are closed, so always ready. */
static void count_wins(unsigned flags, int *wins, size_t n)
{
	struct pen_chan *chans[CASES_MOST];
	struct pen_case cases[CASES_MOST];

	for (size_t i = 0; i < n; i++) {
		chans[i] = new_chan(0);
		pen_chan_close(chans[i]);
		cases[i] = (struct pen_case)PEN_CASE_RECV(chans[i], NULL);
		wins[i] = 0;
	}
	for (int i = 0; i < ROUNDS; i++)
		wins[pen_select(NULL, cases, n, flags)]++;
	for (size_t i = 0; i < n; i++)
		pen_chan_free(chans[i]);
}

KIND_TEST(each_ready_case_gets_its_turn)
{
	int wins[CASES_MOST];

	for (size_t n = 2; n <= CASES_MOST; n++) {
		count_wins(PEN_SELECT_FAIR, wins, n);
		for (size_t i = 0; i < n; i++)
			ck_assert_int_ge(wins[i], ROUNDS / CASES_MOST / 4);
	}
}

KIND_TEST(with_priority_the_first_ready_case_in_order_wins_each_time)
{
	struct pen_chan *empty = new_chan(0), *first = new_chan(0), *second = new_chan(0);
	struct pen_case cases[] = {
		PEN_CASE_RECV(empty, NULL), PEN_CASE_RECV(first, NULL), PEN_CASE_RECV(second, NULL)};
	int wins[CASES_MOST];

	count_wins(PEN_SELECT_PRIORITY, wins, CASES_MOST);
	ck_assert_int_eq(wins[0], ROUNDS);
	pen_chan_close(first);
	pen_chan_close(second);
	for (int i = 0; i < ROUNDS; i++)
		ck_assert_int_eq(pen_select(NULL, cases, 3, PEN_SELECT_PRIORITY), 1);
	pen_chan_free(empty);
	pen_chan_free(first);
	pen_chan_free(second);
}

KIND_TEST(a_case_without_a_channel_is_never_ready)
{
	struct pen_chan *holds = new_chan(1);
	int to = -1, from = 7;
	struct pen_case cases[] = {
		PEN_CASE_RECV(NULL, &to), PEN_CASE_SEND(NULL, &from), PEN_CASE_RECV(holds, &to)};

	for (int i = 0; i < 20; i++) {
		assert_sent(holds, i);
		ck_assert_int_eq(pen_select(NULL, cases, 3, i % 2 ? PEN_SELECT_PRIORITY : 0), 2);
		ck_assert_int_eq(to, i);
	}
	ck_assert_int_eq(pen_select(NULL, cases, 2, PEN_SELECT_DEFAULT), -EAGAIN);
	pen_chan_free(holds);
}

START_TEST(more_cases_than_the_most_are_einval)
{
	struct pen_case cases[MANY + 1];
	struct pen_chan *holds = new_chan(1);

	for (int i = 0; i <= MANY; i++)
		cases[i] = (struct pen_case)PEN_CASE_RECV(holds, NULL);
	assert_sent(holds, 1);
	ck_assert_int_eq(pen_select(NULL, cases, MANY + 1, PEN_SELECT_DEFAULT), -EINVAL);
	ck_assert_int_eq(pen_select(NULL, cases, SIZE_MAX, PEN_SELECT_DEFAULT), -EINVAL);
	ck_assert_uint_eq(pen_chan_len(holds), 1);
	pen_chan_free(holds);
}
END_TEST

/* As many channels as a select can have cases, and how often each was given something. */
struct lots {
	struct pen_chan *chans[MANY];
	int taken[MANY];
};

static void give_to_each(void *arg)
{
	struct lots *lots = arg;

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < MANY; i++)
			if (pen_chan_send(NULL, lots->chans[i], &i) != 0)
				ck_abort_msg("nothing could be sent on channel %d", i);
}

static void take_from_any(void *arg)
{
	struct lots *lots = arg;
	struct pen_case cases[MANY];
	int to[MANY];

	for (int i = 0; i < MANY; i++)
		cases[i] = (struct pen_case)PEN_CASE_RECV(lots->chans[i], &to[i]);
	for (int n = 0; n < 3 * MANY; n++) {
		int i = pen_select(NULL, cases, MANY, PEN_SELECT_FAIR);

		if (i < 0 || to[i] != i || cases[i].result != 0)
			ck_abort_msg("the select gave %d", i);
		lots->taken[i]++;
	}
}

PAIR_TEST(each_of_as_many_cases_as_there_may_be_can_win)
{
	struct lots lots = {0};

	for (int i = 0; i < MANY; i++)
		lots.chans[i] = new_chan((size_t)i % 2);
	pair_go(pairing, give_to_each, take_from_any, &lots);
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(lots.taken[i], 3);
		pen_chan_free(lots.chans[i]);
	}
}

TASK_TEST(a_select_waits_until_a_value_comes_and_is_off_the_other_channels_then)
{
	struct pen_chan *a = new_chan(0), *b = new_chan(0);
	int to[2] = {-1, -1};
	struct choice choice = {
		.n = 2, .cases = {PEN_CASE_RECV(a, &to[0]), PEN_CASE_RECV(b, &to[1])}
        };

	choose_later(&choice);
	assert_sent(b, 7);
	/* it is decided already, though it has not run yet */
	ck_assert_int_eq(pen_chan_try_send(a, &to[0]), -EAGAIN);
	ck_assert_int_eq(pen_chan_try_send(b, &to[0]), -EAGAIN);
	let_others_park();
	assert_chosen(&choice, 1, 0);
	ck_assert_int_eq(to[0], -1);
	ck_assert_int_eq(to[1], 7);
	pen_chan_free(a);
	pen_chan_free(b);
}

TASK_TEST(a_select_waits_until_a_value_is_taken)
{
	struct pen_chan *a = new_chan(0), *b = new_chan(1);
	int from[2] = {5, 6};
	struct choice choice = {
		.n = 2, .cases = {PEN_CASE_SEND(a, &from[0]), PEN_CASE_SEND(b, &from[1])}
        };

	assert_sent(b, 1);
	choose_later(&choice);
	assert_next(b, 1);
	ck_assert_int_eq(pen_chan_try_recv(a, NULL), -EAGAIN);
	let_others_park();
	assert_chosen(&choice, 1, 0);
	assert_next(b, 6);
	pen_chan_free(a);
	pen_chan_free(b);
}

TASK_TEST(a_select_that_waits_hears_of_a_close)
{
	struct pen_chan *a = new_chan(0), *b = new_chan(0);
	int to = -1, from = 7;
	struct choice choice = {
		.n = 2, .cases = {PEN_CASE_RECV(a, &to), PEN_CASE_SEND(b, &from)}
        };

	choose_later(&choice);
	pen_chan_close(a);
	let_others_park();
	assert_chosen(&choice, 0, -EPIPE);
	choice.cases[0].chan = NULL;
	choose_later(&choice);
	pen_chan_close(b);
	let_others_park();
	assert_chosen(&choice, 1, -EPIPE);
	ck_assert_int_eq(to, -1);
	pen_chan_free(a);
	pen_chan_free(b);
}

TASK_TEST(a_select_stands_in_line_with_those_who_wait_for_one_channel)
{
	struct pen_chan *chan = new_chan(0), *other = new_chan(0);
	struct party before = {chan, -1, NULL, 0}, behind = {chan, -1, NULL, 0};
	int to = -1;
	struct choice choice = {
		.n = 2, .cases = {PEN_CASE_RECV(other, NULL), PEN_CASE_RECV(chan, &to)}
        };

	queue_up(recv_one, &before);
	choose_later(&choice);
	queue_up(recv_one, &behind);
	for (int i = 0; i < 3; i++)
		assert_sent(chan, i);
	let_others_park();
	ck_assert_int_eq(before.value, 0);
	ck_assert_int_eq(to, 1);
	ck_assert_int_eq(behind.value, 2);
	pen_chan_free(chan);
	pen_chan_free(other);
}

TASK_TEST(a_channel_in_several_cases_gives_its_value_to_one_of_them)
{
	struct pen_chan *chan = new_chan(0);
	int to[3] = {-1, -1, -1};
	struct choice choice = {
		.n = 3,
		.cases = {PEN_CASE_RECV(chan, &to[0]), PEN_CASE_RECV(chan, &to[1]),
			  PEN_CASE_RECV(chan, &to[2])}
        };

	choose_later(&choice);
	assert_sent(chan, 7);
	ck_assert_int_eq(pen_chan_try_send(chan, &to[0]), -EAGAIN);
	let_others_park();
	ck_assert_int_eq(choice.cases[choice.chosen].result, 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(to[i], i == choice.chosen ? 7 : -1);
	choose_later(&choice);
	pen_chan_close(chan);
	let_others_park();
	ck_assert_int_eq(choice.cases[choice.chosen].result, -EPIPE);
	pen_chan_free(chan);
}

TASK_TEST(a_select_does_not_send_to_itself)
{
	struct pen_chan *chan = new_chan(0);
	int to = -1, from = 7;
	struct choice choice = {
		.n = 2, .cases = {PEN_CASE_RECV(chan, &to), PEN_CASE_SEND(chan, &from)}
        };

	ck_assert_int_eq(pen_select(NULL, choice.cases, 2, PEN_SELECT_DEFAULT), -EAGAIN);
	choose_later(&choice);
	assert_next(chan, 7);
	let_others_park();
	assert_chosen(&choice, 1, 0);
	choose_later(&choice);
	assert_sent(chan, 8);
	let_others_park();
	assert_chosen(&choice, 0, 0);
	ck_assert_int_eq(to, 8);
	pen_chan_free(chan);
}

/* Two who would both send and receive: each exchange is a send of one and a receive of the other. */
struct barter {
	struct pen_chan *chan;
	int sent, received; /* atomic */
};

static void send_or_recv(void *arg)
{
	struct barter *barter = arg;
	int to = -1, from = 7;
	struct pen_case cases[] = {PEN_CASE_RECV(barter->chan, &to), PEN_CASE_SEND(barter->chan, &from)};

	for (int i = 0; i < ROUNDS; i++) {
		int chosen = pen_select(NULL, cases, 2, PEN_SELECT_FAIR);

		if (chosen < 0 || cases[chosen].result != 0)
			ck_abort_msg("the select gave %d", chosen);
		__atomic_fetch_add(chosen ? &barter->sent : &barter->received, 1, __ATOMIC_RELAXED);
	}
}

PAIR_TEST(two_who_would_both_send_and_receive_exchange_values)
{
	struct barter barter = {.chan = new_chan(0)};

	pair_go(pairing, send_or_recv, send_or_recv, &barter);
	ck_assert_int_eq(barter.sent, ROUNDS);
	ck_assert_int_eq(barter.received, ROUNDS);
	pen_chan_free(barter.chan);
}

enum { LANES = 3 };

struct road {
	struct pen_chan *lanes[LANES];
};

static void send_on_any_lane(void *arg)
{
	struct road *road = arg;
	int value;
	struct pen_case cases[LANES];

	for (int i = 0; i < LANES; i++)
		cases[i] = (struct pen_case)PEN_CASE_SEND(road->lanes[i], &value);
	for (value = 0; value < ROUNDS; value++)
		if (pen_select(NULL, cases, LANES, PEN_SELECT_FAIR) < 0)
			ck_abort_msg("the value %d could not be sent", value);
	for (int i = 0; i < LANES; i++)
		pen_chan_close(road->lanes[i]);
}

/* A lane that has ended is taken out, as in Go: its channel becomes NULL. */
static void recv_from_all_lanes(void *arg)
{
	struct road *road = arg;
	unsigned char seen[ROUNDS] = {0};
	int open = LANES, to[LANES], latest[LANES] = {-1, -1, -1};
	struct pen_case cases[LANES];

	for (int i = 0; i < LANES; i++)
		cases[i] = (struct pen_case)PEN_CASE_RECV(road->lanes[i], &to[i]);
	while (open > 0) {
		int i = pen_select(NULL, cases, LANES, PEN_SELECT_FAIR);

		if (cases[i].result == -EPIPE) {
			cases[i].chan = NULL;
			open--;
			continue;
		}
		if (to[i] <= latest[i] || seen[to[i]]++)
			ck_abort_msg("the value %d came twice or late", to[i]);
		latest[i] = to[i];
	}
	for (int i = 0; i < ROUNDS; i++)
		if (!seen[i])
			ck_abort_msg("the value %d never came", i);
}

PAIR_TEST(selects_at_both_ends_move_each_value_once_and_in_the_order_of_its_channel)
{
	for (size_t capacity = 0; capacity < 3; capacity++) {
		struct road road = {
			{new_chan(capacity), new_chan(0), new_chan(capacity)}
                };

		pair_go(pairing, send_on_any_lane, recv_from_all_lanes, &road);
		for (int i = 0; i < LANES; i++)
			pen_chan_free(road.lanes[i]);
	}
}

int main(void)
{
	TCase *tcase = tcase_create("select");

	tcase_add_kind_test(tcase, a_ready_case_is_done_and_no_other);
	tcase_add_kind_test(tcase, a_closed_channel_is_ready_and_says_epipe_once_it_is_empty);
	tcase_add_kind_test(tcase, by_default_a_select_without_a_ready_case_does_not_wait);
	tcase_add_kind_test(tcase, each_ready_case_gets_its_turn);
	tcase_add_kind_test(tcase, with_priority_the_first_ready_case_in_order_wins_each_time);
	tcase_add_kind_test(tcase, a_case_without_a_channel_is_never_ready);
	tcase_add_test(tcase, more_cases_than_the_most_are_einval);
	tcase_add_pair_test(tcase, each_of_as_many_cases_as_there_may_be_can_win);
	tcase_add_test(tcase, a_select_waits_until_a_value_comes_and_is_off_the_other_channels_then);
	tcase_add_test(tcase, a_select_waits_until_a_value_is_taken);
	tcase_add_test(tcase, a_select_that_waits_hears_of_a_close);
	tcase_add_test(tcase, a_select_stands_in_line_with_those_who_wait_for_one_channel);
	tcase_add_test(tcase, a_channel_in_several_cases_gives_its_value_to_one_of_them);
	tcase_add_test(tcase, a_select_does_not_send_to_itself);
	tcase_add_pair_test(tcase, two_who_would_both_send_and_receive_exchange_values);
	tcase_add_pair_test(tcase, selects_at_both_ends_move_each_value_once_and_in_the_order_of_its_channel);
	return crew_run_suite("select", tcase);
}
