/*
 * primitives.c - the library's operations, each timed alone: `primitives NAME` prints ns per operation (bytes for memory).
 *
 * bench/go/primitives.go has the same names and does the same in Go; bench/runtime runs both in turn and prints the ratios.
 */
#include <penstock/chan.h>
#include <penstock/map.h>
#include <penstock/mutex.h>
#include <penstock/select.h>
#include <penstock/sem.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHANNELS_MAX = 8,
	BUFFER = 128,
	PAIRS = 4,
	SEM_TASKS = 4,
	TIMERS = 100000,
	PARKED = 100000,
	KEYS = 100000,
};

/* What the operations share, made anew for each run. */
static struct {
	size_t n; /* operations */
	size_t loops;
	struct pen_chan *chans[CHANNELS_MAX], *back;
	struct pen_waitgroup *wg;
	struct pen_sem *sem;
	struct pen_map *map;
} b;

/* A benchmark has nobody to tell an error: it ends. */
static void must(int r)
{
	if (r < 0) {
		fprintf(stderr, "primitives: %s\n", strerror(-r));
		exit(1);
	}
}

static struct pen_chan *chan(size_t bytes, size_t capacity)
{
	struct pen_chan *chan = pen_chan_new(bytes, capacity);

	must(chan ? 0 : -1);
	return chan;
}

/* Start a task of the wait group on a loop (there may be but one). */
static void start(size_t loop, void (*fn)(void *arg), void *arg)
{
	pen_waitgroup_add(b.wg, 1);
	must(pen_go_on(loop % b.loops, fn, arg));
}

/* The same with one that may change its loop, as a goroutine does. */
static void start_roaming(size_t loop, void (*fn)(void *arg), void *arg)
{
	pen_waitgroup_add(b.wg, 1);
	must(pen_go_roam(loop % b.loops, fn, arg));
}

static void join(void)
{
	must(pen_waitgroup_wait(NULL, b.wg));
}

static void yielder(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < b.n / 2; i++)
		pen_yield();
	pen_waitgroup_done(b.wg);
}

static void yield(void)
{
	start(0, yielder, NULL);
	start(0, yielder, NULL);
	join();
}

static void pong(void *arg)
{
	int value;

	(void)arg;
	while (pen_chan_recv(NULL, b.chans[0], &value) == 0)
		must(pen_chan_send(NULL, b.back, &value));
	pen_waitgroup_done(b.wg);
}

/* One operation is a value there and back, as two are handed over. */
static void ping_pong_with(void (*start_pong)(size_t loop, void (*fn)(void *arg), void *arg))
{
	b.chans[0] = chan(sizeof(int), 0);
	b.back = chan(sizeof(int), 0);
	start_pong(1, pong, NULL);
	for (int i = 0; i < (int)(b.n / 2); i++) {
		must(pen_chan_send(NULL, b.chans[0], &i));
		must(pen_chan_recv(NULL, b.back, NULL));
	}
	pen_chan_close(b.chans[0]);
	join();
	pen_chan_free(b.chans[0]);
	pen_chan_free(b.back);
}

static void ping_pong(void)
{
	ping_pong_with(start);
}

static void ping_pong_roaming(void)
{
	ping_pong_with(start_roaming);
}

static void producer(void *arg)
{
	size_t share = b.n / *(size_t *)arg;

	for (int i = 0; i < (int)share; i++)
		must(pen_chan_send(NULL, b.chans[0], &i));
	pen_waitgroup_done(b.wg);
}

static void consumer(void *arg)
{
	size_t share = b.n / *(size_t *)arg;

	for (size_t i = 0; i < share; i++)
		must(pen_chan_recv(NULL, b.chans[0], NULL));
	pen_waitgroup_done(b.wg);
}

static void buffered(size_t pairs)
{
	b.chans[0] = chan(sizeof(int), BUFFER);
	for (size_t i = 0; i < pairs; i++) {
		start(i, producer, &pairs);
		start(i + 1, consumer, &pairs);
	}
	join();
	pen_chan_free(b.chans[0]);
}

static void buffered_1_1(void)
{
	buffered(1);
}

static void buffered_4_4(void)
{
	buffered(PAIRS);
}

static void feeder(void *arg)
{
	size_t cases = *(size_t *)arg;

	for (size_t i = 0; i < b.n; i++)
		must(pen_chan_send(NULL, b.chans[i % cases], &i));
	pen_waitgroup_done(b.wg);
}

static void select_of(size_t cases, size_t capacity, void (*feed)(void *arg))
{
	struct pen_case wanted[CHANNELS_MAX];
	size_t value;

	for (size_t i = 0; i < cases; i++) {
		b.chans[i] = chan(sizeof value, capacity);
		wanted[i] = (struct pen_case)PEN_CASE_RECV(b.chans[i], &value);
	}
	if (feed)
		start(0, feed, &cases);
	for (size_t i = 0; i < b.n; i++) {
		if (!feed)
			must(pen_chan_send(NULL, b.chans[cases - 1], &i));
		must(pen_select(NULL, wanted, cases, PEN_SELECT_FAIR));
	}
	join();
	for (size_t i = 0; i < cases; i++)
		pen_chan_free(b.chans[i]);
}

static void select_2_parking(void)
{
	select_of(2, 0, feeder);
}

static void select_8_parking(void)
{
	select_of(8, 0, feeder);
}

/* One operation is a send to a buffer and the select that finds it. */
static void select_2_ready(void)
{
	select_of(2, 1, NULL);
}

static void select_8_ready(void)
{
	select_of(8, 1, NULL);
}

static void nothing(void *arg)
{
	(void)arg;
	pen_waitgroup_done(b.wg);
}

static void spawn_join(void)
{
	for (size_t i = 0; i < b.n; i++) {
		start(0, nothing, NULL);
		join();
	}
}

static void sem_free(void)
{
	b.sem = pen_sem_new(1);
	for (size_t i = 0; i < b.n; i++) {
		must(pen_sem_acquire(NULL, b.sem, 1));
		pen_sem_release(b.sem, 1);
	}
	pen_sem_free(b.sem);
}

static void contender(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < b.n / SEM_TASKS; i++) {
		must(pen_sem_acquire(NULL, b.sem, 1));
		pen_yield();
		pen_sem_release(b.sem, 1);
	}
	pen_waitgroup_done(b.wg);
}

/* The holder yields with the unit in hand, so the others must wait in line. */
static void sem_contended(void)
{
	b.sem = pen_sem_new(1);
	for (size_t i = 0; i < SEM_TASKS; i++)
		start(0, contender, NULL);
	join();
	pen_sem_free(b.sem);
}

static void mutex_free(void)
{
	struct pen_mutex *mutex = pen_mutex_new();

	for (size_t i = 0; i < b.n; i++) {
		must(pen_mutex_lock(NULL, mutex));
		pen_mutex_unlock(mutex);
	}
	pen_mutex_free(mutex);
}

/* One operation arms a timer and stops it, while others are armed. */
static void timer_among_others(void)
{
	static struct pen_timer *others[TIMERS];
	struct pen_timer *timer = pen_timer_new(3600 * PEN_SECOND);
	int64_t began_ns;

	for (size_t i = 0; i < TIMERS; i++)
		others[i] = pen_timer_new((int64_t)(3600 + i * 7919 % TIMERS) * PEN_SECOND);
	began_ns = pen_now_ns();
	for (size_t i = 0; i < b.n; i++) {
		pen_timer_reset(timer, (int64_t)(3600 + i * 104729 % TIMERS) * PEN_SECOND);
		pen_timer_stop(timer);
	}
	printf("%.2f\n", (double)(pen_now_ns() - began_ns) / (double)b.n);
	for (size_t i = 0; i < TIMERS; i++)
		pen_timer_free(others[i]);
	pen_timer_free(timer);
}

static void map_user(void *arg)
{
	static int value;
	uint64_t random = 88172645463325252u + (uintptr_t)arg;

	for (size_t i = 0; i < b.n / 2; i++) {
		uint64_t key;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		key = random % KEYS;
		if ((random >> 32) % 10)
			pen_map_load(b.map, &key, sizeof key);
		else
			must(pen_map_store(b.map, &key, sizeof key, &value));
	}
	pen_waitgroup_done(b.wg);
}

static void map_90_10(void)
{
	static int value;
	int64_t began_ns;

	b.map = pen_map_new(NULL);
	for (uint64_t key = 0; key < KEYS; key++)
		must(pen_map_store(b.map, &key, sizeof key, &value));
	began_ns = pen_now_ns();
	start(0, map_user, (void *)0);
	start(1, map_user, (void *)1);
	join();
	printf("%.2f\n", (double)(pen_now_ns() - began_ns) / (double)b.n);
	pen_map_free(b.map);
}

static size_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	if (!file || fscanf(file, "%*u %zu", &pages) != 1)
		must(-1);
	fclose(file);
	return pages * 4096;
}

static void parked(void *arg)
{
	(void)arg;
	if (pen_chan_recv(NULL, b.chans[0], NULL) == 0)
		must(-1);
	pen_waitgroup_done(b.wg);
}

static void parked_bytes(void)
{
	size_t before;

	b.chans[0] = chan(sizeof(int), 0);
	before = resident_bytes();
	for (size_t i = 0; i < PARKED; i++)
		start(0, parked, NULL);
	pen_yield();
	printf("%.0f\n", (double)(resident_bytes() - before) / PARKED);
	pen_chan_close(b.chans[0]);
	join();
	pen_chan_free(b.chans[0]);
}

static const struct bench {
	const char *name;
	size_t loops;
	size_t n;
	void (*run)(void);
	bool prints; /* its figure itself: what comes before and after is not timed */
} benches[] = {
	{"yield",            1, 20000000, yield,              false},
	{"ping-pong",        1, 5000000,  ping_pong,          false},
	{"ping-pong-2",      2, 3000000,  ping_pong_roaming,  false},
	{"ping-pong-2-stay", 2, 500000,   ping_pong,          false},
	{"buffered-1-1",     1, 20000000, buffered_1_1,       false},
	{"buffered-4-4",     1, 20000000, buffered_4_4,       false},
	{"buffered-4-4-2",   2, 4000000,  buffered_4_4,       false},
	{"select-2-parking", 1, 3000000,  select_2_parking,   false},
	{"select-8-parking", 1, 2000000,  select_8_parking,   false},
	{"select-2-ready",   1, 5000000,  select_2_ready,     false},
	{"select-8-ready",   1, 2000000,  select_8_ready,     false},
	{"spawn-join",       1, 3000000,  spawn_join,         false},
	{"sem-free",         1, 30000000, sem_free,           false},
	{"sem-contended",    1, 3000000,  sem_contended,      false},
	{"mutex-free",       1, 30000000, mutex_free,         false},
	{"timer-100k",       1, 3000000,  timer_among_others, true },
	{"map-90-10",        2, 10000000, map_90_10,          true },
	{"parked-bytes",     1, PARKED,   parked_bytes,       true },
};

static int run(void *arg)
{
	const struct bench *bench = arg;
	int64_t began_ns = pen_now_ns();

	b.wg = pen_waitgroup_new();
	must(b.wg ? 0 : -1);
	bench->run();
	if (!bench->prints)
		printf("%.2f\n", (double)(pen_now_ns() - began_ns) / (double)b.n);
	pen_waitgroup_free(b.wg);
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof benches / sizeof benches[0]; i++) {
		const struct bench *bench = &benches[i];

		if (argc < 2) {
			puts(bench->name);
		} else if (strcmp(argv[1], bench->name) == 0) {
			struct pen_run_options options = {.loops = bench->loops};

			b.n = bench->n;
			b.loops = bench->loops;
			return pen_run(&options, run, (void *)bench) < 0;
		}
	}
	return argc > 1 ? 2 : 0;
}
