/* jobs.c - POST /jobs, GET and DELETE /jobs/{id}, POST /jobs/{id}:cancel. */
#include "http/jobs.h"

#include <errno.h>
#include <penstock/time.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "http/bulk.h"
#include "http/prefer.h"

int job_id(struct request *request, struct uuid *ret_id)
{
	if (uuid_parse(request->target.id, ret_id) == 0)
		return 0;
	return problem_set(&request->problem, -ENOENT, PROBLEM_NO_SUCH_JOB, NULL, "%s is not the id of a job",
		request->target.id);
}

/* Perhaps with parameters; of those charset matters, and there is only one for JSON. */
bool job_type_is(const struct request *request, const char *wanted)
{
	static const char charset[] = "charset=";
	const char *type = request_header(request, "Content-Type");
	bool utf8 = true;

	if (!type || strncasecmp(type, wanted, strlen(wanted)) != 0)
		return false;
	type += strlen(wanted);
	type += strspn(type, " \t");
	while (*type == ';') {
		type += 1 + strspn(type + 1, " \t");
		if (strncasecmp(type, charset, sizeof charset - 1) == 0) {
			type += sizeof charset - 1;
			utf8 = strncasecmp(type + (*type == '"'), "utf-8", 5) == 0;
		}
		type += strcspn(type, ";");
	}
	return *type == 0 && utf8;
}

int job_check_encoding(struct request *request)
{
	if (!request_header(request, "Content-Encoding"))
		return 0;
	return problem_set(&request->problem, -EINVAL, PROBLEM_NOT_JSON_TYPE, NULL,
		"a body with a Content-Encoding is not understood");
}

int job_read(
	const struct conf *conf, const char *text, size_t bytes, struct job **ret_job, struct problem *reterr)
{
	const struct wire_limits limits = {
		.depth_max = conf->json_depth_max,
		.timeout_max_ns = conf->timeout_max_ns,
		.result_max = conf->result_max,
	};

	return wire_read_job(text, bytes, &limits, clock_wall_ms(), ret_job, reterr);
}

/* Several headers of this name are one list, by its specification. */
static enum MHD_Result note_state(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct buf *state = arg;

	(void)kind;
	if (value && strcasecmp(name, "tracestate") == 0)
		buf_addf(state, "%s%s", state->len > 0 ? "," : "", value);
	return MHD_YES;
}

int job_add_trace(const struct request *request, struct job *job)
{
	CLEANUP(buf_fini) struct buf state = {0};
	const char *parent = request_header(request, "traceparent");

	if (!parent)
		return 0;
	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_state, &state);
	return state.error ? state.error : wire_add_trace(job, parent, state.data);
}

/* What this version does not do yet is refused rather than passed over. */
static int check_headers(struct request *request)
{
	int r = job_check_encoding(request);

	if (r == 0 && !job_type_is(request, "application/json"))
		r = problem_set(&request->problem, -EINVAL, PROBLEM_NOT_JSON_TYPE, NULL,
			"a job is submitted as Content-Type: application/json, and several, one a line, "
			"as application/x-ndjson; in UTF-8");
	return r;
}

/* Printable ASCII, whatever it means to the client. */
static bool key_valid(const char *key)
{
	size_t bytes = strlen(key);

	for (const char *at = key; *at; at++)
		if (*at < ' ' || *at > '~')
			return false;
	return bytes > 0 && bytes <= JOB_KEY_MAX;
}

static int read_key(struct request *request, struct job *job)
{
	const char *key = request_header(request, "Idempotency-Key");

	if (!key)
		return 0;
	if (!key_valid(key))
		return problem_set(&request->problem, -EINVAL, PROBLEM_BAD_REQUEST, NULL,
			"Idempotency-Key must be 1 to %d printable ASCII characters", JOB_KEY_MAX);
	job->key = strdup(key);
	return job->key ? 0 : -ENOMEM;
}

static int read_job(struct request *request, struct job **ret_job)
{
	int r = check_headers(request);

	if (r < 0)
		return r;
	if (request->body.len == 0)
		return problem_set(&request->problem, -EINVAL, PROBLEM_NOT_JSON, NULL,
			"the body is empty; it should be a job");
	return job_read(
		request_conf(request), request->body.data, request->body.len, ret_job, &request->problem);
}

int job_accepted(const struct job *job, const struct uuid *job_id, enum job_state state, struct reply *reply)
{
	CLEANUP(buf_fini) struct buf body = {0};
	char id[UUID_TEXT];

	if (wire_write_accepted(&body, job, job_id, state) < 0)
		return -ENOMEM;
	uuid_format(job_id, id);
	reply_header(reply, "Location", "/jobs/%s", id);
	return reply_json(reply, MHD_HTTP_ACCEPTED, &body);
}

static enum MHD_Result note_wait(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	uint64_t *seconds = arg;

	(void)kind;
	if (*seconds == 0 && value && strcasecmp(name, "Prefer") == 0)
		*seconds = prefer_wait(value);
	return MHD_YES;
}

uint64_t job_preferred_wait(const struct request *request)
{
	uint64_t seconds = 0;

	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_wait, &seconds);
	return seconds;
}

/* 0, with the result in the reply; or it did not end in time, and `*state` is what it is now. */
static int wait_for_result(struct request *request, const struct uuid *job_id, uint64_t seconds,
	enum job_state *state, struct reply *reply)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	int64_t wait_ns = (int64_t)seconds * PEN_SECOND, max_ns = request_conf(request)->wait_max_ns;
	struct result *result;
	int r;

	if (wait_ns > max_ns)
		wait_ns = max_ns;
	r = gate_result(request_ctx(request), request_gate(request), job_id, pen_now_ns() + wait_ns, &result);
	if (r == 0) {
		reply_header(reply, "Preference-Applied", "wait=%lld", (long long)(wait_ns / PEN_SECOND));
		reply_result(reply, result);
	} else if (gate_look(request_gate(request), job_id, &record, NULL) == 0) {
		*state = record.progress.state;
	}
	return r;
}

static int submit_one(struct request *request, struct reply *reply)
{
	CLEANUP(job_unrefp) struct job *job = NULL;
	struct gate_receipt receipt;
	uint64_t seconds;
	int r = read_job(request, &job);

	if (r == 0)
		r = job_add_trace(request, job);
	if (r == 0)
		r = read_key(request, job);
	if (r == 0)
		r = gate_submit(request_gate(request), job, &receipt, &request->problem);
	if (r < 0)
		return r;
	if (receipt.replayed)
		reply_header(reply, "Idempotent-Replayed", "true");
	seconds = job_preferred_wait(request);
	if (seconds > 0 && wait_for_result(request, &receipt.id, seconds, &receipt.state, reply) == 0)
		return 0;
	return job_accepted(job, &receipt.id, receipt.state, reply);
}

int jobs_submit(struct request *request, struct reply *reply)
{
	return request->bulk ? bulk_submit(request, reply) : submit_one(request, reply);
}

int job_get(struct request *request, struct reply *reply)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	CLEANUP(buf_fini) struct buf body = {0};
	struct uuid id;
	int r = job_id(request, &id);

	if (r == 0)
		r = gate_look(request_gate(request), &id, &record, &request->problem);
	if (r == 0)
		r = wire_write_job(&body, record.job, &record.progress);
	return r < 0 ? r : reply_json(reply, MHD_HTTP_OK, &body);
}

/* It is looked at first: once cancelled, a job may be forgotten at any time. */
int job_cancel(struct request *request, struct reply *reply)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	enum job_state state;
	struct uuid id;
	int r = job_id(request, &id);

	if (r == 0)
		r = gate_look(request_gate(request), &id, &record, &request->problem);
	if (r == 0)
		r = gate_cancel(request_gate(request), &id, &state, &request->problem);
	return r < 0 ? r : job_accepted(record.job, &id, state, reply);
}
