/*
 * ledger.h - numbered values, what became of each, and the channels that carry them.
 *
 * A value is a number and the ledger it is in, so that also a channel that drops it can tell.  Each number is sent at
 * most once; in the end exactly those whose send gave 0 have been received or dropped, once.  One of the channels is there to be
 * closed while they are in use.
 */
#ifndef TESTS_LEDGER_H
#define TESTS_LEDGER_H

#include <penstock/chan.h>

#include "nemesis.h"

enum { CHANS = 4, CLOSED_EARLY = 3 };

struct ledger {
	struct pen_chan *chans[CHANS];
	unsigned n;
	unsigned char *sent; /* of each, by its sender alone */
	unsigned char *got;  /* of each; atomic */
};

struct value {
	struct ledger *ledger;
	unsigned number;
};

static inline void ledger_got(void *elem)
{
	struct value *value = elem;
	struct ledger *ledger = value->ledger;

	STRESS_CHECK(value->number < ledger->n, "a value was made up: %u", value->number);
	STRESS_CHECK(__atomic_fetch_add(&ledger->got[value->number], 1, __ATOMIC_RELAXED) == 0,
		"value %u came twice", value->number);
}

static inline struct pen_chan *ledger_chan(size_t capacity)
{
	struct pen_chan *chan = pen_chan_new(sizeof(struct value), capacity);

	STRESS_CHECK(chan, "no channel");
	pen_chan_set_drop(chan, ledger_got);
	return chan;
}

static inline void ledger_init(struct ledger *ledger, unsigned n)
{
	static const size_t capacities[CHANS] = {0, 1, 7, 2};

	*ledger = (struct ledger){.n = n, .sent = calloc(n, 1), .got = calloc(n, 1)};
	STRESS_CHECK(ledger->sent && ledger->got, "no room for %u values", n);
	for (unsigned i = 0; i < CHANS; i++)
		ledger->chans[i] = ledger_chan(capacities[i]);
}

/* Once nobody sends or receives: frees all. */
static inline void ledger_settle(struct ledger *ledger)
{
	for (unsigned i = 0; i < CHANS; i++)
		pen_chan_free(ledger->chans[i]);
	for (unsigned i = 0; i < ledger->n; i++)
		STRESS_CHECK(ledger->sent[i] == ledger->got[i], "value %u was %s and %s", i,
			ledger->sent[i] ? "sent" : "not sent", ledger->got[i] ? "came" : "did not come");
	free(ledger->sent);
	free(ledger->got);
}

#endif
