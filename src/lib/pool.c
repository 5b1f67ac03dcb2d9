/*
 * pool.c - a fixed number of workers that share one function and one input.
 *
 * All workers or none: the tasks are started first, wait behind a gate and run the function only once every
 * one of them is there.  The last thing a worker does to the pool is to be done in `alive`.
 */
#include <penstock/pool.h>

#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <stdlib.h>

#include "lib/abort.h"
#include "lib/lock.h"
#include "lib/waitgroup.h"

struct pen_pool {
	struct pen_ctx *ctx; /* held */
	int (*worker)(struct pen_ctx *ctx, void *arg);
	void *arg;
	struct pen_chan *results;
	struct pen_waitgroup gate; /* closed while its count is 1 */
	bool broken;               /* too few could be started: leave at once; set before the gate opens */
	struct pen_waitgroup alive;
	struct pen__lock lock; /* of all below */
	size_t working;        /* the one who brings it to 0 closes `results` */
	int err;               /* the first */
};

/* One worker is through with its function; whether it was the last. */
static bool note_end(struct pen_pool *pool, int r)
{
	bool last;

	pen__lock_take(&pool->lock);
	if (pool->err == 0)
		pool->err = r;
	last = --pool->working == 0;
	pen__lock_drop(&pool->lock);
	return last;
}

static void pool_worker(void *arg)
{
	struct pen_pool *pool = arg;

	pen__waitgroup_join(&pool->gate);
	if (!pool->broken && note_end(pool, pool->worker(pool->ctx, pool->arg)) && pool->results)
		pen_chan_close(pool->results);
	pen_waitgroup_done(&pool->alive);
}

/* Beginning with the caller's loop, so that a pool of one stays beside whoever talks to it. */
static int start_all(struct pen_pool *pool, size_t workers)
{
	size_t loops = pen_loops(), first = pen_in_task() ? pen_loop_self() : 0;
	int r = loops > 0 ? 0 : -ESRCH;

	for (size_t i = 0; i < workers && r == 0; i++) {
		pen_waitgroup_add(&pool->alive, 1);
		r = pen_go_on_named((first + i) % loops, "pen_pool", pool_worker, pool);
		if (r < 0)
			pen_waitgroup_done(&pool->alive);
	}
	return r;
}

int pen_pool_new(struct pen_pool **ret_pool, struct pen_ctx *ctx, size_t workers,
	int (*worker)(struct pen_ctx *ctx, void *arg), void *arg, struct pen_chan *results)
{
	struct pen_pool *pool;
	int r;

	if (workers == 0)
		return -EINVAL;
	pool = malloc(sizeof *pool);
	if (!pool)
		return -ENOMEM;
	*pool = (struct pen_pool){.ctx = pen_ctx_ref(ctx),
		.worker = worker,
		.arg = arg,
		.results = results,
		.working = workers};
	pen_waitgroup_add(&pool->gate, 1);
	r = start_all(pool, workers);
	pool->broken = r < 0;
	pen_waitgroup_done(&pool->gate);
	if (r < 0) {
		pen__waitgroup_join(&pool->alive);
		pen_pool_free(pool);
		return r;
	}
	*ret_pool = pool;
	return 0;
}

int pen_pool_wait(struct pen_ctx *ctx, struct pen_pool *pool)
{
	int r = pen_waitgroup_wait(ctx, &pool->alive);

	/* nobody is left to write it, and the last who did was done after */
	return r < 0 ? r : pool->err;
}

void pen_pool_free(struct pen_pool *pool)
{
	if (!pool)
		return;
	PEN__REQUIRE(pen__waitgroup_idle(&pool->alive), "a pool was freed while a worker of it is alive");
	pen_ctx_unref(pool->ctx);
	free(pool);
}
