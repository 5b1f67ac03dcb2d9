/*
 * pool.h - a fixed number of worker tasks that share one function and one input, spread over the loops from
 * the caller's on.
 */
#ifndef PENSTOCK_POOL_H
#define PENSTOCK_POOL_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_pool;

/*
 * Give a pool of `workers` (1..) tasks, each running `worker(ctx, arg)`, which usually receives from one
 * channel and sends to another until -EPIPE.  When the last worker has left, `results` is closed (NULL:
 * nothing is).  A worker that returns other than 0 leaves alone; the first such value is what pen_pool_wait()
 * returns.  Borrows all until the pool is freed.
 * Returns 0, or has run no worker: -EINVAL, -ENOMEM or -ESRCH.
 */
PEN_API PEN_MUST_CHECK int pen_pool_new(struct pen_pool **ret_pool, struct pen_ctx *ctx, size_t workers,
	int (*worker)(struct pen_ctx *ctx, void *arg), void *arg, struct pen_chan *results);

/* Wait until every worker has left or `ctx` ends.  Returns the first worker's error, 0, or why ctx ended. */
PEN_API PEN_MUST_CHECK int pen_pool_wait(struct pen_ctx *ctx, struct pen_pool *pool);

/* Free the pool; aborts while a worker is alive.  NULL is allowed. */
PEN_API void pen_pool_free(struct pen_pool *pool);

PEN_END

#endif
