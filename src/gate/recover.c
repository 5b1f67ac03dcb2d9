/*
 * recover.c - the jobs of an earlier daemon, put back where they were before anything is served.
 *
 * Limits need no repair: a tenant's slots are taken by starts of this daemon only, so they begin at none.
 */
#include <errno.h>
#include <string.h>

#include "gate/inside.h"
#include "log/log.h"

struct recovery {
	struct gate *gate;
	size_t jobs, crashed, damaged;
};

/* It stays on record as it is, for whoever can repair it; who asks for it is told that it cannot be read. */
static int tell_damage(struct recovery *recovery, const struct uuid *id, const struct problem *damage)
{
	char text[UUID_TEXT];

	uuid_format(id, text);
	log_error("store", "a job on record cannot be read back, and is left as it is", "id=%s why=%s", text,
		damage->message);
	recovery->damaged++;
	recovery->gate->stats.store_errors[STATS_STORE_RECOVER]++;
	return 0;
}

static int take_back(
	void *arg, const struct uuid *id, struct store_record *record, const struct problem *damage)
{
	struct recovery *recovery = arg;

	if (damage)
		return tell_damage(recovery, id, damage);
	recovery->jobs++;
	recovery->crashed +=
		record->progress.state == JOB_RUNNING || record->progress.state == JOB_CANCELLING;
	return entry_restore(recovery->gate, record);
}

int gate_recover(struct gate *gate)
{
	struct recovery recovery = {.gate = gate};
	int r = store_recover(gate->store, take_back, &recovery);

	if (r < 0) {
		log_error("store", "the jobs on record cannot be read", "error=%s", strerror(-r));
		ledger_abandon(gate);
		return r;
	}
	if (recovery.jobs > 0 || recovery.damaged > 0)
		log_notice("gate", "jobs of an earlier run go on", "jobs=%zu crashed=%zu damaged=%zu",
			recovery.jobs, recovery.crashed, recovery.damaged);
	return 0;
}
