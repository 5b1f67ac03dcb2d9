/* client.c - one connection, from accept to close: counted, watched, cut when it takes too long. */
#include <errno.h>
#include <fcntl.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/parse.h"
#include "http/inside.h"

enum { LINGERING_MAX = 64, DROP_AT_ONCE = 8192 };
#define LINGER_NS (2 * PEN_SECOND)

struct client *client_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

struct lingering {
	struct server *server;
	int fd;
};

/* Into memory: the thread sanitizer takes MSG_TRUNC without any for a write to where NULL points. */
static bool drop_some(int fd)
{
	char dropped[DROP_AT_ONCE];

	return recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) > 0;
}

static void linger(void *arg)
{
	struct lingering *lingering = arg;
	struct server *server = lingering->server;
	int64_t until_ns = pen_now_ns() + LINGER_NS;

	while (pen_io_wait_until(server->http->ctx, lingering->fd, PEN_IO_READ, until_ns) == 0)
		if (!drop_some(lingering->fd))
			break;
	fd_close(lingering->fd);
	server->lingering--;
	free(lingering);
}

/*
 * Closing a connection on which more is coming in resets it, and a reset may overtake the answer: then a client that sends too
 * much would not learn so.  So the socket is kept a little longer (libmicrohttpd has sent its end of stream already), and
 * what comes in is dropped.
 */
static void begin_lingering(struct server *server, int fd)
{
	struct lingering *lingering;

	if (server->lingering == LINGERING_MAX || pen_ctx_err(server->http->ctx))
		return;
	lingering = malloc(sizeof *lingering);
	if (!lingering)
		return;
	*lingering = (struct lingering){.server = server, .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)};
	if (lingering->fd >= 0 && pen_go(linger, lingering) == 0) {
		server->lingering++;
		return;
	}
	fd_close(lingering->fd);
	free(lingering);
}

static struct client *begin(struct server *server, struct MHD_Connection *connection)
{
	int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct client *client = malloc(sizeof *client);

	if (client)
		slow_add(&server->slow, client, fd, pen_now_ns());
	else
		shutdown(fd, SHUT_RDWR); /* the daemon sees an end of stream */
	return client;
}

static void end(struct server *server, struct client *client)
{
	if (!client)
		return;
	slow_forget(&server->slow, client);
	if (client->lingers)
		begin_lingering(server, client->fd);
	free(client);
}

void client_notify(
	void *arg, struct MHD_Connection *connection, void **client, enum MHD_ConnectionNotificationCode what)
{
	struct server *server = arg;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*client = begin(server, connection);
		numbers_count_client(server, 1);
	} else {
		end(server, *client);
		server->vacated = true;
		numbers_count_client(server, -1);
	}
}

static int write_late(struct server *server, struct buf *text)
{
	CLEANUP(buf_fini) struct buf body = {0};
	char id[UUID_TEXT], limit[DURATION_TEXT], date[32];
	struct problem problem = {0};
	time_t now = time(NULL);
	struct tm tm;

	head_fresh_id(server, id);
	format_duration(server->http->conf->request_timeout_ns, limit);
	problem_set(&problem, -ETIMEDOUT, PROBLEM_TIMEOUT, NULL,
		"the request did not come in whole within %s", limit);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	if (wire_write_problem(&body, &problem, NULL, id) < 0)
		return -ENOMEM;
	return buf_addf(text,
		"HTTP/1.1 408 Request Timeout\r\nDate: %s\r\nConnection: close\r\n"
		"Content-Type: application/problem+json\r\nX-Request-Id: %s\r\nContent-Length: %zu\r\n\r\n%s",
		date, id, body.len, body.data);
}

/* libmicrohttpd cannot answer a request that is not whole; it sends nothing else meanwhile, so this may go past it. */
static void tell_late(struct server *server, const struct client *client)
{
	CLEANUP(buf_fini) struct buf text = {0};

	if (write_late(server, &text) == 0 &&
		send(client->fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		numbers_count(server, NULL, MHD_HTTP_REQUEST_TIMEOUT, server->http->conf->request_timeout_ns);
}

void client_cut(struct server *server, struct client *client, enum slow_state state)
{
	if (state == SLOW_REQUEST)
		tell_late(server, client);
	shutdown(client->fd, SHUT_RDWR);
}
