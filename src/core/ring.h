/*
 * ring.h - the latest of what a command has written, in pieces, in order of arrival over both of its outputs, in bounded memory.
 * Pure, and for one at a time: who shares it has a lock.
 *
 * A reader has a place of its own and holds nothing back: what is overwritten before it was read is told as so many bytes.
 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/log_record.h"

enum { PIECE_MAX = 4104 }; /* bytes of a piece */

struct piece {
	int64_t at_ms; /* wall */
	enum output output;
	uint32_t attempt; /* of the job, from 1 */
	size_t bytes;     /* 0: only that the attempt has begun */
};

struct ring {
	char *data;       /* a piece's head, then its bytes; the next one after it */
	size_t size, max; /* allocated, and how far that may grow; once it is as large it is gone round */
	uint64_t first,
		end; /* where the oldest piece begins and the latest ends, as if nothing were ever overwritten */
	uint64_t total; /* bytes of outputs that came */
	uint64_t lost;  /* of those, what came before the oldest piece */
};

struct ring_place {
	uint64_t at, heard; /* as `end` and `total` of the ring were */
};

/* Hold at most `max` bytes, heads and all. */
void ring_init(struct ring *ring, size_t max);
void ring_fini(struct ring *ring);

/* Add a piece of at most PIECE_MAX bytes.  With less memory than it wants the ring stays smaller. */
void ring_add(struct ring *ring, const struct piece *piece, const char *data);

/* Behind all that is there. */
struct ring_place ring_end(const struct ring *ring);

/*
 * Read on: the next piece with its bytes in `data`, or how many bytes were missed before it, then without a piece.  False: there
 * is nothing more now.
 */
bool ring_next(const struct ring *ring, struct ring_place *place, struct piece *ret_piece,
	char data[static PIECE_MAX], uint64_t *ret_missed);

#endif
