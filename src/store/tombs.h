/*
 * tombs.h - which ids were known once: a bounded set that forgets the oldest first, 16 bytes an id and 8 to
 * find it.
 *
 * All its memory is asked for at once, so that adding never fails and never stops to grow; the system gives the pages as they
 * come into use.
 */
#ifndef STORE_TOMBS_H
#define STORE_TOMBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"

#define TOMBS_MAX 1000000000

struct tombs {
	struct uuid *ring; /* in order of arrival */
	uint32_t *slots;   /* 1 + the place in the ring, by linear probing; 0: empty */
	size_t max, len, next;
	unsigned bits; /* of the number of slots */
};

int tombs_init(struct tombs *tombs, size_t max); /* 1..TOMBS_MAX; 0 or -ENOMEM */
void tombs_fini(struct tombs *tombs);

void tombs_add(struct tombs *tombs, const struct uuid *id); /* not in it yet */
bool tombs_has(const struct tombs *tombs, const struct uuid *id);

#endif
