/* tombs.c - see tombs.h.  Slots are at most half full; taking one out moves others up (Knuth, 6.4, R). */
#include "store/tombs.h"

#include <errno.h>
#include <stdlib.h>

#include "store/spread.h"

int tombs_init(struct tombs *tombs, size_t max)
{
	*tombs = (struct tombs){.max = max, .bits = 1};
	while ((size_t)1 << tombs->bits < 2 * max)
		tombs->bits++;
	tombs->ring = calloc(max, sizeof(*tombs->ring));
	tombs->slots = calloc((size_t)1 << tombs->bits, sizeof(*tombs->slots));
	if (tombs->ring && tombs->slots)
		return 0;
	tombs_fini(tombs);
	return -ENOMEM;
}

void tombs_fini(struct tombs *tombs)
{
	free(tombs->ring);
	free(tombs->slots);
	*tombs = (struct tombs){0};
}

static size_t wrap(const struct tombs *tombs, size_t slot)
{
	return slot & (((size_t)1 << tombs->bits) - 1);
}

static const struct uuid *id_at(const struct tombs *tombs, size_t slot)
{
	return &tombs->ring[tombs->slots[slot] - 1];
}

/* Where the id is, or the empty slot where it would be. */
static size_t find(const struct tombs *tombs, const struct uuid *id)
{
	size_t slot = spread(id, tombs->bits);

	while (tombs->slots[slot] && !uuid_equal(id_at(tombs, slot), id))
		slot = wrap(tombs, slot + 1);
	return slot;
}

static void take_out(struct tombs *tombs, const struct uuid *id)
{
	size_t hole = find(tombs, id);

	for (size_t slot = wrap(tombs, hole + 1); tombs->slots[slot]; slot = wrap(tombs, slot + 1)) {
		const size_t home = spread(id_at(tombs, slot), tombs->bits);

		/* One that is found from its home without passing the hole may stay. */
		if (wrap(tombs, slot - home) < wrap(tombs, slot - hole))
			continue;
		tombs->slots[hole] = tombs->slots[slot];
		hole = slot;
	}
	tombs->slots[hole] = 0;
}

void tombs_add(struct tombs *tombs, const struct uuid *id)
{
	if (tombs->len == tombs->max)
		take_out(tombs, &tombs->ring[tombs->next]);
	else
		tombs->len++;
	tombs->ring[tombs->next] = *id;
	tombs->slots[find(tombs, id)] = (uint32_t)tombs->next + 1;
	tombs->next = (tombs->next + 1) % tombs->max;
}

bool tombs_has(const struct tombs *tombs, const struct uuid *id)
{
	return tombs->slots[find(tombs, id)] != 0;
}
