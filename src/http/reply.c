/* reply.c - see inside.h: a handler fills a reply, the exchange sends it. */
#include <errno.h>
#include <penstock/base.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "http/inside.h"

enum { BLOCK = 4096 }; /* bytes that libmicrohttpd asks for at once, where it does not chunk */

static const char last_resort[] =
	"{\"type\":\"urn:penstock:problem:out-of-memory\",\"title\":\"Out of memory\",\"status\":503,"
	"\"code\":\"out-of-memory\"}";

void reply_init(struct reply *reply)
{
	reply->status = 0;
	reply->content_type = NULL;
	reply->body = NULL;
	reply->body_bytes = 0;
	reply->release = NULL;
	reply->take = NULL;
	reply->n_headers = 0;
}

void reply_fini(struct reply *reply)
{
	if (reply->release)
		reply->release(reply->owner);
	reply->release = NULL;
}

void reply_literal(struct reply *reply, int status, const char *json)
{
	reply->status = status;
	reply->content_type = "application/json";
	reply->body = json;
	reply->body_bytes = strlen(json);
}

int reply_json(struct reply *reply, int status, struct buf *body)
{
	char *bytes = buf_take(body, &reply->body_bytes);

	if (!bytes)
		return -ENOMEM;
	reply->status = status;
	reply->content_type = "application/json";
	reply->body = reply->owner = bytes;
	reply->release = free;
	return 0;
}

static void release_result(void *result)
{
	result_unref(result);
}

void reply_result(struct reply *reply, struct result *result)
{
	reply->status = MHD_HTTP_OK;
	reply->content_type = "application/json";
	reply->body = result->body;
	reply->body_bytes = result->body_bytes;
	reply->owner = result;
	reply->release = release_result;
	reply_header(reply, "ETag", "%s", result->etag);
}

/* Without memory for the words there is at least a last resort. */
void reply_problem(struct reply *reply, const struct request *request)
{
	const struct problem *problem = &request->problem;
	CLEANUP(buf_fini) struct buf body = {0};
	int64_t retry_after_ns = problem->retry_after_ns;
	int status = wire_problem_status(problem);

	if (wire_write_problem(
		    &body, problem, request->target.path[0] ? request->target.path : NULL, request->id) < 0 ||
		reply_json(reply, status, &body) < 0)
		reply_literal(reply, status = MHD_HTTP_SERVICE_UNAVAILABLE, last_resort);
	reply->content_type = "application/problem+json";
	if (!retry_after_ns &&
		(status == MHD_HTTP_TOO_MANY_REQUESTS || status == MHD_HTTP_SERVICE_UNAVAILABLE))
		retry_after_ns = PEN_SECOND;
	if (retry_after_ns)
		reply_retry_after(reply, retry_after_ns);
	reply_quota(reply, problem);
}

void reply_header(struct reply *reply, const char *name, const char *format, ...)
{
	va_list args;

	if (reply->n_headers == REPLY_HEADERS_MAX)
		return;
	va_start(args, format);
	vsnprintf(reply->headers[reply->n_headers].value, sizeof reply->headers[0].value, format, args);
	va_end(args);
	reply->headers[reply->n_headers++].name = name;
}

static long long seconds_up(int64_t ns)
{
	return (ns + PEN_SECOND - 1) / PEN_SECOND;
}

void reply_retry_after(struct reply *reply, int64_t ns)
{
	reply_header(reply, "Retry-After", "%lld", seconds_up(ns));
}

/* Nothing is left of it, and who comes again then may find some. */
void reply_quota(struct reply *reply, const struct problem *problem)
{
	if (!problem->quota)
		return;
	reply_header(reply, "RateLimit-Policy", "\"%s\";q=%llu", problem->quota,
		(unsigned long long)problem->quota_size);
	reply_header(
		reply, "RateLimit", "\"%s\";r=0;t=%lld", problem->quota, seconds_up(problem->retry_after_ns));
}

static struct MHD_Response *body_response(struct reply *reply)
{
	struct MHD_Response *response;

	if (!reply->release)
		return MHD_create_response_from_buffer(
			reply->body_bytes, (void *)reply->body, MHD_RESPMEM_PERSISTENT);
	if (reply->take)
		response = MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, BLOCK, reply->take, reply->owner, reply->release);
	else
		response = MHD_create_response_from_buffer_with_free_callback_cls(
			reply->body_bytes, (void *)reply->body, reply->release, reply->owner);
	if (response)
		reply->release = NULL;
	return response;
}

struct MHD_Response *reply_response(struct reply *reply)
{
	struct MHD_Response *response = body_response(reply);

	if (!response)
		return NULL;
	if (reply->content_type)
		MHD_add_response_header(response, "Content-Type", reply->content_type);
	for (size_t i = 0; i < reply->n_headers; i++)
		MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
	return response;
}
