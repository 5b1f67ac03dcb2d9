/*
 * stress_chan.c - tasks and threads send and receive through the same channels while their contexts end and the channels
 * are closed: no value is lost, none comes twice, none comes whose send failed.
 *
 * All may wait for ever without a deadlock, as each channel has a receiver who waits without end for that one only.
 */
#include <errno.h>

#include "ledger.h"

enum { MEMBERS = 16, SENDERS = MEMBERS / 2, ROUNDS = 20000 / STRESS_LESS };

struct place {
	struct pen_chan *nemesis;
	struct ledger ledger;
	unsigned rounds;
	bool leave_some;  /* receivers go home once the senders have */
	unsigned senders; /* atomic; at work */
};

/* Members 0 and 1, a task and a thread, send; 2 and 3 receive; and so on. */
static bool is_sender(const struct member *member)
{
	return member->number / 2 % 2 == 0;
}

static unsigned among_its_kind(const struct member *member)
{
	return member->number / 4 * 2 + member->number % 2;
}

static void send_one(struct member *member, struct place *place, unsigned number)
{
	unsigned where = pick(member, CHANS);
	struct pen_ctx *ctx = doomed_ctx(member, place->nemesis);
	struct value value = {&place->ledger, number};
	int r;

	if (pick(member, 4))
		r = pen_chan_send(ctx, place->ledger.chans[where], &value);
	else
		r = pen_chan_try_send(place->ledger.chans[where], &value);
	place->ledger.sent[number] = r == 0;
	STRESS_CHECK(r == 0 || r == -EAGAIN || ended_by_ctx(r) || (r == -EPIPE && where == CLOSED_EARLY),
		"a send to channel %u gave %d", where, r);
	pen_ctx_unref(ctx);
}

static void send_all(struct member *member, struct place *place)
{
	unsigned first = among_its_kind(member) * place->rounds;

	for (unsigned i = 0; i < place->rounds; i++) {
		if (i == place->rounds / 2 && member->number == 0)
			pen_chan_close(place->ledger.chans[CLOSED_EARLY]);
		send_one(member, place, first + i);
	}
	if (__atomic_sub_fetch(&place->senders, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (unsigned i = 0; i < CLOSED_EARLY; i++)
		pen_chan_close(place->ledger.chans[i]);
}

static int receive_one(struct member *member, struct place *place, unsigned where)
{
	struct pen_ctx *ctx = doomed_ctx(member, place->nemesis);
	struct value value;
	int r;

	if (!ctx)
		where = among_its_kind(member) % CHANS;
	if (pick(member, 4))
		r = pen_chan_recv(ctx, place->ledger.chans[where], &value);
	else
		r = pen_chan_try_recv(place->ledger.chans[where], &value);
	if (r == 0)
		ledger_got(&value);
	STRESS_CHECK(r == 0 || r == -EAGAIN || r == -EPIPE || ended_by_ctx(r), "a receive gave %d", r);
	pen_ctx_unref(ctx);
	return r == -EPIPE ? (int)where : -1;
}

/* Until it has seen the end of all. */
static void receive_all(struct member *member, struct place *place)
{
	unsigned ended = 0;

	while (ended != (1u << CHANS) - 1) {
		int where = receive_one(member, place, pick(member, CHANS));

		if (where >= 0)
			ended |= 1u << where;
		if (place->leave_some && !__atomic_load_n(&place->senders, __ATOMIC_ACQUIRE))
			return;
	}
}

static void work(struct member *member)
{
	(is_sender(member) ? send_all : receive_all)(member, member->shared);
}

static void run(uint64_t *random)
{
	struct place place = {.nemesis = nemesis_new(),
		.rounds = stress_rounds(ROUNDS),
		.senders = SENDERS,
		.leave_some = stress_random(random) % 2};

	ledger_init(&place.ledger, SENDERS * place.rounds);
	stress_members(random, MEMBERS, work, &place);
	pen_chan_close(place.nemesis);
	for (unsigned i = 0; i < CHANS; i++)
		STRESS_CHECK(place.leave_some || pen_chan_len(place.ledger.chans[i]) == 0,
			"channel %u was not drained", i);
	ledger_settle(&place.ledger);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "what was sent comes once, and what was not never", run);
}
