/* settings.c - see settings.h. */
#include "core/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

bool settings_are_none(const struct settings *settings)
{
	return settings->set == 0 && !settings->pause.on;
}

static bool pauses_equal(const struct pause *one, const struct pause *other)
{
	if (one->on != other->on)
		return false;
	return !one->on || (one->since_ms == other->since_ms && one->until_ms == other->until_ms &&
				   strcmp(one->reason, other->reason) == 0);
}

bool settings_equal(const struct settings *one, const struct settings *other)
{
	if (one->set != other->set || !pauses_equal(&one->pause, &other->pause))
		return false;
	for (enum limit limit = 0; limit < LIMITS; limit++)
		if (one->set & 1u << limit &&
			limit_get(&one->limits, limit) != limit_get(&other->limits, limit))
			return false;
	return true;
}

void settings_apply(const struct settings *settings, struct limits *limits)
{
	for (enum limit limit = 0; limit < LIMITS; limit++)
		if (settings->set & 1u << limit)
			limit_set(limits, limit, limit_get(&settings->limits, limit));
}

static uint64_t add_number(uint64_t hash, uint64_t number)
{
	return fnv1a(hash, &number, sizeof(number));
}

void tenant_view_tag(const struct tenant_view *view, char tag[static TENANT_TAG])
{
	const struct pause *pause = &view->pause;
	uint64_t hash = fnv1a(FNV1A_BEGIN, view->name, strlen(view->name) + 1);

	for (enum limit limit = 0; limit < LIMITS; limit++) {
		hash = add_number(hash, limit_get(&view->limits, limit));
		hash = add_number(hash, view->from[limit]);
	}
	hash = add_number(hash, pause->on);
	if (pause->on) {
		hash = add_number(hash, (uint64_t)pause->since_ms);
		hash = add_number(hash, (uint64_t)pause->until_ms);
		hash = fnv1a(hash, pause->reason, strlen(pause->reason));
	}
	snprintf(tag, TENANT_TAG, "\"%016" PRIx64 "\"", hash);
}

bool tenant_tag_listed(const char *list, const char *tag)
{
	size_t bytes = strlen(tag);

	for (;;) {
		list += strspn(list, " \t,");
		if (!*list)
			return false;
		if (*list == '*' || (strncmp(list, tag, bytes) == 0 && strchr(" \t,", list[bytes])))
			return true;
		list += strcspn(list, ","); /* none of ours has a comma in it */
	}
}
