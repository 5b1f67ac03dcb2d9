/* context.c - the tree of contexts: a deadline above, a value for all below, a cause, and a function that runs at the end. */
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>

#include "example.h"

static const char user_key; /* its address is the key */
static char user[] = "ann";

static void tell_end(void *arg)
{
	pen_chan_close(arg);
}

static int start(void *arg)
{
	struct pen_ctx *root, *request, *step;
	struct pen_chan *told = MUST_HAVE(pen_chan_new(0, 0));
	struct pen_ctx_after *after;

	(void)arg;
	MUST(pen_ctx_with_timeout(&root, NULL, 3600 * PEN_SECOND));
	MUST(pen_ctx_with_value(&request, root, &user_key, user));
	MUST(pen_ctx_with_timeout(&step, request, 5 * PEN_MS));
	printf("user: %s\n", (char *)pen_ctx_value(step, &user_key));

	MUST(pen_ctx_after(&after, request, tell_end, told));
	printf("step: %s\n", strerror(-pen_sleep(step, PEN_SECOND))); /* its deadline comes first */
	printf("why: %s\n", pen_ctx_cause(step));

	pen_ctx_cancel(root, "client left");
	printf("request: %s, %s\n", strerror(-pen_ctx_err(request)), pen_ctx_cause(request));
	printf("step still: %s\n", pen_ctx_cause(step)); /* the first end counts */
	if (pen_chan_recv(NULL, told, NULL) < 0)
		printf("the function has run: %s\n", pen_ctx_after_stop(after) ? "no" : "yes");

	pen_chan_free(told);
	pen_ctx_unref(step);
	pen_ctx_unref(request);
	pen_ctx_unref(root);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
