/*
 * inside.h - how the parts of the server know each other.
 *
 *   server.c     one libmicrohttpd daemon a loop, each driven by a task
 *   client.c     one connection, from accept to close
 *   slow.c       which connections take too long
 *   exchange.c   one request and its answer, from the first byte to the last
 *   head.c       what the head of a request says, and why it is refused
 *   target.c     its path and query
 *   routes.c     the route table
 *   reply.c      what a handler answers with
 *   stream.c     an answer that comes in pieces
 *   jobs.c list.c log.c retry.c results.c tenants.c explain.c health.c numbers.c   one file a resource
 *   wanted.c     which jobs a list is of
 *   bulk.c       several jobs in one request
 *   cursor.c     places in a list, for clients
 *   prefer.c     the Prefer header
 *   socket.c     the listening socket
 */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include <microhttpd.h>
#include <penstock/waitgroup.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "http/http.h"
#include "http/slow.h"
#include "http/target.h"
#include "wire/wire.h"

struct request;
struct reply;

/* One row a route.  A handler returns 0 with the reply filled, or -errno with request->problem filled (or out of memory). */
struct route {
	const char *method;   /* GET rows serve HEAD too */
	const char *pattern;  /* "/jobs/{id}" */
	const char *query[6]; /* the parameters it knows, as target_check_parameters() has them */
	int (*handle)(struct request *request, struct reply *reply);
	bool soon; /* as a rule there is an answer within IN_PLACE_NS; the handler asks nothing of the connection but its headers */
};

extern const struct route routes[];
extern const size_t n_routes;

/* One a loop; but for what is under the lock, only tasks of that loop touch it. */
struct server {
	struct http *http;
	struct MHD_Daemon *daemon;
	int epoll_fd; /* the daemon's */
	struct slow slow;
	size_t running;   /* requests whose task is at work */
	size_t answering; /* requests that came in whole and are not answered to the last byte */
	size_t lingering; /* connections that are closed but for what is still coming in */
	size_t in_place;  /* requests that wait without being suspended */
	size_t abandoned; /* their connections have ended, and their tasks have not */
	bool looking;     /* a task runs the daemon for those in place */
	bool stirred;     /* there may be more to do for connections than the daemon's last run has done */
	int64_t run_ns;   /* when that was */
	bool resumed;     /* a connection has been resumed since the daemon last ran */
	bool resuming;    /* a task runs the daemon for those */
	bool vacated;     /* a connection has ended in the daemon's last run */
	struct uuid request_id; /* the last, and its time */
	int64_t request_id_ms;
	pthread_mutex_t lock;      /* of the numbers, which /stats reads from any loop */
	struct route_stats *stats; /* one a route, and one for no route */
	uint64_t connections;
};

struct http {
	struct conf *conf;
	struct gate *gate;
	struct pen_ctx *ctx; /* above every request's; ends when the server stops */
	int64_t started_ms;
	int64_t stop_deadline_ns;  /* written before ctx ends */
	pthread_mutex_t bulk_lock; /* of bulk_bytes, on every loop */
	size_t bulk_bytes;         /* what is there of bodies with several jobs */
	struct pen_waitgroup *servers_alive;
	size_t n_servers;
	struct server servers[];
};

enum { REQUEST_ID_MAX = 64, REPLY_HEADERS_MAX = 6 };

struct reply {
	int status;
	const char *content_type;
	const char *body;
	size_t body_bytes;
	void (*release)(void *owner); /* gives the body's memory back; NULL: it is a literal */
	void *owner;
	MHD_ContentReaderCallback
		take; /* instead of a body: gives it piece by piece, of the owner; NULL: none does */
	size_t n_headers;
	struct {
		const char *name;
		char value[128];
	} headers[REPLY_HEADERS_MAX];
};

/* From `problem` on it is not zeroed when it is made: that is several KiB, and each part has its own beginning. */
struct request {
	struct server *server;
	struct MHD_Connection *connection;
	struct client *client;
	const struct route *route; /* NULL: none fits */
	const char *method;
	struct buf body;
	size_t bulk_bytes; /* what of it is counted with several jobs */
	bool head_read;
	bool bulk; /* it is to submit several jobs */
	bool started, done, suspended;
	bool in_place;  /* it waits without being suspended */
	bool abandoned; /* the connection has ended meanwhile: nobody wants the answer */
	int64_t started_ns;
	char id[REQUEST_ID_MAX + 1];
	struct problem problem; /* what is wrong with it; no code: nothing yet */
	struct target target;
	struct reply reply;
};

/* server.c: have the daemon look at resumed connections, once for all that are resumed in this round of the loop. */
void server_resume(struct server *server);

/* While requests wait in place; 0 or -ENOMEM. */
int server_look_after(struct server *server);

/* client.c */
void client_notify(void *server, struct MHD_Connection *connection, void **client,
	enum MHD_ConnectionNotificationCode what);
struct client *client_of(struct MHD_Connection *connection); /* NULL: there was no memory for one */
void client_cut(struct server *server, struct client *client, enum slow_state state);

/* exchange.c: libmicrohttpd's callbacks */
void *exchange_begin(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_continue(void *server, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *bytes, void **request);
void exchange_end(
	void *server, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode why);

/* What handlers ask of a request. */
const char *request_header(const struct request *request, const char *name); /* NULL when absent */
struct conf *request_conf(const struct request *request);
struct gate *request_gate(const struct request *request);
struct pen_ctx *request_ctx(const struct request *request);

/*
 * head.c: settle the request's id and route; what is wrong is in request->problem.  True if it must be answered now and its
 * body not be read.
 */
bool head_read(struct request *request, const char *method, const char *version);
void head_fresh_id(struct server *server, char text[static UUID_TEXT]);
int head_too_large(struct request *request);

/* routes.c: find the route; -ENOENT, or -ENOTSUP with the allowed methods in `allow`. */
int route_find(
	const char *method, struct target *target, const struct route **ret_route, char *allow, size_t size);

/* reply.c */
void reply_init(struct reply *reply);
void reply_fini(struct reply *reply);
void reply_literal(struct reply *reply, int status, const char *json);
int reply_json(struct reply *reply, int status, struct buf *body); /* takes the bytes; 0 or -ENOMEM */
void reply_result(struct reply *reply, struct result *result);     /* takes it */
void reply_problem(struct reply *reply, const struct request *request);
void reply_header(struct reply *reply, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void reply_retry_after(struct reply *reply, int64_t ns);
void reply_quota(struct reply *reply, const struct problem *problem); /* RateLimit, where it is about one */
struct MHD_Response *reply_response(struct reply *reply); /* takes the body; NULL: out of memory */

/* numbers.c */
int numbers_init(struct server *server);
void numbers_fini(struct server *server);
void numbers_count(struct server *server, const struct route *route, int status, int64_t ns);
void numbers_count_client(struct server *server, int change);

/* jobs.c, list.c, log.c, retry.c, results.c, tenants.c, explain.c, health.c, numbers.c */
int jobs_submit(struct request *request, struct reply *reply);
int jobs_list(struct request *request, struct reply *reply);
int job_get(struct request *request, struct reply *reply);
int job_cancel(struct request *request, struct reply *reply);
int job_retry(struct request *request, struct reply *reply);
int job_log(struct request *request, struct reply *reply);
int jobs_retry(struct request *request, struct reply *reply);
int result_get(struct request *request, struct reply *reply);
int tenants_list(struct request *request, struct reply *reply);
int tenants_get(struct request *request, struct reply *reply);
int tenants_put(struct request *request, struct reply *reply);
int tenants_delete(struct request *request, struct reply *reply);
int tenants_pause(struct request *request, struct reply *reply);
int tenants_resume(struct request *request, struct reply *reply);
int job_explain(struct request *request, struct reply *reply);
int audit_post(struct request *request, struct reply *reply);
int health_get(struct request *request, struct reply *reply);
int ready_get(struct request *request, struct reply *reply);
int stats_get(struct request *request, struct reply *reply);

#endif
