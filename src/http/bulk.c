/* bulk.c - POST /jobs with application/x-ndjson: a job a line, and an answer a line. */
#include "http/bulk.h"

#include <errno.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "http/jobs.h"

enum {
	BODIES_MAX = 4,     /* times bulk-bytes-max: what all bodies may have together */
	ANSWER_BYTES = 240, /* a line, about */
	AT_ONCE = 64,       /* lines, before other tasks have their turn */
};

bool bulk_is(const struct request *request)
{
	return request->route && request->route->handle == jobs_submit &&
	       job_type_is(request, "application/x-ndjson");
}

int bulk_count(struct request *request, size_t bytes)
{
	struct http *http = request->server->http;
	bool fits;

	pthread_mutex_lock(&http->bulk_lock);
	fits = bytes <= BODIES_MAX * http->conf->bulk_bytes_max - http->bulk_bytes;
	if (fits)
		http->bulk_bytes += bytes;
	pthread_mutex_unlock(&http->bulk_lock);
	if (fits) {
		request->bulk_bytes += bytes;
		return 0;
	}
	request->problem.retry_after_ns = PEN_SECOND;
	return problem_set(&request->problem, -ENOMEM, PROBLEM_MEMORY, NULL,
		"requests with several jobs take as much memory as they may");
}

void bulk_end(struct request *request)
{
	struct http *http = request->server->http;

	if (request->bulk_bytes == 0)
		return;
	pthread_mutex_lock(&http->bulk_lock);
	http->bulk_bytes -= request->bulk_bytes;
	pthread_mutex_unlock(&http->bulk_lock);
	request->bulk_bytes = 0;
}

/* The jobs of one request. */
struct bulk {
	struct gate_line *lines;
	size_t n;
	bool atomic;
	size_t refused;
};

static void bulk_fini(struct bulk *bulk)
{
	for (size_t i = 0; i < bulk->n; i++)
		gate_line_fini(&bulk->lines[i]);
	free(bulk->lines);
}

/* Take the next line that is not empty; false: there is none. */
static bool next_line(const char **at, const char *end, const char **ret_line, size_t *ret_bytes)
{
	while (*at < end) {
		const char *line = *at, *newline = memchr(line, '\n', (size_t)(end - line));
		size_t bytes = (size_t)((newline ? newline : end) - line);

		*at = newline ? newline + 1 : end;
		if (strspn(line, " \t\r") < bytes) { /* the body ends with a NUL */
			*ret_line = line;
			*ret_bytes = bytes;
			return true;
		}
	}
	return false;
}

static size_t count_lines(const struct buf *body)
{
	const char *at = body->data, *end = body->data + body->len, *line;
	size_t n = 0, bytes;

	while (next_line(&at, end, &line, &bytes))
		n++;
	return n;
}

static int read_atomic(struct request *request, bool *ret_atomic)
{
	const char *atomic = target_parameter(&request->target, "atomic");

	*ret_atomic = atomic && strcmp(atomic, "true") == 0;
	if (!atomic || *ret_atomic || strcmp(atomic, "false") == 0)
		return 0;
	return target_problem(&request->problem, "atomic", "must be true or false");
}

/* What is only for one job is refused, not passed over: a client would count on it. */
static int check_headers(struct request *request)
{
	int r = job_check_encoding(request);

	if (r < 0)
		return r;
	if (request_header(request, "Idempotency-Key"))
		return problem_set(&request->problem, -EINVAL, PROBLEM_BAD_REQUEST, NULL,
			"an Idempotency-Key is for one job, and cannot be sent with several");
	if (job_preferred_wait(request) > 0)
		return problem_set(&request->problem, -EINVAL, PROBLEM_BAD_REQUEST, NULL,
			"Prefer: wait is for one job, and cannot be sent with several");
	return 0;
}

static int check_count(struct request *request, size_t n)
{
	size_t most = request_conf(request)->bulk_max;

	if (n == 0)
		return problem_set(&request->problem, -EINVAL, PROBLEM_NOT_JSON, NULL,
			"the body is empty; it should have a job in each line");
	if (n > most)
		return problem_set(&request->problem, -EFBIG, PROBLEM_TOO_LARGE, NULL,
			"there are %zu jobs in one request, and there may be %zu", n, most);
	return 0;
}

static int read_line(
	const struct conf *conf, const char *text, size_t bytes, struct job **ret_job, struct problem *reterr)
{
	if (bytes > conf->body_max)
		return problem_set(reterr, -EFBIG, PROBLEM_TOO_LARGE, NULL,
			"the job is longer than %zu bytes", conf->body_max);
	return job_read(conf, text, bytes, ret_job, reterr);
}

static void read_lines(struct request *request, struct bulk *bulk)
{
	const struct buf *body = &request->body;
	const char *at = body->data, *end = body->data + body->len, *text;
	size_t bytes;

	for (size_t i = 0; next_line(&at, end, &text, &bytes); i++) {
		struct gate_line *line = &bulk->lines[i];
		struct problem problem = {0};
		int r = read_line(request_conf(request), text, bytes, &line->job, &problem);

		if (r == 0)
			r = job_add_trace(request, line->job);
		if (r < 0) {
			gate_line_refuse(line, r, &problem);
			bulk->refused++;
		}
		if (i % AT_ONCE == AT_ONCE - 1)
			pen_yield();
	}
}

static int read_bulk(struct request *request, struct bulk *bulk)
{
	size_t n = 0;
	int r = check_headers(request);

	if (r == 0)
		r = read_atomic(request, &bulk->atomic);
	if (r == 0) {
		n = count_lines(&request->body);
		r = check_count(request, n);
	}
	if (r < 0)
		return r;
	bulk->lines = calloc(n, sizeof *bulk->lines);
	if (!bulk->lines)
		return -ENOMEM;
	bulk->n = n;
	read_lines(request, bulk);
	buf_fini(&request->body); /* the jobs have what they need of it */
	return 0;
}

static int submit(struct request *request, struct bulk *bulk)
{
	if (!bulk->atomic || bulk->refused == 0)
		return gate_submit_many(
			request_gate(request), bulk->lines, bulk->n, bulk->atomic, &request->problem);
	for (size_t i = 0; i < bulk->n; i++)
		if (bulk->lines[i].result == 0)
			bulk->lines[i].result = -ECANCELED;
	return 0;
}

/* Why a line was refused, for whom there may have been no memory to say it. */
static const struct problem *problem_of(const struct gate_line *line)
{
	static const struct problem
		not_taken = {.code = PROBLEM_NOT_TAKEN,
			.message = "it is not taken, because another job of the request was refused"},
		no_memory = {.code = PROBLEM_MEMORY, .message = "there is no memory for this job"};

	if (line->problem && line->problem->code)
		return line->problem;
	return line->result == -ECANCELED ? &not_taken : &no_memory;
}

static int write_line(struct buf *body, const struct gate_line *line)
{
	int r;

	if (line->result == 0)
		r = wire_write_accepted(body, line->job, &line->receipt.id, line->receipt.state);
	else
		r = wire_write_problem(body, problem_of(line), NULL, NULL);
	return r < 0 ? r : buf_add(body, "\n", 1);
}

static int write_lines(struct buf *body, const struct bulk *bulk)
{
	int r = buf_reserve(body, bulk->n * ANSWER_BYTES);

	for (size_t i = 0; r == 0 && i < bulk->n; i++) {
		r = write_line(body, &bulk->lines[i]);
		if (i % AT_ONCE == AT_ONCE - 1)
			pen_yield();
	}
	return r;
}

/* NULL: none was, but perhaps for another one's sake. */
static const struct problem *first_problem(const struct bulk *bulk)
{
	for (size_t i = 0; i < bulk->n; i++)
		if (bulk->lines[i].result < 0 && bulk->lines[i].result != -ECANCELED)
			return problem_of(&bulk->lines[i]);
	return NULL;
}

/* All or none has one status: 200, or that of the first job that was refused for itself. */
static void settle_status(const struct bulk *bulk, struct reply *reply)
{
	const struct problem *problem = bulk->atomic ? first_problem(bulk) : NULL;

	reply->content_type = "application/x-ndjson";
	if (!problem)
		return;
	reply->status = wire_problem_status(problem);
	if (problem->retry_after_ns)
		reply_retry_after(reply, problem->retry_after_ns);
	reply_quota(reply, problem);
}

int bulk_submit(struct request *request, struct reply *reply)
{
	CLEANUP(bulk_fini) struct bulk bulk = {0};
	CLEANUP(buf_fini) struct buf body = {0};
	int r = read_bulk(request, &bulk);

	if (r == 0)
		r = submit(request, &bulk);
	if (r == 0)
		r = write_lines(&body, &bulk);
	if (r == 0)
		r = reply_json(reply, MHD_HTTP_OK, &body);
	if (r == 0)
		settle_status(&bulk, reply);
	return r;
}
