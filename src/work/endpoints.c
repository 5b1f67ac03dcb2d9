/* endpoints.c - see endpoints.h.  What goes well leaves no trace here, so that the table stays small. */
#include "work/endpoints.h"

#include <ctype.h>
#include <errno.h>
#include <penstock/time.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fit.h"
#include "base/hash_table.h"
#include "log/log.h"

enum { KNOWN_MAX = 1024, NAME_MAX_BYTES = 400 };

struct endpoint {
	struct breaker breaker;
	UT_hash_handle hh;
	char name[];
};

struct endpoints {
	pthread_mutex_t lock;
	struct endpoint *known; /* by name */
	uint64_t openings, put_off;
};

int endpoints_new(struct endpoints **ret_endpoints)
{
	struct endpoints *endpoints = calloc(1, sizeof *endpoints);

	if (!endpoints)
		return -ENOMEM;
	pthread_mutex_init(&endpoints->lock, NULL);
	*ret_endpoints = endpoints;
	return 0;
}

static void forget(struct endpoints *endpoints, struct endpoint *endpoint)
{
	HASH_DEL(endpoints->known, endpoint);
	free(endpoint);
}

void endpoints_free(struct endpoints *endpoints)
{
	if (!endpoints)
		return;
	while (endpoints->known)
		forget(endpoints, endpoints->known);
	pthread_mutex_destroy(&endpoints->lock);
	free(endpoints);
}

/* A name that does not fit is cut: two such long hosts may share a breaker. */
static void name_of(const char *tenant, const struct http_url *url, char name[static NAME_MAX_BYTES])
{
	fit_print(name, NAME_MAX_BYTES, "%s %s %s:%s", tenant, url->scheme, url->host, url->port);
	for (char *at = name + strlen(tenant); *at; at++)
		*at = (char)tolower((unsigned char)*at);
}

static struct endpoint *find(struct endpoints *endpoints, const char *name)
{
	struct endpoint *endpoint;

	HASH_FIND_STR(endpoints->known, name, endpoint);
	return endpoint;
}

int64_t endpoints_admit(struct endpoints *endpoints, const struct breaker_rules *rules, const char *tenant,
	const struct http_url *url, bool *ret_trial)
{
	struct endpoint *endpoint;
	char name[NAME_MAX_BYTES];
	int64_t wait_ns = 0;

	*ret_trial = false;
	name_of(tenant, url, name);
	pthread_mutex_lock(&endpoints->lock);
	endpoint = find(endpoints, name);
	if (endpoint)
		wait_ns = breaker_admit(&endpoint->breaker, rules, pen_now_ns(), ret_trial);
	endpoints->put_off += wait_ns > 0;
	pthread_mutex_unlock(&endpoints->lock);
	return wait_ns;
}

static struct endpoint *add(struct endpoints *endpoints, const char *name)
{
	struct endpoint *endpoint = calloc(1, sizeof *endpoint + strlen(name) + 1);

	if (!endpoint)
		return NULL;
	if (HASH_COUNT(endpoints->known) == KNOWN_MAX)
		forget(endpoints, endpoints->known); /* the one that is known longest */
	strcpy(endpoint->name, name);
	HASH_ADD_STR(endpoints->known, name, endpoint);
	if (HASH_ADDED(hh, endpoint))
		return endpoint;
	free(endpoint);
	return NULL;
}

static void tell(const char *name, bool was_open, bool is_open)
{
	if (is_open && !was_open)
		log_warning("work", "an endpoint is left alone for a while", "endpoint=%s", name);
	else if (was_open && !is_open)
		log_notice("work", "an endpoint is called again", "endpoint=%s", name);
}

void endpoints_report(struct endpoints *endpoints, const struct breaker_rules *rules, const char *tenant,
	const struct http_url *url, bool trial, enum breaker_event event, int64_t leave_alone_ns)
{
	bool was_open = false, is_open = false;
	struct endpoint *endpoint;
	char name[NAME_MAX_BYTES];

	name_of(tenant, url, name);
	pthread_mutex_lock(&endpoints->lock);
	endpoint = find(endpoints, name);
	if (!endpoint && (event == BREAKER_FAILURE || leave_alone_ns > 0))
		endpoint = add(endpoints, name);
	if (endpoint) {
		was_open = breaker_is_open(&endpoint->breaker);
		breaker_report(&endpoint->breaker, rules, pen_now_ns(), trial, event, leave_alone_ns);
		is_open = breaker_is_open(&endpoint->breaker);
		endpoints->openings += is_open && !was_open;
		if (breaker_is_blank(&endpoint->breaker))
			forget(endpoints, endpoint);
	}
	pthread_mutex_unlock(&endpoints->lock);
	tell(name, was_open, is_open);
}

void endpoints_count(struct endpoints *endpoints, struct endpoints_numbers *ret_numbers)
{
	struct endpoints_numbers numbers = {0};

	pthread_mutex_lock(&endpoints->lock);
	numbers.openings = endpoints->openings;
	numbers.put_off = endpoints->put_off;
	numbers.known = HASH_COUNT(endpoints->known);
	for (struct endpoint *at = endpoints->known; at; at = at->hh.next)
		numbers.open += breaker_is_open(&at->breaker);
	pthread_mutex_unlock(&endpoints->lock);
	*ret_numbers = numbers;
}
