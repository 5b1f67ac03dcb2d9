/* results.c - GET /results/{id}: the result document, at once or when it is there. */
#include <errno.h>
#include <penstock/time.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "http/inside.h"
#include "http/jobs.h"

/* Until when the request may be held, wait-max at most; 0: not at all. */
static int read_wait(struct request *request, int64_t *ret_deadline_ns)
{
	const char *wait = target_parameter(&request->target, "wait");
	int64_t wait_ns = 0, max_ns = request_conf(request)->wait_max_ns;

	if (wait && parse_duration(wait, &wait_ns) < 0)
		return target_problem(&request->problem, "wait",
			"must be a duration such as 500ms, 10s or 1m, of ten years at most");
	*ret_deadline_ns = wait_ns ? pen_now_ns() + (wait_ns < max_ns ? wait_ns : max_ns) : 0;
	return 0;
}

/* What the client has already. */
struct known {
	const char *etag; /* of what it asks for */
	bool has_it;
};

static enum MHD_Result note_tags(void *arg, enum MHD_ValueKind kind, const char *name, const char *tags)
{
	struct known *known = arg;

	(void)kind;
	if (tags && strcasecmp(name, "If-None-Match") == 0)
		known->has_it |= strcmp(tags, "*") == 0 || strstr(tags, known->etag);
	return MHD_YES;
}

/*
 * If-None-Match: "*", or a list of tags, perhaps over several such headers; weak ones compare by what is between the quotes
 * (RFC 9110, section 13.1.2).
 */
static bool client_has(const struct request *request, const struct result *result)
{
	struct known known = {.etag = result->etag};

	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_tags, &known);
	return known.has_it;
}

static int not_yet(struct request *request, const struct uuid *id, struct reply *reply)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	CLEANUP(buf_fini) struct buf body = {0};
	int r = gate_look(request_gate(request), id, &record, &request->problem);

	if (r == 0)
		r = wire_write_accepted(&body, record.job, &record.job->id, record.progress.state);
	if (r == 0)
		r = reply_json(reply, MHD_HTTP_ACCEPTED, &body);
	if (r == 0)
		reply_retry_after(reply, PEN_SECOND);
	return r;
}

static int missing(int error, struct problem *reterr)
{
	switch (error) {
	case -ESTALE:
		return problem_set(
			reterr, error, PROBLEM_EXPIRED, NULL, "the job has ended and its result has expired");
	case -ENOENT:
		return problem_set(reterr, error, PROBLEM_NO_SUCH_JOB, NULL, "no job has this id");
	case -ENOMEM:
		return error;
	default:
		return problem_set(reterr, error, PROBLEM_STORE, NULL, "the result could not be read: %s",
			strerror(-error));
	}
}

/* A 304 has the head that a 200 would have (RFC 9110, section 15.4.5); libmicrohttpd leaves the body out. */
static void found(const struct request *request, struct result *result, struct reply *reply)
{
	reply_result(reply, result);
	if (client_has(request, result))
		reply->status = MHD_HTTP_NOT_MODIFIED;
}

int result_get(struct request *request, struct reply *reply)
{
	struct result *result;
	int64_t deadline_ns = 0;
	struct uuid id;
	int r = job_id(request, &id);

	if (r == 0)
		r = read_wait(request, &deadline_ns);
	if (r < 0)
		return r;
	r = gate_result(request_ctx(request), request_gate(request), &id, deadline_ns, &result);
	if (r == -EINPROGRESS)
		return not_yet(request, &id, reply);
	if (r < 0)
		return missing(r, &request->problem);
	found(request, result, reply);
	return 0;
}
