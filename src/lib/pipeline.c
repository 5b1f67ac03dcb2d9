/*
 * pipeline.c - stages joined by bounded channels.
 *
 * A stage is a pool whose results go to the stage's own channel, so the last of its workers closes that
 * channel and closing flows downstream by itself.  All stages work under one context; the first error ends
 * it, and with it whatever any of them is blocked on.
 */
#include <penstock/pipeline.h>

#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/pool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chan_ops.h"
#include "lib/lock.h"

struct pen_pipeline {
	struct pen_ctx *ctx;
	struct stage *stages;  /* the newest first */
	struct pen__lock lock; /* of err */
	int err;               /* the first */
};

struct stage {
	struct stage *next;
	struct pen_pipeline *pipeline;
	struct pen_pool *pool;
	struct pen_chan *out;
	int (*work)(struct pen_ctx *ctx, struct stage *stage); /* what each worker does */
	int (*generate)(struct pen_ctx *ctx, struct pen_chan *out, void *arg);
	int (*fn)(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg);
	void *arg;
	size_t next_in; /* atomic; a merge gives each of its workers an input of its own */
	size_t n_left;  /* atomic; elements that could not be sent on, at most one a worker */
	char *left;
	struct pen_chan *in[];
};

/* Room for one element, for any type. */
struct elem {
	_Alignas(max_align_t) char bytes[PEN_PIPELINE_ELEM_MAX];
};

int pen_pipeline_new(struct pen_pipeline **ret_pipeline, struct pen_ctx *parent)
{
	struct pen_pipeline *pipeline = calloc(1, sizeof *pipeline);
	int r;

	if (!pipeline)
		return -ENOMEM;
	r = pen_ctx_with_cancel(&pipeline->ctx, parent);
	if (r < 0) {
		free(pipeline);
		return r;
	}
	*ret_pipeline = pipeline;
	return 0;
}

/* The first error counts; what follows from the cancel is not news. */
static void fail(struct pen_pipeline *pipeline, int err)
{
	bool first;

	pen__lock_take(&pipeline->lock);
	first = pipeline->err == 0;
	if (first)
		pipeline->err = err;
	pen__lock_drop(&pipeline->lock);
	if (first)
		pen_ctx_cancel(pipeline->ctx, "pipeline failed");
}

static int stage_worker(struct pen_ctx *ctx, void *arg)
{
	struct stage *stage = arg;
	int r = stage->work(ctx, stage);

	if (r < 0)
		fail(stage->pipeline, r);
	return r;
}

static struct stage *stage_new(
	struct pen_pipeline *pipeline, struct pen_chan *const *in, size_t n_in, void *arg)
{
	struct stage *stage;
	size_t bytes;

	if (__builtin_mul_overflow(n_in, sizeof *in, &bytes) ||
		__builtin_add_overflow(bytes, sizeof *stage, &bytes))
		return NULL;
	stage = malloc(bytes);
	if (!stage)
		return NULL;
	*stage = (struct stage){.pipeline = pipeline, .arg = arg};
	if (n_in > 0)
		memcpy(stage->in, in, n_in * sizeof *in);
	return stage;
}

static void stage_free(struct stage *stage)
{
	for (size_t i = 0; i < stage->n_left && stage->out->drop; i++)
		stage->out->drop(stage->left + i * stage->out->elem_bytes);
	pen_pool_free(stage->pool);
	pen_chan_free(stage->out);
	free(stage->left);
	free(stage);
}

/* Takes the stage: it is part of the pipeline, or freed. */
static int stage_start(
	struct stage *stage, size_t width, size_t out_bytes, size_t buffer, struct pen_chan **ret_out)
{
	struct pen_pipeline *pipeline = stage->pipeline;
	int r = -ENOMEM;

	stage->left = calloc(width, out_bytes ? out_bytes : 1);
	stage->out = pen_chan_new(out_bytes, buffer);
	if (stage->left && stage->out)
		r = pen_pool_new(&stage->pool, pipeline->ctx, width, stage_worker, stage, stage->out);
	if (r < 0) {
		stage_free(stage);
		return r;
	}
	stage->next = pipeline->stages;
	pipeline->stages = stage;
	*ret_out = stage->out;
	return 0;
}

static int source_work(struct pen_ctx *ctx, struct stage *stage)
{
	return stage->generate(ctx, stage->out, stage->arg);
}

int pen_pipeline_source(struct pen_pipeline *pipeline, size_t elem_bytes, size_t buffer,
	int (*generate)(struct pen_ctx *ctx, struct pen_chan *out, void *arg), void *arg,
	struct pen_chan **ret_out)
{
	struct stage *stage = stage_new(pipeline, NULL, 0, arg);

	if (!stage)
		return -ENOMEM;
	stage->work = source_work;
	stage->generate = generate;
	return stage_start(stage, 1, elem_bytes, buffer, ret_out);
}

/*
 * Send on, or leave it for stage_free(): not dropped at once, since the channel's drop function may be set
 * only after the stage has begun.  Who fails here leaves, so there is room for each.
 */
static int send_or_leave(struct pen_ctx *ctx, struct stage *stage, const struct elem *elem)
{
	size_t bytes = stage->out->elem_bytes;
	int r = pen_chan_send(ctx, stage->out, elem);

	if (r < 0 && bytes > 0)
		memcpy(stage->left + __atomic_fetch_add(&stage->n_left, 1, __ATOMIC_RELAXED) * bytes, elem,
			bytes);
	return r;
}

static int stage_work(struct pen_ctx *ctx, struct stage *stage)
{
	struct elem in, out;
	int r;

	while ((r = pen_chan_recv(ctx, stage->in[0], &in)) == 0) {
		r = stage->fn(ctx, &in, &out, stage->arg);
		if (r == 0)
			r = send_or_leave(ctx, stage, &out);
		if (r < 0)
			return r;
	}
	return r == -EPIPE ? 0 : r;
}

int pen_pipeline_stage(struct pen_pipeline *pipeline, struct pen_chan *in, size_t width, size_t out_bytes,
	size_t buffer, int (*fn)(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg),
	void *arg, struct pen_chan **ret_out)
{
	struct stage *stage;

	if (width == 0 || in->elem_bytes > PEN_PIPELINE_ELEM_MAX || out_bytes > PEN_PIPELINE_ELEM_MAX)
		return -EINVAL;
	stage = stage_new(pipeline, &in, 1, arg);
	if (!stage)
		return -ENOMEM;
	stage->work = stage_work;
	stage->fn = fn;
	return stage_start(stage, width, out_bytes, buffer, ret_out);
}

static int merge_work(struct pen_ctx *ctx, struct stage *stage)
{
	struct pen_chan *in = stage->in[__atomic_fetch_add(&stage->next_in, 1, __ATOMIC_RELAXED)];
	struct elem elem;
	int r;

	while ((r = pen_chan_recv(ctx, in, &elem)) == 0)
		if ((r = send_or_leave(ctx, stage, &elem)) < 0)
			return r;
	return r == -EPIPE ? 0 : r;
}

int pen_pipeline_merge(struct pen_pipeline *pipeline, struct pen_chan *const *in, size_t n, size_t buffer,
	struct pen_chan **ret_out)
{
	struct stage *stage;

	for (size_t i = 0; i < n; i++)
		if (in[i]->elem_bytes != in[0]->elem_bytes || in[i]->elem_bytes > PEN_PIPELINE_ELEM_MAX)
			return -EINVAL;
	if (n == 0)
		return -EINVAL;
	stage = stage_new(pipeline, in, n, NULL);
	if (!stage)
		return -ENOMEM;
	stage->work = merge_work;
	return stage_start(stage, n, in[0]->elem_bytes, buffer, ret_out);
}

struct pen_ctx *pen_pipeline_ctx(struct pen_pipeline *pipeline)
{
	return pipeline->ctx;
}

void pen_pipeline_cancel(struct pen_pipeline *pipeline, const char *cause)
{
	pen_ctx_cancel(pipeline->ctx, cause);
}

/* What a pool returns has been noted by fail() already. */
static void join_stages(struct pen_pipeline *pipeline)
{
	for (struct stage *stage = pipeline->stages; stage; stage = stage->next)
		(void)!pen_pool_wait(NULL, stage->pool);
}

int pen_pipeline_wait(struct pen_pipeline *pipeline)
{
	int err;

	join_stages(pipeline);
	pen__lock_take(&pipeline->lock);
	err = pipeline->err;
	pen__lock_drop(&pipeline->lock);
	return err;
}

/* Nothing is freed before all have left: a stage uses the channel of another. */
void pen_pipeline_free(struct pen_pipeline *pipeline)
{
	struct stage *stage;

	if (!pipeline)
		return;
	pen_ctx_cancel(pipeline->ctx, "pipeline freed");
	join_stages(pipeline);
	while ((stage = pipeline->stages)) {
		pipeline->stages = stage->next;
		stage_free(stage);
	}
	pen_ctx_unref(pipeline->ctx);
	free(pipeline);
}
