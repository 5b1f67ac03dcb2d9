/*
 * exchange.c - one request and its answer.
 *
 * libmicrohttpd calls: begin (the request line is there), continue (the head; pieces of the body; then nothing more to come), end.
 * When the request is whole, a task runs its handler.  If the task is done without having parked, the answer goes out in
 * place; else the connection is suspended, and resumed by the task, on the same loop, when it has the answer.
 *
 * To be suspended and resumed costs a connection four system calls: it leaves the epoll set, comes back, and is read in vain.  So where
 * the answer comes soon it first waits in place: libmicrohttpd asks for the answer in each of its runs, and gets it when it is there.  Such a
 * connection may end while the task is at work, which then keeps the request, and drops it.
 */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>

#include "http/bulk.h"
#include "http/inside.h"

enum {
	IN_PLACE_MAX = 64,  /* a loop; each costs each run of libmicrohttpd a look */
	PIECE_LARGE = 1024, /* after which more is there, as a rule */
};
#define IN_PLACE_NS (10 * PEN_MS)

struct conf *request_conf(const struct request *request)
{
	return request->server->http->conf;
}

struct gate *request_gate(const struct request *request)
{
	return request->server->http->gate;
}

struct pen_ctx *request_ctx(const struct request *request)
{
	return request->server->http->ctx;
}

const char *request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static struct request *request_new(struct server *server, struct MHD_Connection *connection)
{
	struct client *client = client_of(connection);
	struct request *request = client ? malloc(sizeof *request) : NULL;

	if (!request)
		return NULL;
	memset(request, 0, offsetof(struct request, problem));
	request->server = server;
	request->connection = connection;
	request->client = client;
	request->started_ns = pen_now_ns();
	request->problem.code = NULL;
	request->problem.field[0] = 0;
	request->problem.retry_after_ns = 0;
	request->problem.quota = NULL;
	reply_init(&request->reply);
	return request;
}

void *exchange_begin(void *arg, const char *target, struct MHD_Connection *connection)
{
	struct server *server = arg;
	struct request *request = request_new(server, connection);

	if (!request)
		return NULL; /* exchange_continue() closes */
	slow_enter(&server->slow, request->client, SLOW_REQUEST, request->started_ns);
	target_read(target, &request->target, &request->problem);
	return request;
}

static void gather(struct request *request, const char *data, size_t bytes)
{
	int r = 0;

	request->server->stirred |= bytes >= PIECE_LARGE;
	if (request->problem.code)
		return;
	if (request->bulk && bulk_count(request, bytes) < 0)
		return;
	r = buf_add(&request->body, data, bytes);
	if (r == -EFBIG)
		head_too_large(request);
	else if (r < 0)
		problem_set(&request->problem, r, PROBLEM_MEMORY, NULL, "there is no memory for the body");
}

/* The one place where what a handler returns becomes an answer. */
static void handle(struct request *request)
{
	struct problem *problem = &request->problem;
	int r = problem->code ? -EINVAL : request->route->handle(request, &request->reply);

	if (r < 0 && !problem->code)
		problem_set(problem, r, PROBLEM_MEMORY, NULL, "there is no memory to answer this");
	if (r < 0)
		reply_problem(&request->reply, request);
	reply_header(&request->reply, "X-Request-Id", "%s", request->id);
}

static void request_free(struct request *request)
{
	bulk_end(request);
	buf_fini(&request->body);
	reply_fini(&request->reply);
	free(request);
}

static void request_task(void *arg)
{
	struct request *request = arg;
	struct server *server = request->server;

	handle(request);
	request->done = true;
	server->running--;
	if (request->abandoned) {
		server->abandoned--;
		request_free(request);
		return;
	}
	if (request->suspended)
		MHD_resume_connection(request->connection);
	if (request->suspended || request->in_place)
		server_resume(server);
}

static void leave_place(struct request *request)
{
	request->server->in_place -= request->in_place;
	request->in_place = false;
}

static enum MHD_Result answer(struct request *request)
{
	struct server *server = request->server;
	struct MHD_Response *response = reply_response(&request->reply);
	int64_t now_ns = pen_now_ns();
	enum MHD_Result r;

	leave_place(request);
	server->stirred = true;
	if (!response)
		return MHD_NO;
	if (pen_ctx_err(request_ctx(request)))
		MHD_add_response_header(response, "Connection", "close");
	r = MHD_queue_response(request->connection, (unsigned)request->reply.status, response);
	MHD_destroy_response(response);
	slow_enter(&server->slow, request->client, SLOW_ANSWER, now_ns);
	numbers_count(server, request->route, request->reply.status, now_ns - request->started_ns);
	return r;
}

static void run_task(struct request *request)
{
	request->server->running++;
	if (pen_go_now(request_task, request) == 0)
		return;
	request->server->running--;
	request->done = true;
	problem_set(&request->problem, -ENOMEM, PROBLEM_MEMORY, NULL, "there is no memory for a task");
	handle(request);
}

static void suspend(struct request *request)
{
	leave_place(request);
	request->suspended = true;
	MHD_suspend_connection(request->connection);
}

static void await_answer(struct request *request, bool whole)
{
	struct server *server = request->server;

	if (!whole || !request->route || !request->route->soon ||
		server->in_place + server->abandoned >= IN_PLACE_MAX || server_look_after(server) < 0) {
		suspend(request);
		return;
	}
	request->in_place = true;
	server->in_place++;
}

/* Nothing more may come of a request that is not whole, so libmicrohttpd must not go on with it. */
static enum MHD_Result start(struct request *request, bool whole)
{
	request->started = true;
	request->server->answering++;
	slow_forget(&request->server->slow, request->client);
	run_task(request);
	if (request->done)
		return answer(request);
	await_answer(request, whole);
	return MHD_YES;
}

/* libmicrohttpd asks for the answer. */
static enum MHD_Result go_on(struct request *request)
{
	if (request->done)
		return answer(request);
	if (request->in_place && request->server->run_ns - request->started_ns > IN_PLACE_NS)
		suspend(request);
	return MHD_YES;
}

enum MHD_Result exchange_continue(void *server, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *bytes, void **arg)
{
	struct request *request = *arg;

	(void)server;
	(void)connection;
	(void)url;
	if (!request)
		return MHD_NO;
	if (!request->head_read) {
		request->head_read = true;
		request->server->stirred = true;
		request->client->lingers = head_read(request, method, version);
		return request->client->lingers ? start(request, false) : MHD_YES;
	}
	if (*bytes > 0) {
		gather(request, data, *bytes);
		*bytes = 0;
		return MHD_YES;
	}
	return request->started ? go_on(request) : start(request, true);
}

void exchange_end(
	void *arg, struct MHD_Connection *connection, void **request_arg, enum MHD_RequestTerminationCode why)
{
	struct server *server = arg;
	struct request *request = *request_arg;

	(void)connection;
	(void)why;
	if (!request)
		return;
	slow_enter(&server->slow, request->client, SLOW_IDLE, pen_now_ns());
	server->answering -= request->started;
	leave_place(request);
	*request_arg = NULL;
	if (request->done || !request->started) {
		request_free(request);
		return;
	}
	request->abandoned = true;
	server->abandoned++;
	request->connection = NULL; /* which has no headers, to libmicrohttpd */
	request->client = NULL;
}
