/* once.c - many ask for what is costly to make; the first makes it, and the others wait until it is there. */
#include <penstock/once.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { TASKS = 10 };

static struct pen_once *once;
static struct pen_waitgroup *wg;
static int made, used;

static void make(void *arg)
{
	(void)arg;
	MUST(pen_sleep(NULL, PEN_MS));
	made++;
}

static void use(void *arg)
{
	(void)arg;
	MUST(pen_once_do(NULL, once, make, NULL));
	__atomic_add_fetch(&used, made, __ATOMIC_RELAXED);
	pen_waitgroup_done(wg);
}

static int start(void *arg)
{
	(void)arg;
	once = MUST_HAVE(pen_once_new());
	wg = MUST_HAVE(pen_waitgroup_new());
	pen_waitgroup_add(wg, TASKS);
	for (size_t i = 0; i < TASKS; i++)
		MUST(pen_go_on(i % pen_loops(), use, NULL));
	MUST(pen_waitgroup_wait(NULL, wg));
	printf("made %d time, used %d times\n", made, used);
	pen_waitgroup_free(wg);
	pen_once_free(once);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
