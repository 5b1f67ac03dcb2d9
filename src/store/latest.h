/*
 * latest.h - what of a group need not be written, since a later operation of the same job says all of it.
 *
 * A short job's start and its end are mostly in one group.  The end tells its whole progress, so the row is changed once.
 */
#ifndef STORE_LATEST_H
#define STORE_LATEST_H

#include "store/store.h"

struct latest {
	uint32_t *later; /* of each operation: the place of the one that says it all; its own: none does */
	uint32_t *slots; /* 1 + the place of a job's end, by linear probing; 0: empty */
};

int latest_init(struct latest *latest, size_t ops_max); /* 0 or -ENOMEM */
void latest_fini(struct latest *latest);

/* Look through a group, which has at most as many operations. */
void latest_look(struct latest *latest, struct store_op *const *ops, size_t n);

/* Whether it is left out; and when the others are written: it has come to what the later one has come to. */
static inline bool latest_leaves_out(const struct latest *latest, size_t i)
{
	return latest->later[i] != i;
}

void latest_settle(const struct latest *latest, struct store_op *const *ops, size_t n);

#endif
