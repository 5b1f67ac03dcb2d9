/* wanted.c - see wanted.h: one function a parameter, one table. */
#include "http/wanted.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "http/cursor.h"

enum { LIMIT_DEFAULT = 50 };

static int read_tenant(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	if (!tenant_name_valid(value))
		return target_problem(reterr, name, "is not the name of a tenant");
	wanted->query.tenant = value;
	return 0;
}

/* One word or several with commas between. */
static int read_states(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	char word[16];

	for (;;) {
		size_t bytes = strcspn(value, ",");
		enum job_state state = JOB_STATES;

		if (bytes < sizeof word) {
			memcpy(word, value, bytes);
			word[bytes] = 0;
			state = job_state_parse(word);
		}
		if (state == JOB_STATES)
			return target_problem(reterr, name,
				"must be of scheduled, queued, running, cancelling, succeeded, failed, cancelled and "
				"expired, with commas between");
		wanted->query.states |= 1u << state;
		if (!value[bytes])
			return 0;
		value += bytes + 1;
	}
}

static int read_kind(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	wanted->query.kind = job_kind_parse(value);
	if (wanted->query.kind == JOB_KINDS)
		return target_problem(reterr, name, "there is no such kind of job");
	return 0;
}

static int read_limit(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	uint64_t limit;

	if (parse_u64(value, STORE_PAGE_MAX, &limit) < 0 || limit == 0)
		return target_problem(
			reterr, name, "must be a whole number between 1 and %d", STORE_PAGE_MAX);
	wanted->query.jobs_max = limit;
	return 0;
}

static int read_cursor(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	if (cursor_read(value, &wanted->query.below) < 0)
		return target_problem(reterr, name, "is no cursor that was given here");
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct wanted *wanted, const char *name, const char *value, struct problem *reterr);
} readers[] = {
	{"tenant", read_tenant},
	{"state",  read_states},
	{"kind",   read_kind  },
	{"limit",  read_limit },
	{"cursor", read_cursor},
};

/* "label.NAME=VALUE"; a label may be empty, so this one counts even then. */
static int read_label(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	const char *label = strchr(name, '.') + 1;

	if (!*label)
		return target_problem(reterr, name, "the name of the label is missing");
	wanted->labels[wanted->n_labels++] = (struct wire_label){label, value};
	return 0;
}

/* One of those that the route knows.  Empty is as good as left out, as forms and templates send it. */
static int read_parameter(struct wanted *wanted, const char *name, const char *value, struct problem *reterr)
{
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		if (strcmp(name, readers[i].name) == 0)
			return *value ? readers[i].read(wanted, name, value, reterr) : 0;
	return read_label(wanted, name, value, reterr);
}

static int has_labels(void *arg, const char *request, size_t bytes)
{
	const struct wanted *wanted = arg;

	return wire_has_labels(request, bytes, wanted->labels, wanted->n_labels);
}

int wanted_read(struct request *request, struct wanted *wanted)
{
	const struct target *target = &request->target;
	int r = 0;

	wanted->query = (struct store_query){
		.kind = JOB_KINDS,
		.below = STORE_NEWEST,
		.jobs_max = LIMIT_DEFAULT,
		.arg = wanted,
	};
	wanted->n_labels = 0;
	for (size_t i = 0; r == 0 && i < target->n_parameters; i++)
		r = read_parameter(
			wanted, target->parameters[i].name, target->parameters[i].value, &request->problem);
	if (wanted->n_labels > 0)
		wanted->query.wanted = has_labels;
	return r;
}
