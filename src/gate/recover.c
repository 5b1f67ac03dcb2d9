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

/* Nobody will find them, but who asks for one by its id. */
static int tell_lost(struct recovery *recovery, int priority, size_t jobs)
{
	log_error("store",
		"jobs on record have a tenant or a priority that is none, and are left as they are",
		"jobs=%zu priority=%d", jobs, priority);
	recovery->damaged += jobs;
	recovery->gate->stats.store_errors[STATS_STORE_RECOVER] += jobs;
	return 0;
}

/* They are away, all of them; where each begins is found out when it is read. */
static int count_waiting(void *arg, const char *tenant_name, int priority, enum job_state state, size_t jobs)
{
	struct recovery *recovery = arg;
	struct tenant *tenant;

	if (!tenant_name_valid(tenant_name) || priority < 0 || priority >= PRIORITIES)
		return tell_lost(recovery, priority, jobs);
	tenant = tenant_restore(recovery->gate, tenant_name);
	if (!tenant)
		return -ENOMEM;
	window_begin(recovery->gate, tenant, priority, state, jobs);
	recovery->jobs += jobs;
	return 0;
}

static int note_damage(struct recovery *recovery, const struct store_found *found)
{
	loader_tell_damage(found);
	recovery->damaged++;
	return damage_note(recovery->gate, found);
}

static int go_on(void *arg, struct store_found *found)
{
	struct recovery *recovery = arg;
	struct entry *entry;

	if (!found->record.job)
		return note_damage(recovery, found);
	entry = entry_bring(recovery->gate, &found->record);
	if (!entry)
		return -ENOMEM;
	entry_broken_off(recovery->gate, entry);
	recovery->jobs++;
	recovery->crashed++;
	return 0;
}

int gate_recover(struct gate *gate)
{
	const struct store_scan broken_off = {
		.list = STORE_BROKEN_OFF, .after = PLACE_FIRST, .limit = INT64_MAX};
	struct recovery recovery = {.gate = gate};
	int r = store_survey(gate->store, count_waiting, &recovery, &gate->last_sequence);

	gate->last_restored = gate->last_sequence;
	if (r == 0)
		r = store_scan(gate->store, &broken_off, go_on, &recovery);
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
