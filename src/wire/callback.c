/* callback.c - who is to be told of a job's end, and the job that tells it. */
#include "wire/callback.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/out.h"
#include "wire/url.h"
#include "wire/wire.h"

enum { URL_MAX = 8192, SIGN_MAX = 64 };

struct callback_members {
	const char *url, *sign;
};

#define AT(member) offsetof(struct callback_members, member)
static const struct field members[] = {
	{"url",  FIELD_STRING, AT(url),  true,  1, URL_MAX },
	{"sign", FIELD_STRING, AT(sign), false, 1, SIGN_MAX},
};
#undef AT

int callback_read(json_t *json, struct job *job, struct problem *reterr)
{
	const struct where where = {.up = &where_root, .name = "callback"};
	struct callback_members given = {0};
	const char *fault;
	int r;

	if (!json || json_is_null(json))
		return 0;
	r = fields_read(&where, json, members, ARRAY_LEN(members), &given, reterr);
	if (r < 0)
		return r;
	fault = url_fault(given.url);
	if (fault)
		return where_member_problem(&where, "url", reterr, "%s", fault);
	job->callback.url = strdup(given.url);
	if (given.sign)
		job->callback.sign = strdup(given.sign);
	return job->callback.url && !job->callback.sign == !given.sign ? 0 : json_no_memory(reterr);
}

static void write_spec(struct out *out, const struct job *job, const struct result *result)
{
	out_open(out, "spec", '{');
	out_string(out, "method", "POST");
	out_string(out, "url", job->callback.url);
	out_open(out, "headers", '{');
	out_string(out, "Content-Type", "application/json");
	out_close(out, '}');
	out_chars(out, "body", result->body, result->body_bytes);
	if (job->callback.sign)
		out_string(out, "sign", job->callback.sign);
	out_close(out, '}');
}

static void write_request(struct out *out, const struct job *job, const struct result *result)
{
	char id[UUID_TEXT];

	uuid_format(&job->id, id);
	out_open(out, NULL, '{');
	out_string(out, "kind", job_kind_name(JOB_HTTP));
	out_string(out, "tenant", job->tenant);
	out_int(out, "priority", job->priority);
	out_open(out, "labels", '{');
	out_string(out, "callback_of", id);
	out_close(out, '}');
	if (job->durability != DURABILITIES)
		out_string(out, "durability", durability_name(job->durability));
	if (job->traceparent)
		out_string(out, "traceparent", job->traceparent);
	if (job->tracestate)
		out_string(out, "tracestate", job->tracestate);
	write_spec(out, job, result);
	out_close(out, '}');
}

int wire_make_callback(
	const struct job *job, const struct result *result, int64_t now_ms, struct job **ret_job)
{
	static const struct wire_limits none = {
		.depth_max = WIRE_DEPTH_MAX, .timeout_max_ns = INT64_MAX, .result_max = SIZE_MAX};
	CLEANUP(buf_fini) struct buf text = {0};
	struct out out = {.buf = &text};
	struct problem problem = {0};

	write_request(&out, job, result);
	if (text.error)
		return text.error;
	return wire_read_job(text.data, text.len, &none, now_ms, ret_job, &problem);
}
