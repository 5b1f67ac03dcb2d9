/*
 * http_server.h - a server for tests of clients: one thread over plain sockets, which answers by the path, well or badly.
 *
 *   /echo             200, the request as it came, for a body
 *   /status/N         N, with the words of the query for a header line: /status/429?Retry-After:+7
 *   /large            200, HTTP_LARGE bytes
 *   /many-headers     200, 300 headers
 *   /endless-headers  headers, for as long as the client takes them
 *   /interim          103 with a header, then 200 with another
 *   /not-http         what no HTTP client understands
 *   /close            the connection closed before the answer
 *   /cut-head, /cut   the same in the midst of its headers, and of its body
 *   /silence          nothing, ever
 */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <check.h>
#include <ctype.h>
#include <penstock/chan.h>
#include <penstock/counter.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTP_LARGE ((size_t)1 << 20)

enum { HTTP_REQUEST_MAX = 128 << 10, HTTP_CONNECTIONS_MAX = 4096 };

struct http_connection {
	char *request; /* what has come of it */
	size_t bytes;
	bool silent;
};

struct http_server {
	int port, stop_fd;
	pthread_t thread;
	struct pen_counter accepted;                    /* connections */
	struct pen_chan *asked;                         /* a signal for each request to /silence */
	struct pen_chan *hung_up;                       /* a signal for each client that gave up on one */
	struct pollfd polled[2 + HTTP_CONNECTIONS_MAX]; /* stop_fd, the listening socket, connections */
	struct http_connection connections[2 + HTTP_CONNECTIONS_MAX];
	nfds_t n;
};

static inline bool http_send(int fd, const char *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = send(fd, data, bytes, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		bytes -= (size_t)n;
	}
	return true;
}

static inline bool http_send_text(int fd, const char *text)
{
	return http_send(fd, text, strlen(text));
}

/* Status line, Content-Length, `lines`, an empty line. */
static inline bool http_send_head(int fd, int status, size_t body_bytes, const char *lines)
{
	char head[1024];

	snprintf(head, sizeof(head), "HTTP/1.1 %d Words\r\nContent-Length: %zu\r\n%s\r\n", status, body_bytes,
		lines);
	return http_send_text(fd, head);
}

static inline bool http_answer_echo(int fd, const char *request)
{
	bool head_only = strncmp(request, "HEAD ", 5) == 0;
	size_t bytes = strlen(request);

	return http_send_head(fd, 200, bytes, "X-Server: tests\r\n") &&
	       (head_only || http_send(fd, request, bytes));
}

static inline bool http_answer_status(int fd, const char *request)
{
	char lines[256] = "", *at;
	int status = 0;

	sscanf(request, "%*s /status/%d?%200[^ ]", &status, lines);
	for (at = lines; *at; at++)
		if (*at == '+')
			*at = ' ';
	if (lines[0])
		strcat(lines, "\r\n");
	return http_send_head(fd, status, 5, lines) && http_send_text(fd, "words");
}

static inline bool http_answer_large(int fd, const char *request)
{
	char *body = calloc(1, HTTP_LARGE);
	bool sent = http_send_head(fd, 200, HTTP_LARGE, "") && http_send(fd, body, HTTP_LARGE);

	(void)request;
	free(body);
	return sent;
}

static inline bool http_answer_many_headers(int fd, const char *request)
{
	bool sent = http_send_text(fd, "HTTP/1.1 200 Words\r\nContent-Length: 0\r\n");

	(void)request;
	for (int i = 0; i < 300; i++)
		sent = sent && http_send_text(fd, "X-Many: one of them\r\n");
	return sent && http_send_text(fd, "\r\n");
}

static inline bool http_answer_endless_headers(int fd, const char *request)
{
	bool sent = http_send_text(fd, "HTTP/1.1 200 Words\r\n");

	(void)request;
	while (sent)
		sent = http_send_text(fd, "X-Endless: and one more, and one more, and one more\r\n");
	return false;
}

static inline bool http_answer_interim(int fd, const char *request)
{
	(void)request;
	return http_send_text(fd, "HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n") &&
	       http_send_head(fd, 200, 0, "X-Final:  \t yes \r\nX-Folded: a\r\n b: c\r\n");
}

static inline bool http_answer_not_http(int fd, const char *request)
{
	(void)request;
	return http_send_text(fd, "220 mail.example ESMTP\r\n");
}

static inline bool http_answer_close(int fd, const char *request)
{
	(void)fd;
	(void)request;
	return false;
}

static inline bool http_answer_cut_head(int fd, const char *request)
{
	(void)request;
	http_send_text(fd, "HTTP/1.1 200 Words\r\nX-Cut: yes\r\nContent-Le");
	return false;
}

static inline bool http_answer_cut(int fd, const char *request)
{
	(void)request;
	http_send_head(fd, 200, 100, "");
	http_send_text(fd, "the first words");
	return false;
}

static const struct {
	const char *path;
	bool (*answer)(int fd, const char *request); /* false: close the connection */
} http_answers[] = {
	{"/echo",            http_answer_echo           },
	{"/status/",         http_answer_status         },
	{"/large",           http_answer_large          },
	{"/many-headers",    http_answer_many_headers   },
	{"/endless-headers", http_answer_endless_headers},
	{"/interim",         http_answer_interim        },
	{"/not-http",        http_answer_not_http       },
	{"/close",           http_answer_close          },
	{"/cut-head",        http_answer_cut_head       },
	{"/cut",             http_answer_cut            },
};

/* All of a request is there: head, and as much body as it says; or what cannot become one. */
static inline bool http_request_complete(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "\r\nContent-Length:");

	if (!end)
		return !isalpha((unsigned char)request[0]);
	return !length || length > end || strlen(end + 4) >= (size_t)atol(length + 17);
}

static inline void http_note(struct pen_chan *signals)
{
	ck_assert_int_eq(pen_chan_try_send(signals, NULL), 0);
}

static inline bool http_answer(struct http_server *server, nfds_t i)
{
	struct http_connection *connection = &server->connections[i];
	const char *path = strchr(connection->request, ' ');

	path = path ? path + 1 : "";
	if (strncmp(path, "/silence", 8) == 0) {
		connection->silent = true;
		http_note(server->asked);
		return true;
	}
	connection->bytes = 0;
	for (size_t a = 0; a < sizeof http_answers / sizeof http_answers[0]; a++)
		if (strncmp(path, http_answers[a].path, strlen(http_answers[a].path)) == 0)
			return http_answers[a].answer(server->polled[i].fd, connection->request);
	return http_send_head(server->polled[i].fd, 404, 0, "");
}

/* False once the connection is over. */
static inline bool http_serve(struct http_server *server, nfds_t i)
{
	struct http_connection *connection = &server->connections[i];
	ssize_t n = recv(server->polled[i].fd, connection->request + connection->bytes,
		HTTP_REQUEST_MAX - connection->bytes - 1, 0);

	if (n <= 0) {
		if (connection->silent)
			http_note(server->hung_up);
		return false;
	}
	connection->bytes += (size_t)n;
	connection->request[connection->bytes] = 0;
	return !http_request_complete(connection->request) || http_answer(server, i);
}

static inline void http_accept(struct http_server *server)
{
	int fd = accept4(server->polled[1].fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || server->n == 2 + HTTP_CONNECTIONS_MAX)
		abort();
	pen_counter_add(&server->accepted, 1);
	server->polled[server->n] = (struct pollfd){.fd = fd, .events = POLLIN};
	server->connections[server->n++] = (struct http_connection){.request = malloc(HTTP_REQUEST_MAX)};
}

/* The last takes the place of the one that goes. */
static inline void http_drop(struct http_server *server, nfds_t i)
{
	close(server->polled[i].fd);
	free(server->connections[i].request);
	server->n--;
	server->polled[i] = server->polled[server->n];
	server->connections[i] = server->connections[server->n];
}

static inline void *http_server_thread(void *arg)
{
	struct http_server *server = arg;

	while (poll(server->polled, server->n, -1) >= 0 && !server->polled[0].revents) {
		for (nfds_t i = server->n; i-- > 2;)
			if (server->polled[i].revents && !http_serve(server, i))
				http_drop(server, i);
		if (server->polled[1].revents)
			http_accept(server);
	}
	while (server->n > 1)
		http_drop(server, server->n - 1);
	return NULL;
}

/* A listening socket on a port of the system's choice. */
static inline int http_listen(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, SOMAXCONN), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static inline struct http_server *http_server_start(void)
{
	struct http_server *server = calloc(1, sizeof(*server));

	ck_assert_ptr_nonnull(server);
	server->asked = pen_chan_new(0, HTTP_CONNECTIONS_MAX);
	server->hung_up = pen_chan_new(0, HTTP_CONNECTIONS_MAX);
	server->stop_fd = eventfd(0, EFD_CLOEXEC);
	server->polled[0] = (struct pollfd){.fd = server->stop_fd, .events = POLLIN};
	server->polled[1] = (struct pollfd){.fd = http_listen(&server->port), .events = POLLIN};
	server->n = 2;
	ck_assert_int_eq(pthread_create(&server->thread, NULL, http_server_thread, server), 0);
	return server;
}

static inline void http_server_stop(struct http_server *server)
{
	ck_assert_int_eq(eventfd_write(server->stop_fd, 1), 0);
	pthread_join(server->thread, NULL);
	close(server->stop_fd);
	pen_chan_free(server->asked);
	pen_chan_free(server->hung_up);
	free(server);
}

#endif
