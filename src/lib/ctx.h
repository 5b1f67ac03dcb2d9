/* ctx.h - what wait.c needs of contexts: to be told when one ends while somebody waits under it. */
#ifndef PEN_LIB_CTX_H
#define PEN_LIB_CTX_H

#include <penstock/ctx.h>

struct pen__wait;

/* pen_ctx_err(), which most often is asked of none. */
static inline int pen__ctx_err(struct pen_ctx *ctx)
{
	return ctx ? pen_ctx_err(ctx) : 0;
}

/* One wait under a context; on the waiter's stack, linked into the context's list. */
struct pen__ctx_watch {
	struct pen__ctx_watch *next, *prev;
	struct pen__wait *wait;
	bool linked; /* under the context's lock */
};

/* Watch `ctx` (NULL or the background: nothing to watch).  False if it has ended already: nothing is watched then. */
bool pen__ctx_watch(struct pen_ctx *ctx, struct pen__ctx_watch *watch, struct pen__wait *wait);
/* `ctx` as given to pen__ctx_watch(); also after that call returned false. */
void pen__ctx_unwatch(struct pen__ctx_watch *watch, struct pen_ctx *ctx);

/*
 * The deadline of `ctx` if no timer will end it then, because it was set outside a runtime or its runtime is gone: whoever
 * waits under it looks at the clock.  Else PEN_NEVER.
 */
int64_t pen__ctx_deadline_untimed(struct pen_ctx *ctx);

/* End a context whose deadline has been seen to pass, from the one on whose deadline it is; does nothing to one that has ended. */
void pen__ctx_expire(struct pen_ctx *ctx);

#endif
