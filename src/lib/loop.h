/*
 * loop.h - one thread that runs tasks: run queue, inbox, timers, epoll set; and the runtime that is the set of loops.
 *
 * Invariants:
 *  1. A task, its run-queue link and its loop's run queue are touched by that loop's thread only.  Others make a task ready
 *     by pushing it on the loop's inbox.
 *  2. A task is in at most one of: run queue, inbox, running.  It is made ready exactly once for each park, because a park ends
 *     by a won claim (wait.h), and a claim is won once.
 *  3. A task that parks may be made ready by another loop before it has left its stack: it then lies in the inbox, which its
 *     own thread empties only after the switch.
 *  4. A task that roams changes its loop while it is parked and at rest, by the hand of the one who has claimed its wait.  It
 *     comes to rest after the switch that leaves its stack, so what others do to it from then on is theirs alone.
 */
#ifndef PEN_LIB_LOOP_H
#define PEN_LIB_LOOP_H

#include <penstock/task.h>
#include <pthread.h>

#include "lib/fiber.h"
#include "lib/overflow.h"
#include "lib/poller.h"
#include "lib/stack.h"
#include "lib/timer.h"

/* Lives at the top of its own stack. */
struct pen_task {
	struct pen_task *next; /* in the run queue or the inbox */
	struct pen__loop *loop;
	struct pen__fiber fiber;
	bool roams; /* to the loop of who wakes it */
	bool ended;
	uint32_t at_rest; /* atomic; it has left its stack in a wait that may end on another loop */
	struct pen__stack *stack;
	const char *name;
	void (*fn)(void *arg);
	void *arg;
	struct pen_task *older, *newer; /* among all that have begun */
};

struct pen__runq {
	struct pen_task *head, *tail;
};

enum {
	STACK_CACHE_MAX = 256, /* idle stacks a loop keeps warm */
	TURNS_A_ROUND = 64,    /* switches between two looks at inbox and timers */
};

struct pen__loop {
	struct pen__runtime *runtime;
	size_t number;
	pthread_t thread;
	struct pen_task *current; /* NULL: the scheduler is running */
	struct pen__runq ready;
	unsigned turns; /* switches since the scheduler last looked around */
	struct pen__fiber scheduler;
	struct pen_task *left;  /* for who runs next to see to: it has ended, or comes to rest */
	struct pen_task *tasks; /* all that have begun and not ended, but those that roam */
	struct pen__stack *warm;
	size_t n_warm;
	struct pen__timers timers;
	struct pen__poller poller;
	int64_t polled_at;
	unsigned idle_spins; /* fruitless spins in a row */
	uint64_t random;

	/* what other threads touch, on a cache line of its own */
	struct pen_task *inbox
		__attribute__((aligned(64))); /* atomic; a stack of tasks made ready elsewhere */
	uint32_t asleep;                      /* atomic; whoever turns it from 1 to 0 must wake the poller */
};

enum pen__stop {
	PEN__STOP_NOT,
	PEN__STOP_QUIET, /* once no task can run */
	PEN__STOP_NOW,   /* no task has run yet */
};

struct pen__runtime {
	size_t n_loops;
	int64_t spin_ns;
	struct pen__stacks stacks;
	struct pen__overflow overflow;
	struct pen__lock roaming_lock;
	struct pen_task *roaming; /* all that have begun and not ended */
	size_t next_loop;         /* atomic; for spawns from threads */
	size_t tasks;             /* atomic; alive */
	uint32_t stopping;        /* atomic; enum pen__stop */
	uint32_t more;            /* atomic; somebody had something to do in this round of the end */
	pthread_barrier_t barrier;
	int (*main_fn)(void *arg);
	void *main_arg;
	int main_result;
	void (*on_leak)(const char *task, void *arg);
	void *on_leak_arg;
	struct pen__loop loops[];
};

/* The loop of the calling thread, NULL for a plain thread. */
extern _Thread_local struct pen__loop *pen__loop_here __attribute__((tls_model("initial-exec")));

static inline struct pen__loop *pen__loop_self(void)
{
	return pen__loop_here;
}

/* The calling task, NULL for a thread, and for a loop's own work. */
static inline struct pen_task *pen__task_self(void)
{
	struct pen__loop *loop = pen__loop_self();

	return loop ? loop->current : NULL;
}

/*
 * Between these a plain thread may use the runtime that it finds, and its loops; on a loop's thread they do nothing.  Short, and never
 * across a park.
 */
void pen__runtime_visit(void);
void pen__runtime_leave(void);

/* The runtime of the calling task, or for a visitor the running one; NULL: there is none. */
struct pen__runtime *pen__runtime_here(void);

/* Visit, and give the calling task's own loop, or to threads one after the other; NULL: there is none.  Leave in any case. */
struct pen__loop *pen__loop_visit(void);

int pen__loop_init(struct pen__loop *loop, struct pen__runtime *runtime, size_t number);
void pen__loop_fini(struct pen__loop *loop);

/* Run tasks until the runtime stops and none can run. */
void pen__loop_run(struct pen__loop *loop);

/* Tell a loop that may sleep to look around; any thread. */
void pen__loop_poke(struct pen__loop *loop);

/* Make a parked or new task ready; any thread. */
void pen__task_ready(struct pen_task *task);

/* Park the running task until somebody makes it ready. */
void pen__task_park(void);

/* The same in a wait that does not hold it to its loop: one that roams may be moved. */
void pen__task_park_loose(void);

/* Give a task that is not ready yet, or NULL when out of memory. */
struct pen_task *pen__task_new(struct pen__loop *loop, const char *name, void (*fn)(void *arg), void *arg);

/* Leave the running task for `next` (NULL: the scheduler). */
void pen__task_leave_for(struct pen__loop *loop, struct pen_task *next);

/* The same for one that roams, which may find itself on another loop. */
void pen__task_roam_for(struct pen__loop *loop, struct pen_task *next);

static inline void pen__runq_push(struct pen__runq *queue, struct pen_task *task)
{
	task->next = NULL;
	if (queue->tail)
		queue->tail->next = task;
	else
		queue->head = task;
	queue->tail = task;
}

static inline void pen__runq_push_front(struct pen__runq *queue, struct pen_task *task)
{
	task->next = queue->head;
	queue->head = task;
	if (!queue->tail)
		queue->tail = task;
}

static inline struct pen_task *pen__runq_pop(struct pen__runq *queue)
{
	struct pen_task *task = queue->head;

	if (task) {
		queue->head = task->next;
		if (!queue->head)
			queue->tail = NULL;
	}
	return task;
}

/* Who runs when the running task has parked or ended; NULL: it is time for the scheduler to look around. */
static inline struct pen_task *pen__loop_next(struct pen__loop *loop)
{
	return ++loop->turns < TURNS_A_ROUND ? pen__runq_pop(&loop->ready) : NULL;
}

/* A cheap random number of this loop or thread, for fairness only. */
uint32_t pen__random(void);

#endif
