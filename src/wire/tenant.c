/* tenant.c - see tenant.h: the limits' members come from the table in core/limits.c. */
#include "wire/tenant.h"

#include <penstock/base.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/words.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/out.h"
#include "wire/wire.h"

enum { DEPTH_MAX = 8, MEMBERS_MAX = LIMITS + 8, TEXT_MAX = RATE_TEXT };

#define NOT_GIVEN INT64_MIN

/* The members of either document as they came. */
struct members {
	int64_t numbers[LIMITS]; /* and times */
	const char *texts[LIMITS];
	json_t *paused;
	int64_t for_ns, since_ms, until_ms;
	const char *reason;
};

#define AT(member) offsetof(struct members, member)

static const struct field paused_field = {"paused", FIELD_ANY, AT(paused), false, 0, 0};

static const struct field pause_fields[] = {
	{"for",    FIELD_DURATION, AT(for_ns), false, PEN_SECOND, RUN_AT_MAX_MS *PEN_MS},
	{"reason", FIELD_STRING,   AT(reason), false, 1,          PAUSE_REASON_MAX     },
};

static const struct field record_fields[] = {
	{"since_ms", FIELD_INTEGER, AT(since_ms), true,  0, INT64_MAX       },
	{"until_ms", FIELD_INTEGER, AT(until_ms), true,  0, INT64_MAX       },
	{"reason",   FIELD_STRING,  AT(reason),   false, 1, PAUSE_REASON_MAX},
};

/* Give the fields that a document of limits and a pause may have. */
static size_t limit_members(struct field fields[static MEMBERS_MAX])
{
	static const enum field_type types[LIMIT_TYPES] = {
		[LIMIT_NUMBER] = FIELD_INTEGER,
		[LIMIT_OFTEN] = FIELD_STRING,
		[LIMIT_TIME] = FIELD_DURATION,
		[LIMIT_CHOICE] = FIELD_STRING,
	};
	size_t n = 0;

	for (; n < LIMITS; n++) {
		const struct limit_field *limit = &limit_fields[n];
		bool is_text = types[limit->type] == FIELD_STRING;

		fields[n] = (struct field){
			.name = limit->name,
			.type = types[limit->type],
			.offset =
				is_text ? AT(texts) + n * sizeof(char *) : AT(numbers) + n * sizeof(int64_t),
			.min = is_text ? 1 : limit->min,
			.max = is_text ? TEXT_MAX : limit->max,
		};
	}
	fields[n++] = paused_field;
	return n;
}

#undef AT

static void members_init(struct members *members)
{
	*members = (struct members){0};
	for (enum limit limit = 0; limit < LIMITS; limit++)
		members->numbers[limit] = NOT_GIVEN;
}

static int take_rate(const char *text, enum limit limit, struct limits *limits, struct problem *reterr)
{
	struct rate rate;

	if (rate_parse(text, &rate) < 0)
		return where_member_problem(&where_root, limit_fields[limit].name, reterr,
			"must be so many a second, a minute or an hour, like 50/s, 300/m or 1000/h, or none");
	limit_set(limits, limit, limit_of_rate(rate));
	return 1;
}

static int take_choice(const char *text, enum limit limit, struct limits *limits, struct problem *reterr)
{
	const struct limit_field *field = &limit_fields[limit];
	int place = words_find(field->words, text);

	if (place < 0)
		return where_member_problem(
			&where_root, field->name, reterr, "must be one of: %s", field->words);
	limit_set(limits, limit, (uint64_t)place);
	return 1;
}

/* 1: it is given; 0: it is not; -EINVAL. */
static int take_limit(
	const struct members *members, enum limit limit, struct limits *limits, struct problem *reterr)
{
	const char *text = members->texts[limit];

	if (members->numbers[limit] != NOT_GIVEN) {
		limit_set(limits, limit, (uint64_t)members->numbers[limit]);
		return 1;
	}
	if (!text)
		return 0;
	if (limit_fields[limit].type == LIMIT_OFTEN)
		return take_rate(text, limit, limits, reterr);
	return take_choice(text, limit, limits, reterr);
}

static int take_limits(
	const struct members *members, struct limits *limits, uint32_t *ret_set, struct problem *reterr)
{
	uint32_t set = 0;

	for (enum limit limit = 0; limit < LIMITS; limit++) {
		int r = take_limit(members, limit, limits, reterr);

		if (r < 0)
			return r;
		set |= (uint32_t)r << limit;
	}
	*ret_set = set;
	return 0;
}

/* Read the object's members; what is borrowed from the tree lives as long as that. */
static int read_limits(json_t *json, struct members *members, struct problem *reterr)
{
	struct field fields[MEMBERS_MAX];
	size_t n = limit_members(fields);

	members_init(members);
	return fields_read(&where_root, json, fields, n, members, reterr);
}

int wire_read_tenant(const char *text, size_t bytes, struct tenant_wish *ret_wish, struct problem *reterr)
{
	json_auto_t *json = NULL;
	struct tenant_wish wish = {0};
	struct members members;
	int r = json_read((struct text){text, bytes}, DEPTH_MAX, &json, reterr);

	if (r == 0)
		r = read_limits(json, &members, reterr);
	if (r < 0)
		return r;
	if (members.paused && !json_is_boolean(members.paused))
		return where_member_problem(&where_root, "paused", reterr, "must be a boolean, not %s",
			fields_type_name(members.paused));
	r = take_limits(&members, &wish.limits, &wish.set, reterr);
	if (r < 0)
		return r;
	wish.says_paused = members.paused;
	wish.paused = json_is_true(members.paused);
	*ret_wish = wish;
	return 0;
}

int wire_read_pause(const char *text, size_t bytes, struct pause_wish *ret_wish, struct problem *reterr)
{
	json_auto_t *json = NULL;
	struct members members = {0};
	int r;

	*ret_wish = (struct pause_wish){0};
	if (bytes == 0)
		return 0;
	r = json_read((struct text){text, bytes}, DEPTH_MAX, &json, reterr);
	if (r == 0)
		r = fields_read(&where_root, json, pause_fields, ARRAY_LEN(pause_fields), &members, reterr);
	if (r < 0)
		return r;
	ret_wish->for_ns = members.for_ns;
	strncpy(ret_wish->reason, members.reason ? members.reason : "", PAUSE_REASON_MAX);
	return 0;
}

static void write_pause(struct out *out, const struct pause *pause)
{
	out_bool(out, "paused", pause->on);
	if (!pause->on) {
		out_null(out, "pause");
		return;
	}
	out_open(out, "pause", '{');
	out_time(out, "since", pause->since_ms);
	out_time(out, "until", pause->until_ms);
	if (pause->reason[0])
		out_string(out, "reason", pause->reason);
	else
		out_null(out, "reason");
	out_close(out, '}');
}

static void write_from(struct out *out, const struct tenant_view *view)
{
	static const char *const names[] = {
		[FROM_DEFAULT] = "default",
		[FROM_CONFIGURATION] = "configuration",
		[FROM_API] = "api",
	};

	out_open(out, "from", '{');
	for (enum limit limit = 0; limit < LIMITS; limit++)
		out_string(out, limit_fields[limit].name, names[view->from[limit]]);
	out_close(out, '}');
}

static void write_limit(struct out *out, enum limit limit, uint64_t value)
{
	const struct limit_field *field = &limit_fields[limit];
	char rate[RATE_TEXT], duration[DURATION_TEXT];
	const char *word;
	size_t bytes;

	switch (field->type) {
	case LIMIT_OFTEN:
		rate_format(limit_to_rate(value), rate);
		out_string(out, field->name, rate);
		break;
	case LIMIT_TIME:
		format_duration((int64_t)value, duration);
		out_string(out, field->name, duration);
		break;
	case LIMIT_CHOICE:
		word = words_at(field->words, (unsigned)value, &bytes);
		out_chars(out, field->name, word, bytes);
		break;
	default:
		out_int(out, field->name, (int64_t)value);
	}
}

static void write_limits(struct out *out, uint32_t set, const struct limits *limits)
{
	for (enum limit limit = 0; limit < LIMITS; limit++)
		if (set & 1u << limit)
			write_limit(out, limit, limit_get(limits, limit));
}

int wire_write_tenant(struct buf *to, const struct tenant_view *view)
{
	struct out out = {.buf = to};

	out_open(&out, NULL, '{');
	out_string(&out, "tenant", view->name);
	write_limits(&out, UINT32_MAX, &view->limits);
	write_pause(&out, &view->pause);
	write_from(&out, view);
	out_open(&out, "jobs", '{');
	out_int(&out, "running", (int64_t)view->running);
	out_int(&out, "queued", (int64_t)view->queued);
	out_int(&out, "scheduled", (int64_t)view->scheduled);
	out_int(&out, "limit_waiting", (int64_t)view->limit_waiting);
	out_close(&out, '}');
	out_close(&out, '}');
	return to->error;
}

int wire_write_settings(struct buf *to, const struct settings *settings)
{
	const struct pause *pause = &settings->pause;
	struct out out = {.buf = to};

	out_open(&out, NULL, '{');
	write_limits(&out, settings->set, &settings->limits);
	if (pause->on) {
		out_open(&out, "paused", '{');
		out_int(&out, "since_ms", pause->since_ms);
		out_int(&out, "until_ms", pause->until_ms);
		if (pause->reason[0])
			out_string(&out, "reason", pause->reason);
		out_close(&out, '}');
	}
	out_close(&out, '}');
	return to->error;
}

static int read_pause(json_t *json, struct pause *pause, struct problem *reterr)
{
	const struct where where = {.up = &where_root, .name = "paused"};
	struct members members = {0};
	int r;

	if (!json)
		return 0;
	r = fields_read(&where, json, record_fields, ARRAY_LEN(record_fields), &members, reterr);
	if (r < 0)
		return r;
	pause->on = true;
	pause->since_ms = members.since_ms;
	pause->until_ms = members.until_ms;
	strncpy(pause->reason, members.reason ? members.reason : "", PAUSE_REASON_MAX);
	return 0;
}

int wire_read_settings(const char *text, size_t bytes, struct settings *ret_settings, struct problem *reterr)
{
	json_auto_t *json = NULL;
	struct settings settings = {0};
	struct members members;
	int r = json_read((struct text){text, bytes}, DEPTH_MAX, &json, reterr);

	if (r == 0)
		r = read_limits(json, &members, reterr);
	if (r == 0)
		r = read_pause(members.paused, &settings.pause, reterr);
	if (r == 0)
		r = take_limits(&members, &settings.limits, &settings.set, reterr);
	if (r < 0)
		return r;
	*ret_settings = settings;
	return 0;
}
