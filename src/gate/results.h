/*
 * results.h - results of ended jobs, lately: a sharded map bounded in bytes and age, and those who wait for one.
 *
 * Any task or thread.  A shard has one lock, held for a few instructions, over both its results and its watches, so a result
 * cannot slip in between looking and waiting.
 */
#ifndef GATE_RESULTS_H
#define GATE_RESULTS_H

#include <penstock/chan.h>

#include "core/result.h"
#include "wire/stats.h"

struct results;

/* `bytes_max` over all shards; results older than `age_ns` are let go.  NULL: out of memory. */
struct results *results_new(size_t bytes_max, int64_t age_ns);
void results_free(struct results *results); /* NULL is allowed; nobody may be watching */

/* Give the result, or NULL; counts a hit or a miss. */
struct result *results_get(struct results *results, const struct uuid *id);

/* Let go of a result, if it is kept: it does not stand any more. */
void results_forget(struct results *results, const struct uuid *id);

/* How many were forgotten, of this one or of its neighbours; to be asked before one is read from the store. */
uint64_t results_forgets(struct results *results, const struct uuid *id);

/* results_put() of one that was read from the store, unless one has been forgotten since. */
void results_put_read(struct results *results, struct result *result, uint64_t forgets);

/* Keep a result (borrowed) and give it to all who watch for it.  Too large a one is only given. */
void results_put(struct results *results, struct result *result);

/* Somebody who waits; on its own stack. */
struct results_watch {
	struct results_watch *next, *prev;
	struct uuid id;
	struct pen_chan
		*arrived; /* of struct result *, one place; what comes through is held for the receiver */
	bool watching;
};

/* Watch from now on.  0 or -ENOMEM. */
int results_watch(struct results *results, const struct uuid *id, struct results_watch *watch);
void results_unwatch(struct results *results, struct results_watch *watch);

void results_stats(struct results *results, struct gate_stats *stats);

#endif
