/*
 * pipeline.c - generate, fan out to two squarers, merge; once to the end, and once stopped early: no task stays behind.
 *
 * After "Go Concurrency Patterns: Pipelines and cancellation".
 */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/pipeline.h>
#include <penstock/task.h>

#include "example.h"

static int generate(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	int n = *(int *)arg, r = 0;

	for (int i = 1; i <= n && r == 0; i++)
		r = pen_chan_send(ctx, out, &i);
	return r;
}

static int square(struct pen_ctx *ctx, const void *in, void *out, void *arg)
{
	int n = *(const int *)in;

	(void)ctx;
	(void)arg;
	*(int *)out = n * n;
	return 0;
}

/* Sum up squares until there are no more, or one is more than `enough`. */
static void run(int n, int enough)
{
	struct pen_pipeline *pipeline;
	struct pen_chan *numbers, *squares[2], *merged;
	int value, sum = 0, r;

	MUST(pen_pipeline_new(&pipeline, NULL));
	MUST(pen_pipeline_source(pipeline, sizeof n, 0, generate, &n, &numbers));
	for (int i = 0; i < 2; i++)
		MUST(pen_pipeline_stage(pipeline, numbers, 1, sizeof n, 0, square, NULL, &squares[i]));
	MUST(pen_pipeline_merge(pipeline, squares, 2, 0, &merged));
	while ((r = pen_chan_recv(NULL, merged, &value)) == 0 && value <= enough)
		sum += value;
	if (r == 0)
		pen_pipeline_cancel(
			pipeline, "seen enough"); /* the others are stuck on full channels, and leave */
	r = pen_pipeline_wait(pipeline);
	pen_pipeline_free(pipeline);
	if (r == 0)
		printf("all %d squares: sum %d\n", n, sum);
	else
		printf("stopped early: %s\n", r == -ECANCELED ? "canceled" : strerror(-r));
}

static int start(void *arg)
{
	(void)arg;
	run(100, 100 * 100);
	run(1000000, 400);
	return 0;
}

/* Would be called if one did. */
static void tell(const char *task, void *arg)
{
	(void)arg;
	printf("left behind: %s\n", task);
}

int main(void)
{
	return MUST(pen_run(&(struct pen_run_options){.on_leak = tell}, start, NULL));
}
