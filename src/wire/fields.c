/* fields.c - see fields.h: a reader for each type, and the loop over the members. */
#include "wire/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "wire/nearest.h"

typedef int (*read_fn)(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr);

const char *fields_type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",
		[JSON_INTEGER] = "a number",
		[JSON_REAL] = "a number",
		[JSON_TRUE] = "a boolean",
		[JSON_FALSE] = "a boolean",
		[JSON_NULL] = "null",
	};

	return names[json_typeof(value)];
}

static int wrong_type(
	const struct where *where, const json_t *value, const char *wanted, struct problem *reterr)
{
	return where_problem(where, reterr, "must be %s, not %s", wanted, fields_type_name(value));
}

const char *fields_string(const struct where *where, const json_t *value, struct problem *reterr)
{
	if (!json_is_string(value))
		wrong_type(where, value, "a string", reterr);
	return json_string_value(value);
}

static int read_string(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	const char *string = fields_string(where, value, reterr);

	if (!string)
		return -EINVAL;
	if (field->max && (int64_t)json_string_length(value) < field->min)
		return where_problem(where, reterr, "must not be empty");
	if (field->max && (int64_t)json_string_length(value) > field->max)
		return where_problem(where, reterr, "must be at most %" PRId64 " bytes long", field->max);
	*(const char **)place = string;
	return 0;
}

static int read_integer(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	if (json_is_real(value))
		return where_problem(where, reterr, "must be a whole number");
	if (!json_is_integer(value))
		return wrong_type(where, value, "a whole number", reterr);
	if (json_integer_value(value) < field->min || json_integer_value(value) > field->max)
		return where_problem(
			where, reterr, "must be between %" PRId64 " and %" PRId64, field->min, field->max);
	*(int64_t *)place = json_integer_value(value);
	return 0;
}

static int duration_range(
	const struct where *where, const struct field *field, int64_t ns, struct problem *reterr)
{
	char bound[DURATION_TEXT];

	format_duration(ns < field->min ? field->min : field->max, bound);
	return where_problem(
		where, reterr, ns < field->min ? "must be at least %s" : "must be at most %s", bound);
}

static int read_duration(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	const char *text = fields_string(where, value, reterr);
	int64_t ns;
	int r;

	if (!text)
		return -EINVAL;
	r = parse_duration(text, &ns);
	if (r == -ERANGE)
		ns = INT64_MAX; /* more than any limit */
	else if (r < 0)
		return where_problem(where, reterr,
			"must be a duration: a whole number and a unit, such as \"250ms\", \"30s\", \"5m\", \"2h\" or \"7d\"");
	if (ns < field->min || ns > field->max)
		return duration_range(where, field, ns, reterr);
	*(int64_t *)place = ns;
	return 0;
}

static int read_time(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	const char *text = fields_string(where, value, reterr);

	(void)field;
	if (!text)
		return -EINVAL;
	if (clock_parse(text, place) < 0)
		return where_problem(
			where, reterr, "must be a time by RFC 3339, such as \"2026-11-24T08:15:42Z\"");
	return 0;
}

static int read_object(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	if (!json_is_object(value))
		return wrong_type(where, value, "an object", reterr);
	if (field->max && (int64_t)json_object_size(value) > field->max)
		return where_problem(where, reterr, "must have at most %" PRId64 " members", field->max);
	*(json_t **)place = value;
	return 0;
}

static int read_array(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	if (!json_is_array(value))
		return wrong_type(where, value, "an array", reterr);
	if ((int64_t)json_array_size(value) < field->min || (int64_t)json_array_size(value) > field->max)
		return where_problem(where, reterr, "must have between %" PRId64 " and %" PRId64 " elements",
			field->min, field->max);
	*(json_t **)place = value;
	return 0;
}

static int read_any(const struct where *where, json_t *value, const struct field *field, void *place,
	struct problem *reterr)
{
	(void)where, (void)field, (void)reterr;
	*(json_t **)place = value;
	return 0;
}

static const read_fn readers[] = {
	[FIELD_STRING] = read_string,
	[FIELD_INTEGER] = read_integer,
	[FIELD_DURATION] = read_duration,
	[FIELD_TIME] = read_time,
	[FIELD_OBJECT] = read_object,
	[FIELD_ARRAY] = read_array,
	[FIELD_ANY] = read_any,
};

static const struct field *find(const struct field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

static int unknown(const struct where *where, const struct field *fields, size_t n, struct problem *reterr)
{
	struct nearest nearest;

	nearest_init(&nearest, where->name);
	for (size_t i = 0; i < n; i++)
		nearest_offer(&nearest, fields[i].name);
	if (!nearest.best)
		return where_problem(where, reterr, "there is no such member");
	return where_problem(where, reterr, "there is no such member; is \"%s\" meant?", nearest.best);
}

static int missing(const struct where *where, json_t *object, const struct field *fields, size_t n,
	struct problem *reterr)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && !json_object_get(object, fields[i].name))
			return where_member_problem(where, fields[i].name, reterr, "is needed");
	return 0;
}

static int read_member(const struct where *where, json_t *value, const struct field *fields, size_t n,
	void *target, struct problem *reterr)
{
	const struct field *field = find(fields, n, where->name);

	if (!field)
		return unknown(where, fields, n, reterr);
	return readers[field->type](where, value, field, (char *)target + field->offset, reterr);
}

int fields_read(const struct where *where, json_t *object, const struct field *fields, size_t n, void *target,
	struct problem *reterr)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return wrong_type(where, object, "an object", reterr);
	json_object_foreach (object, name, value) {
		const struct where member = {.up = where, .name = name};
		int r = read_member(&member, value, fields, n, target, reterr);

		if (r < 0)
			return r;
	}
	return missing(where, object, fields, n, reterr);
}
