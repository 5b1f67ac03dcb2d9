/* generator.c - a task that sends square numbers until nobody wants more: a channel, a context, a clean end. */
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <stdio.h>

static struct pen_chan *squares;

static void generate(void *ctx)
{
	for (int n = 1; pen_chan_send(ctx, squares, &(int){n * n}) == 0; n++)
		; /* parks here until the other side receives, or ctx ends */
	pen_chan_close(squares);
}

static int take_five(void *arg)
{
	struct pen_ctx *ctx;
	int n;

	(void)arg;
	squares = pen_chan_new(sizeof n, 0);
	if (!squares || pen_ctx_with_cancel(&ctx, NULL) < 0 || pen_go(generate, ctx) < 0)
		return 1;
	for (int i = 0; i < 5 && pen_chan_recv(NULL, squares, &n) == 0; i++)
		printf("%d\n", n);
	pen_ctx_cancel(ctx, "enough");
	while (pen_chan_recv(NULL, squares, &n) == 0)
		; /* until generate() has closed it */
	pen_ctx_unref(ctx);
	pen_chan_free(squares);
	return 0;
}

int main(void)
{
	return pen_run(NULL, take_five, NULL); /* a loop on each processor */
}
