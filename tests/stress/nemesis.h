/* nemesis.h - contexts that end at the worst of times: some at once, some soon, some by another's hand. */
#ifndef TESTS_NEMESIS_H
#define TESTS_NEMESIS_H

#include <penstock/chan.h>

#include "stress.h"

/* A task that cancels every context it is sent. */
static inline void nemesis_task(void *arg)
{
	struct pen_ctx *ctx;

	while (pen_chan_recv(NULL, arg, &ctx) == 0) {
		pen_ctx_cancel(ctx, "nemesis");
		pen_ctx_unref(ctx);
	}
	pen_chan_free(arg);
}

/* Give the channel it listens to; closing the channel ends it and frees both. */
static inline struct pen_chan *nemesis_new(void)
{
	struct pen_chan *victims = pen_chan_new(sizeof(struct pen_ctx *), 1);

	STRESS_CHECK(victims && pen_go_on(pen_loops() - 1, nemesis_task, victims) == 0, "no nemesis");
	return victims;
}

/* A context to wait under; NULL, or given with a reference. */
static inline struct pen_ctx *doomed_ctx(struct member *member, struct pen_chan *nemesis)
{
	struct pen_ctx *ctx, *sent;
	int r;

	switch (pick(member, 4)) {
	case 0:
		return NULL;
	case 1:
		r = pen_ctx_with_timeout(&ctx, NULL, (int64_t)pick(member, 100) * PEN_US);
		STRESS_CHECK(r == 0, "no context");
		return ctx;
	default:
		r = pen_ctx_with_cancel(&ctx, NULL);
		STRESS_CHECK(r == 0, "no context");
		sent = pen_ctx_ref(ctx);
		STRESS_CHECK(pen_chan_send(NULL, nemesis, &sent) == 0, "the nemesis is gone");
		return ctx;
	}
}

static inline bool ended_by_ctx(int r)
{
	return r == -ECANCELED || r == -ETIMEDOUT;
}

#endif
