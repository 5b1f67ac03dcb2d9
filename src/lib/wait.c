/* wait.c - the waiting protocol of wait.h. */
#include "lib/wait.h"

#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>

#include "lib/abort.h"
#include "lib/ctx.h"
#include "lib/futex.h"
#include "lib/loop.h"

/* Where a plain thread sleeps.  Thread-local and not on the stack, so that a late futex wake hits nothing that matters. */
struct pen__parker {
	uint32_t woken;
};

static _Thread_local struct pen__parker parker_here;

void pen__wait_init(struct pen__wait *wait)
{
	struct pen_task *task = pen__task_self();

	*wait = (struct pen__wait){
		.won = PEN__WAIT_OPEN,
		.task = task,
		.thread = task ? NULL : &parker_here,
	};
}

bool pen__wait_is_open(const struct pen__wait *wait)
{
	return __atomic_load_n(&wait->won, __ATOMIC_RELAXED) == PEN__WAIT_OPEN;
}

void pen__wait_wake(struct pen__wait *wait)
{
	struct pen__parker *thread = wait->thread;

	if (wait->task) {
		pen__task_ready(wait->task);
		return;
	}
	__atomic_store_n(&thread->woken, 1, __ATOMIC_RELEASE);
	pen__futex_wake(&thread->woken, 1);
}

struct deadline {
	struct pen__timer timer;
	struct pen__wait *wait;
};

static void deadline_fire(struct pen__timer *timer)
{
	struct pen__wait *wait = ((struct deadline *)timer)->wait;

	if (pen__wait_claim(wait, PEN__WAIT_TIMEOUT))
		pen__wait_wake(wait);
}

static void task_sleep_timed(struct pen__wait *wait, int64_t deadline_ns)
{
	struct deadline deadline = {.wait = wait};

	pen__timer_init(&deadline.timer, deadline_fire);
	if (pen__timer_arm(&deadline.timer, deadline_ns) < 0 && pen__wait_claim(wait, PEN__WAIT_NO_MEMORY))
		return;
	pen__task_park();
	pen__timer_cancel(&deadline.timer);
}

static void task_sleep(struct pen__wait *wait, int64_t deadline_ns)
{
	if (deadline_ns != PEN_NEVER)
		task_sleep_timed(wait, deadline_ns);
	else if (wait->stays)
		pen__task_park();
	else
		pen__task_park_loose();
}

/* A thread has no loop to fire a timer for it, or that loop may go: it sleeps only so long.  Whoever claimed the wait also wakes it. */
static void thread_sleep(struct pen__wait *wait, int64_t deadline_ns)
{
	uint32_t *woken = &wait->thread->woken;

	while (!__atomic_load_n(woken, __ATOMIC_ACQUIRE)) {
		if (deadline_ns != PEN_NEVER && pen_now_ns() >= deadline_ns) {
			if (pen__wait_claim(wait, PEN__WAIT_TIMEOUT))
				return;
			deadline_ns = PEN_NEVER;
		}
		pen__futex_wait(woken, 0, deadline_ns);
	}
	__atomic_store_n(woken, 0, __ATOMIC_RELAXED);
}

static int sleep_until(struct pen__wait *wait, int64_t deadline_ns)
{
	if (wait->task)
		task_sleep(wait, deadline_ns);
	else
		thread_sleep(wait, deadline_ns);
	return __atomic_load_n(&wait->won, __ATOMIC_ACQUIRE);
}

int pen__wait_park(struct pen__wait *wait, struct pen_ctx *ctx, int64_t deadline_ns)
{
	struct pen__ctx_watch watch = {0};
	int64_t ctx_deadline_ns;
	bool ctx_first;
	int won;

	if (!ctx)
		return sleep_until(wait, deadline_ns);
	if (!pen__ctx_watch(ctx, &watch, wait) && pen__wait_claim(wait, PEN__WAIT_CANCEL))
		return PEN__WAIT_CANCEL;
	ctx_first = pen_ctx_deadline(ctx) < deadline_ns;
	ctx_deadline_ns = wait->task ? pen__ctx_deadline_untimed(ctx) : pen_ctx_deadline(ctx);
	if (ctx_deadline_ns < deadline_ns)
		deadline_ns = ctx_deadline_ns;
	won = sleep_until(wait, deadline_ns);
	pen__ctx_unwatch(&watch, ctx);
	if (won != PEN__WAIT_TIMEOUT || !ctx_first)
		return won;
	/* we saw the context's deadline pass before its timer did: end it, so that the call and the context say the same */
	pen__ctx_expire(ctx);
	return PEN__WAIT_CANCEL;
}

int pen__wait_error(int won, struct pen_ctx *ctx)
{
	switch (won) {
	case PEN__WAIT_CANCEL:
		return pen_ctx_err(ctx);
	case PEN__WAIT_TIMEOUT:
		return -ETIMEDOUT;
	case PEN__WAIT_NO_MEMORY:
		return -ENOMEM;
	default:
		return 0;
	}
}

int pen__waitq_wait(
	struct pen__waitq *queue, void *slot, size_t n, struct pen__lock *lock, struct pen_ctx *ctx)
{
	/* close together: a waker on another core fetches each cache line */
	struct {
		struct pen__waiter waiter;
		struct pen__wait wait;
	} me __attribute__((aligned(64)));
	int won;

	pen__wait_init(&me.wait);
	me.waiter = (struct pen__waiter){.wait = &me.wait, .slot = slot, .n = n};
	pen__waitq_push(queue, &me.waiter);
	pen__lock_drop(lock);
	won = pen__wait_park(&me.wait, ctx, PEN_NEVER);
	if (won >= 0)
		return me.waiter.result;
	pen__lock_take(lock);
	pen__waitq_remove(&me.waiter);
	pen__lock_drop(lock);
	return pen__wait_error(won, ctx);
}

void pen__wakelist_add(struct pen__wakelist *list, struct pen__waiter *waiter)
{
	PEN__REQUIRE(!waiter->queue, "a waiter was woken while it was queued");
	waiter->next = NULL;
	if (list->tail)
		list->tail->next = waiter;
	else
		list->head = waiter;
	list->tail = waiter;
}

void pen__wakelist_wake(struct pen__wakelist *list)
{
	struct pen__waiter *waiter = list->head;

	while (waiter) {
		struct pen__waiter *next = waiter->next; /* the waiter is gone once it is awake */

		pen__wait_wake(waiter->wait);
		waiter = next;
	}
}
