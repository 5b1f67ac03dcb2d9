/* wait_for_pipe.c - wait for a descriptor in a straight line: others of the loop run meanwhile, and a context ends the wait. */
#include <errno.h>
#include <fcntl.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <unistd.h>

#include "example.h"

static int ends[2];
static char greeting[] = "hello";

static void write_later(void *arg)
{
	MUST(pen_sleep(NULL, PEN_MS));
	MUST((int)write(ends[1], arg, strlen(arg)));
}

static int start(void *arg)
{
	char text[16] = "";
	struct pen_ctx *ctx;

	(void)arg;
	MUST(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	MUST(pen_go(write_later, greeting));
	MUST(pen_io_wait(NULL, ends[0], PEN_IO_READ));
	MUST((int)read(ends[0], text, sizeof text - 1));
	printf("read: %s\n", text);

	MUST(pen_ctx_with_timeout(&ctx, NULL, PEN_MS));
	printf("nothing more: %s\n", strerror(-pen_io_wait(ctx, ends[0], PEN_IO_READ)));
	pen_ctx_unrefp(&ctx);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
