/*
 * calls_client.c - http jobs as a worker of the daemon does them, and nothing else: `calls_client URL WIDTH ROUNDS RATE`.
 *
 * WIDTH tasks on 2 loops make ROUNDS calls each, one after the other; together no more than RATE a second, 0: as many as can be.  Prints
 * calls a second, the processor's microseconds for each, and the megabytes at the peak.  bench/go/calls.go does the same in Go.
 */
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/pool.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "wire/wire.h"
#include "work/work.h"

static struct {
	long width, rounds, rate;
	int64_t began_ns;
	struct work *work;
	struct job *job;
	struct pen_chan *numbers; /* of size_t: each worker takes one, which says when its turns are */
} b;

/* A benchmark has nobody to tell an error: it ends. */
static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "calls: %s\n", what);
	exit(1);
}

static const struct work_terms *terms(void)
{
	static struct network loopback = {
		.prefix = {{[10] = 0xff, [11] = 0xff, [12] = 127}}, .bits = 96 + 8, .v4 = true};
	static const struct guard guard = {.networks = &loopback, .n_networks = 1}, none;
	static const struct work_terms terms = {
		.guard = &guard, .tenant_guard = &none, .breaker = {10, PEN_SECOND, 300 * PEN_SECOND}
        };

	return &terms;
}

static void call(void)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	struct pen_ctx *ctx;

	must(pen_ctx_with_timeout(&ctx, NULL, 60 * PEN_SECOND) == 0, "no memory");
	work_run(ctx, b.work, b.job, terms(), &outcome);
	pen_ctx_unref(ctx);
	must(outcome.end == OUTCOME_SUCCEEDED, outcome.message);
	must(outcome.result.http.body_bytes == 5, "another answer came");
}

static void await_turn(long turn)
{
	int64_t wait_ns = b.began_ns + turn * PEN_SECOND / b.rate - pen_now_ns();

	if (wait_ns > 0)
		must(pen_sleep(NULL, wait_ns) == 0, "no timer");
}

static int worker(struct pen_ctx *ctx, void *arg)
{
	long number;

	(void)arg;
	must(pen_chan_recv(ctx, b.numbers, &number) == 0, "no number");
	for (long round = 0; round < b.rounds; round++) {
		if (b.rate > 0)
			await_turn(round * b.width + number);
		call();
	}
	return 0;
}

static double processor_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double peak_megabytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

static int measure(void *arg)
{
	const struct work_options options = {.http_body_max = 64 << 10};
	const double calls = (double)(b.width * b.rounds);
	struct pen_pool *pool;

	(void)arg;
	must(work_new(&options, &b.work) == 0, "no work");
	b.numbers = pen_chan_new(sizeof(long), (size_t)b.width);
	must(b.numbers, "no memory");
	for (long number = 0; number < b.width; number++)
		must(pen_chan_try_send(b.numbers, &number) == 0, "no room");
	b.began_ns = pen_now_ns();
	must(pen_pool_new(&pool, NULL, (size_t)b.width, worker, NULL, NULL) == 0, "no workers");
	must(pen_pool_wait(NULL, pool) == 0, "a worker failed");
	printf("%.1f %.2f %.2f\n", calls / ((double)(pen_now_ns() - b.began_ns) / PEN_SECOND),
		processor_us() / calls, peak_megabytes());
	pen_pool_free(pool);
	pen_chan_free(b.numbers);
	work_free(b.work);
	return 0;
}

int main(int argc, char **argv)
{
	const struct wire_limits limits = {
		.depth_max = 8, .timeout_max_ns = INT64_MAX, .result_max = SIZE_MAX};
	struct pen_run_options options = {.loops = 2};
	struct problem problem = {0};
	char text[400];

	must(argc == 5, "URL WIDTH ROUNDS RATE");
	signal(SIGPIPE, SIG_IGN);
	b.width = atol(argv[2]);
	b.rounds = atol(argv[3]);
	b.rate = atol(argv[4]);
	snprintf(text, sizeof(text), "{\"kind\":\"http\",\"spec\":{\"url\":\"%s\"}}", argv[1]);
	must(wire_read_job(text, strlen(text), &limits, 0, &b.job, &problem) == 0, problem.message);
	must(pen_run(&options, measure, NULL) == 0, "no runtime");
	job_unref(b.job);
	return 0;
}
