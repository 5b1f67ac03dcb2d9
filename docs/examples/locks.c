/* locks.c - a mutex held across a sleep, which no spinning thread could bear, and a lock for many readers or one writer. */
#include <penstock/mutex.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { TASKS = 4, ROUNDS = 5 };

static struct pen_mutex *mutex;
static struct pen_rwmutex *rwmutex;
static struct pen_waitgroup *wg;
static int sum, pair[2], torn;

/* Reads, parks, writes: right only under the lock. */
static void add(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		int seen;

		MUST(pen_mutex_lock(NULL, mutex));
		seen = sum;
		MUST(pen_sleep(NULL, PEN_MS / 10));
		sum = seen + 1;
		pen_mutex_unlock(mutex);
	}
	pen_waitgroup_done(wg);
}

static void write_pair(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		MUST(pen_rwmutex_lock(NULL, rwmutex));
		pair[0]++;
		pen_yield();
		pair[1]++;
		pen_rwmutex_unlock(rwmutex);
	}
	pen_waitgroup_done(wg);
}

static void read_pair(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		MUST(pen_rwmutex_rlock(NULL, rwmutex));
		if (pair[0] != pair[1])
			__atomic_add_fetch(&torn, 1, __ATOMIC_RELAXED);
		pen_rwmutex_runlock(rwmutex);
		pen_yield();
	}
	pen_waitgroup_done(wg);
}

static int start(void *arg)
{
	(void)arg;
	mutex = MUST_HAVE(pen_mutex_new());
	rwmutex = MUST_HAVE(pen_rwmutex_new());
	wg = MUST_HAVE(pen_waitgroup_new());
	pen_waitgroup_add(wg, 3 * TASKS);
	for (size_t i = 0; i < TASKS; i++) {
		MUST(pen_go_on(i % pen_loops(), add, NULL));
		MUST(pen_go_on(i % pen_loops(), write_pair, NULL));
		MUST(pen_go_on(i % pen_loops(), read_pair, NULL));
	}
	MUST(pen_waitgroup_wait(NULL, wg));
	printf("sum %d, pair %d %d, torn reads %d\n", sum, pair[0], pair[1], torn);
	pen_waitgroup_free(wg);
	pen_rwmutex_free(rwmutex);
	pen_mutex_free(mutex);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
