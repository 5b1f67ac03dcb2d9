/* tenant.c - a tenant: its slots, its queue, and whether it takes part in the fair share. */
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
	tenant->slots = pen_sem_new(tenant->limits.max_running);
	if (!tenant->slots)
		goto free_tenant;
	if (pen_ctx_with_cancel(&tenant->ctx, gate->jobs_ctx) < 0)
		goto free_slots;
	HASH_ADD_STR(gate->tenants, name, tenant);
	if (!HASH_ADDED(hh, tenant))
		goto unref_ctx;
	return tenant;

unref_ctx:
	pen_ctx_unref(tenant->ctx);
free_slots:
	pen_sem_free(tenant->slots);
free_tenant:
	free(tenant);
	return NULL;
}

static struct tenant *find(struct gate *gate, const char *name)
{
	struct tenant *tenant;

	HASH_FIND_STR(gate->tenants, name, tenant);
	return tenant;
}

struct tenant *tenant_restore(struct gate *gate, const char *name)
{
	struct tenant *tenant = find(gate, name);

	return tenant ? tenant : tenant_new(gate, name);
}

struct tenant *tenant_get(struct gate *gate, const char *name, struct problem *reterr)
{
	struct tenant *tenant = find(gate, name);

	if (tenant)
		return tenant;
	if (HASH_COUNT(gate->tenants) >= gate->conf->tenants_max) {
		problem_set(reterr, -EAGAIN, PROBLEM_TENANTS, NULL,
			"%zu tenants have jobs already, which is the most allowed", gate->conf->tenants_max);
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
	share_leave(&gate->share, &tenant->runner);
	HASH_DEL(gate->tenants, tenant);
	pen_ctx_unref(tenant->ctx);
	pen_sem_free(tenant->slots);
	free(tenant);
}

/* While a load of one of its lines is out it stays: it is put again when that is back. */
void tenant_put(struct gate *gate, struct tenant *tenant)
{
	bool loading = gate->load.line && gate->load.line->tenant == tenant;

	if (!loading && tenant->entries == 0 && tenant->queue.away == 0 && tenant->later_away == 0)
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

void tenants_look(struct gate *gate, int64_t now_ns)
{
	if (!gate->tenants_look_ns || gate->tenants_look_ns > now_ns)
		return;
	gate->tenants_look_ns = 0;
	for (struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next)
		tenant_review(gate, tenant);
}

void tenant_review(struct gate *gate, struct tenant *tenant)
{
	bool may_run = queue_first(&tenant->queue) && !tenant_is_paused(tenant) &&
		       pen_sem_taken(tenant->slots) < pen_sem_size(tenant->slots);

	if (!may_run)
		share_leave(&gate->share, &tenant->runner);
	else if (share_join(&gate->share, &tenant->runner) < 0)
		tenants_look_again(gate);
	window_review(gate, tenant);
}

void tenants_reconfigure(struct gate *gate)
{
	for (struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next) {
		control_apply(gate, tenant);
	}
}
