/*
 * share.h - whose turn is it: weighted fair share between those with work, by stride scheduling.  Pure.
 *
 * Each runner has a pass; the least pass goes next and moves on by a stride that is inverse to its weight.  A
 * runner that was away (no work, or at its limit) comes back no further behind than the present, so it cannot
 * save up turns.  A new one begins a stride ahead of the present, as if it had just gone: so nobody gains by
 * being forgotten, and a stream of new ones keeps nobody waiting for ever.  After Waldspurger and Weihl, "Stride
 * Scheduling", 1995.  O(log n) a turn.
 */
#ifndef CORE_SHARE_H
#define CORE_SHARE_H

#include "base/heap.h"

struct share {
	struct heap ready;
	int64_t now; /* the pass of whoever went last */
};

struct share_runner {
	struct heap_item item; /* first, so that share_next() finds the runner; key: its pass */
	uint32_t weight;       /* 1..1000 */
	bool known;            /* has taken part before, so its pass counts */
};

void share_fini(struct share *share);
void share_runner_init(struct share_runner *runner, uint32_t weight);

/* Take part, and stop taking part; either twice does nothing.  0 or -ENOMEM. */
int share_join(struct share *share, struct share_runner *runner);
void share_leave(struct share *share, struct share_runner *runner);

/* Who goes next (NULL: nobody takes part), charged with one turn; stays in. */
struct share_runner *share_next(struct share *share);

/* The turn of the one who went last came to nothing: it is not charged, and that one takes part no longer. */
void share_give_back(struct share *share, struct share_runner *runner);

#endif
