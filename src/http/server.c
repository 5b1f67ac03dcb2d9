/*
 * server.c - one libmicrohttpd daemon a loop, on one listening socket, each driven by a straight-line task.
 *
 * libmicrohttpd runs without threads of its own: its epoll descriptor is watched by the loop like any other.  Its timeouts are
 * off, slow.c has ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/fd.h"
#include "http/inside.h"
#include "log/log.h"

enum {
	HEADS_A_CONNECTION =
		2, /* room for so many times header-max: head.c says what is too much, in our words */
	CONNECTION_MEMORY_EXTRA = 2048, /* for the answer's head */
	DESCRIPTORS_A_WORKER = 4,       /* a command's pipes, and its process */
};
#define STOP_LOOK_NS (5 * PEN_MS)
#define IN_PLACE_LOOK_NS (2 * PEN_MS)

/* The raw target is decoded in target.c. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static void tell(void *arg, const char *format, va_list args)
{
	char text[256];

	(void)arg;
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = 0;
	log_debug("http", "libmicrohttpd says", "text=%s", text);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Whether the daemon has more to do without any new event.  With as many connections as it may have it does not listen; when one
 * has ended, it takes another run to listen again.  While requests wait in place it always says that it has; then we know of most that is to
 * be done, and for the rest a task runs it each IN_PLACE_LOOK_NS.
 */
static bool is_busy(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (server->vacated || server->in_place > 0)
		return server->vacated || server->stirred;
	return MHD_get_timeout(server->daemon, &ms) == MHD_YES && ms == 0;
}

static void run_daemon(struct server *server)
{
	server->vacated = server->stirred = false;
	server->run_ns = pen_now_ns();
	MHD_run(server->daemon);
}

/*
 * Until when the daemon may be left alone; cuts who is too slow.  Meanwhile connections may be resumed, and their limits begin,
 * without waking this task; so it never sleeps longer than the shortest limit.
 */
static int64_t rest_until(struct server *server, int64_t now_ns)
{
	enum slow_state state;
	struct client *client;

	while ((client = slow_take(&server->slow, now_ns, &state)))
		client_cut(server, client, state);
	if (is_busy(server))
		return now_ns;
	if (server->connections == 0)
		return PEN_NEVER;
	return earlier(slow_deadline(&server->slow), now_ns + slow_shortest(&server->slow));
}

static void turn(struct server *server, struct pen_ctx *ctx, int64_t at_most_until_ns)
{
	int64_t now_ns = pen_now_ns(), until_ns = earlier(rest_until(server, now_ns), at_most_until_ns);

	if (until_ns <= now_ns)
		pen_yield();
	else if (pen_io_wait_until(ctx, server->epoll_fd, PEN_IO_READ, until_ns) == -ECANCELED)
		return;
	run_daemon(server);
}

static void run_resumed(void *arg)
{
	struct server *server = arg;

	for (;;) {
		server->resumed = false;
		run_daemon(server);
		if (!server->resumed && !is_busy(server))
			break;
		pen_yield();
	}
	server->resuming = false;
}

/*
 * Without a thread of its own libmicrohttpd does not make its epoll descriptor readable when a connection is resumed.  The
 * server's task is parked on that descriptor, outside of libmicrohttpd, so another task of this loop may run the daemon,
 * until it has nothing more to do: an answer takes it several rounds.
 */
void server_resume(struct server *server)
{
	server->resumed = true;
	if (server->resuming)
		return;
	server->resuming = true;
	if (pen_go(run_resumed, server) < 0)
		run_resumed(server);
}

static void look_after_those_in_place(void *arg)
{
	struct server *server = arg;

	for (;;) {
		if (pen_sleep(NULL, IN_PLACE_LOOK_NS) < 0)
			pen_yield(); /* no memory for a timer */
		if (server->in_place == 0)
			break;
		server_resume(server);
	}
	server->looking = false;
}

/* Whichever task's run of the daemon a request is taken in by: the server's own may be parked for long. */
int server_look_after(struct server *server)
{
	int r = server->looking ? 0 : pen_go(look_after_those_in_place, server);

	server->looking |= r == 0;
	return r;
}

/* The handlers' context has ended, so they are done soon; the answers have until the deadline to go out. */
static void finish(struct server *server)
{
	int listening = MHD_quiesce_daemon(server->daemon);

	while (server->running > 0 || server->resuming || server->looking || server->lingering > 0 ||
		(server->answering > 0 && pen_now_ns() < server->http->stop_deadline_ns))
		turn(server, NULL, pen_now_ns() + STOP_LOOK_NS);
	MHD_stop_daemon(server->daemon);
	fd_close(listening);
}

static void serve(void *arg)
{
	struct server *server = arg;
	struct http *http = server->http;

	while (pen_ctx_err(http->ctx) == 0)
		turn(server, http->ctx, PEN_NEVER);
	finish(server);
	pen_waitgroup_done(http->servers_alive);
}

/* Each connection is a descriptor, and the workers need some too. */
static size_t connections_max(const struct conf *conf)
{
	size_t others = conf->workers * DESCRIPTORS_A_WORKER, most;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return conf->connections_max;
	most = limit.rlim_cur / 2 > others ? limit.rlim_cur - others : limit.rlim_cur / 2;
	if (conf->connections_max <= most)
		return conf->connections_max;
	log_warning("http", "too few descriptors for connections-max", "descriptors=%zu connections=%zu",
		(size_t)limit.rlim_cur, most);
	return most;
}

static int open_daemon(struct server *server, unsigned connections, int fd)
{
	size_t memory = HEADS_A_CONNECTION * server->http->conf->header_max + CONNECTION_MEMORY_EXTRA;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* each daemon closes its own */

	if (own < 0)
		return -errno;
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
		NULL, NULL, exchange_continue, server, MHD_OPTION_EXTERNAL_LOGGER, tell, NULL,
		MHD_OPTION_LISTEN_SOCKET, own, MHD_OPTION_CONNECTION_LIMIT, connections,
		MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_end, server, MHD_OPTION_NOTIFY_CONNECTION, client_notify, server,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_END);
	if (!server->daemon) {
		fd_close(own);
		return -EIO;
	}
	server->epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return 0;
}

static int start_server(struct server *server, size_t loop, unsigned connections, int fd)
{
	struct http *http = server->http;
	int r = numbers_init(server);

	if (r == 0)
		r = open_daemon(server, connections, fd);
	if (r < 0)
		return r;
	slow_init(&server->slow, http->conf->idle_timeout_ns, http->conf->request_timeout_ns);
	pen_waitgroup_add(http->servers_alive, 1);
	r = pen_go_on(loop, serve, server);
	if (r < 0) {
		pen_waitgroup_done(http->servers_alive);
		MHD_stop_daemon(server->daemon);
	}
	return r;
}

static int start_servers(struct http *http, int fd)
{
	size_t most = connections_max(http->conf), n = http->n_servers;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = start_server(&http->servers[i], i, (unsigned)(most / n + (i < most % n)), fd);
	return r;
}

static void http_free(struct http *http)
{
	for (size_t i = 0; i < http->n_servers; i++) {
		numbers_fini(&http->servers[i]);
		pthread_mutex_destroy(&http->servers[i].lock);
	}
	pthread_mutex_destroy(&http->bulk_lock);
	pen_waitgroup_free(http->servers_alive);
	pen_ctx_unrefp(&http->ctx);
	conf_unref(http->conf);
	free(http);
}

static struct http *http_new(struct conf *conf, struct gate *gate)
{
	size_t n = pen_loops();
	struct http *http = calloc(1, sizeof *http + n * sizeof http->servers[0]);

	if (!http)
		return NULL;
	http->conf = conf_ref(conf);
	http->gate = gate;
	http->started_ms = clock_wall_ms();
	http->n_servers = n;
	pthread_mutex_init(&http->bulk_lock, NULL);
	for (size_t i = 0; i < n; i++) {
		http->servers[i].http = http;
		pthread_mutex_init(&http->servers[i].lock, NULL);
	}
	return http;
}

int http_start(struct pen_ctx *ctx, struct conf *conf, struct gate *gate, int fd, struct http **ret_http)
{
	struct http *http = http_new(conf, gate);
	int r = -ENOMEM;

	if (!http)
		return r;
	http->servers_alive = pen_waitgroup_new();
	if (http->servers_alive)
		r = pen_ctx_with_cancel(&http->ctx, ctx);
	if (r == 0)
		r = start_servers(http, fd);
	if (r < 0) {
		http_stop(http, 0);
		return r;
	}
	fd_close(fd);
	*ret_http = http;
	return 0;
}

void http_stop(struct http *http, int64_t grace_ns)
{
	http->stop_deadline_ns = pen_now_ns() + grace_ns;
	if (http->ctx)
		pen_ctx_cancel(http->ctx, "shutdown");
	if (!http->servers_alive || pen_waitgroup_wait(NULL, http->servers_alive) == 0)
		http_free(http);
}
