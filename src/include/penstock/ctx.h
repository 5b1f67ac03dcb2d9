/*
 * ctx.h - the context tree: cancellation, deadlines and values that flow from parent to child.
 *
 * A context ends once: by cancel, by its deadline or because its parent ended.  All below it end with it: whoever has seen
 * one ended finds them ended.
 * Contexts are counted: a child keeps its parent alive.  After Go's package context.
 */
#ifndef PENSTOCK_CTX_H
#define PENSTOCK_CTX_H

#include <penstock/base.h>

PEN_BEGIN

/* The root that never ends.  Needs no ref or unref; NULL means the same in every call. */
PEN_API struct pen_ctx *pen_ctx_background(void);

/*
 * Give a child of `parent` in `*ret_ctx`, to be given back with pen_ctx_unref().  A child of a context that
 * has ended is born ended.  Deadlines are CLOCK_MONOTONIC ns; the earlier of parent's and child's counts.
 * A deadline set outside a runtime, or later than its end, still ends blocking calls, but nobody watches for
 * it: the done channel is closed and pen_ctx_after() functions run once a call with the context finds it ended.
 * Returns 0 or -ENOMEM.
 */
PEN_API PEN_MUST_CHECK int pen_ctx_with_cancel(struct pen_ctx **ret_ctx, struct pen_ctx *parent);
PEN_API PEN_MUST_CHECK int pen_ctx_with_deadline(
	struct pen_ctx **ret_ctx, struct pen_ctx *parent, int64_t deadline_ns);
PEN_API PEN_MUST_CHECK int pen_ctx_with_timeout(
	struct pen_ctx **ret_ctx, struct pen_ctx *parent, int64_t timeout_ns);

/* The child also carries `value` under the address `key`; both are borrowed for the child's life. */
PEN_API PEN_MUST_CHECK int pen_ctx_with_value(
	struct pen_ctx **ret_ctx, struct pen_ctx *parent, const void *key, void *value);

/* A child that keeps the values but does not end when the parent does. */
PEN_API PEN_MUST_CHECK int pen_ctx_without_cancel(struct pen_ctx **ret_ctx, struct pen_ctx *parent);

PEN_API struct pen_ctx *pen_ctx_ref(struct pen_ctx *ctx); /* gives one more reference */
PEN_API void pen_ctx_unref(struct pen_ctx *ctx);          /* takes one; NULL is allowed; does not cancel */
PEN_API void pen_ctx_unrefp(struct pen_ctx **ctx); /* for __attribute__((cleanup)): cancels, then unrefs */

/*
 * End the context and all below it with -ECANCELED.  `cause` says why in a word or two; it is kept by address
 * and must be a literal or as long-lived (NULL: "canceled").  The first end counts; later calls do nothing.
 * Once any has returned, pen_ctx_err() says so.  Anybody may call, from tasks and threads; never blocks.
 */
PEN_API void pen_ctx_cancel(struct pen_ctx *ctx, const char *cause);

/* 0 while it lasts; then -ECANCELED or -ETIMEDOUT, for ever the same. */
PEN_API int pen_ctx_err(struct pen_ctx *ctx);

/* Why it ended, the first cause on the way up ("deadline" for a deadline); NULL while it lasts. */
PEN_API const char *pen_ctx_cause(struct pen_ctx *ctx);

/*
 * A channel that is closed when the context ends, for select.  Borrowed, lives as long as the context; made
 * at the first call.  NULL (never ready in a select) for the background context and when out of memory.
 */
PEN_API struct pen_chan *pen_ctx_done(struct pen_ctx *ctx);

/* The value of the nearest context above that carries `key`, or NULL. */
PEN_API void *pen_ctx_value(struct pen_ctx *ctx, const void *key);

/* The deadline in CLOCK_MONOTONIC ns, PEN_NEVER without one. */
PEN_API int64_t pen_ctx_deadline(struct pen_ctx *ctx);

/*
 * Run `fn(arg)` in a task of its own once the context ends (at once, if it has).  Gives a handle in `*ret`, to be
 * given back with pen_ctx_after_stop(), which returns true if fn will never run, false if it has been started.
 */
struct pen_ctx_after;
PEN_API PEN_MUST_CHECK int pen_ctx_after(
	struct pen_ctx_after **ret, struct pen_ctx *ctx, void (*fn)(void *arg), void *arg);
PEN_API bool pen_ctx_after_stop(struct pen_ctx_after *after);

PEN_END

#endif
