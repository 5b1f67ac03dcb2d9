/* select_timeout.c - wait for a value, but not for ever: by a deadline of the select, by a context, by a timer's channel. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/select.h>
#include <penstock/task.h>
#include <penstock/time.h>

#include "example.h"

static void by_deadline(struct pen_chan *chan)
{
	struct pen_case cases[] = {PEN_CASE_RECV(chan, NULL)};
	int r = pen_select_until(NULL, cases, 1, PEN_SELECT_FAIR, pen_now_ns() + 10 * PEN_MS);

	printf("deadline: %s\n", r == -ETIMEDOUT ? "timed out" : "a value");
}

static void by_context(struct pen_chan *chan)
{
	struct pen_ctx *ctx;

	MUST(pen_ctx_with_timeout(&ctx, NULL, 10 * PEN_MS));
	printf("context: %s\n", pen_chan_recv(ctx, chan, NULL) == -ETIMEDOUT ? "timed out" : "a value");
	pen_ctx_unrefp(&ctx);
}

/* Go's `case <-time.After(d)`. */
static void by_timer(struct pen_chan *chan)
{
	struct pen_timer *after = MUST_HAVE(pen_timer_new(10 * PEN_MS));
	struct pen_case cases[] = {PEN_CASE_RECV(chan, NULL), PEN_CASE_RECV(pen_timer_chan(after), NULL)};

	printf("timer: %s\n",
		MUST(pen_select(NULL, cases, 2, PEN_SELECT_FAIR)) == 1 ? "timed out" : "a value");
	pen_timer_free(after);
}

static int start(void *arg)
{
	struct pen_chan *chan = MUST_HAVE(pen_chan_new(sizeof(int), 1));

	(void)arg;
	by_deadline(chan);
	by_context(chan);
	by_timer(chan);
	MUST(pen_chan_send(NULL, chan, &(int){1}));
	by_deadline(chan);
	pen_chan_free(chan);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
