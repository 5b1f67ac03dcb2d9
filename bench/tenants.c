/*
 * tenants.c - what limits cost: jobs that end a second at the gate, over the store in memory, of 10,000 tenants that all have jobs
 * waiting, with limits of each and without, in turn.  And what a tenant costs in memory that has no jobs.
 *
 *   tenants [ROUNDS]
 *
 * Each tenant's limits are such that it waits for a token after each start, and that together they are no limit: so all is paid for,
 * and nothing is slower for want of something to do.
 */
#include <errno.h>
#include <malloc.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "store/store.h"
#include "wire/wire.h"

enum { TENANTS = 10000, EACH = 10, IDLE = 10000, ROUNDS_MAX = 99, IDLE_BYTES_MOST = 200 };

#define RATIO_LEAST 0.9
#define LOOK_NS (50 * PEN_MS) /* as numbers are asked for, which looks at all tenants */
#define COMMON \
	"store = memory\nworkers = 16\nretention-jobs = 1000\njobs-max = 1000000\njobs-bytes-max = 4GiB\n" \
	"tenants-max = 100000\n"
#define WITHOUT COMMON "tenant-defaults {\nmax-running = 65536\nageing = 0s\n}\n"
#define WITH \
	COMMON \
	"tenant-defaults {\nmax-running = 4\nmax-queued = 1000\nrate = 50/s\nburst = 1\n" \
	"timeout-max = 10s\n}\n"

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "tenants: %s\n", what);
	exit(2);
}

static struct conf *load(FILE *(*write)(FILE *file, const char *text), const char *text)
{
	char path[] = "/tmp/penstock-bench-XXXXXX";
	struct problem problem = {0};
	struct conf *conf;
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	check(file && fclose(write(file, text)) == 0, "no file can be written");
	check(conf_load(path, NULL, &conf, &problem) == 0, problem.message);
	unlink(path);
	return conf;
}

static FILE *as_it_is(FILE *file, const char *text)
{
	fputs(text, file);
	return file;
}

static struct job *job_of(size_t tenant)
{
	const struct wire_limits limits = {.depth_max = 64, .timeout_max_ns = INT64_MAX};
	struct problem problem = {0};
	struct job *job;
	char text[128];
	int n = snprintf(text, sizeof text, "{\"kind\":\"echo\",\"tenant\":\"t%zu\",\"spec\":1}", tenant);

	check(wire_read_job(text, (size_t)n, &limits, clock_wall_ms(), &job, &problem) == 0, problem.message);
	return job;
}

/* One of each tenant. */
static void submit_all(struct gate *gate, size_t tenants)
{
	static struct gate_line lines[TENANTS];
	struct problem problem = {0};

	for (size_t i = 0; i < tenants; i++)
		lines[i] = (struct gate_line){.job = job_of(i)};
	check(gate_submit_many(gate, lines, tenants, false, &problem) == 0, problem.message);
	for (size_t i = 0; i < tenants; i++) {
		check(lines[i].result == 0, "a job was refused");
		gate_line_fini(&lines[i]);
	}
}

static void await(struct gate *gate, uint64_t ended)
{
	struct gate_stats stats;

	do {
		check(pen_sleep(NULL, LOOK_NS) == 0, "no sleep");
		stats = (struct gate_stats){0};
		gate_stats(gate, &stats);
	} while (stats.finished[JOB_ECHO][JOB_SUCCEEDED] < ended);
}

/* Who has no jobs takes nothing at the gate, once its bucket is full. */
static void await_forgotten(struct gate *gate)
{
	struct gate_stats stats;

	do {
		check(pen_sleep(NULL, LOOK_NS) == 0, "no sleep");
		stats = (struct gate_stats){0};
		gate_stats(gate, &stats);
	} while (stats.tenants > 0);
}

struct trial {
	const char *conf;
	double rate, cpu_us; /* jobs a second, and the processor time of one */
};

static int64_t cpu_ns(void)
{
	struct timespec time;

	check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0, "no clock");
	return time.tv_sec * PEN_SECOND + time.tv_nsec;
}

static int measure(void *arg)
{
	struct trial *trial = arg;
	struct conf *conf = load(as_it_is, trial->conf);
	const struct store_options options = {.kind = conf->store,
		.queue_max = 8192,
		.group_max = 1024,
		.batch_max = TENANTS,
		.retention_ns = conf->retention_ns,
		.retention_jobs = conf->retention_jobs,
		.retention_bytes = conf->retention_bytes};
	struct store *store;
	struct pen_ctx *ctx;
	struct gate *gate;
	int64_t begin_ns, begin_cpu_ns;

	check(store_open(&options, &store, NULL) == 0, "no store");
	check(pen_ctx_with_cancel(&ctx, NULL) == 0, "no context");
	check(gate_start(ctx, conf, store, &gate) == 0, "no gate");
	begin_ns = pen_now_ns();
	begin_cpu_ns = cpu_ns();
	for (int i = 0; i < EACH; i++)
		submit_all(gate, TENANTS);
	await(gate, (uint64_t)TENANTS * EACH);
	trial->rate = (double)TENANTS * EACH * PEN_SECOND / (double)(pen_now_ns() - begin_ns);
	trial->cpu_us = (double)(cpu_ns() - begin_cpu_ns) / (PEN_US * TENANTS * EACH);
	await_forgotten(gate);
	gate_drain(gate);
	check(gate_drained(NULL, gate) == 0, "no drain");
	gate_stop(gate);
	store_close(store);
	pen_ctx_unrefp(&ctx);
	conf_unref(conf);
	return 0;
}

static struct trial try(const char *conf)
{
	struct pen_run_options options = {.loops = 2};
	struct trial trial = {.conf = conf};

	check(pen_run(&options, measure, &trial) == 0, "no runtime");
	return trial;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *numbers, size_t n)
{
	qsort(numbers, n, sizeof *numbers, compare);
	return numbers[n / 2];
}

/* By processor time, which tells more where others use the machine too. */
static bool limits_cost_little(size_t rounds)
{
	double ratios[ROUNDS_MAX], cpu_ratios[ROUNDS_MAX], ratio;

	for (size_t i = 0; i < rounds; i++) {
		/* who goes first changes, as a machine's speed does */
		struct trial first = try(i % 2 ? WITH : WITHOUT), second = try(i % 2 ? WITHOUT : WITH);
		const struct trial *with = i % 2 ? &first : &second, *without = i % 2 ? &second : &first;

		ratios[i] = with->rate / without->rate;
		cpu_ratios[i] = without->cpu_us / with->cpu_us;
		printf("%d tenants: without limits %.0f jobs/s, %.1f us of processor time each; with %.0f, %.1f us\n",
			TENANTS, without->rate, without->cpu_us, with->rate, with->cpu_us);
		fflush(stdout);
	}
	printf("with limits / without, jobs a second: %.3f\n", median(ratios, rounds));
	ratio = median(cpu_ratios, rounds);
	printf("without / with, processor time: %.3f  target %.2f%s\n", ratio, RATIO_LEAST,
		ratio < RATIO_LEAST ? "  MISSED" : "");
	return ratio >= RATIO_LEAST;
}

static FILE *many_sections(FILE *file, const char *text)
{
	fputs(text, file);
	for (int i = 0; i < IDLE; i++) /* as many as a file may have */
		fprintf(file, "tenant \"customer-%06d\" {\nmax-running = 3\nrate = 50/s\n}\n", i);
	return file;
}

static size_t bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static bool idle_tenants_cost_little(void)
{
	struct conf *none = load(as_it_is, COMMON), *many;
	size_t before = bytes_in_use(), each;

	many = load(many_sections, COMMON);
	each = (bytes_in_use() - before) / IDLE;
	printf("%d configured tenants without jobs: %zu bytes each  target %d%s\n", IDLE, each,
		IDLE_BYTES_MOST, each >= IDLE_BYTES_MOST ? "  MISSED" : "");
	conf_unref(many);
	conf_unref(none);
	return each < IDLE_BYTES_MOST;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
	bool small = idle_tenants_cost_little();

	check(rounds >= 1 && rounds <= ROUNDS_MAX, "from 1 to 99 rounds");
	return limits_cost_little(rounds) && small ? EXIT_SUCCESS : EXIT_FAILURE;
}
