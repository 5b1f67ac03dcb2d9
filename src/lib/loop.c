/* loop.c - the scheduler of one loop: inbox, timers, descriptors, then the next task; and what to do when there is none. */
#include "lib/loop.h"

#include <penstock/time.h>

enum {
	FRUITLESS_SPINS_MAX = 8, /* after so many in a row, spin only each 16th time */
};
#define POLL_EVERY_NS (50 * PEN_US) /* while there is work, descriptors are looked at so often */

_Thread_local struct pen__loop *pen__loop_here;

int pen__loop_init(struct pen__loop *loop, struct pen__runtime *runtime, size_t number)
{
	*loop = (struct pen__loop){
		.runtime = runtime,
		.number = number,
		.random = UINT64_C(0x9e3779b97f4a7c15) * (number + 1),
	};
	pen__timers_init(&loop->timers);
	return pen__poller_init(&loop->poller);
}

void pen__loop_fini(struct pen__loop *loop)
{
	pen__timers_fini(&loop->timers);
	pen__poller_fini(&loop->poller);
}

/* xorshift64*; Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
uint32_t pen__random(void)
{
	static _Thread_local uint64_t of_thread = 88172645463325252u;
	struct pen__loop *loop = pen__loop_self();
	uint64_t *state = loop ? &loop->random : &of_thread;

	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)(*state * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

/* Move what others made ready to the run queue, oldest first. */
static bool take_inbox(struct pen__loop *loop)
{
	struct pen_task *task, *oldest_first = NULL;

	if (!__atomic_load_n(&loop->inbox, __ATOMIC_RELAXED))
		return false;
	task = __atomic_exchange_n(&loop->inbox, NULL, __ATOMIC_ACQUIRE);
	while (task) {
		struct pen_task *next = task->next;

		task->next = oldest_first;
		oldest_first = task;
		task = next;
	}
	while ((task = oldest_first)) {
		oldest_first = task->next;
		pen__runq_push(&loop->ready, task);
	}
	return true;
}

/* Push on the inbox of another loop, and wake it if it sleeps.  The sequentially consistent exchange pairs with the one in
 * go_to_sleep(): either the sleeper sees the task, or we see that it sleeps. */
static void push_inbox(struct pen__loop *loop, struct pen_task *task)
{
	struct pen_task *head = __atomic_load_n(&loop->inbox, __ATOMIC_RELAXED);

	do
		task->next = head;
	while (!__atomic_compare_exchange_n(
		&loop->inbox, &head, task, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	pen__loop_poke(loop);
}

void pen__loop_poke(struct pen__loop *loop)
{
	if (__atomic_load_n(&loop->asleep, __ATOMIC_SEQ_CST) &&
		__atomic_exchange_n(&loop->asleep, 0, __ATOMIC_SEQ_CST))
		pen__poller_wake(&loop->poller);
}

/* Where nothing else is ready it would run next, on the core that has in its cache what it waits for.  The acquire pairs with the
 * release in see_to_left(): all that its loop did with the task has been done. */
static bool may_come(const struct pen_task *task, const struct pen__loop *here)
{
	return task->roams && here && !here->ready.head && __atomic_load_n(&task->at_rest, __ATOMIC_ACQUIRE);
}

void pen__task_ready(struct pen_task *task)
{
	struct pen__loop *here = pen__loop_self();

	if (task->loop != here && may_come(task, here))
		task->loop = here;
	if (task->loop == here) {
		pen__runq_push(&here->ready, task);
		return;
	}
	pen__runtime_visit(); /* once it is in the inbox the task may run, and be the last */
	push_inbox(task->loop, task);
	pen__runtime_leave();
}

/* Look for work a short while before sleeping: a wake-up through the kernel costs more than the while. */
static bool spin(struct pen__loop *loop)
{
	int64_t end;

	if (loop->runtime->spin_ns == 0)
		return false;
	if (loop->idle_spins > FRUITLESS_SPINS_MAX && loop->idle_spins % 16 != 0) {
		loop->idle_spins++;
		return false;
	}
	end = pen_now_ns() + loop->runtime->spin_ns;
	do {
		for (int i = 0; i < 50; i++) {
			if (take_inbox(loop)) {
				loop->idle_spins = 0;
				return true;
			}
#if defined(__x86_64__)
			__builtin_ia32_pause();
#endif
		}
	} while (pen_now_ns() < end);
	loop->idle_spins++;
	return false;
}

/* Sleep until a descriptor, a timer, or somebody who pushes on the inbox. */
static void go_to_sleep(struct pen__loop *loop)
{
	__atomic_store_n(&loop->asleep, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&loop->inbox, __ATOMIC_SEQ_CST) &&
		!__atomic_load_n(&loop->runtime->stopping, __ATOMIC_SEQ_CST))
		pen__poller_poll(&loop->poller, __atomic_load_n(&loop->timers.earliest, __ATOMIC_SEQ_CST));
	__atomic_store_n(&loop->asleep, 0, __ATOMIC_SEQ_CST);
}

/* The runtime stops once all loops have had nothing to run in the same round. */
static bool all_quiet(struct pen__loop *loop)
{
	struct pen__runtime *runtime = loop->runtime;
	bool more;

	pthread_barrier_wait(&runtime->barrier);
	if (__atomic_load_n(&loop->inbox, __ATOMIC_SEQ_CST))
		__atomic_store_n(&runtime->more, 1, __ATOMIC_SEQ_CST);
	pthread_barrier_wait(&runtime->barrier);
	more = __atomic_load_n(&runtime->more, __ATOMIC_SEQ_CST);
	pthread_barrier_wait(&runtime->barrier);
	__atomic_store_n(&runtime->more, 0, __ATOMIC_SEQ_CST);
	pthread_barrier_wait(&runtime->barrier);
	return !more;
}

static void look_around(struct pen__loop *loop)
{
	int64_t now;

	loop->turns = 0;
	take_inbox(loop);
	now = pen_now_ns();
	pen__timers_run(&loop->timers, now);
	if (now - loop->polled_at >= POLL_EVERY_NS) {
		loop->polled_at = now;
		pen__poller_poll(&loop->poller, 0);
	}
}

void pen__loop_run(struct pen__loop *loop)
{
	for (;;) {
		struct pen_task *task;
		uint32_t stopping;

		look_around(loop);
		task = pen__runq_pop(&loop->ready);
		stopping = __atomic_load_n(&loop->runtime->stopping, __ATOMIC_SEQ_CST);
		if (task) {
			pen__task_leave_for(loop, task);
		} else if (stopping != PEN__STOP_NOT) {
			if (stopping == PEN__STOP_NOW || all_quiet(loop))
				return;
		} else if (!spin(loop)) {
			go_to_sleep(loop);
		}
	}
}

/* Each TURNS_A_ROUND switches the scheduler gets its turn, so that busy tasks do not hold up timers and descriptors. */
void pen__task_park(void)
{
	struct pen__loop *loop = pen__loop_self();

	pen__task_leave_for(loop, pen__loop_next(loop));
}

void pen__task_park_loose(void)
{
	struct pen__loop *loop = pen__loop_self();

	if (loop->current->roams)
		pen__task_roam_for(loop, pen__loop_next(loop));
	else
		pen__task_leave_for(loop, pen__loop_next(loop));
}
