/* timer.c - arming, cancelling and firing; see timer.h. */
#include "lib/timer.h"

#include <errno.h>

#include "lib/loop.h"

void pen__timers_init(struct pen__timers *timers)
{
	*timers = (struct pen__timers){.earliest = PEN_NEVER};
}

void pen__timers_fini(struct pen__timers *timers)
{
	struct heap_item *item;

	pen__lock_take(&timers->lock);
	while ((item = heap_pop(&timers->heap)))
		__atomic_store_n(&((struct pen__timer *)item)->loop, NULL, __ATOMIC_SEQ_CST);
	heap_fini(&timers->heap);
	pen__lock_drop(&timers->lock);
}

/* With the lock held, after every change. */
static void note_earliest(struct pen__timers *timers)
{
	struct heap_item *first = heap_first(&timers->heap);

	__atomic_store_n(&timers->earliest, first ? first->key : PEN_NEVER, __ATOMIC_RELAXED);
}

/* The next timer that is due and wants to fire. */
static struct pen__timer *pop_due(struct pen__timers *timers, int64_t now)
{
	struct pen__timer *timer = NULL;
	struct heap_item *first;

	pen__lock_take(&timers->lock);
	while (!timer && (first = heap_first(&timers->heap)) && first->key <= now) {
		struct pen__timer *due = (struct pen__timer *)heap_pop(&timers->heap);

		if (!due->begin || due->begin(due))
			timer = due;
		__atomic_store_n(&due->loop, NULL, __ATOMIC_RELEASE);
	}
	note_earliest(timers);
	pen__lock_drop(&timers->lock);
	return timer;
}

void pen__timers_run(struct pen__timers *timers, int64_t now)
{
	struct pen__timer *timer;

	if (__atomic_load_n(&timers->earliest, __ATOMIC_RELAXED) > now)
		return;
	while ((timer = pop_due(timers, now)))
		timer->fire(timer);
}

void pen__timer_init(struct pen__timer *timer, void (*fire)(struct pen__timer *timer))
{
	*timer = (struct pen__timer){.fire = fire};
	heap_item_init(&timer->item);
}

static int arm_on(struct pen__loop *loop, struct pen__timer *timer, int64_t when_ns)
{
	bool first;
	int r;

	pen__lock_take(&loop->timers.lock);
	__atomic_store_n(&timer->loop, loop, __ATOMIC_RELEASE);
	timer->item.key = when_ns;
	r = heap_push(&loop->timers.heap, &timer->item);
	first = r == 0 && heap_first(&loop->timers.heap) == &timer->item;
	note_earliest(&loop->timers);
	pen__lock_drop(&loop->timers.lock);
	if (first && loop != pen__loop_self())
		pen__loop_poke(loop);
	return r;
}

int pen__timer_arm(struct pen__timer *timer, int64_t when_ns)
{
	struct pen__loop *loop = pen__loop_visit();
	int r = loop ? arm_on(loop, timer, when_ns) : -ESRCH;

	pen__runtime_leave();
	return r;
}

static bool cancel_on(struct pen__loop *loop, struct pen__timer *timer)
{
	bool armed;

	pen__lock_take(&loop->timers.lock);
	armed = heap_has(&timer->item);
	if (armed) {
		heap_remove(&loop->timers.heap, &timer->item);
		__atomic_store_n(&timer->loop, NULL, __ATOMIC_RELEASE);
		note_earliest(&loop->timers);
	}
	pen__lock_drop(&loop->timers.lock);
	return armed;
}

/* Its loop says by NULL that it goes, and then waits for visitors. */
bool pen__timer_cancel(struct pen__timer *timer)
{
	struct pen__loop *loop;
	bool armed = false;

	if (!__atomic_load_n(&timer->loop, __ATOMIC_ACQUIRE))
		return false;
	pen__runtime_visit();
	loop = __atomic_load_n(&timer->loop, __ATOMIC_SEQ_CST);
	if (loop)
		armed = cancel_on(loop, timer);
	pen__runtime_leave();
	return armed;
}
