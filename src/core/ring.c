/* ring.c - see ring.h. */
#include "core/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { SIZE_FIRST = 1024, OUTPUT_BITS = 2 };

/* What stands before the bytes of a piece. */
struct head {
	int64_t at_ms;
	uint32_t bytes;
	uint32_t attempt_output; /* the output in its last bits */
};

void ring_init(struct ring *ring, size_t max)
{
	*ring = (struct ring){.max = max};
}

void ring_fini(struct ring *ring)
{
	free(TAKE_PTR(ring->data));
}

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Room for what is to come, while nothing was overwritten yet. */
static void grow(struct ring *ring, size_t bytes)
{
	uint64_t need = ring->end + bytes;
	size_t size = ring->size ? ring->size : SIZE_FIRST;
	char *data;

	if (need <= ring->size || ring->size == ring->max)
		return;
	while (size < need && size < ring->max)
		size *= 2;
	size = lesser(size, ring->max);
	data = realloc(ring->data, size);
	if (!data) {
		ring->max = ring->size;
		return;
	}
	ring->data = data;
	ring->size = size;
}

static void put(struct ring *ring, const void *data, size_t bytes)
{
	const char *from = data;

	while (bytes > 0) {
		size_t at = ring->end % ring->size, n = lesser(bytes, ring->size - at);

		memcpy(ring->data + at, from, n);
		ring->end += n;
		from += n;
		bytes -= n;
	}
}

static void get(const struct ring *ring, uint64_t from, void *ret_data, size_t bytes)
{
	char *to = ret_data;

	while (bytes > 0) {
		size_t at = from % ring->size, n = lesser(bytes, ring->size - at);

		memcpy(to, ring->data + at, n);
		from += n;
		to += n;
		bytes -= n;
	}
}

static void drop_first(struct ring *ring)
{
	struct head head;

	get(ring, ring->first, &head, sizeof head);
	ring->first += sizeof head + head.bytes;
	ring->lost += head.bytes;
}

void ring_add(struct ring *ring, const struct piece *piece, const char *data)
{
	struct head head = {.at_ms = piece->at_ms};
	size_t bytes;

	grow(ring, sizeof head + piece->bytes);
	ring->total += piece->bytes;
	bytes = lesser(piece->bytes, ring->size > sizeof head ? ring->size - sizeof head : 0);
	while (ring->first < ring->end && ring->end + sizeof head + bytes - ring->first > ring->size)
		drop_first(ring);
	ring->lost += piece->bytes - bytes; /* of a ring that is smaller than a piece; it is empty then */
	if (ring->size < sizeof head)
		return;
	head.bytes = (uint32_t)bytes;
	head.attempt_output = piece->attempt << OUTPUT_BITS | piece->output;
	put(ring, &head, sizeof head);
	put(ring, data + (piece->bytes - bytes), bytes);
}

struct ring_place ring_end(const struct ring *ring)
{
	return (struct ring_place){.at = ring->end, .heard = ring->total};
}

bool ring_next(const struct ring *ring, struct ring_place *place, struct piece *ret_piece,
	char data[static PIECE_MAX], uint64_t *ret_missed)
{
	struct head head;

	*ret_missed = place->heard < ring->lost ? ring->lost - place->heard : 0;
	place->heard += *ret_missed;
	if (place->at < ring->first)
		place->at = ring->first;
	if (*ret_missed)
		return true;
	if (place->at == ring->end)
		return false;
	get(ring, place->at, &head, sizeof head);
	get(ring, place->at + sizeof head, data, head.bytes);
	*ret_piece = (struct piece){
		.at_ms = head.at_ms,
		.output = head.attempt_output & ((1u << OUTPUT_BITS) - 1),
		.attempt = head.attempt_output >> OUTPUT_BITS,
		.bytes = head.bytes,
	};
	place->at += sizeof head + head.bytes;
	place->heard += head.bytes;
	return true;
}
