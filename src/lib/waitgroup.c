/*
 * waitgroup.c - a count and those who wait for it to be 0.
 *
 * The last done() drops the lock before it wakes anybody, and then touches the waiters only; whoever comes to
 * wait too late finds the 0 under the lock.  So after a wait the group may be freed at once.
 */
#include "lib/waitgroup.h"

#include <penstock/ctx.h>
#include <stdlib.h>

#include "lib/abort.h"

struct pen_waitgroup *pen_waitgroup_new(void)
{
	return calloc(1, sizeof(struct pen_waitgroup));
}

void pen_waitgroup_free(struct pen_waitgroup *wg)
{
	if (!wg)
		return;
	/* the last done() may still be on the way out of the lock */
	pen__lock_take(&wg->lock);
	PEN__REQUIRE(!wg->waiters.head, "a wait group was freed while somebody waits on it");
	pen__lock_drop(&wg->lock);
	free(wg);
}

void pen_waitgroup_add(struct pen_waitgroup *wg, int n)
{
	struct pen__wakelist wakes = {0};
	struct pen__waiter *waiter;

	pen__lock_take(&wg->lock);
	PEN__REQUIRE(!__builtin_add_overflow(wg->count, n, &wg->count), "a wait group counts too many");
	PEN__REQUIRE(wg->count >= 0, "a wait group was done more often than added to");
	while (wg->count == 0 && (waiter = pen__waitq_claim(&wg->waiters)))
		pen__wakelist_add(&wakes, waiter);
	pen__lock_drop(&wg->lock);
	pen__wakelist_wake(&wakes);
}

void pen_waitgroup_done(struct pen_waitgroup *wg)
{
	pen_waitgroup_add(wg, -1);
}

/* A count of 0 is good news even to a context that has ended: nothing is waited for. */
int pen_waitgroup_wait(struct pen_ctx *ctx, struct pen_waitgroup *wg)
{
	pen__lock_take(&wg->lock);
	if (wg->count > 0)
		return pen__waitq_wait(&wg->waiters, NULL, 0, &wg->lock, ctx);
	pen__lock_drop(&wg->lock);
	return 0;
}

bool pen__waitgroup_idle(struct pen_waitgroup *wg)
{
	bool idle;

	pen__lock_take(&wg->lock);
	idle = wg->count == 0 && !wg->waiters.head;
	pen__lock_drop(&wg->lock);
	return idle;
}

void pen__waitgroup_join(struct pen_waitgroup *wg)
{
	int r = pen_waitgroup_wait(pen_ctx_background(), wg);

	PEN__REQUIRE(r == 0, "the background context ended");
}
