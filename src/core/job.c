/* job.c - names, the state diagram, and the ownership of a job; see job.h. */
#include "core/job.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/ahead.h"
#include "base/hash.h"

static const char *const kind_names[JOB_KINDS] = {
	[JOB_ECHO] = "echo",
	[JOB_SLEEP] = "sleep",
	[JOB_HTTP] = "http",
	[JOB_COMMAND] = "command",
};

static const char *const state_names[JOB_STATES] = {
	[JOB_SCHEDULED] = "scheduled",
	[JOB_QUEUED] = "queued",
	[JOB_RUNNING] = "running",
	[JOB_CANCELLING] = "cancelling",
	[JOB_SUCCEEDED] = "succeeded",
	[JOB_FAILED] = "failed",
	[JOB_CANCELLED] = "cancelled",
	[JOB_EXPIRED] = "expired",
};

static const char *const durability_names[DURABILITIES] = {
	[DURABILITY_SYNC] = "sync",
	[DURABILITY_RELAXED] = "relaxed",
};

#define TO(state) (1u << JOB_##state)

static const unsigned may_become[JOB_STATES] = {
	[JOB_SCHEDULED] = TO(QUEUED) | TO(CANCELLED) | TO(EXPIRED),
	[JOB_QUEUED] = TO(RUNNING) | TO(CANCELLED) | TO(EXPIRED),
	[JOB_RUNNING] = TO(SCHEDULED) | TO(QUEUED) | TO(CANCELLING) | TO(SUCCEEDED) | TO(FAILED) |
			TO(CANCELLED) | TO(EXPIRED),
	[JOB_CANCELLING] = TO(SUCCEEDED) | TO(FAILED) | TO(CANCELLED),
	[JOB_FAILED] = TO(QUEUED),
	[JOB_CANCELLED] = TO(QUEUED),
	[JOB_EXPIRED] = TO(QUEUED),
};

/* The place of a name in a table of `n`; `n`: it is not there. */
static unsigned place_of(const char *name, const char *const *names, unsigned n)
{
	unsigned place = 0;

	while (place < n && strcmp(names[place], name) != 0)
		place++;
	return place;
}

const char *job_kind_name(enum job_kind kind)
{
	return kind_names[kind];
}

enum job_kind job_kind_parse(const char *name)
{
	return place_of(name, kind_names, JOB_KINDS);
}

const char *job_state_name(enum job_state state)
{
	return state_names[state];
}

enum job_state job_state_parse(const char *name)
{
	return place_of(name, state_names, JOB_STATES);
}

const char *durability_name(enum durability durability)
{
	return durability_names[durability];
}

enum durability durability_parse(const char *name)
{
	return place_of(name, durability_names, DURABILITIES);
}

bool job_state_ended(enum job_state state)
{
	return state >= JOB_SUCCEEDED;
}

bool job_state_waits(enum job_state state)
{
	return state == JOB_SCHEDULED || state == JOB_QUEUED;
}

bool job_state_may(enum job_state from, enum job_state to)
{
	return may_become[from] >> to & 1;
}

bool tenant_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > TENANT_NAME_MAX || !isalnum((unsigned char)name[0]))
		return false;
	for (; *name; name++)
		if (!isascii((unsigned char)*name) ||
			(!isalnum((unsigned char)*name) && !strchr("-_.", *name)))
			return false;
	return true;
}

size_t job_bytes(const struct job *job)
{
	return sizeof *job + 2 * strlen(job->request);
}

struct job *job_new(enum job_kind kind)
{
	struct job *job;

	ahead_ask();
	job = calloc(1, sizeof *job);
	if (!job)
		return NULL;
	job->refs = (struct pen_ref)PEN_REF_ONE;
	job->kind = kind;
	job->slots = 1;
	return job;
}

struct job *job_ref(struct job *job)
{
	pen_ref_get(&job->refs);
	return job;
}

void headers_free(struct header *headers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(headers[i].name);
		free(headers[i].value);
	}
	free(headers);
}

static void echo_free(struct job *job)
{
	free(job->spec.echo.json);
}

static void http_free(struct job *job)
{
	struct http_spec *http = &job->spec.http;

	headers_free(http->headers, http->n_headers);
	free(http->method);
	free(http->url);
	free(http->endpoint);
	free(http->body);
	free(http->ok);
	free(http->sign);
}

static void command_free(struct job *job)
{
	struct command_spec *command = &job->spec.command;

	for (size_t i = 0; i < command->n_args; i++) {
		free(command->args[i].name);
		free(command->args[i].value);
	}
	free(command->args);
	free(command->command);
	free(command->stdin_data);
}

void job_unref(struct job *job)
{
	/* NULL: owns nothing */
	static void (*const spec_free[JOB_KINDS])(struct job *) = {
		[JOB_ECHO] = echo_free,
		[JOB_HTTP] = http_free,
		[JOB_COMMAND] = command_free,
	};

	if (!job || !pen_ref_put(&job->refs))
		return;
	if (spec_free[job->kind])
		spec_free[job->kind](job);
	free(job->tenant);
	free(job->limit_key);
	free(job->request);
	free(job->callback.url);
	free(job->callback.sign);
	free(job->traceparent);
	free(job->tracestate);
	free(job->key);
	free(job);
}

void job_unrefp(struct job **job)
{
	job_unref(*job);
}

uint64_t job_digest(const struct job *job)
{
	size_t sent = strlen(job->request) - job->added_bytes;

	if (job->added_bytes == 0)
		return fnv1a(FNV1A_BEGIN, job->request, sent);
	return fnv1a(fnv1a(FNV1A_BEGIN, job->request, sent - 1), "}", 1);
}
