/*
 * settings.c - what is set for tenants while the daemon runs, as it is kept in memory.
 *
 * It is kept apart from struct tenant, which is here only while it has jobs, and is small where there is no pause: it may be set for a
 * hundred thousand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/inside.h"
#include "log/log.h"
#include "wire/tenant.h"

struct setting *setting_find(const struct gate *gate, const char *name)
{
	struct setting *setting;

	HASH_FIND_STR(gate->settings, name, setting);
	return setting;
}

struct setting *setting_new(struct gate *gate, const char *name)
{
	size_t bytes = strlen(name) + 1;
	struct setting *setting = calloc(1, sizeof *setting + bytes);
	struct tenant *tenant = tenant_find(gate, name);

	if (!setting)
		return NULL;
	memcpy(setting->name, name, bytes);
	HASH_ADD_STR(gate->settings, name, setting);
	if (!HASH_ADDED(hh, setting)) {
		free(setting);
		return NULL;
	}
	if (tenant)
		tenant->setting = setting;
	return setting;
}

static void drop_pause(struct gate *gate, struct setting *setting)
{
	struct paused *paused = TAKE_PTR(setting->paused);

	if (paused)
		heap_remove(&gate->pauses, &paused->until);
	free(paused);
}

static void setting_free(struct gate *gate, struct setting *setting)
{
	struct tenant *tenant = tenant_find(gate, setting->name);

	if (tenant)
		tenant->setting = NULL;
	drop_pause(gate, setting);
	HASH_DEL(gate->settings, setting);
	free(setting);
}

void settings_free(struct gate *gate)
{
	while (gate->settings)
		setting_free(gate, gate->settings);
}

static bool is_paused(const struct setting *setting)
{
	return setting->paused && setting->paused->pause.on;
}

struct settings setting_read(const struct setting *setting)
{
	struct settings settings = {0};

	if (!setting)
		return settings;
	settings.set = setting->set;
	settings.limits = setting->limits;
	if (is_paused(setting))
		settings.pause = setting->paused->pause;
	return settings;
}

/* Of what is not paused, or not set, nothing is kept, unless a change needs it. */
void setting_tidy(struct gate *gate, struct setting *setting)
{
	if (setting->changing)
		return;
	if (!is_paused(setting))
		drop_pause(gate, setting);
	if (!setting->set && !setting->paused)
		setting_free(gate, setting);
}

/* A place for a pause, in gate->pauses too, so that neither its beginning nor its end needs memory. */
int setting_make_pause(struct gate *gate, struct setting *setting)
{
	struct paused *paused = setting->paused ? NULL : calloc(1, sizeof *paused);

	if (setting->paused)
		return 0;
	if (!paused)
		return -ENOMEM;
	heap_item_init(&paused->until);
	paused->until.key = INT64_MAX;
	if (heap_push(&gate->pauses, &paused->until) < 0) {
		free(paused);
		return -ENOMEM;
	}
	paused->setting = setting;
	setting->paused = paused;
	return 0;
}

const struct pause *tenant_pause(const struct tenant *tenant)
{
	return tenant->setting && is_paused(tenant->setting) ? &tenant->setting->paused->pause : NULL;
}

static bool ends_by_itself(const struct pause *pause)
{
	return pause->on && pause->until_ms > 0;
}

/* There is room in the heap: it has just been taken out. */
void setting_set_pause(struct gate *gate, struct setting *setting, const struct pause *pause)
{
	struct paused *paused = setting->paused;

	if (!paused) /* nor is it to be */
		return;
	paused->pause = *pause;
	heap_remove(&gate->pauses, &paused->until);
	paused->until.key = ends_by_itself(pause) ? pause->until_ms : INT64_MAX;
	if (heap_push(&gate->pauses, &paused->until) < 0)
		log_error("gate", "a pause will not end by itself", "tenant=%s", setting->name);
}

struct setting *setting_of_pause(const struct heap_item *item)
{
	return ((const struct paused *)((const char *)item - offsetof(struct paused, until)))->setting;
}

void settings_count(const struct gate *gate, struct gate_stats *stats)
{
	stats->tenants_paused = 0;
	for (size_t i = 0; i < gate->pauses.len; i++)
		stats->tenants_paused += is_paused(setting_of_pause(gate->pauses.nodes[i].item));
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
	if (!setting || (settings.pause.on && setting_make_pause(gate, setting) < 0))
		return -ENOMEM;
	setting->set = settings.set;
	setting->limits = settings.limits;
	setting_set_pause(gate, setting, &settings.pause);
	return 0;
}

/* Before there is any tenant. */
int settings_restore(struct gate *gate)
{
	int r = store_tenants(gate->store, restore, gate);

	if (r < 0)
		log_error("store", "what is set for tenants cannot be read", "error=%s", strerror(-r));
	return r;
}
