/*
 * hello.c - the smallest program of all: built outside the tree against an installed library.
 *
 *   cc hello.c -o hello $(pkg-config --cflags --libs penstock)
 */
#include <penstock/chan.h>
#include <penstock/task.h>
#include <stdio.h>

static void greet(void *chan)
{
	const char *greeting = "hello from a task";

	if (pen_chan_send(NULL, chan, &greeting) < 0)
		puts("closed");
}

static int start(void *arg)
{
	struct pen_chan *chan = pen_chan_new(sizeof(char *), 0);
	const char *greeting;

	(void)arg;
	if (!chan || pen_go(greet, chan) < 0 || pen_chan_recv(NULL, chan, &greeting) < 0)
		return 1;
	puts(greeting);
	pen_chan_free(chan);
	return 0;
}

int main(void)
{
	return pen_run(NULL, start, NULL) == 0 ? 0 : 1;
}
