/*
 * control.c - what is set for tenants while the daemon runs: limits and pauses.
 *
 * A change goes on record, then it takes effect, then whoever asked is told.  One change of a tenant is out at a time, so what a condition
 * (If-Match) was compared with is what is overridden.  Those of several tenants go together, so that many can be set quickly.  All that may
 * fail for want of memory is done before the record is written.
 */
#include <errno.h>
#include <penstock/sem.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "log/log.h"
#include "wire/tenant.h"

static const struct settings nothing_set;

/* What holds for a tenant: the configuration's, or what overrides it. */
static void find_limits(
	const struct gate *gate, const char *name, const struct setting *setting, struct limits *ret_limits)
{
	struct settings settings = setting_read(setting);

	*ret_limits = *conf_limits(gate->conf, name);
	settings_apply(&settings, ret_limits);
}

void control_limits(const struct gate *gate, const char *name, struct limits *ret_limits)
{
	find_limits(gate, name, setting_find(gate, name), ret_limits);
}

void control_attach(struct gate *gate, struct tenant *tenant)
{
	tenant->setting = setting_find(gate, tenant->name);
	find_limits(gate, tenant->name, tenant->setting, &tenant->limits);
}

/* Raising a limit lets jobs start now; lowering it stops none. */
void control_apply(struct gate *gate, struct tenant *tenant)
{
	struct limits limits;

	find_limits(gate, tenant->name, tenant->setting, &limits);
	tenant_set_limits(gate, tenant, &limits);
}

/* What is set has changed, and may have gone. */
static void apply(struct gate *gate, const char *name)
{
	struct tenant *tenant = tenant_find(gate, name);

	resting_set_limits(gate, name);
	if (!tenant)
		return;
	control_apply(gate, tenant);
	lanes_reconfigure(gate);
}

/* It holds from now on. */
static void take_effect(
	struct gate *gate, struct setting *setting, const char *name, const struct settings *settings)
{
	setting->set = settings->set;
	setting->limits = settings->limits;
	setting_set_pause(gate, setting, &settings->pause);
	setting_tidy(gate, setting);
	apply(gate, name);
}

static enum limit_source source_of(
	const struct gate *gate, const char *name, const struct setting *setting, enum limit limit)
{
	if (setting && setting->set & 1u << limit)
		return FROM_API;
	return conf_tenant(gate->conf, name)->set & 1u << limit ? FROM_CONFIGURATION : FROM_DEFAULT;
}

static void count_jobs(const struct tenant *tenant, struct tenant_view *view)
{
	view->running = tenant->running;
	view->queued = view->limit_waiting = tenant->queue.len + tenant->queue.away;
	if (!tenant_at_limit(tenant))
		view->limit_waiting = 0;
	for (int priority = 0; priority < PRIORITIES; priority++)
		view->queued += tenant->lines[priority].aside;
	view->scheduled = tenant->waiting - view->queued;
}

static void see(const struct gate *gate, const char *name, struct tenant_view *ret_view)
{
	const struct setting *setting = setting_find(gate, name);
	const struct tenant *tenant = tenant_find(gate, name);

	*ret_view = (struct tenant_view){0};
	strncpy(ret_view->name, name, sizeof ret_view->name - 1);
	find_limits(gate, name, setting, &ret_view->limits);
	for (enum limit limit = 0; limit < LIMITS; limit++)
		ret_view->from[limit] = source_of(gate, name, setting, limit);
	ret_view->pause = setting_read(setting).pause;
	if (tenant)
		count_jobs(tenant, ret_view);
}

bool call_tenant(struct gate *gate, struct message *message)
{
	see(gate, message->tenant, message->views);
	return true;
}

/* Where among the names it belongs. */
static size_t place_of(const struct message *message, const char *name)
{
	size_t low = 0, high = message->n_names;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(name, message->names[middle]) < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Keep the least `max` of the names behind `after`, in their order, and whether there are more. */
static void offer(struct message *message, const char *name)
{
	size_t at;

	if (message->tenant && strcmp(name, message->tenant) <= 0)
		return;
	at = place_of(message, name);
	message->more |= message->n_names == message->names_max;
	if (at == message->names_max)
		return;
	if (message->n_names < message->names_max)
		message->n_names++;
	memmove(&message->names[at + 1], &message->names[at],
		(message->n_names - 1 - at) * sizeof *message->names);
	message->names[at] = name;
}

/* Those with settings, with jobs and with a section of their own, each once. */
bool call_tenants(struct gate *gate, struct message *message)
{
	const struct conf *conf = gate->conf;

	for (const struct setting *setting = gate->settings; setting; setting = setting->hh.next)
		offer(message, setting->name);
	for (const struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next)
		if (!tenant->setting)
			offer(message, tenant->name);
	for (size_t i = 0; i < conf->n_tenants; i++)
		if (!setting_find(gate, conf->tenants[i].name) && !tenant_find(gate, conf->tenants[i].name))
			offer(message, conf->tenants[i].name);
	for (size_t i = 0; i < message->n_names; i++)
		see(gate, message->names[i], &message->views[i]);
	return true;
}

/* What is wanted of it, each by a function; `next` is as it is now. */
static void wish_put(const struct tenant_change *change, struct settings *next, int64_t now_ms)
{
	bool paused = change->says_paused ? change->paused : next->pause.on;

	next->set = change->set;
	next->limits = change->limits;
	if (paused && !next->pause.on)
		next->pause = (struct pause){.on = true, .since_ms = now_ms};
	else if (!paused)
		next->pause = (struct pause){0};
}

static void wish_forget(const struct tenant_change *change, struct settings *next, int64_t now_ms)
{
	(void)change, (void)now_ms;
	*next = nothing_set;
}

static void wish_pause(const struct tenant_change *change, struct settings *next, int64_t now_ms)
{
	int64_t since_ms = next->pause.on ? next->pause.since_ms : now_ms;

	next->pause = (struct pause){.on = true, .since_ms = since_ms};
	next->pause.until_ms = change->for_ns ? now_ms + change->for_ns / PEN_MS : 0;
	strncpy(next->pause.reason, change->reason ? change->reason : "", PAUSE_REASON_MAX);
}

static void wish_resume(const struct tenant_change *change, struct settings *next, int64_t now_ms)
{
	(void)change, (void)now_ms;
	next->pause = (struct pause){0};
}

static int check_condition(const struct gate *gate, const struct setting *setting, struct message *message)
{
	const struct tenant_change *change = message->change;
	char tag[TENANT_TAG];
	struct tenant_view view;

	if (change->if_none_set && setting)
		return problem_set(&message->problem, -ESTALE, PROBLEM_PRECONDITION, NULL,
			"something is set for tenant %s already", change->name);
	if (!change->if_match)
		return 0;
	see(gate, change->name, &view);
	tenant_view_tag(&view, tag);
	if (tenant_tag_listed(change->if_match, tag))
		return 0;
	return problem_set(&message->problem, -ESTALE, PROBLEM_PRECONDITION, NULL,
		"tenant %s is not as If-Match says any more: its ETag is %s now", change->name, tag);
}

static int check_room(const struct gate *gate, struct message *message)
{
	if (HASH_COUNT(gate->settings) < gate->conf->tenants_max)
		return 0;
	return problem_set(&message->problem, -EAGAIN, PROBLEM_TENANTS, NULL,
		"something is set for %zu tenants already, which is the most allowed",
		gate->conf->tenants_max);
}

static int no_memory(struct message *message)
{
	return problem_set(&message->problem, -ENOMEM, PROBLEM_MEMORY, NULL, "no memory to set this");
}

/* The operation that puts it on record. */
static struct store_op *make_op(const char *name, const struct settings *settings)
{
	CLEANUP(buf_fini) struct buf text = {0};

	if (settings_are_none(settings))
		return store_tenant_op_new(name, NULL);
	return wire_write_settings(&text, settings) < 0 ? NULL : store_tenant_op_new(name, text.data);
}

/* All that may fail for want of memory; gives the operation, or NULL, and then nothing is changed. */
static struct store_op *prepare(
	struct gate *gate, struct setting *setting, const char *name, const struct settings *next)
{
	struct store_op *op = make_op(name, next);

	if (op && !setting)
		setting = setting_new(gate, name);
	if (op && setting && (!next->pause.on || setting_make_pause(gate, setting) == 0)) {
		setting->changing = true;
		return op;
	}
	store_op_free(op);
	if (setting)
		setting_tidy(gate, setting);
	return NULL;
}

/* 0, and it is on its way to the record; 1: it is so already; -errno with words. */
static int begin(struct gate *gate, struct message *message)
{
	static void (*const wishes[TENANT_CHANGES])(
		const struct tenant_change *, struct settings *, int64_t) = {
		[TENANT_PUT] = wish_put,
		[TENANT_FORGET] = wish_forget,
		[TENANT_PAUSE] = wish_pause,
		[TENANT_RESUME] = wish_resume,
	};
	const struct tenant_change *change = message->change;
	struct setting *setting = setting_find(gate, change->name);
	struct settings now = setting_read(setting), *next = message->next_settings;
	struct store_op *op;
	int r = check_condition(gate, setting, message);

	if (r < 0)
		return r;
	*next = now;
	wishes[change->what](change, next, clock_wall_ms());
	if (settings_equal(next, &now))
		return 1;
	r = setting ? 0 : check_room(gate, message);
	if (r < 0)
		return r;
	op = prepare(gate, setting, change->name, next);
	if (!op)
		return no_memory(message);
	op->arg = message;
	ledger_send(gate, op);
	return 0;
}

static void answer(struct gate *gate, struct message *message, int result)
{
	message->result = result;
	if (result == 0)
		see(gate, message->change->name, message->views);
	call_answer(message);
}

static bool is_changing(const struct gate *gate, const char *name)
{
	const struct setting *setting = setting_find(gate, name);

	return setting && setting->changing;
}

/* Unless another change of the same tenant is out: what its conditions are compared with is what that one leaves. */
static void change(struct gate *gate, struct message *message)
{
	int r;

	if (is_changing(gate, message->change->name)) {
		LL_APPEND2(gate->changes, message, next);
		return;
	}
	r = begin(gate, message);
	if (r != 0)
		answer(gate, message, r > 0 ? 0 : r);
}

bool call_change_tenant(struct gate *gate, struct message *message)
{
	change(gate, message);
	return false;
}

/* Those that have waited for the change of this tenant which was out. */
static void go_on(struct gate *gate, const char *name)
{
	struct message *message, *next;

	LL_FOREACH_SAFE2(gate->changes, message, next, next)
	{
		if (is_changing(gate, name))
			return;
		if (strcmp(message->change->name, name) != 0)
			continue;
		LL_DELETE2(gate->changes, message, next);
		change(gate, message);
	}
}

static int not_recorded(struct message *message, int error)
{
	message->problem.retry_after_ns = PEN_SECOND;
	return problem_set(&message->problem, -EIO, PROBLEM_STORE, NULL,
		"this could not be put on record: %s", strerror(-error));
}

void control_recorded(struct gate *gate, struct store_op *op)
{
	struct message *message = op->arg;
	struct setting *setting = setting_find(gate, op->tenant);

	if (message) { /* else a pause has ended by itself */
		setting->changing = false;
		if (!op->error)
			take_effect(gate, setting, op->tenant, message->next_settings);
		else
			setting_tidy(gate, setting);
		answer(gate, message, op->error ? not_recorded(message, op->error) : 0);
		go_on(gate, op->tenant);
	}
	store_op_free(op);
}

/*
 * Where nothing else is set the record goes too, unless a change is on its way to it; without memory, or if it cannot be written now, with
 * the next start.
 */
static void end_pause(struct gate *gate, struct setting *setting)
{
	static const struct pause none;
	char name[TENANT_NAME_MAX + 1] = "";
	struct store_op *op = NULL;

	strncpy(name, setting->name, TENANT_NAME_MAX);
	log_notice("gate", "a pause has ended", "tenant=%s", name);
	if (!setting->changing && setting->set == 0)
		op = store_tenant_op_new(name, NULL);
	if (op)
		ledger_send(gate, op);
	setting_set_pause(gate, setting, &none);
	setting_tidy(gate, setting);
	apply(gate, name);
}

void control_look(struct gate *gate, int64_t wall_ms)
{
	struct heap_item *item;

	while ((item = heap_first(&gate->pauses)) && item->key <= wall_ms)
		end_pause(gate, setting_of_pause(item));
}

int gate_tenant(struct gate *gate, const char *name, struct tenant_view *ret_view)
{
	struct message message = {.call = CALL_TENANT, .tenant = name, .views = ret_view};

	return gate_call(gate, &message);
}

int gate_tenants(struct gate *gate, const char *after, size_t max, struct tenant_view *views, size_t *ret_n,
	bool *ret_more)
{
	struct message message = {.call = CALL_TENANTS, .tenant = after, .views = views, .names_max = max};
	int r = -ENOMEM;

	message.names = calloc(max + 1, sizeof *message.names);
	if (message.names)
		r = gate_call(gate, &message);
	free(message.names);
	*ret_n = message.n_names;
	*ret_more = message.more;
	return r;
}

int gate_change_tenant(struct gate *gate, const struct tenant_change *change, struct tenant_view *ret_view,
	struct problem *reterr)
{
	struct settings next;
	struct message message = {
		.call = CALL_CHANGE_TENANT, .change = change, .next_settings = &next, .views = ret_view};
	int r = gate_call(gate, &message);

	if (reterr)
		*reterr = message.problem;
	return r;
}
