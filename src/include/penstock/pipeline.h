/*
 * pipeline.h - stages joined by bounded channels: fan-out, fan-in.
 *
 * Closing flows downstream: when a stage's input is closed and drained, its output closes.  Cancellation
 * flows upstream: the first error, or pen_pipeline_cancel(), ends the context that every stage works under,
 * so that no stage is left behind on a full channel.  After "Go Concurrency Patterns: Pipelines and
 * cancellation".
 */
#ifndef PENSTOCK_PIPELINE_H
#define PENSTOCK_PIPELINE_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_pipeline;

/*
 * One task or thread builds a pipeline, waits for it and frees it.  An element that fn got belongs to fn; one
 * that is still in a channel, or could not be sent on, when the pipeline is freed goes to that channel's drop
 * function, which may be set any time before (pen_chan_set_drop()).
 */

/* Give an empty pipeline whose context is a child of `parent`.  Returns 0 or -ENOMEM. */
PEN_API PEN_MUST_CHECK int pen_pipeline_new(struct pen_pipeline **ret_pipeline, struct pen_ctx *parent);

/*
 * Wait for all stages (after a cancel, if need be) and free the pipeline with its channels.  NULL is allowed.
 */
PEN_API void pen_pipeline_free(struct pen_pipeline *pipeline);

/*
 * Add a source: one task that runs `generate(ctx, out, arg)`, sends what it likes to `out` and returns.
 * `out` is given in `*ret_out`, holds `buffer` elements of `elem_bytes`, belongs to the pipeline, and is
 * closed when generate returns; a negative value fails the pipeline.  This and the two below return 0, or add
 * nothing: -EINVAL, -ENOMEM, -ESRCH without a runtime.
 */
PEN_API PEN_MUST_CHECK int pen_pipeline_source(struct pen_pipeline *pipeline, size_t elem_bytes,
	size_t buffer, int (*generate)(struct pen_ctx *ctx, struct pen_chan *out, void *arg), void *arg,
	struct pen_chan **ret_out);

/*
 * Add a stage of `width` tasks that take each element of `in`, call `fn(ctx, in_elem, out_elem, arg)` and
 * send the result on.  fn returns 0 to send, 1 to drop the element, -errno to fail the pipeline.  Order is
 * kept only with a width of 1.  Either element is at most PEN_PIPELINE_ELEM_MAX bytes (-EINVAL).
 */
#define PEN_PIPELINE_ELEM_MAX 256
PEN_API PEN_MUST_CHECK int pen_pipeline_stage(struct pen_pipeline *pipeline, struct pen_chan *in,
	size_t width, size_t out_bytes, size_t buffer,
	int (*fn)(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg), void *arg,
	struct pen_chan **ret_out);

/* Merge `n` channels of the same element size into one, closed when the last of them is drained. */
PEN_API PEN_MUST_CHECK int pen_pipeline_merge(struct pen_pipeline *pipeline, struct pen_chan *const *in,
	size_t n, size_t buffer, struct pen_chan **ret_out);

/* The context of all stages; what they block on ends with it. */
PEN_API struct pen_ctx *pen_pipeline_ctx(struct pen_pipeline *pipeline);

/* Stop early: ends the context with `cause`. */
PEN_API void pen_pipeline_cancel(struct pen_pipeline *pipeline, const char *cause);

/* Wait for all stages.  Returns the first error of any, or 0. */
PEN_API PEN_MUST_CHECK int pen_pipeline_wait(struct pen_pipeline *pipeline);

PEN_END

#endif
