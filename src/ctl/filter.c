/* filter.c - see filter.h. */
#include "ctl/filter.h"

#include <stdbool.h>
#include <string.h>

static bool is_unreserved(char c)
{
	static const char others[] = "-._~";

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(others, c));
}

static void add_escaped(struct buf *to, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (is_unreserved(text[i]))
			buf_add(to, text + i, 1);
		else
			buf_addf(to, "%%%02X", (unsigned char)text[i]);
	}
}

static int add(struct filter *filter, const char *name, const char *value)
{
	buf_addf(&filter->query, "&%s=", name);
	add_escaped(&filter->query, value, strlen(value));
	return CTL_OK;
}

static int add_label(struct filter *filter, struct ctl *ctl, const char *label)
{
	const char *equals = strchr(label, '=');

	if (!equals || equals == label)
		return ctl_misused(ctl, "--label: \"%s\" is not NAME=VALUE", label);
	buf_addf(&filter->query, "&label.");
	add_escaped(&filter->query, label, (size_t)(equals - label));
	buf_addf(&filter->query, "=");
	add_escaped(&filter->query, equals + 1, strlen(equals + 1));
	return CTL_OK;
}

int filter_take(struct filter *filter, struct ctl *ctl, int letter, const char *value)
{
	switch (letter) {
	case 't':
		return add(filter, "tenant", value);
	case 's':
		return add(filter, "state", value);
	case 'k':
		return add(filter, "kind", value);
	default:
		return add_label(filter, ctl, value);
	}
}

void filter_path(const struct filter *filter, struct buf *to, const char *base, int limit, const char *cursor)
{
	buf_addf(to, "%s?limit=%d", base, limit);
	buf_add(to, filter->query.data, filter->query.len);
	if (cursor[0]) {
		buf_addf(to, "&cursor=");
		add_escaped(to, cursor, strlen(cursor));
	}
	if (filter->query.error)
		to->error = filter->query.error;
}

void filter_fini(struct filter *filter)
{
	buf_fini(&filter->query);
}
