/* worker_pool.c - 5 workers take 50 jobs from one channel and send to another, which the last to leave closes. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/pool.h>
#include <penstock/task.h>

#include "example.h"

enum { WORKERS = 5, JOBS = 50 };

struct result {
	int job, square;
};

static struct pen_chan *jobs, *results;

static int worker(struct pen_ctx *ctx, void *arg)
{
	int job, r;

	(void)arg;
	while ((r = pen_chan_recv(ctx, jobs, &job)) == 0)
		if ((r = pen_chan_send(ctx, results, &(struct result){job, job * job})) < 0)
			return r;
	return r == -EPIPE ? 0 : r; /* closed: no more jobs */
}

static void send_jobs(void *arg)
{
	(void)arg;
	for (int job = 1; job <= JOBS; job++)
		MUST(pen_chan_send(NULL, jobs, &job));
	pen_chan_close(jobs);
}

static int start(void *arg)
{
	struct pen_pool *pool;
	struct result result;
	int n = 0, sum = 0;

	(void)arg;
	jobs = MUST_HAVE(pen_chan_new(sizeof(int), 10));
	results = MUST_HAVE(pen_chan_new(sizeof result, 10));
	MUST(pen_pool_new(&pool, NULL, WORKERS, worker, NULL, results));
	MUST(pen_go(send_jobs, NULL));
	while (pen_chan_recv(NULL, results, &result) == 0) {
		n++;
		sum += result.square;
	}
	MUST(pen_pool_wait(NULL, pool));
	printf("%d workers did %d jobs, sum of squares %d\n", WORKERS, n, sum);
	pen_pool_free(pool);
	pen_chan_free(jobs);
	pen_chan_free(results);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
