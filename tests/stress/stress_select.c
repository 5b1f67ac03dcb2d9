/*
 * stress_select.c - tasks and threads send and receive by select, all on the same channels, while their contexts and their
 * times end: the case that is chosen moved its value, and no other case did.
 */
#include <errno.h>
#include <penstock/select.h>

#include "ledger.h"

enum { MEMBERS = 12, ROUNDS = 12000 / STRESS_LESS, CASES = 5 };

struct place {
	struct pen_chan *nemesis;
	struct ledger ledger;
	unsigned rounds;
};

/* One select: its cases, the values they send from and receive to, and which of them is the context. */
struct choice {
	struct pen_case cases[CASES];
	struct value values[CASES];
	unsigned n, flags;
	struct pen_ctx *ctx;
	bool ctx_is_a_case; /* the last one */
	int64_t until_ns;
};

static void add_case(struct member *member, struct place *place, struct choice *choice, unsigned number)
{
	static const struct value none = {NULL, UINT32_MAX};
	unsigned i = choice->n++, where = pick(member, CHANS + 1);
	struct pen_chan *chan = where < CHANS ? place->ledger.chans[where] : NULL;

	choice->values[i] = none;
	if (pick(member, 2)) {
		choice->cases[i] = (struct pen_case)PEN_CASE_RECV(chan, &choice->values[i]);
	} else {
		choice->values[i] = (struct value){&place->ledger, number};
		choice->cases[i] = (struct pen_case)PEN_CASE_SEND(chan, &choice->values[i]);
	}
}

/* Never without an end: all might receive. */
static void make(struct member *member, struct place *place, struct choice *choice, unsigned number)
{
	static const unsigned flags[] = {PEN_SELECT_FAIR, PEN_SELECT_FAIR, PEN_SELECT_PRIORITY,
		PEN_SELECT_DEFAULT, PEN_SELECT_DEFAULT | PEN_SELECT_PRIORITY};

	*choice = (struct choice){.ctx = doomed_ctx(member, place->nemesis),
		.flags = flags[pick(member, sizeof(flags) / sizeof(flags[0]))],
		.until_ns = PEN_NEVER};
	for (unsigned n = 1 + pick(member, CASES - 1), i = 0; i < n; i++)
		add_case(member, place, choice, number + i);
	if (!choice->ctx || pick(member, 2))
		choice->until_ns = pen_now_ns() + (int64_t)pick(member, 100) * PEN_US;
	choice->ctx_is_a_case = choice->ctx && pick(member, 4) == 0;
	if (choice->ctx_is_a_case)
		choice->cases[choice->n++] = (struct pen_case)PEN_CASE_RECV(pen_ctx_done(choice->ctx), NULL);
}

static void check_chosen(struct place *place, struct choice *choice, unsigned chosen, unsigned number)
{
	struct pen_case *done = &choice->cases[chosen];

	STRESS_CHECK(chosen < choice->n && done->chan, "a case was chosen that cannot be: %u", chosen);
	if (choice->ctx_is_a_case && chosen == choice->n - 1) {
		STRESS_CHECK(done->result == -EPIPE && pen_ctx_err(choice->ctx),
			"a context lasts, it was said to end");
	} else if (done->result < 0) {
		STRESS_CHECK(done->result == -EPIPE && done->chan == place->ledger.chans[CLOSED_EARLY],
			"a case gave %d", done->result);
	} else if (done->op == PEN_SEND) {
		place->ledger.sent[number + chosen] = 1;
	} else {
		ledger_got(&choice->values[chosen]);
	}
}

/* What was not chosen has received nothing. */
static void check_others(const struct choice *choice, int chosen)
{
	for (unsigned i = 0; i < choice->n; i++)
		STRESS_CHECK((int)i == chosen || choice->cases[i].op == PEN_SEND || !choice->values[i].ledger,
			"case %u received, and %d was chosen", i, chosen);
}

static void select_once(struct member *member, struct place *place, unsigned number)
{
	struct choice choice;
	int r;

	make(member, place, &choice, number);
	r = pen_select_until(choice.ctx_is_a_case ? NULL : choice.ctx, choice.cases, choice.n, choice.flags,
		choice.until_ns);
	check_others(&choice, r);
	if (r >= 0)
		check_chosen(place, &choice, (unsigned)r, number);
	else
		STRESS_CHECK(ended_by_ctx(r) || (r == -EAGAIN && (choice.flags & PEN_SELECT_DEFAULT)),
			"a select gave %d", r);
	pen_ctx_unref(choice.ctx);
}

static void work(struct member *member)
{
	struct place *place = member->shared;

	for (unsigned i = 0; i < place->rounds; i++) {
		if (member->number == 0 && i == place->rounds / 4 * 3)
			pen_chan_close(place->ledger.chans[CLOSED_EARLY]);
		select_once(member, place, (member->number * place->rounds + i) * CASES);
	}
}

static void run(uint64_t *random)
{
	struct place place = {.nemesis = nemesis_new(), .rounds = stress_rounds(ROUNDS)};

	ledger_init(&place.ledger, MEMBERS * place.rounds * CASES);
	stress_members(random, MEMBERS, work, &place);
	pen_chan_close(place.nemesis);
	ledger_settle(&place.ledger);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "the case that is chosen moved its value, and no other did", run);
}
