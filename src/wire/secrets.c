/*
 * secrets.c - see secrets.h.  The request is copied as text along a small table of places; everything else
 * stays as it was sent.
 */
#include "wire/secrets.h"

#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/text.h"
#include "wire/url.h"

#define HIDDEN "***"

/* How to write the value of one member; a NULL `name` is for all the others. */
struct rule {
	const char *name;
	void (*write)(struct out *out, struct text value);
};

static void as_sent(struct out *out, struct text value)
{
	out_raw(out, NULL, value.at, value.bytes);
}

static void hidden(struct out *out, struct text value)
{
	(void)value;
	out_string(out, NULL, HIDDEN);
}

static void write_value(struct out *out, struct text name, struct text value, const struct rule *rules)
{
	while (rules->name && !text_is_nocase(name, rules->name))
		rules++;
	rules->write(out, value);
}

static void write_object(struct out *out, struct text object, const struct rule *rules)
{
	struct text name, value;

	out_open(out, NULL, '{');
	while (text_next(&object, &name, &value)) {
		out_raw(out, NULL, name.at, name.bytes);
		buf_add(out->buf, ":", 1);
		out->comma = false;
		write_value(out, name, value, rules);
	}
	out_close(out, '}');
}

/* The user and password of "https://user:password@host/" are hidden, the rest is shown. */
static void url(struct out *out, struct text value)
{
	json_auto_t *json = json_loadb(value.at, value.bytes, JSON_DECODE_ANY, NULL);
	CLEANUP(buf_fini) struct buf shown = {0};
	const char *text = json_string_value(json), *user;
	size_t bytes;

	if (!text) { /* no memory to look into it */
		hidden(out, value);
		return;
	}
	user = url_userinfo(text, &bytes);
	if (bytes == 0) {
		as_sent(out, value);
		return;
	}
	buf_addf(&shown, "%.*s%s%s", (int)(user - text), text, HIDDEN, user + bytes);
	if (shown.error)
		hidden(out, value);
	else
		out_chars(out, NULL, shown.data, shown.len);
}

static void headers(struct out *out, struct text value)
{
	static const struct rule rules[] = {
		{"Authorization",       hidden },
		{"Cookie",              hidden },
		{"Proxy-Authorization", hidden },
		{"X-Api-Key",           hidden },
		{NULL,                  as_sent},
	};

	write_object(out, value, rules);
}

static void spec(struct out *out, struct text value)
{
	static const struct rule rules[] = {
		{"url",     url    },
		{"headers", headers},
		{NULL,      as_sent},
	};

	write_object(out, value, rules);
}

static void callback(struct out *out, struct text value)
{
	static const struct rule rules[] = {
		{"url", url    },
		{NULL,  as_sent},
	};

	if (*value.at == '{')
		write_object(out, value, rules);
	else
		as_sent(out, value);
}

static const struct rule http_rules[] = {
	{"spec",     spec    },
	{"callback", callback},
	{NULL,       as_sent },
};

/* What is in their specs means nothing to us, or is shown. */
static const struct rule other_rules[] = {
	{"callback", callback},
	{NULL,       as_sent },
};

void secrets_write_request(struct out *out, const char *name, const struct job *job)
{
	const struct text text = {job->request, strlen(job->request)};

	out_name(out, name);
	write_object(out, text, job->kind == JOB_HTTP ? http_rules : other_rules);
}
