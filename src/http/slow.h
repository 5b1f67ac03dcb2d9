/*
 * slow.h - connections that take too long.
 *
 * A connection is at any time in one of four states: it waits for a request, for at most idle-timeout; a request is coming in, for
 * at most request-timeout; the request is at work, which no clock of ours limits; its answer is going out, for at most
 * idle-timeout.  In each state all have the same limit, so a list in order of arrival is in order of deadline, and each
 * limit is absolute, however slowly bytes trickle.
 *
 * libmicrohttpd tells of a request only once its first line is whole.  So that nobody can take all of idle-timeout for that
 * line, waiting connections are looked at each request-timeout or so: if bytes have come since the last look, a request is
 * coming in.  So the first byte to the cut may take up to three times request-timeout.
 */
#ifndef HTTP_SLOW_H
#define HTTP_SLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum slow_state { SLOW_IDLE, SLOW_REQUEST, SLOW_ANSWER, SLOW_STATES };

/* One connection.  All but `fd` and `lingers` is for slow.c. */
struct client {
	int fd;
	bool lingers; /* it has not sent all that it wanted to when it is answered and closed */
	struct client *next, *prev;
	int state; /* enum slow_state, or -1: on no list */
	int64_t deadline_ns;
	unsigned looks_left;
	bool received_known;
	uint64_t received; /* bytes, at the last look */
};

struct slow {
	struct client *lists[SLOW_STATES];
	int64_t limit_ns[SLOW_STATES]; /* of SLOW_IDLE: until the next look */
	unsigned looks;                /* as many make up idle-timeout */
};

void slow_init(struct slow *slow, int64_t idle_timeout_ns, int64_t request_timeout_ns);

/* A new connection; it waits for its first request. */
void slow_add(struct slow *slow, struct client *client, int fd, int64_t now_ns);

/* It enters a state, or one without a limit. */
void slow_enter(struct slow *slow, struct client *client, enum slow_state state, int64_t now_ns);
void slow_forget(struct slow *slow, struct client *client);

/* Take out the first that is over its limit and say in which state; NULL: none is.  Looks at those that are due for it. */
struct client *slow_take(struct slow *slow, int64_t now_ns, enum slow_state *ret_state);

/* When slow_take() is due, PEN_NEVER without connections; and the shortest that a connection to come may have. */
int64_t slow_deadline(const struct slow *slow);
int64_t slow_shortest(const struct slow *slow);

#endif
