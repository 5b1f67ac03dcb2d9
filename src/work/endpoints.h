/*
 * endpoints.h - the endpoints (scheme, host and port) with which something is wrong, and a breaker for each.  Each tenant has its own, so
 * that none can shut an endpoint for the others.  Any task; its lock is a leaf.
 */
#ifndef WORK_ENDPOINTS_H
#define WORK_ENDPOINTS_H

#include "core/breaker.h"
#include "work/http_url.h"
#include "work/work.h"

struct endpoints;

int endpoints_new(struct endpoints **ret_endpoints); /* 0 or -ENOMEM */
void endpoints_free(struct endpoints *endpoints);    /* NULL is allowed */

/* As breaker_admit(), of the endpoint of a URL, as the tenant knows it. */
int64_t endpoints_admit(struct endpoints *endpoints, const struct breaker_rules *rules, const char *tenant,
	const struct http_url *url, bool *ret_trial);

/* As breaker_report().  Beyond a number of endpoints with which something is wrong the first of them are forgotten. */
void endpoints_report(struct endpoints *endpoints, const struct breaker_rules *rules, const char *tenant,
	const struct http_url *url, bool trial, enum breaker_event event, int64_t leave_alone_ns);

void endpoints_count(struct endpoints *endpoints, struct endpoints_numbers *ret_numbers);

#endif
