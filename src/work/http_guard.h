/*
 * http_guard.h - the guard at the place where it counts: asked by libcurl about the very address that a socket is to connect to, and
 * about that of a connection that is used, new or again.  No name is resolved a second time.
 */
#ifndef WORK_HTTP_GUARD_H
#define WORK_HTTP_GUARD_H

#include <stdbool.h>

#include "core/outcome.h"
#include "work/outside.h"
#include "work/own.h"
#include "work/work.h"

/* Of one transfer; lives until it is over. */
struct http_guard {
	const struct work_terms *terms;
	struct own *own;
	CURL *easy;
	const char *host; /* as the URL has it, or as libcurl has read it */
	bool passed;      /* a connection was let through, so that what failed later is no refusal */
	bool given_up;    /* nothing else is to be let through */
	enum guard_verdict refused;
	char why[160]; /* with the address, for people */
	int error;     /* -errno: the guard could not tell, so it refused */
};

/* Have `easy` ask this guard.  Borrows all until the transfer is over. */
void http_guard_set(CURL *easy, struct http_guard *guard);

/* Whether the guard is why a transfer has failed; then what is to be told of that is in the outcome. */
bool http_guard_refused(const struct http_guard *guard, struct outcome *outcome);

#endif
