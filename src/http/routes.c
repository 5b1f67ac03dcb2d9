/* routes.c - which handler serves which method and path. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "http/inside.h"

/* Laid out by hand: one row is much longer than the others. */
// clang-format off
const struct route routes[] = {
	{"POST",   "/jobs",             {"atomic"}, jobs_submit},
	{"GET",    "/jobs",             {"tenant", "state+", "kind", "label.*", "limit", "cursor"}, jobs_list},
	{"GET",    "/jobs/{id}",        {0},        job_get},
	{"DELETE", "/jobs/{id}",        {0},        job_cancel},
	{"GET",    "/jobs/{id}/explain", {0},       job_explain},
	{"POST",   "/jobs/{id}:cancel", {0},        job_cancel},
	{"POST",   "/jobs:retry",       {"tenant", "state+", "kind", "label.*", "limit", "cursor"}, jobs_retry},
	{"POST",   "/jobs/{id}:retry",  {0},        job_retry},
	{"GET",    "/jobs/{id}/log",    {"follow"}, job_log},
	{"GET",    "/results/{id}",     {"wait"},   result_get},
	{"GET",    "/tenants",          {"limit", "cursor"}, tenants_list},
	{"GET",    "/tenants/{name}",   {0},        tenants_get},
	{"PUT",    "/tenants/{name}",   {0},        tenants_put},
	{"DELETE", "/tenants/{name}",   {0},        tenants_delete},
	{"POST",   "/tenants/{name}:pause",  {0},   tenants_pause},
	{"POST",   "/tenants/{name}:resume", {0},   tenants_resume},
	{"POST",   "/audit",            {0},        audit_post},
	{"GET",    "/stats",            {"format"}, stats_get},
	{"GET",    "/metrics",          {"format"}, stats_get},
	{"GET",    "/healthz",          {0},        health_get},
	{"GET",    "/readyz",           {0},        ready_get},
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
