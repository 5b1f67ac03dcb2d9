/*
 * settings.h - what is set for a tenant while the daemon runs: limits that override the configuration's, and a pause.  Pure.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "core/limits.h"

#define PAUSE_REASON_MAX 200 /* bytes */

struct pause {
	bool on;
	int64_t since_ms; /* wall time */
	int64_t until_ms; /* wall time; 0: until it is resumed */
	char reason[PAUSE_REASON_MAX + 1];
};

struct settings {
	uint32_t set; /* 1u << limit, for each that is */
	struct limits limits;
	struct pause pause;
};

/* Whether nothing is set, so that there is nothing to put on record. */
bool settings_are_none(const struct settings *settings);
bool settings_equal(const struct settings *one, const struct settings *other);

/* Override what is set. */
void settings_apply(const struct settings *settings, struct limits *limits);

/* Where a limit's value comes from. */
enum limit_source { FROM_DEFAULT, FROM_CONFIGURATION, FROM_API };

/* What people see of a tenant. */
struct tenant_view {
	char name[TENANT_NAME_MAX + 1];
	struct limits limits; /* as they hold */
	enum limit_source from[LIMITS];
	struct pause pause;
	size_t running, queued, scheduled;
	size_t limit_waiting; /* of the queued those that wait for one of the tenant's to end */
};

#define TENANT_TAG 19 /* bytes of an entity tag, its quotes and its NUL */

/* The strong entity tag of all but the live numbers: two that are alike have the same. */
void tenant_view_tag(const struct tenant_view *view, char tag[static TENANT_TAG]);

/* Whether it is among those of an If-Match, "*" or with commas between; weak ones are like none (RFC 9110, section 13.1.1). */
bool tenant_tag_listed(const char *list, const char *tag);

#endif
