/* bounded_channel.c - a buffered channel as a semaphore: a place in its buffer is leave to run. */
#include <penstock/chan.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { LIMIT = 3, TASKS = 10 };

static struct pen_chan *places; /* of nothing: 0 bytes an element */
static struct pen_waitgroup *wg;
static int running, most;

static void work(void *arg)
{
	(void)arg;
	MUST(pen_chan_send(NULL, places, NULL));
	if (++running > most)
		most = running;
	MUST(pen_sleep(NULL, PEN_MS));
	running--;
	MUST(pen_chan_recv(NULL, places, NULL));
	pen_waitgroup_done(wg);
}

static int start(void *arg)
{
	(void)arg;
	places = MUST_HAVE(pen_chan_new(0, LIMIT));
	wg = MUST_HAVE(pen_waitgroup_new());
	for (int i = 0; i < TASKS; i++) {
		pen_waitgroup_add(wg, 1);
		MUST(pen_go(work, NULL)); /* all on this loop: the counts need no lock */
	}
	MUST(pen_waitgroup_wait(NULL, wg));
	printf("%d tasks, at most %d at a time\n", TASKS, most);
	pen_waitgroup_free(wg);
	pen_chan_free(places);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
