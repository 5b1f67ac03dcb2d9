/*
 * reconcile.c - how many jobs wait on record, compared with what the gate has counted.
 *
 * For the jobs that are on record only the gate has nothing but counts, so these are compared with the record itself, as of one moment
 * that both sides know: a mark (store.h) comes back between two commits, and what has come back before is what is on record.  Then of each
 * line as many must wait on record as are away, and of those that are here, as many as their latest operations that came back have left
 * waiting (entry->recorded).  An audit ends at a mark (audit.c), and notes here what it expects; a task has the store count, which may
 * take its time; and what differs is told, counted and put right.
 *
 * Who is away has no operation on its way, and its record does not change; so it does not matter that meanwhile it may come and go.
 */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/inside.h"
#include "log/log.h"

/* Of one tenant: its lines, and all that are scheduled. */
enum { LATER = PRIORITIES, KINDS };

struct reckoned {
	size_t expected[KINDS], found[KINDS];
	UT_hash_handle hh;
	char name[TENANT_NAME_MAX + 1];
};

bool reconcile_may(const struct gate *gate)
{
	return store_has_marks(gate->store) && !gate->draining && !gate->stopping;
}

static struct reckoned *reckoned_find(struct reckoned *tenants, const char *name)
{
	struct reckoned *reckoned;

	HASH_FIND_STR(tenants, name, reckoned);
	return reckoned;
}

/* NULL: no memory. */
static struct reckoned *reckoned_get(struct reckoned **tenants, const char *name)
{
	struct reckoned *reckoned = reckoned_find(*tenants, name);

	if (reckoned)
		return reckoned;
	reckoned = calloc(1, sizeof *reckoned);
	if (!reckoned)
		return NULL;
	strncpy(reckoned->name, name, sizeof reckoned->name - 1);
	HASH_ADD_STR(*tenants, name, reckoned);
	if (HASH_ADDED(hh, reckoned))
		return reckoned;
	free(reckoned);
	return NULL;
}

static void free_all(struct reckoned **tenants)
{
	struct reckoned *reckoned, *next;

	HASH_ITER (hh, *tenants, reckoned, next) {
		HASH_DEL(*tenants, reckoned);
		free(reckoned);
	}
}

static void forget_all(struct reconcile *reconcile)
{
	free_all(&reconcile->tenants);
	pen_ctx_unref(TAKE_PTR(reconcile->ctx));
}

static int kind_of(int priority, enum job_state state)
{
	return state == JOB_QUEUED ? priority : LATER;
}

/* Without memory the next audit tells of them. */
void reconcile_lose(struct gate *gate, const char *tenant, int priority, enum job_state state, size_t jobs)
{
	struct reckoned *lost = reckoned_get(&gate->lost, tenant);

	if (lost)
		lost->expected[kind_of(priority, state)] += jobs;
}

size_t reconcile_find(struct gate *gate, const char *tenant, int priority, enum job_state state, size_t jobs)
{
	struct reckoned *lost = reckoned_find(gate->lost, tenant);
	size_t *left = lost ? &lost->expected[kind_of(priority, state)] : NULL, found;

	if (!lost)
		return 0;
	found = jobs < *left ? jobs : *left;
	*left -= found;
	return found;
}

void reconcile_free(struct gate *gate)
{
	free_all(&gate->lost);
}

/* What has been lost is on record still, see window.c. */
static int expect_lost(struct gate *gate)
{
	for (const struct reckoned *lost = gate->lost; lost; lost = lost->hh.next) {
		struct reckoned *reckoned = reckoned_get(&gate->reconcile.tenants, lost->name);

		if (!reckoned)
			return -ENOMEM;
		for (int kind = 0; kind < KINDS; kind++)
			reckoned->expected[kind] += lost->expected[kind];
	}
	return 0;
}

static size_t expect_of(const struct tenant *tenant, int kind)
{
	if (kind == LATER)
		return tenant->later_away + tenant->tally.recorded_later;
	return tenant->queue.lines[kind].away + tenant->tally.recorded[kind];
}

static int expect(struct gate *gate)
{
	for (const struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next) {
		struct reckoned *reckoned = reckoned_get(&gate->reconcile.tenants, tenant->name);

		if (!reckoned)
			return -ENOMEM;
		for (int kind = 0; kind < KINDS; kind++)
			reckoned->expected[kind] = expect_of(tenant, kind);
	}
	return expect_lost(gate);
}

/* Not on the gate's task.  What is of no tenant, or of no priority, is nobody's: recover.c tells of it. */
static int note(void *arg, const char *tenant, int priority, enum job_state state, size_t jobs)
{
	struct reckoned *reckoned;

	if (!tenant_name_valid(tenant) || priority < 0 || priority >= PRIORITIES)
		return 0;
	reckoned = reckoned_get(arg, tenant);
	if (!reckoned)
		return -ENOMEM;
	reckoned->found[kind_of(priority, state)] += jobs;
	return 0;
}

/* A task. */
static void survey(void *arg)
{
	struct gate *gate = arg;
	struct reconcile *reconcile = &gate->reconcile;
	int error = store_survey_marked(reconcile->ctx, gate->store, note, &reconcile->tenants);

	if (pen_chan_send(NULL, gate->surveyed, &error) < 0)
		log_error("gate", "nobody hears how many jobs wait on record", "");
	pen_waitgroup_done(gate->loader);
}

static int start_survey(struct gate *gate)
{
	int r = pen_ctx_with_cancel(&gate->reconcile.ctx, NULL);

	if (r < 0)
		return r;
	pen_waitgroup_add(gate->loader, 1);
	r = pen_go(survey, gate);
	if (r < 0)
		pen_waitgroup_done(gate->loader);
	return r;
}

int reconcile_begin(struct gate *gate)
{
	int r = expect(gate);

	if (r == 0)
		r = start_survey(gate);
	gate->reconcile.counting = r == 0;
	if (r == 0)
		return 0;
	forget_all(&gate->reconcile);
	return r;
}

void reconcile_stop(struct gate *gate)
{
	if (gate->reconcile.ctx)
		pen_ctx_cancel(gate->reconcile.ctx, "drain");
}

static void put_right(struct gate *gate, const char *name, int kind, ptrdiff_t change)
{
	enum job_state state = kind == LATER ? JOB_SCHEDULED : JOB_QUEUED;
	int priority = kind == LATER ? 0 : kind;
	struct tenant *tenant;

	if (change < 0) /* what was lost may be gone by now */
		change += (ptrdiff_t)reconcile_find(gate, name, priority, state, (size_t)-change);
	if (change == 0 || !store_has_lists(gate->store)) /* without lists it cannot be had from there */
		return;
	tenant = change > 0 ? tenant_restore(gate, name) : tenant_find(gate, name);
	if (!tenant)
		return;
	window_correct(gate, tenant, priority, state, change);
	tenant_review(gate, tenant);
	tenant_put(gate, tenant);
}

static size_t compare(struct gate *gate, const struct reckoned *reckoned, bool final)
{
	size_t differences = 0;

	for (int kind = 0; kind < KINDS; kind++) {
		size_t expected = reckoned->expected[kind], found = reckoned->found[kind];

		if (expected == found)
			continue;
		differences++;
		if (!final)
			continue;
		log_error("gate", "a count is not what is on record, and is put right",
			"state=%s tenant=%s priority=%d was=%zu is=%zu",
			job_state_name(kind == LATER ? JOB_SCHEDULED : JOB_QUEUED), reckoned->name,
			kind == LATER ? -1 : kind, expected, found);
		put_right(gate, reckoned->name, kind, (ptrdiff_t)(found - expected));
	}
	return differences;
}

size_t reconcile_end(struct gate *gate, int *error, bool final)
{
	struct reconcile *reconcile = &gate->reconcile;
	struct reckoned *reckoned;
	size_t differences = 0;

	if (*error == -ECANCELED) /* a drain has no time for it, and it is no fault */
		*error = 0;
	else if (*error)
		log_error("store", "the jobs that wait on record cannot be counted", "error=%s",
			strerror(-*error));
	else
		for (reckoned = reconcile->tenants; reckoned; reckoned = reckoned->hh.next)
			differences += compare(gate, reckoned, final);
	forget_all(reconcile);
	reconcile->counting = false;
	return differences;
}
