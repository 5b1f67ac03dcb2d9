/*
 * limit_key.c - which jobs are of a limit_key, and what its tenant's policy makes of one that comes when there are as many as may run.
 *
 * Of a key are those that wait for their turn, run, or wait for another try, as far as they are in memory; not those that wait for
 * the time that they were submitted for, and not one that is being cancelled.  So a key is told to be full only for what
 * competes with the new one now.  Where there was no memory to count one, the policy does not see it; the limit holds all the same.
 */
#include <errno.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"

static bool is_full(const struct named_lane *lane)
{
	return lane->n_members >= lane->lane.limit;
}

int limit_key_refuse(
	const struct gate *gate, struct tenant *tenant, const struct job *job, struct problem *reterr)
{
	const struct named_lane *lane;

	if (!job->limit_key || tenant->limits.key_policy != KEY_REJECT || job->run_at_ms > clock_wall_ms())
		return 0;
	lane = lanes_find_key(gate, tenant, job->limit_key);
	if (!lane || lane->n_members + lane->arriving < lane->lane.limit)
		return 0;
	return problem_set(reterr, -EAGAIN, PROBLEM_LIMIT_KEY, NULL,
		"as many jobs of this limit_key wait and run as tenant %s has run at one time: %u",
		tenant->name, lane->lane.limit);
}

int limit_key_arrive(struct gate *gate, struct entry *entry)
{
	if (!entry->job->limit_key || entry->key_lane)
		return 0;
	entry->key_lane = lanes_key(gate, entry->tenant, entry->job->limit_key);
	if (!entry->key_lane)
		return -ENOMEM;
	entry->key_lane->arriving++;
	return 0;
}

void limit_key_join(struct gate *gate, struct entry *entry)
{
	struct named_lane *lane;

	if (entry->is_member || limit_key_arrive(gate, entry) < 0 || !entry->key_lane)
		return;
	lane = entry->key_lane;
	lane->arriving--;
	entry->is_member = true;
	lane->n_members++;
	DL_APPEND2(lane->members, entry, key_prev, key_next);
}

void limit_key_leave(struct gate *gate, struct entry *entry)
{
	struct named_lane *lane = TAKE_PTR(entry->key_lane);

	if (!lane)
		return;
	if (entry->is_member) {
		DL_DELETE2(lane->members, entry, key_prev, key_next);
		lane->n_members--;
	} else {
		lane->arriving--;
	}
	entry->is_member = false;
	lanes_put(gate, lane);
}

static struct entry *oldest(const struct named_lane *lane)
{
	struct entry *oldest = lane->members;

	for (struct entry *entry = oldest; entry; entry = entry->key_next)
		if (entry->job->sequence < oldest->job->sequence)
			oldest = entry;
	return oldest;
}

/* Whom nobody asked about; if there is no memory for the end it comes later, but not with another try. */
static void cancel_for(struct gate *gate, struct entry *entry, enum cancel_cause cause)
{
	entry->progress.cancel_cause = cause;
	entry->cancel_asked = true;
	entry_cancel(gate, entry);
}

bool limit_key_yields(struct gate *gate, struct entry *entry)
{
	struct named_lane *lane = entry->key_lane;
	enum key_policy policy = entry->tenant->limits.key_policy;

	if (!lane)
		return false;
	if (policy == KEY_CANCEL_NEWEST && is_full(lane)) {
		cancel_for(gate, entry, CANCEL_KEY_FULL);
		return true;
	}
	while (policy == KEY_CANCEL_OLDEST && is_full(lane))
		cancel_for(gate, oldest(lane), CANCEL_SUPERSEDED);
	return false;
}
