/*
 * damage.c - jobs on record that cannot be read back.
 *
 * Each is counted once as an error, and from then on as no job that waits: it can neither run nor end.  It stays on record as it is, so a list
 * that is read again has it again; of which that is so, their sequences tell.  What was mended meanwhile is a job as others are.
 */
#include <errno.h>
#include <stdlib.h>

#include "gate/inside.h"

struct damaged {
	uint64_t sequence;
	UT_hash_handle hh;
};

static struct damaged *find(const struct gate *gate, uint64_t sequence)
{
	struct damaged *damaged;

	HASH_FIND(hh, gate->damaged, &sequence, sizeof sequence, damaged);
	return damaged;
}

static void forget(struct gate *gate, struct damaged *damaged)
{
	HASH_DEL(gate->damaged, damaged);
	free(damaged);
}

int damage_note(struct gate *gate, const struct store_found *found)
{
	struct damaged *damaged = find(gate, found->place.sequence);

	if (damaged)
		return 0;
	damaged = calloc(1, sizeof *damaged);
	if (!damaged)
		return -ENOMEM;
	damaged->sequence = found->place.sequence;
	HASH_ADD(hh, gate->damaged, sequence, sizeof damaged->sequence, damaged);
	if (!HASH_ADDED(hh, damaged)) {
		free(damaged);
		return -ENOMEM;
	}
	gate->stats.store_errors[STATS_STORE_RECOVER]++;
	window_damaged(gate, found);
	return 0;
}

bool damage_mended(struct gate *gate, uint64_t sequence)
{
	struct damaged *damaged = find(gate, sequence);

	if (damaged)
		forget(gate, damaged);
	return damaged;
}

void damage_free(struct gate *gate)
{
	while (gate->damaged)
		forget(gate, gate->damaged);
}
