/*
 * stress_million.c - a million tasks alive at once, each on a stack of its own of the default size, all parked on one channel and
 * woken by its close; and what each costs in resident memory.
 */
#include <errno.h>
#include <penstock/chan.h>

#include "stress.h"

/* Sanitizers keep a record of each stack; that for threads has almost a megabyte. */
#if defined(PEN__TSAN)
enum { TASKS = 500 };
#elif defined(PEN__ASAN)
enum { TASKS = 20000 };
#else
enum { TASKS = 1000000 };
#endif

enum { LOOPS = 2, BYTES_MOST = 6000 }; /* resident, a task; without a sanitizer */

struct crowd {
	size_t n;
	struct pen_chan *chan;
	struct pen_waitgroup *parked, *alive;
};

/* The number after `word` in a file of /proc, or 0. */
static unsigned long long proc_number(const char *path, const char *format)
{
	unsigned long long number = 0;
	FILE *file = fopen(path, "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &number) == 1)
			break;
	if (file)
		fclose(file);
	return number;
}

static size_t resident_bytes(void)
{
	return proc_number("/proc/self/statm", "%*u %llu") * (size_t)sysconf(_SC_PAGESIZE);
}

static void park(void *arg)
{
	struct crowd *crowd = arg;

	pen_waitgroup_done(crowd->parked);
	STRESS_CHECK(pen_chan_recv(NULL, crowd->chan, NULL) == -EPIPE, "a task was woken too early");
	pen_waitgroup_done(crowd->alive);
}

/* All of them first say so and then park; the loop is through with those it has once we get our turn again. */
static void gather(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->n; i++) {
		int r = pen_go_on(i / 64 % LOOPS, park, crowd);

		STRESS_CHECK(r == 0, "task %zu could not be started: %d", i, r);
		if (i % 64 == 63)
			pen_yield();
	}
	STRESS_CHECK(pen_waitgroup_wait(NULL, crowd->parked) == 0, "waiting for the tasks failed");
	STRESS_CHECK(pen_tasks_alive() == crowd->n + 1, "%zu tasks are alive", pen_tasks_alive());
}

static int gather_and_scatter(void *arg)
{
	struct crowd crowd = {.n = *(size_t *)arg, .chan = pen_chan_new(0, 0)};
	size_t before = resident_bytes(), each;
	int64_t began_ns = pen_now_ns(), parked_ns;

	crowd.parked = pen_waitgroup_new();
	crowd.alive = pen_waitgroup_new();
	STRESS_CHECK(crowd.chan && crowd.parked && crowd.alive, "out of memory");
	pen_waitgroup_add(crowd.parked, (int)crowd.n);
	pen_waitgroup_add(crowd.alive, (int)crowd.n);
	gather(&crowd);
	parked_ns = pen_now_ns();
	each = (resident_bytes() - before) / crowd.n;
	pen_chan_close(crowd.chan);
	STRESS_CHECK(pen_waitgroup_wait(NULL, crowd.alive) == 0, "waiting for the tasks failed");
	printf("# %zu tasks alive at once, %zu bytes resident each; %.1f s to start, %.1f s to wake and end\n",
		crowd.n, each, (double)(parked_ns - began_ns) / PEN_SECOND,
		(double)(pen_now_ns() - parked_ns) / PEN_SECOND);
#if !defined(PEN__ASAN) && !defined(PEN__TSAN)
	STRESS_CHECK(each <= BYTES_MOST || crowd.n < TASKS / 10, "a parked task costs %zu bytes", each);
#endif
	pen_chan_free(crowd.chan);
	pen_waitgroup_free(crowd.parked);
	pen_waitgroup_free(crowd.alive);
	return 0;
}

/* Why it cannot be tried here; NULL if it can. */
static const char *what_is_missing(size_t n)
{
	if (proc_number("/proc/meminfo", "MemAvailable: %llu kB") << 10 < n * BYTES_MOST)
		return "there is less memory free than so many tasks need";
	if (proc_number("/proc/sys/vm/overcommit_memory", "%llu") == 2)
		return "the system commits memory for what of a stack is never touched";
	return NULL;
}

int main(void)
{
	struct pen_run_options options = {.loops = LOOPS, .on_leak = stress_leak};
	size_t n = stress_rounds(
		getenv("SOAK") ? TASKS : TASKS / 10); /* a page each, which may take a minute to get */
	const char *missing = what_is_missing(n);

	if (missing) {
		printf("1..0 # SKIP %s\n", missing);
		return EXIT_SUCCESS;
	}
	printf("1..1\n");
	fflush(stdout);
	alarm(STRESS_SECONDS_MAX);
	STRESS_CHECK(pen_run(&options, gather_and_scatter, &n) == 0, "the runtime did not start");
	printf("ok 1 - %zu tasks are alive at once\n", n);
	return EXIT_SUCCESS;
}
