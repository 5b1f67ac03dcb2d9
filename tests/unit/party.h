/* party.h - one who sends or receives one number in a task of its own, and what came of it. */
#ifndef TESTS_PARTY_H
#define TESTS_PARTY_H

#include <penstock/chan.h>

#include "crew.h"

enum { PENDING = 1 };

struct party {
	struct pen_chan *chan;
	int value;
	struct pen_ctx *ctx;
	int result;
};

static inline struct pen_chan *new_chan(size_t capacity)
{
	struct pen_chan *chan = pen_chan_new(sizeof(int), capacity);

	ck_assert_ptr_nonnull(chan);
	return chan;
}

static inline void send_one(void *arg)
{
	struct party *party = arg;

	party->result = pen_chan_send(party->ctx, party->chan, &party->value);
}

static inline void recv_one(void *arg)
{
	struct party *party = arg;

	party->result = pen_chan_recv(party->ctx, party->chan, &party->value);
}

/* In a TASK_TEST: let a task do `fn`, which must wait. */
static inline void queue_up(void (*fn)(void *arg), struct party *party)
{
	party->result = PENDING;
	ck_assert_int_eq(pen_go(fn, party), 0);
	let_others_park();
	ck_assert_int_eq(party->result, PENDING);
}

static inline void assert_sent(struct pen_chan *chan, int value)
{
	ck_assert_int_eq(pen_chan_try_send(chan, &value), 0);
}

static inline void assert_next(struct pen_chan *chan, int expected)
{
	int value = -1;

	ck_assert_int_eq(pen_chan_try_recv(chan, &value), 0);
	ck_assert_int_eq(value, expected);
}

#endif
