/*
 * select.h - wait for the first of several sends and receives.
 *
 * Exactly one case wins.  Among several ready cases the choice is fair (a random start), or the first in
 * order with PEN_SELECT_PRIORITY.  A case whose channel is NULL is never ready, as in Go.
 */
#ifndef PENSTOCK_SELECT_H
#define PENSTOCK_SELECT_H

#include <penstock/base.h>

PEN_BEGIN

enum pen_select_op { PEN_RECV, PEN_SEND };

struct pen_case {
	struct pen_chan *chan;
	enum pen_select_op op;
	int result;       /* of the winning case: 0, or -EPIPE for a closed channel */
	void *recv;       /* PEN_RECV: where the value goes; NULL throws it away */
	const void *send; /* PEN_SEND: where the value comes from */
};

#define PEN_CASE_RECV(ch, to) \
	{ \
		.chan = (ch), .op = PEN_RECV, .recv = (to) \
	}
#define PEN_CASE_SEND(ch, from) \
	{ \
		.chan = (ch), .op = PEN_SEND, .send = (from) \
	}

enum pen_select_flags {
	PEN_SELECT_FAIR = 0,
	PEN_SELECT_PRIORITY = 1, /* the first ready case in order wins */
	PEN_SELECT_DEFAULT = 2,  /* never wait: -EAGAIN when no case is ready */
};

#define PEN_SELECT_CASES_MAX 64

/*
 * Wait until one of the `n` cases (0..PEN_SELECT_CASES_MAX) can go, and do it.  Returns its index, its
 * `result` set; or none went: -ECANCELED or -ETIMEDOUT when `ctx` ended, -EAGAIN, -EINVAL.  With only NULL
 * channels it waits for the context alone.
 */
PEN_API PEN_MUST_CHECK int pen_select(struct pen_ctx *ctx, struct pen_case *cases, size_t n, unsigned flags);

/*
 * The same, with a time at which it gives up with -ETIMEDOUT (CLOCK_MONOTONIC ns; PEN_NEVER: none).  In a task that has
 * to wait, -ENOMEM where the loop has no room for one more timer.
 */
PEN_API PEN_MUST_CHECK int pen_select_until(
	struct pen_ctx *ctx, struct pen_case *cases, size_t n, unsigned flags, int64_t deadline_ns);

PEN_END

#endif
