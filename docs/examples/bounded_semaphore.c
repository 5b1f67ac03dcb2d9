/* bounded_semaphore.c - a weighted semaphore keeps what runs at one time below a total weight; large ones are not starved. */
#include <penstock/sem.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { CAPACITY = 4, TASKS = 12 };

static struct pen_sem *capacity;
static struct pen_waitgroup *wg;
static size_t most;

/* Each third task is heavy: it takes half of the capacity. */
static void work(void *arg)
{
	size_t weight = (size_t)arg % 3 == 0 ? 2 : 1;

	MUST(pen_sem_acquire(NULL, capacity, weight));
	if (pen_sem_taken(capacity) > most)
		most = pen_sem_taken(capacity);
	MUST(pen_sleep(NULL, PEN_MS));
	pen_sem_release(capacity, weight);
	pen_waitgroup_done(wg);
}

static int start(void *arg)
{
	(void)arg;
	capacity = MUST_HAVE(pen_sem_new(CAPACITY));
	wg = MUST_HAVE(pen_waitgroup_new());
	for (size_t i = 0; i < TASKS; i++) {
		pen_waitgroup_add(wg, 1);
		MUST(pen_go(work, (void *)i)); /* all on this loop: `most` needs no lock */
	}
	MUST(pen_waitgroup_wait(NULL, wg));
	printf("%d tasks, at most %zu of %d units taken\n", TASKS, most, CAPACITY);
	pen_waitgroup_free(wg);
	pen_sem_free(capacity);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
