/* routes.c - which handler serves which method and path. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "http/inside.h"

/* Laid out by hand: one row is much longer than the others. */
// clang-format off
const struct route routes[] = {
	{"POST",   "/jobs",             {"atomic"}, jobs_submit, true},
	{"GET",    "/jobs",             {"tenant", "state+", "kind", "label.*", "limit", "cursor"}, jobs_list, false},
	{"GET",    "/jobs/{id}",        {0},        job_get, false},
	{"DELETE", "/jobs/{id}",        {0},        job_cancel, false},
	{"GET",    "/jobs/{id}/explain", {0},       job_explain, false},
	{"POST",   "/jobs/{id}:cancel", {0},        job_cancel, false},
	{"POST",   "/jobs:retry",       {"tenant", "state+", "kind", "label.*", "limit", "cursor"}, jobs_retry, false},
	{"POST",   "/jobs/{id}:retry",  {0},        job_retry, false},
	{"GET",    "/jobs/{id}/log",    {"follow"}, job_log, false},
	{"GET",    "/results/{id}",     {"wait"},   result_get, true},
	{"GET",    "/tenants",          {"limit", "cursor"}, tenants_list, false},
	{"GET",    "/tenants/{name}",   {0},        tenants_get, false},
	{"PUT",    "/tenants/{name}",   {0},        tenants_put, false},
	{"DELETE", "/tenants/{name}",   {0},        tenants_delete, false},
	{"POST",   "/tenants/{name}:pause",  {0},   tenants_pause, false},
	{"POST",   "/tenants/{name}:resume", {0},   tenants_resume, false},
	{"POST",   "/audit",            {0},        audit_post, false},
	{"GET",    "/stats",            {"format"}, stats_get, false},
	{"GET",    "/metrics",          {"format"}, stats_get, false},
	{"GET",    "/healthz",          {0},        health_get, false},
	{"GET",    "/readyz",           {0},        ready_get, false},
};
// clang-format on
const size_t n_routes = ARRAY_LEN(routes);

static bool serves(const struct route *route, const char *method)
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	return strcmp(route->method, method) == 0;
}

int route_find(
	const char *method, struct target *target, const struct route **ret_route, char *allow, size_t size)
{
	size_t len = 0;

	allow[0] = 0;
	for (size_t i = 0; i < n_routes; i++) {
		if (!target_match(target, routes[i].pattern))
			continue;
		if (serves(&routes[i], method)) {
			*ret_route = &routes[i];
			return 0;
		}
		if (len < size)
			len += (size_t)snprintf(allow + len, size - len, "%s%s%s", len ? ", " : "",
				routes[i].method, serves(&routes[i], "HEAD") ? ", HEAD" : "");
	}
	return len ? -ENOTSUP : -ENOENT;
}
