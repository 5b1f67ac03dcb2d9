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
#include <utlist.h>

#include "gate/inside.h"

#define LINGER_NS PEN_SECOND /* without jobs, before of a tenant only its bucket is kept */

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

static void look_no_more(struct gate *gate, struct tenant *tenant)
{
	if (tenant->looks)
		DL_DELETE2(gate->looks, tenant, looks_prev, looks_next);
	tenant->looks = false;
}

static void tenant_free(struct gate *gate, struct tenant *tenant)
{
	window_forget(gate, tenant);
	look_no_more(gate, tenant);
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

/* Who comes back before its bucket is full finds it as it was.  For a moment all is kept, as jobs may come one after the other. */
static bool rests(struct gate *gate, struct tenant *tenant, int64_t now_ns, int64_t full_ns)
{
	int64_t until_ns;

	if (!tenant->idle_ns)
		tenant->idle_ns = now_ns;
	until_ns = tenant->idle_ns + LINGER_NS;
	if (until_ns <= now_ns && resting_begin(gate, tenant, now_ns))
		return true;
	wake_at(gate, tenant, full_ns < until_ns || until_ns <= now_ns ? full_ns : until_ns);
	return false;
}

/* While a load of one of its lines is out it stays: it is put again when that is back. */
void tenant_put(struct gate *gate, struct tenant *tenant)
{
	bool loading = gate->load.line && gate->load.line->tenant == tenant;
	int64_t now_ns, full_ns;

	if (loading || tenant->entries > 0 || tenant->queue.away > 0 || tenant->later_away > 0)
		return;
	now_ns = pen_now_ns();
	full_ns = bucket_full_ns(&tenant->starts, &tenant->limits.starts, now_ns);
	if (full_ns <= now_ns || rests(gate, tenant, now_ns, full_ns))
		tenant_free(gate, tenant);
}

void tenant_is_used(struct gate *gate, struct tenant *tenant)
{
	if (!tenant->idle_ns)
		return;
	heap_remove(&gate->waking, &tenant->wake);
	tenant->idle_ns = 0;
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

/* Where all are free the job needs no look. */
static bool has_slots(const struct tenant *tenant, const struct entry *entry)
{
	size_t taken = pen_sem_taken(tenant->slots), size = pen_sem_size(tenant->slots);

	return size > 0 && (taken == 0 || taken + tenant_slots(tenant, entry->job) <= size);
}

/* Who waits for a token has none before it is waked, whatever becomes of its jobs, so it is not reckoned again each time. */
static bool waits_for_token(const struct tenant *tenant)
{
	return heap_has(&tenant->wake) && !tenant->idle_ns;
}

/* Whether there is a token; else it is looked at again when there is. */
static bool has_token(struct gate *gate, struct tenant *tenant)
{
	int64_t now_ns, ready_ns;

	if (tenant->limits.starts.rate.count == 0)
		return true;
	if (waits_for_token(tenant))
		return false;
	now_ns = pen_now_ns();
	ready_ns = bucket_ready_ns(&tenant->starts, &tenant->limits.starts, now_ns);
	if (ready_ns > now_ns)
		wake_at(gate, tenant, ready_ns);
	return ready_ns <= now_ns;
}

/* But for tokens. */
static bool wants_to_start(const struct tenant *tenant)
{
	const struct entry *first = (struct entry *)queue_first(&tenant->queue);

	return first && !tenant_pause(tenant) && has_slots(tenant, first);
}

bool tenant_may_start(struct gate *gate, struct tenant *tenant)
{
	return wants_to_start(tenant) && has_token(gate, tenant);
}

/* The first waits for several slots, and some are free. */
static bool first_waits_for_slots(const struct tenant *tenant)
{
	size_t taken = pen_sem_taken(tenant->slots);
	const struct entry *first;

	if (taken == 0 || taken >= pen_sem_size(tenant->slots)) /* one that is alone has all it may have */
		return false;
	first = (struct entry *)queue_first(&tenant->queue);
	return first && !has_slots(tenant, first);
}

/*
 * Nobody overtakes it, as it might wait for ever then.  But if a lane is full for it too, it would not run with those slots, and
 * steps aside.  Whether one did.
 */
static bool step_aside(struct gate *gate, struct tenant *tenant)
{
	bool any = false;

	while (first_waits_for_slots(tenant)) {
		struct entry *first = (struct entry *)queue_first(&tenant->queue);

		if (!lanes_set_aside(gate, first)) {
			lanes_hold(gate, tenant, first);
			return any;
		}
		any = true;
	}
	lanes_hold(gate, tenant, NULL);
	return any;
}

/*
 * Of a line all that are here may be set aside, and the rest on record, which is not read on for them (window.c) and for which all of lower
 * priority wait.  If one of those has been offered the room that one of the line waits for, they would wait for each other.
 */
static bool may_be_blocked(const struct tenant *tenant)
{
	return tenant->offered && tenant->queue.away > 0 && !queue_first(&tenant->queue);
}

static bool unblock(struct gate *gate, struct tenant *tenant)
{
	int priority = PRIORITIES - 1;

	if (!may_be_blocked(tenant))
		return false;
	while (priority > 0 && tenant->queue.lines[priority].away == 0)
		priority--;
	return tenant->lines[priority].aside > 0 && lanes_unblock(gate, tenant, priority);
}

void tenant_look_later(struct gate *gate, struct tenant *tenant)
{
	if (tenant->looks)
		return;
	tenant->looks = true;
	DL_APPEND2(gate->looks, tenant, looks_prev, looks_next);
}

/* Where somebody made way the next may have to, so it is looked at again; each time one more is aside. */
void tenants_make_way(struct gate *gate)
{
	struct tenant *tenant;

	while ((tenant = gate->looks)) {
		look_no_more(gate, tenant);
		if (step_aside(gate, tenant) || unblock(gate, tenant))
			tenant_review(gate, tenant);
	}
}

void tenant_review(struct gate *gate, struct tenant *tenant)
{
	bool wants = wants_to_start(tenant), may = wants && has_token(gate, tenant);

	if (may || !wants) /* else it is waked when there is a token */
		heap_remove(&gate->waking, &tenant->wake);
	if (!may)
		share_leave(&gate->share, &tenant->runner);
	else if (share_join(&gate->share, &tenant->runner) < 0)
		tenants_look_again(gate);
	window_review(gate, tenant);
	if (first_waits_for_slots(tenant) || may_be_blocked(tenant))
		tenant_look_later(gate, tenant);
}

bool tenant_at_limit(const struct tenant *tenant)
{
	const struct entry *first;

	if (tenant->queue.len + tenant->queue.away == 0)
		return false;
	if (heap_has(&tenant->wake) || pen_sem_taken(tenant->slots) >= pen_sem_size(tenant->slots))
		return true;
	first = (struct entry *)queue_first(&tenant->queue);
	return first && !has_slots(tenant, first);
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
	bool other_ranks = tenant->limits.ageing_ns != limits->ageing_ns;

	bucket_resize(&tenant->starts, &tenant->limits.starts, &limits->starts, pen_now_ns());
	heap_remove(&gate->waking, &tenant->wake); /* when there is a token is another time now */
	tenant->limits = *limits;
	if (other_ranks)
		lanes_rank(gate, tenant);
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
