/*
 * waits.c - how many jobs wait for what, by the first reason that holds, as explain.c tells it of one.
 *
 * Of what holds for a whole tenant, and of who stands first in it, its numbers tell; so a look at each tenant does, and none at
 * each job.  Two reasons are told of fewer than have them: what an earlier daemon has put off for its endpoint's sake, and is on record only, counts
 * as not yet due, and those that want more slots than are free count as behind the first, or as waiting for their lane.
 */
#include <penstock/sem.h>
#include <penstock/time.h>
#include <string.h>

#include "gate/inside.h"

/* An attempt that was not made for its endpoint's sake counts as that, not as a time that the job asked for. */
bool waits_put_off(const struct progress *progress)
{
	return progress->state == JOB_SCHEDULED && progress->n_kept > 0 &&
	       strcmp(progress->kept[progress->n_kept - 1].code, "endpoint-open") == 0;
}

void waits_note(struct entry *entry)
{
	bool put_off = waits_put_off(&entry->progress);

	entry->tenant->put_off += (size_t)put_off - entry->put_off;
	entry->put_off = put_off;
}

/*
 * A record tells by itself whether it is counted: of those that an earlier daemon has left nobody could tell, but by reading them all.  Where the
 * clock was set back meanwhile one of them may be taken off that was not counted.
 */
void waits_note_away(
	const struct gate *gate, struct tenant *tenant, const struct progress *progress, int change)
{
	if (!waits_put_off(progress) || progress->kept[progress->n_kept - 1].finished_ms < gate->began_ms)
		return;
	if (change > 0 || tenant->put_off_away > 0)
		tenant->put_off_away += (size_t)change;
}

/* No more than there are scheduled jobs, as one that cannot be read back does not tell. */
static size_t count_put_off(const struct tenant *tenant)
{
	const size_t away = tenant->put_off_away;

	return tenant->put_off + (away < tenant->later_away ? away : tenant->later_away);
}

/* What holds up all that the tenant has; WAIT_REASONS: nothing does. */
static enum wait_reason reason_of_all(const struct gate *gate, const struct tenant *tenant)
{
	if (gate->draining)
		return WAIT_DRAIN;
	if (tenant_pause(tenant))
		return WAIT_PAUSE;
	if (pen_sem_taken(tenant->slots) >= pen_sem_size(tenant->slots))
		return WAIT_TENANT;
	return heap_has(&tenant->wake) ? WAIT_RATE : WAIT_REASONS;
}

/* What the first of its queue waits for. */
static enum wait_reason reason_of_first(const struct gate *gate, const struct tenant *tenant)
{
	if (tenant_at_limit(tenant))
		return WAIT_TENANT;
	return gate->running < gate->n_workers ? WAIT_NOTHING : WAIT_WORKER;
}

static void count_tenant(const struct gate *gate, const struct tenant *tenant, uint64_t waiting[])
{
	size_t queued = tenant->queue.len + tenant->queue.away, put_off = count_put_off(tenant);
	enum wait_reason all = reason_of_all(gate, tenant);

	for (unsigned sort = 0; sort < LANE_SORTS; sort++)
		waiting[all < WAIT_REASONS ? all : WAIT_ENDPOINT + sort] += tenant->aside[sort];
	waiting[all < WAIT_REASONS ? all : WAIT_BREAKER] += put_off;
	waiting[WAIT_NOT_DUE] -= put_off;
	if (all < WAIT_REASONS || queued == 0) {
		waiting[all < WAIT_REASONS ? all : WAIT_OTHERS] += queued;
		return;
	}
	waiting[reason_of_first(gate, tenant)]++;
	waiting[WAIT_OTHERS] += queued - 1;
}

/* Walks the tenants: /stats is asked for every few seconds, a start must stay cheap every time. */
void waits_count(const struct gate *gate, struct gate_stats *stats)
{
	int64_t now_ns = pen_now_ns(), oldest_ns = now_ns, since_ns;

	stats->waiting[WAIT_NOT_DUE] = stats->jobs[JOB_SCHEDULED];
	for (const struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next) {
		count_tenant(gate, tenant, stats->waiting);
		if (tenant_at_limit(tenant))
			stats->limit_waiting += tenant->queue.len + tenant->queue.away;
		since_ns = queue_since_ns(&tenant->queue);
		oldest_ns = since_ns < oldest_ns ? since_ns : oldest_ns;
	}
	stats->oldest_ready_age_seconds = (double)(now_ns - oldest_ns) / PEN_SECOND;
}
