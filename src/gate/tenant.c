/*
 * tenant.c - a tenant: its slots, its tokens, its queue, and whether it takes part in the fair share.
 *
 * It takes part while its first job may start but for the workers: there are slots for it, and a token.  Who only wants a token is
 * looked at again when it is there (gate->waking).  So nobody is asked in vain, and no tenant's limit keeps another waiting.
 */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>

#include "gate/inside.h"

static struct tenant *tenant_new(struct gate *gate, const char *name)
{
	struct tenant *tenant = calloc(1, sizeof *tenant);

	if (!tenant)
		return NULL;
	strncpy(tenant->name, name, sizeof tenant->name - 1);
	control_attach(gate, tenant);
	for (int priority = 0; priority < PRIORITIES; priority++)
		tenant->lines[priority] =
			(struct line){.tenant = tenant, .priority = priority, .reach = PLACE_LAST};
	share_runner_init(&tenant->runner, tenant->limits.weight);
	tenant->queue.ageing_ns = tenant->limits.ageing_ns;
	bucket_init(&tenant->starts, &tenant->limits.starts, pen_now_ns());
	heap_item_init(&tenant->wake);
	tenant->slots = pen_sem_new(tenant->limits.max_running);
	if (!tenant->slots)
		goto free_tenant;
	if (pen_ctx_with_cancel(&tenant->ctx, gate->jobs_ctx) < 0)
		goto free_slots;
	HASH_ADD_STR(gate->tenants, name, tenant);
	if (!HASH_ADDED(hh, tenant))
		goto unref_ctx;
	resting_end(gate, tenant);
	return tenant;

unref_ctx:
	pen_ctx_unref(tenant->ctx);
free_slots:
	pen_sem_free(tenant->slots);
free_tenant:
	free(tenant);
	return NULL;
}

struct tenant *tenant_find(const struct gate *gate, const char *name)
{
	struct tenant *tenant;

	HASH_FIND_STR(gate->tenants, name, tenant);
	return tenant;
}

struct tenant *tenant_restore(struct gate *gate, const char *name)
{
	struct tenant *tenant = tenant_find(gate, name);

	return tenant ? tenant : tenant_new(gate, name);
}

size_t tenants_known(const struct gate *gate)
{
	return HASH_COUNT(gate->tenants) + resting_count(gate);
}

struct tenant *tenant_get(struct gate *gate, const char *name, struct problem *reterr)
{
	struct tenant *tenant = tenant_find(gate, name);

	if (tenant)
		return tenant;
	if (tenants_known(gate) >= gate->conf->tenants_max && !resting_is(gate, name)) {
		problem_set(reterr, -EAGAIN, PROBLEM_TENANTS, NULL,
			"%zu tenants are known already, which is the most allowed", gate->conf->tenants_max);
		reterr->retry_after_ns = PEN_SECOND;
		return NULL;
	}
	tenant = tenant_new(gate, name);
	if (!tenant)
		problem_set(reterr, -ENOMEM, PROBLEM_MEMORY, NULL, "no memory for another tenant");
	return tenant;
}

static void tenant_free(struct gate *gate, struct tenant *tenant)
{
	window_forget(gate, tenant);
	lanes_hold(gate, tenant, NULL);
	share_leave(&gate->share, &tenant->runner);
	heap_remove(&gate->waking, &tenant->wake);
	HASH_DEL(gate->tenants, tenant);
	pen_ctx_unref(tenant->ctx);
	pen_sem_free(tenant->slots);
	free(tenant);
}

static void wake_at(struct gate *gate, struct tenant *tenant, int64_t when_ns)
{
	heap_remove(&gate->waking, &tenant->wake);
	tenant->wake.key = when_ns;
	if (heap_push(&gate->waking, &tenant->wake) < 0)
		tenants_look_again(gate);
}

/*
 * While a load of one of its lines is out it stays: it is put again when that is back.  Tokens that it has spent are remembered; without
 * memory for that it stays until it has them back.
 */
void tenant_put(struct gate *gate, struct tenant *tenant)
{
	bool loading = gate->load.line && gate->load.line->tenant == tenant;
	int64_t now_ns, full_ns;

	if (loading || tenant->entries > 0 || tenant->queue.away > 0 || tenant->later_away > 0)
		return;
	now_ns = pen_now_ns();
	full_ns = bucket_full_ns(&tenant->starts, &tenant->limits.starts, now_ns);
	if (full_ns > now_ns && !resting_begin(gate, tenant, now_ns))
		wake_at(gate, tenant, full_ns);
	else
		tenant_free(gate, tenant);
}

void tenants_free(struct gate *gate)
{
	while (gate->tenants)
		tenant_free(gate, gate->tenants);
}

void tenants_look_again(struct gate *gate)
{
	gate->tenants_look_ns = pen_now_ns() + PEN_SECOND;
}

/* A limit that is lower than it was does not keep a job for ever: it takes all there are. */
size_t tenant_slots(const struct tenant *tenant, const struct job *job)
{
	size_t size = pen_sem_size(tenant->slots);

	return size > 0 && job->slots > size ? size : job->slots;
}

static bool has_slots(const struct tenant *tenant, const struct entry *entry)
{
	return pen_sem_taken(tenant->slots) + tenant_slots(tenant, entry->job) <= pen_sem_size(tenant->slots);
}

/* Whether there is a token; else it is looked at again when there is. */
static bool has_token(struct gate *gate, struct tenant *tenant)
{
	int64_t now_ns, ready_ns;

	if (tenant->limits.starts.rate.count == 0)
		return true;
	now_ns = pen_now_ns();
	ready_ns = bucket_ready_ns(&tenant->starts, &tenant->limits.starts, now_ns);
	if (ready_ns > now_ns)
		wake_at(gate, tenant, ready_ns);
	return ready_ns <= now_ns;
}

bool tenant_may_start(struct gate *gate, struct tenant *tenant)
{
	const struct entry *first = (struct entry *)queue_first(&tenant->queue);

	return first && !tenant_pause(tenant) && has_slots(tenant, first) && has_token(gate, tenant);
}

/*
 * The first waits for several slots, and some are free: nobody overtakes it, as it might wait for ever then.  But if a lane is
 * full for it too, it would not run with those slots, and steps aside.
 */
static void look_at_first(struct gate *gate, struct tenant *tenant)
{
	struct entry *first;

	while (pen_sem_taken(tenant->slots) < pen_sem_size(tenant->slots)) {
		first = (struct entry *)queue_first(&tenant->queue);
		if (!first || has_slots(tenant, first))
			break;
		if (!lanes_set_aside(gate, first)) {
			lanes_hold(gate, tenant, first);
			return;
		}
	}
	lanes_hold(gate, tenant, NULL);
}

/*
 * Of a line all that are here may be set aside, and the rest on record, which is not read on for them (window.c) and for which all of lower
 * priority wait.  If one of those has been offered the room that one of the line waits for, they would wait for each other.
 */
static void look_whether_blocked(struct gate *gate, struct tenant *tenant)
{
	const struct queue *queue = &tenant->queue;
	int priority = PRIORITIES - 1;

	if (!tenant->offered || queue->away == 0 || queue_first(queue))
		return;
	while (priority > 0 && queue->lines[priority].away == 0)
		priority--;
	if (tenant->lines[priority].aside > 0)
		lanes_unblock(gate, tenant, priority);
}

void tenant_review(struct gate *gate, struct tenant *tenant)
{
	look_at_first(gate, tenant);
	heap_remove(&gate->waking, &tenant->wake);
	if (!tenant_may_start(gate, tenant))
		share_leave(&gate->share, &tenant->runner);
	else if (share_join(&gate->share, &tenant->runner) < 0)
		tenants_look_again(gate);
	window_review(gate, tenant);
	look_whether_blocked(gate, tenant);
}

bool tenant_at_limit(const struct tenant *tenant)
{
	const struct entry *first = (struct entry *)queue_first(&tenant->queue);

	if (tenant->queue.len + tenant->queue.away == 0)
		return false;
	return heap_has(&tenant->wake) || pen_sem_taken(tenant->slots) >= pen_sem_size(tenant->slots) ||
	       (first && !has_slots(tenant, first));
}

/* After this it may be gone. */
static void look(struct gate *gate, struct tenant *tenant)
{
	tenant_review(gate, tenant);
	tenant_put(gate, tenant);
}

void tenants_wake(struct gate *gate, int64_t now_ns)
{
	struct heap_item *item;

	while ((item = heap_first(&gate->waking)) && item->key <= now_ns) {
		heap_pop(&gate->waking);
		look(gate, (struct tenant *)((char *)item - offsetof(struct tenant, wake)));
	}
}

void tenants_look(struct gate *gate, int64_t now_ns)
{
	struct tenant *tenant, *next;

	if (!gate->tenants_look_ns || gate->tenants_look_ns > now_ns)
		return;
	gate->tenants_look_ns = 0;
	HASH_ITER (hh, gate->tenants, tenant, next)
		look(gate, tenant);
}

/* Raising a limit lets jobs start now; lowering it stops none. */
void tenant_set_limits(struct gate *gate, struct tenant *tenant, const struct limits *limits)
{
	bucket_resize(&tenant->starts, &tenant->limits.starts, &limits->starts, pen_now_ns());
	tenant->limits = *limits;
	tenant->runner.weight = limits->weight;
	tenant->queue.ageing_ns = limits->ageing_ns;
	pen_sem_resize(tenant->slots, limits->max_running);
	look(gate, tenant);
}

void tenants_reconfigure(struct gate *gate)
{
	struct tenant *tenant, *next;

	HASH_ITER (hh, gate->tenants, tenant, next)
		control_apply(gate, tenant);
	resting_reconfigure(gate);
	lanes_reconfigure(gate);
}
