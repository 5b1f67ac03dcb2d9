/* read_job.c - POST /jobs: the members that all kinds share; a kind's own spec is read by spec_<kind>.c. */
#include <penstock/base.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "wire/callback.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/kinds.h"
#include "wire/trace.h"
#include "wire/wire.h"

#define NOT_GIVEN (-1)
#define AHEAD_MAX_NS (RUN_AT_MAX_MS * PEN_MS)

enum { ATTEMPTS_MAX = 1000, LABELS_MAX = 32, LABEL_NAME_MAX = 64, LABEL_VALUE_MAX = 256, SLOTS_MAX = 65536 };

/* The members as they came. */
struct submitted {
	const char *kind, *tenant, *limit_key, *durability, *traceparent, *tracestate;
	int64_t priority, slots;
	int64_t delay_ns, run_at_ms, timeout_ns, expires_in_ns;
	json_t *retry, *spec, *labels, *callback;
};

static const struct submitted not_given = {
	.tenant = "default",
	.priority = 5,
	.slots = 1,
	.delay_ns = NOT_GIVEN,
	.run_at_ms = NOT_GIVEN,
	.timeout_ns = 0,
	.expires_in_ns = NOT_GIVEN,
};

#define AT(member) offsetof(struct submitted, member)
static const struct field job_fields[] = {
	{"kind",        FIELD_STRING,   AT(kind),          true,  0,      0                },
	{"tenant",      FIELD_STRING,   AT(tenant),        false, 0,      0                },
	{"priority",    FIELD_INTEGER,  AT(priority),      false, 0,      9                },
	{"limit_key",   FIELD_STRING,   AT(limit_key),     false, 1,      JOB_LIMIT_KEY_MAX},
	{"slots",       FIELD_INTEGER,  AT(slots),         false, 1,      SLOTS_MAX        },
	{"delay",       FIELD_DURATION, AT(delay_ns),      false, 0,      AHEAD_MAX_NS     },
	{"run_at",      FIELD_TIME,     AT(run_at_ms),     false, 0,      0                },
	{"timeout",     FIELD_DURATION, AT(timeout_ns),    false, PEN_MS, INT64_MAX        },
	{"expires_in",  FIELD_DURATION, AT(expires_in_ns), false, PEN_MS, AHEAD_MAX_NS     },
	{"retry",       FIELD_OBJECT,   AT(retry),         false, 0,      0                },
	{"spec",        FIELD_ANY,      AT(spec),          false, 0,      0                },
	{"labels",      FIELD_OBJECT,   AT(labels),        false, 0,      LABELS_MAX       },
	{"durability",  FIELD_STRING,   AT(durability),    false, 0,      0                },
	{"traceparent", FIELD_STRING,   AT(traceparent),   false, 1,      TRACE_STATE_MAX  },
	{"tracestate",  FIELD_STRING,   AT(tracestate),    false, 1,      TRACE_STATE_MAX  },
	{"callback",    FIELD_ANY,      AT(callback),      false, 0,      0                },
};
#undef AT

struct retry_members {
	int64_t max_attempts, min_ns, max_ns;
};

#define AT(member) offsetof(struct retry_members, member)
static const struct field retry_fields[] = {
	{"max_attempts", FIELD_INTEGER,  AT(max_attempts), false, 1,      ATTEMPTS_MAX},
	{"min",          FIELD_DURATION, AT(min_ns),       false, PEN_MS, AHEAD_MAX_NS},
	{"max",          FIELD_DURATION, AT(max_ns),       false, PEN_MS, AHEAD_MAX_NS},
};
#undef AT

/* What the steps below work on; each fills a part of `job`. */
struct reading {
	const struct submitted *submitted;
	const struct wire_limits *limits;
	struct text text;
	struct job *job;
	struct problem *reterr;
};

static int bad(const struct reading *reading, const char *member, const char *what)
{
	return where_member_problem(&where_root, member, reading->reterr, "%s", what);
}

static int read_tenant(struct reading *reading)
{
	if (!tenant_name_valid(reading->submitted->tenant))
		return bad(reading, "tenant",
			"must be 1 to 64 letters, digits, '-', '_' or '.', and begin with a letter or digit");
	reading->job->tenant = strdup(reading->submitted->tenant);
	return reading->job->tenant ? 0 : json_no_memory(reading->reterr);
}

static int read_limit_key(struct reading *reading)
{
	if (!reading->submitted->limit_key)
		return 0;
	reading->job->limit_key = strdup(reading->submitted->limit_key);
	return reading->job->limit_key ? 0 : json_no_memory(reading->reterr);
}

static int read_durability(struct reading *reading)
{
	const char *name = reading->submitted->durability;

	reading->job->durability = name ? durability_parse(name) : DURABILITIES;
	if (name && reading->job->durability == DURABILITIES)
		return bad(reading, "durability", "must be \"sync\" or \"relaxed\"");
	return 0;
}

static int read_run_at(struct reading *reading)
{
	const struct submitted *submitted = reading->submitted;
	struct job *job = reading->job;

	if (submitted->delay_ns != NOT_GIVEN && submitted->run_at_ms != NOT_GIVEN)
		return bad(reading, "run_at", "only one of delay and run_at may be given");
	if (submitted->run_at_ms > job->created_ms + RUN_AT_MAX_MS)
		return bad(reading, "run_at", "is too far ahead: at most 3660 days");
	if (submitted->delay_ns > 0)
		job->run_at_ms = job->created_ms + submitted->delay_ns / PEN_MS;
	else if (submitted->run_at_ms > 0)
		job->run_at_ms = submitted->run_at_ms;
	return 0;
}

static int read_limits(struct reading *reading)
{
	const struct submitted *submitted = reading->submitted;
	struct job *job = reading->job;
	char most[DURATION_TEXT];

	if (submitted->timeout_ns > reading->limits->timeout_max_ns) {
		format_duration(reading->limits->timeout_max_ns, most);
		return where_member_problem(
			&where_root, "timeout", reading->reterr, "must be at most %s", most);
	}
	job->timeout_ns = submitted->timeout_ns;
	job->priority = (int)submitted->priority;
	job->slots = (uint32_t)submitted->slots;
	if (submitted->expires_in_ns != NOT_GIVEN)
		job->expires_at_ms = job->created_ms + submitted->expires_in_ns / PEN_MS;
	return 0;
}

/* A bound that is not given follows the one that is. */
static void fit_bounds(struct retry_members *members)
{
	if (members->min_ns == NOT_GIVEN)
		members->min_ns = members->max_ns != NOT_GIVEN && members->max_ns < retry_default.min_ns
					  ? members->max_ns
					  : retry_default.min_ns;
	if (members->max_ns == NOT_GIVEN)
		members->max_ns =
			members->min_ns > retry_default.max_ns ? members->min_ns : retry_default.max_ns;
}

static int read_retry(struct reading *reading)
{
	const struct where where = {.up = &where_root, .name = "retry"};
	struct retry_members members = {retry_default.max_attempts, NOT_GIVEN, NOT_GIVEN};
	int r = 0;

	if (reading->submitted->retry)
		r = fields_read(&where, reading->submitted->retry, retry_fields, ARRAY_LEN(retry_fields),
			&members, reading->reterr);
	if (r < 0)
		return r;
	fit_bounds(&members);
	if (members.min_ns > members.max_ns)
		return where_member_problem(&where, "min", reading->reterr, "must not be more than max");
	reading->job->retry = (struct retry_policy){
		.max_attempts = (uint32_t)members.max_attempts,
		.min_ns = members.min_ns,
		.max_ns = members.max_ns,
	};
	return 0;
}

static int check_label(const struct where *where, const json_t *value, struct problem *reterr)
{
	const char *text = fields_string(where, value, reterr);

	if (!text)
		return -EINVAL;
	if (!*where->name || strlen(where->name) > LABEL_NAME_MAX)
		return where_problem(
			where, reterr, "a label's name must be 1 to %d bytes long", LABEL_NAME_MAX);
	if (json_string_length(value) > LABEL_VALUE_MAX)
		return where_problem(
			where, reterr, "a label's value must be at most %d bytes long", LABEL_VALUE_MAX);
	return 0;
}

/* Labels stay in job->request; here they are only looked at. */
static int read_labels(struct reading *reading)
{
	const struct where where = {.up = &where_root, .name = "labels"};
	const char *name;
	json_t *value;

	json_object_foreach (reading->submitted->labels, name, value) {
		const struct where label = {.up = &where, .name = name};
		int r = check_label(&label, value, reading->reterr);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_trace(struct reading *reading)
{
	const struct submitted *submitted = reading->submitted;
	struct job *job = reading->job;

	if (!submitted->traceparent)
		return submitted->tracestate ? bad(reading, "tracestate", "means nothing without traceparent")
					     : 0;
	if (!trace_parent_valid(submitted->traceparent))
		return bad(reading, "traceparent", "must be one by W3C Trace Context");
	if (submitted->tracestate && !trace_state_valid(submitted->tracestate))
		return bad(reading, "tracestate", "must have visible characters of ASCII only");
	job->traceparent = strdup(submitted->traceparent);
	if (submitted->tracestate)
		job->tracestate = strdup(submitted->tracestate);
	return job->traceparent && !job->tracestate == !submitted->tracestate
		       ? 0
		       : json_no_memory(reading->reterr);
}

static int read_callback(struct reading *reading)
{
	return callback_read(reading->submitted->callback, reading->job, reading->reterr);
}

static int read_request(struct reading *reading)
{
	CLEANUP(buf_fini) struct buf compact = {0};
	struct job *job = reading->job;

	text_compact(&compact, reading->text);
	if (!compact.error)
		job->request =
			strndup(compact.data, compact.len); /* kept for long, so no larger than it must be */
	return job->request ? 0 : json_no_memory(reading->reterr);
}

static int read_spec(struct reading *reading)
{
	const struct wire_kind *kind = wire_kind(reading->job->kind);
	const struct text request = {reading->job->request, strlen(reading->job->request)};
	struct spec_in in = {
		.where = {.up = &where_root, .name = "spec"},
		.json = reading->submitted->spec,
		.limits = reading->limits,
	};

	if (in.json)
		text_member(request, "spec", &in.text);
	else if (kind->needs_spec)
		return bad(reading, "spec", "is needed for this kind");
	return kind->read_spec(&in, reading->job, reading->reterr);
}

static int (*const steps[])(struct reading *reading) = {
	read_tenant,
	read_limit_key,
	read_run_at,
	read_limits,
	read_retry,
	read_durability,
	read_labels,
	read_trace,
	read_callback,
	read_request, /* before the spec, which takes spans of it */
	read_spec,
};

static int unknown_kind(struct problem *reterr)
{
	CLEANUP(buf_fini) struct buf known = {0};

	for (int kind = 0; kind < JOB_KINDS; kind++)
		buf_addf(&known, "%s%s", kind ? ", " : "", job_kind_name((enum job_kind)kind));
	if (known.error)
		return json_no_memory(reterr);
	return where_member_problem(
		&where_root, "kind", reterr, "there is no such kind; it must be one of %s", known.data);
}

static int new_job(
	const struct submitted *submitted, int64_t now_ms, struct job **ret_job, struct problem *reterr)
{
	const enum job_kind kind = job_kind_parse(submitted->kind);
	struct job *job;

	if (kind == JOB_KINDS)
		return unknown_kind(reterr);
	job = job_new(kind);
	if (!job)
		return json_no_memory(reterr);
	uuid_new(&job->id, now_ms);
	job->created_ms = now_ms;
	*ret_job = job;
	return 0;
}

int wire_read_job(const char *text, size_t bytes, const struct wire_limits *limits, int64_t now_ms,
	struct job **ret_job, struct problem *reterr)
{
	CLEANUP(job_unrefp) struct job *job = NULL;
	json_auto_t *json = NULL;
	struct submitted submitted = not_given;
	struct reading reading = {
		&submitted, limits, {text, bytes},
                  NULL, reterr
        };
	int r = json_read(reading.text, limits->depth_max, &json, reterr);

	if (r < 0)
		return r;
	r = fields_read(&where_root, json, job_fields, ARRAY_LEN(job_fields), &submitted, reterr);
	if (r < 0)
		return r;
	r = new_job(&submitted, now_ms, &job, reterr);
	if (r < 0)
		return r;
	reading.job = job;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		r = steps[i](&reading);
		if (r < 0)
			return r;
	}
	*ret_job = TAKE_PTR(job);
	return 0;
}

int wire_restore_job(const char *text, size_t bytes, const struct job_stamp *stamp, struct job **ret_job,
	struct problem *reterr)
{
	static const struct wire_limits none = {
		.depth_max = WIRE_DEPTH_MAX, .timeout_max_ns = INT64_MAX, .result_max = SIZE_MAX};
	int r = wire_read_job(text, bytes, &none, stamp->created_ms, ret_job, reterr);

	if (r < 0)
		return r;
	(*ret_job)->id = stamp->id;
	(*ret_job)->sequence = stamp->sequence;
	(*ret_job)->run_at_ms = stamp->run_at_ms;
	return 0;
}
