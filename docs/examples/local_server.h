/*
 * local_server.h - a small HTTP server of tasks, so that the examples have something to fetch.
 *
 * /quick is answered at once, /slow after 20 ms, /stuck never; any other path is not found.  One request a connection.
 */
#ifndef LOCAL_SERVER_H
#define LOCAL_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <sys/socket.h>
#include <unistd.h>

#include "example.h"

struct local_server {
	int fd;
	char url[40]; /* http://127.0.0.1:PORT */
	struct pen_ctx *ctx;
	struct pen_waitgroup *tasks;
	int serving, most_serving; /* requests at one time; all on one loop */
};

struct local_client {
	struct local_server *server;
	int fd;
};

static int local_server_delay(struct local_server *server, const char *request)
{
	if (strncmp(request, "GET /slow ", 10) == 0)
		return pen_sleep(server->ctx, 20 * PEN_MS);
	if (strncmp(request, "GET /stuck ", 11) == 0)
		return pen_sleep(server->ctx, 3600 * PEN_SECOND);
	return 0;
}

static void local_server_answer(void *arg)
{
	static const char found[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
	static const char lost[] = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
	struct local_client *client = arg;
	struct local_server *server = client->server;
	char request[1024] = "";

	if (++server->serving > server->most_serving)
		server->most_serving = server->serving;
	if (pen_io_wait(server->ctx, client->fd, PEN_IO_READ) == 0 &&
		read(client->fd, request, sizeof request - 1) > 0 &&
		local_server_delay(server, request) == 0) {
		const char *answer =
			strncmp(request, "GET /quick ", 11) == 0 || strncmp(request, "GET /slow ", 10) == 0
				? found
				: lost;

		if (send(client->fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
			perror("send");
	}
	server->serving--;
	close(client->fd);
	pen_waitgroup_done(server->tasks);
	free(client);
}

static void local_server_accept(void *arg)
{
	struct local_server *server = arg;

	while (pen_io_wait(server->ctx, server->fd, PEN_IO_READ) == 0) {
		struct local_client *client = MUST_HAVE(malloc(sizeof *client));

		*client = (struct local_client){
			server, accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)};
		MUST(client->fd);
		pen_waitgroup_add(server->tasks, 1);
		MUST(pen_go(local_server_answer, client));
	}
	pen_waitgroup_done(server->tasks);
}

/* Serve on a port of the system's choice, on the caller's loop. */
static void local_server_start(struct local_server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	*server = (struct local_server){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
	MUST(server->fd);
	MUST(bind(server->fd, (struct sockaddr *)&address, size));
	MUST(listen(server->fd, 64));
	MUST(getsockname(server->fd, (struct sockaddr *)&address, &size));
	snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
	MUST(pen_ctx_with_cancel(&server->ctx, NULL));
	server->tasks = MUST_HAVE(pen_waitgroup_new());
	pen_waitgroup_add(server->tasks, 1);
	MUST(pen_go(local_server_accept, server));
}

static void local_server_stop(struct local_server *server)
{
	pen_ctx_cancel(server->ctx, "stopped");
	MUST(pen_waitgroup_wait(NULL, server->tasks));
	pen_waitgroup_free(server->tasks);
	pen_ctx_unref(server->ctx);
	close(server->fd);
}

#endif
