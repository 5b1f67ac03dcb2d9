/*
 * leak_detection.c - a task that has no exit path is found and named when the program ends.
 *
 * In Go it would be lost in silence.  The cure: give it a context, and end that.
 */
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/task.h>

#include "example.h"

static struct pen_chan *nobody_sends;

static void waits_for_ever(void *arg)
{
	(void)arg;
	MUST(pen_chan_recv(NULL, nobody_sends, NULL));
}

static void waits_under_a_context(void *arg)
{
	if (pen_chan_recv(arg, nobody_sends, NULL) < 0)
		puts("told to end, and ended");
}

static int start(void *arg)
{
	struct pen_ctx *ctx = arg;

	MUST(pen_go(waits_for_ever, NULL));
	MUST(pen_go(waits_under_a_context, ctx));
	pen_yield(); /* both wait now */
	pen_ctx_cancel(ctx, "end of main");
	return 0;
}

static void tell(const char *task, void *arg)
{
	(void)arg;
	printf("left behind: %s\n", task);
}

int main(void)
{
	struct pen_ctx *ctx;

	nobody_sends = MUST_HAVE(pen_chan_new(sizeof(int), 0));
	MUST(pen_ctx_with_cancel(&ctx, NULL));
	MUST(pen_run(&(struct pen_run_options){.loops = 1, .on_leak = tell}, start, ctx));
	pen_ctx_unref(ctx);
	/* the channel is not freed: somebody still waits on it, and that would abort */
	return 0;
}
