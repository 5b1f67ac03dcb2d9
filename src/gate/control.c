/*
 * control.c - what is set for tenants while the daemon runs: limits and pauses.
 *
 * A change goes on record, then it takes effect, then whoever asked is told.  One change is out at a time, so what a condition (If-Match)
 * was compared with is what is overridden.  Settings are kept apart from struct tenant, which is here only while it has jobs.  All that may
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

static struct setting *find(const struct gate *gate, const char *name)
{
	struct setting *setting;

	HASH_FIND_STR(gate->settings, name, setting);
	return setting;
}

/* With a place in gate->pauses, so that the end of a pause needs no memory. */
static struct setting *setting_new(struct gate *gate, const char *name)
{
	struct setting *setting = calloc(1, sizeof *setting);
	struct tenant *tenant = tenant_find(gate, name);

	if (!setting)
		return NULL;
	strncpy(setting->name, name, sizeof setting->name - 1);
	heap_item_init(&setting->until);
	setting->until.key = INT64_MAX;
	if (heap_push(&gate->pauses, &setting->until) < 0) {
		free(setting);
		return NULL;
	}
	HASH_ADD_STR(gate->settings, name, setting);
	if (!HASH_ADDED(hh, setting)) {
		heap_remove(&gate->pauses, &setting->until);
		free(setting);
		return NULL;
	}
	if (tenant)
		tenant->setting = setting;
	return setting;
}

static void setting_free(struct gate *gate, struct setting *setting)
{
	struct tenant *tenant = tenant_find(gate, setting->name);

	if (tenant)
		tenant->setting = NULL;
	heap_remove(&gate->pauses, &setting->until);
	HASH_DEL(gate->settings, setting);
	free(setting);
}

void settings_free(struct gate *gate)
{
	while (gate->settings)
		setting_free(gate, gate->settings);
}

/* What holds for a tenant: the configuration's, or what overrides it. */
static void find_limits(
	const struct gate *gate, const char *name, const struct setting *setting, struct limits *ret_limits)
{
	*ret_limits = *conf_limits(gate->conf, name);
	if (setting)
		settings_apply(&setting->now, ret_limits);
}

void control_attach(struct gate *gate, struct tenant *tenant)
{
	tenant->setting = find(gate, tenant->name);
	find_limits(gate, tenant->name, tenant->setting, &tenant->limits);
}

bool tenant_is_paused(const struct tenant *tenant)
{
	return tenant->setting && tenant->setting->now.pause.on;
}

/* Raising a limit lets jobs start now; lowering it stops none. */
void control_apply(struct gate *gate, struct tenant *tenant)
{
	struct limits limits;

	find_limits(gate, tenant->name, tenant->setting, &limits);
	tenant_set_limits(gate, tenant, &limits);
}

static bool ends_by_itself(const struct pause *pause)
{
	return pause->on && pause->until_ms > 0;
}

/* There is room in the heap: it has just been taken out. */
static void watch_pause(struct gate *gate, struct setting *setting)
{
	heap_remove(&gate->pauses, &setting->until);
	setting->until.key = ends_by_itself(&setting->now.pause) ? setting->now.pause.until_ms : INT64_MAX;
	if (heap_push(&gate->pauses, &setting->until) < 0)
		log_error("gate", "a pause will not end by itself", "tenant=%s", setting->name);
}

/* It holds from now on. */
static void take_effect(struct gate *gate, struct setting *setting, const struct settings *settings)
{
	struct tenant *tenant = tenant_find(gate, setting->name);

	setting->now = *settings;
	watch_pause(gate, setting);
	if (settings_are_none(settings))
		setting_free(gate, setting);
	if (!tenant)
		return;
	control_apply(gate, tenant);
	lanes_reconfigure(gate);
}

static enum limit_source source_of(
	const struct gate *gate, const char *name, const struct setting *setting, enum limit limit)
{
	if (setting && setting->now.set & 1u << limit)
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
	const struct setting *setting = find(gate, name);
	const struct tenant *tenant = tenant_find(gate, name);

	*ret_view = (struct tenant_view){0};
	strncpy(ret_view->name, name, sizeof ret_view->name - 1);
	find_limits(gate, name, setting, &ret_view->limits);
	for (enum limit limit = 0; limit < LIMITS; limit++)
		ret_view->from[limit] = source_of(gate, name, setting, limit);
	if (setting)
		ret_view->pause = setting->now.pause;
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
		if (!find(gate, conf->tenants[i].name) && !tenant_find(gate, conf->tenants[i].name))
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
	struct setting *setting = find(gate, change->name);
	struct store_op *op;
	int r = check_condition(gate, setting, message);

	if (r < 0)
		return r;
	gate->next_settings = setting ? setting->now : nothing_set;
	wishes[change->what](change, &gate->next_settings, clock_wall_ms());
	if (settings_equal(&gate->next_settings, setting ? &setting->now : &nothing_set))
		return 1;
	r = setting ? 0 : check_room(gate, message);
	if (r < 0)
		return r;
	op = make_op(change->name, &gate->next_settings);
	if (op && !setting)
		setting = setting_new(gate, change->name);
	if (!op || !setting) {
		store_op_free(op);
		return no_memory(message);
	}
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

static void go_on(struct gate *gate)
{
	struct message *message;

	while (!gate->changing && (message = gate->changes)) {
		int r;

		LL_DELETE2(gate->changes, message, next);
		r = begin(gate, message);
		if (r == 0)
			gate->changing = message;
		else
			answer(gate, message, r > 0 ? 0 : r);
	}
}

bool call_change_tenant(struct gate *gate, struct message *message)
{
	LL_APPEND2(gate->changes, message, next);
	go_on(gate);
	return false;
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
	struct setting *setting = find(gate, op->tenant);

	if (message) { /* else a pause has ended by itself */
		gate->changing = NULL;
		if (!op->error)
			take_effect(gate, setting, &gate->next_settings);
		else if (settings_are_none(&setting->now))
			setting_free(gate, setting);
		answer(gate, message, op->error ? not_recorded(message, op->error) : 0);
	}
	store_op_free(op);
	go_on(gate);
}

/* Where nothing else is set the record goes too; without memory, or if it cannot be written now, with the next start. */
static void end_pause(struct gate *gate, struct setting *setting)
{
	struct settings settings = setting->now;
	struct store_op *op;

	settings.pause = (struct pause){0};
	log_notice("gate", "a pause has ended", "tenant=%s", setting->name);
	if (gate->changing && strcmp(gate->changing->change->name, setting->name) == 0) {
		struct tenant *tenant = tenant_find(gate, setting->name);

		setting->now = settings; /* it stays for the change that is out */
		watch_pause(gate, setting);
		if (tenant)
			control_apply(gate, tenant);
		return;
	}
	op = settings_are_none(&settings) ? store_tenant_op_new(setting->name, NULL) : NULL;
	if (op)
		ledger_send(gate, op);
	take_effect(gate, setting, &settings);
}

void control_look(struct gate *gate, int64_t wall_ms)
{
	struct heap_item *item;

	while ((item = heap_first(&gate->pauses)) && item->key <= wall_ms)
		end_pause(gate, (struct setting *)((char *)item - offsetof(struct setting, until)));
}

void control_count(const struct gate *gate, struct gate_stats *stats)
{
	stats->tenants_paused = 0;
	for (const struct setting *setting = gate->settings; setting; setting = setting->hh.next)
		stats->tenants_paused += setting->now.pause.on;
}

/* What is damaged is told, and left as it is until it is set anew. */
static int restore(void *arg, const char *name, const char *text)
{
	struct problem problem = {.message = "its checksum is of something else"};
	struct gate *gate = arg;
	struct settings settings;
	struct setting *setting;
	int r = -EINVAL;

	if (tenant_name_valid(name) && text)
		r = wire_read_settings(text, strlen(text), &settings, &problem);
	if (r == -EINVAL) {
		log_error("store", "what is set for a tenant cannot be read back, so the configuration holds",
			"tenant=%s why=%s", name, problem.message);
		gate->stats.store_errors[STATS_STORE_RECOVER]++;
		return 0;
	}
	setting = r == 0 ? setting_new(gate, name) : NULL;
	if (!setting)
		return -ENOMEM;
	setting->now = settings;
	watch_pause(gate, setting);
	return 0;
}

/* Before there is any tenant. */
int control_restore(struct gate *gate)
{
	int r = store_tenants(gate->store, restore, gate);

	if (r < 0)
		log_error("store", "what is set for tenants cannot be read", "error=%s", strerror(-r));
	return r;
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
	struct message message = {.call = CALL_CHANGE_TENANT, .change = change, .views = ret_view};
	int r = gate_call(gate, &message);

	if (reterr)
		*reterr = message.problem;
	return r;
}
