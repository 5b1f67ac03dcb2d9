/* producer_closes.c - the side that sends closes; receivers drain what is left, and only then hear of it. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { VALUES = 20, RECEIVERS = 3 };

static struct pen_chan *values;
static struct pen_waitgroup *wg;
static int received, told;

static void receive(void *arg)
{
	int r;

	(void)arg;
	while ((r = pen_chan_recv(NULL, values, NULL)) == 0)
		received++;
	told += r == -EPIPE;
	pen_waitgroup_done(wg);
}

static int start(void *arg)
{
	(void)arg;
	values = MUST_HAVE(pen_chan_new(sizeof(int), VALUES));
	wg = MUST_HAVE(pen_waitgroup_new());
	for (int i = 0; i < VALUES; i++)
		MUST(pen_chan_send(NULL, values, &i));
	pen_chan_close(values);
	printf("closed with %zu values in it\n", pen_chan_len(values));
	for (int i = 0; i < RECEIVERS; i++) {
		pen_waitgroup_add(wg, 1);
		MUST(pen_go(receive, NULL)); /* all on this loop: the counts need no lock */
	}
	MUST(pen_waitgroup_wait(NULL, wg));
	printf("%d values received, %d receivers told of the end\n", received, told);
	printf("a send now: %s\n", strerror(-pen_chan_send(NULL, values, &received)));
	pen_waitgroup_free(wg);
	pen_chan_free(values);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
