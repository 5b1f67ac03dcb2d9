/*
 * slow_server.c - an HTTP server that takes its time: each request is answered so many milliseconds after it came.
 *
 *   slow_server MILLISECONDS
 *
 * Listens on a port of the system's choice, which is the first line it prints.  When its standard input ends it prints
 * how many requests there were, the most in flight at one time, and the connections, and exits.
 *
 * One thread and one epoll set; all wait equally long, so the order of arrival is that of the answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 2048, EVENTS = 256 };

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nslow\n";

struct connection {
	int fd;
	bool waits, gone;
	int64_t due_ns;
	struct connection *next; /* in the order of their answers */
	size_t bytes;
	char request[REQUEST_MAX];
};

struct server {
	int listen_fd, epoll_fd;
	int64_t delay_ns;
	struct connection *first, **last;
	size_t requests, in_flight, most, connections;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(struct server *server, int fd, void *data)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};

	if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl");
}

static void open_server(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof(address);

	server->last = &server->first;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(server->listen_fd, (struct sockaddr *)&address, bytes) < 0 ||
		listen(server->listen_fd, SOMAXCONN) < 0 ||
		getsockname(server->listen_fd, (struct sockaddr *)&address, &bytes) < 0)
		die("listen");
	watch(server, server->listen_fd, NULL);
	watch(server, STDIN_FILENO, server);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
}

static void accept_all(struct server *server)
{
	int fd;

	while ((fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct connection *connection = calloc(1, sizeof(*connection));

		if (!connection)
			die("calloc");
		connection->fd = fd;
		watch(server, fd, connection);
		server->connections++;
	}
}

/* Who waits for its answer is freed with its place in the line. */
static void hang_up(struct connection *connection)
{
	close(connection->fd);
	connection->gone = true;
	if (!connection->waits)
		free(connection);
}

static void line_up(struct server *server, struct connection *connection)
{
	connection->bytes = 0;
	connection->waits = true;
	connection->due_ns = now_ns() + server->delay_ns;
	connection->next = NULL;
	*server->last = connection;
	server->last = &connection->next;
	server->requests++;
	if (++server->in_flight > server->most)
		server->most = server->in_flight;
}

static void hear(struct server *server, struct connection *connection)
{
	ssize_t n = recv(connection->fd, connection->request + connection->bytes,
		REQUEST_MAX - 1 - connection->bytes, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		hang_up(connection);
		return;
	}
	connection->bytes += (size_t)n;
	connection->request[connection->bytes] = 0;
	if (!connection->waits && strstr(connection->request, "\r\n\r\n"))
		line_up(server, connection);
}

static void answer_who_is_due(struct server *server)
{
	struct connection *connection;

	while ((connection = server->first) && connection->due_ns <= now_ns()) {
		server->first = connection->next;
		if (!server->first)
			server->last = &server->first;
		server->in_flight--;
		connection->waits = false;
		if (connection->gone)
			free(connection);
		else if (send(connection->fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0)
			hang_up(connection);
	}
}

/* False at the end of the standard input. */
static bool turn(struct server *server)
{
	struct epoll_event events[EVENTS];
	int64_t wait_ns = server->first ? server->first->due_ns - now_ns() : 0;
	int timeout_ms = wait_ns > 0 ? (int)(wait_ns / 1000000 + 1) : 0;
	int n = epoll_wait(server->epoll_fd, events, EVENTS, server->first ? timeout_ms : -1);

	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == server)
			return false;
		if (events[i].data.ptr)
			hear(server, events[i].data.ptr);
		else
			accept_all(server);
	}
	answer_who_is_due(server);
	return true;
}

int main(int argc, char **argv)
{
	struct server server = {0};

	if (argc != 2)
		return 2;
	server.delay_ns = atol(argv[1]) * INT64_C(1000000);
	open_server(&server);
	while (turn(&server))
		;
	printf("%zu %zu %zu\n", server.requests, server.most, server.connections);
	return 0;
}
