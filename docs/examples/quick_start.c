/*
 * quick_start.c - tasks send their results to a channel; when the wait group says that all are done, it is closed.
 *
 * Go's form: `go func() { wg.Wait(); close(results) }()`, then `for r := range results`.
 */
#include <penstock/chan.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { TASKS = 5 };

static struct pen_chan *results;
static struct pen_waitgroup *wg;

static void square(void *arg)
{
	int n = (int)(size_t)arg;

	MUST(pen_chan_send(NULL, results, &(int){n * n}));
	pen_waitgroup_done(wg);
}

static void close_when_done(void *arg)
{
	(void)arg;
	MUST(pen_waitgroup_wait(NULL, wg));
	pen_chan_close(results);
}

static int start(void *arg)
{
	int result, sum = 0, n = 0;

	(void)arg;
	results = MUST_HAVE(pen_chan_new(sizeof(int), 0));
	wg = MUST_HAVE(pen_waitgroup_new());
	for (size_t i = 1; i <= TASKS; i++) {
		pen_waitgroup_add(wg, 1);
		MUST(pen_go(square, (void *)i));
	}
	MUST(pen_go(close_when_done, NULL));
	while (pen_chan_recv(NULL, results, &result) == 0) { /* until -EPIPE: closed and drained */
		sum += result;
		n++;
	}
	printf("%d results, sum %d\n", n, sum);
	pen_waitgroup_free(wg);
	pen_chan_free(results);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
