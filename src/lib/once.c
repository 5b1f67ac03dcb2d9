/* once.c - the first to come does it, the others wait; once done, a call costs one load. */
#include <penstock/once.h>

#include <stdlib.h>

#include "lib/abort.h"
#include "lib/lock.h"
#include "lib/wait.h"

enum { FRESH, RUNNING, DONE };

struct pen_once {
	struct pen__lock lock;
	uint32_t state; /* atomic; changed under the lock */
	struct pen__waitq waiters;
};

struct pen_once *pen_once_new(void)
{
	return calloc(1, sizeof(struct pen_once));
}

void pen_once_free(struct pen_once *once)
{
	if (!once)
		return;
	/* whoever ran it may still be on the way out of the lock: others see DONE without taking it */
	pen__lock_take(&once->lock);
	PEN__REQUIRE(once->state != RUNNING && !once->waiters.head,
		"a pen_once was freed while somebody is inside");
	pen__lock_drop(&once->lock);
	free(once);
}

/* Release: pairs with the acquire of those who later see DONE, so that they see all that fn wrote. */
static void set_done(struct pen_once *once)
{
	struct pen__wakelist wakes = {0};
	struct pen__waiter *waiter;

	pen__lock_take(&once->lock);
	__atomic_store_n(&once->state, DONE, __ATOMIC_RELEASE);
	while ((waiter = pen__waitq_claim(&once->waiters)))
		pen__wakelist_add(&wakes, waiter);
	pen__lock_drop(&once->lock);
	pen__wakelist_wake(&wakes);
}

int pen_once_do(struct pen_ctx *ctx, struct pen_once *once, void (*fn)(void *arg), void *arg)
{
	bool first;

	if (__atomic_load_n(&once->state, __ATOMIC_ACQUIRE) == DONE)
		return 0;
	pen__lock_take(&once->lock);
	if (once->state == RUNNING)
		return pen__waitq_wait(&once->waiters, NULL, 0, &once->lock, ctx);
	first = once->state == FRESH;
	if (first)
		__atomic_store_n(&once->state, RUNNING, __ATOMIC_RELAXED);
	pen__lock_drop(&once->lock);
	if (first) {
		fn(arg);
		set_done(once);
	}
	return 0;
}
