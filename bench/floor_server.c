/*
 * floor_server.c - what libmicrohttpd and jansson take by themselves: reads each body as JSON, writes it again, and has done nothing.
 *
 *   floor_server
 *
 * Two threads, as the daemon's two loops.  Prints its port, and ends with its standard input.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 4096, CONNECTION_MEMORY = 4096 };

struct body {
	size_t bytes;
	char data[BODY_MAX];
};

static enum MHD_Result answer(struct MHD_Connection *connection, const struct body *body)
{
	json_t *json = json_loadb(body->data, body->bytes, 0, NULL);
	char *text = json ? json_dumps(json, JSON_COMPACT) : strdup("null");
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);

	MHD_destroy_response(response);
	json_decref(json);
	return result;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *bytes, void **request)
{
	struct body *body = *request;

	(void)arg;
	(void)url;
	(void)method;
	(void)version;
	if (!body) {
		*request = calloc(1, sizeof *body);
		return *request ? MHD_YES : MHD_NO;
	}
	if (*bytes > 0) {
		if (body->bytes + *bytes > BODY_MAX)
			return MHD_NO;
		memcpy(body->data + body->bytes, data, *bytes);
		body->bytes += *bytes;
		*bytes = 0;
		return MHD_YES;
	}
	return answer(connection, body);
}

static void forget(
	void *arg, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)connection;
	(void)how;
	free(*request);
	*request = NULL;
}

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL,
		NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, 2u,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED,
		forget, NULL, MHD_OPTION_END);

	if (!daemon) {
		fprintf(stderr, "floor_server: cannot listen\n");
		return 1;
	}
	printf("%d\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	MHD_stop_daemon(daemon);
	return 0;
}
