/* numbers.c - what the server counts, by route and status, and /stats over all of it. */
#include <errno.h>
#include <penstock/task.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "http/inside.h"

_Static_assert(STATS_ROUTES >= 10, "one a route, and one for no route");

int numbers_init(struct server *server)
{
	server->stats = calloc(n_routes + 1, sizeof *server->stats);
	if (!server->stats)
		return -ENOMEM;
	for (size_t i = 0; i < n_routes; i++)
		server->stats[i].route = routes[i].pattern;
	server->stats[n_routes].route = "none";
	return 0;
}

void numbers_fini(struct server *server)
{
	free(server->stats);
}

static void add_code(struct route_stats *stats, int code, uint64_t count)
{
	for (size_t i = 0; i < STATS_CODES; i++) {
		if (stats->codes[i].code == code || stats->codes[i].code == 0) {
			stats->codes[i].code = code;
			stats->codes[i].count += count;
			return;
		}
	}
}

void numbers_count(struct server *server, const struct route *route, int status, int64_t ns)
{
	struct route_stats *stats = &server->stats[route ? (size_t)(route - routes) : n_routes];

	pthread_mutex_lock(&server->lock);
	add_code(stats, status, 1);
	stats_observe(&stats->seconds, ns);
	pthread_mutex_unlock(&server->lock);
}

/* Only this loop changes it, so only here is the lock needed to read it elsewhere. */
void numbers_count_client(struct server *server, int change)
{
	pthread_mutex_lock(&server->lock);
	server->connections += (uint64_t)change;
	pthread_mutex_unlock(&server->lock);
}

/* Rows of one pattern are one route to those who read. */
static struct route_stats *row_of(struct stats *sum, const char *route)
{
	for (size_t i = 0; i < sum->n_routes; i++)
		if (strcmp(sum->routes[i].route, route) == 0)
			return &sum->routes[i];
	sum->routes[sum->n_routes].route = route;
	return &sum->routes[sum->n_routes++];
}

static void add_route(struct stats *sum, const struct route_stats *stats)
{
	struct route_stats *row = row_of(sum, stats->route);

	for (size_t i = 0; i < STATS_CODES && stats->codes[i].code; i++)
		add_code(row, stats->codes[i].code, stats->codes[i].count);
	for (size_t i = 0; i < ARRAY_LEN(stats->seconds.bucket); i++)
		row->seconds.bucket[i] += stats->seconds.bucket[i];
	row->seconds.sum += stats->seconds.sum;
}

static void add_server(struct stats *sum, struct server *server)
{
	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i <= n_routes; i++)
		add_route(sum, &server->stats[i]);
	sum->connections += server->connections;
	pthread_mutex_unlock(&server->lock);
}

static int read_format(struct request *request, enum stats_format *ret_format)
{
	const char *format = target_parameter(&request->target, "format"),
		   *accept = request_header(request, "Accept");

	if (!format)
		*ret_format = accept && strstr(accept, "application/openmetrics-text") ? STATS_OPENMETRICS
										       : STATS_PROMETHEUS;
	else if (strcmp(format, "json") == 0)
		*ret_format = STATS_JSON;
	else
		return target_problem(
			&request->problem, "format", "can only be json; without it, Accept chooses");
	return 0;
}

static void collect(struct http *http, struct stats *stats)
{
	gate_stats(http->gate, &stats->gate);
	for (size_t i = 0; i < http->n_servers; i++)
		add_server(stats, &http->servers[i]);
	stats->tasks = pen_tasks_alive();
	stats->loops = pen_loops();
	stats->started_ms = http->started_ms;
}

int stats_get(struct request *request, struct reply *reply)
{
	static const char *const types[] = {
		[STATS_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
		[STATS_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
		[STATS_JSON] = "application/json",
	};
	CLEANUP(freep) struct stats *stats = calloc(1, sizeof *stats); /* too large for a task's stack */
	CLEANUP(buf_fini) struct buf body = {0};
	enum stats_format format = STATS_PROMETHEUS;
	int r = stats ? read_format(request, &format) : -ENOMEM;

	if (r < 0)
		return r;
	collect(request->server->http, stats);
	r = stats_write(&body, stats, format);
	if (r == 0)
		r = reply_json(reply, MHD_HTTP_OK, &body);
	reply->content_type = types[format];
	return r;
}
