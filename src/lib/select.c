/*
 * select.c - wait for the first of several channel operations; see select.h.
 *
 * All channels are locked in the order of their addresses, looked at, and either one operation is done or a waiter is left on each
 * before they are unlocked: so nothing can become ready unseen in between.
 */
#include <penstock/select.h>

#include <alloca.h>
#include <errno.h>
#include <penstock/time.h>

#include "lib/chan_ops.h"
#include "lib/ctx.h"
#include "lib/loop.h"

struct selection {
	struct pen_case *cases;
	size_t n;
	struct pen_chan **locks; /* each channel once, by address; none in a process of one thread */
	size_t n_locks;
	struct pen__waiter *waiters; /* one a case */
};

/* Insertion sort: n is small, and mostly the caller keeps its channels in the same order anyway. */
static void note_lock(struct selection *selection, struct pen_chan *chan)
{
	size_t i = selection->n_locks;

	while (i > 0 && (uintptr_t)selection->locks[i - 1] > (uintptr_t)chan)
		i--;
	if (i > 0 && selection->locks[i - 1] == chan)
		return;
	for (size_t k = selection->n_locks; k > i; k--)
		selection->locks[k] = selection->locks[k - 1];
	selection->locks[i] = chan;
	selection->n_locks++;
}

static void lock_all(struct selection *selection)
{
	for (size_t i = 0; i < selection->n_locks; i++)
		pen__lock_take(&selection->locks[i]->lock);
}

static void unlock_all(struct selection *selection)
{
	for (size_t i = 0; i < selection->n_locks; i++)
		pen__lock_drop(&selection->locks[i]->lock);
}

/* With all locks: do the first ready case from `start` on.  Its index, or -EAGAIN. */
static int do_ready_case(struct selection *selection, size_t start, struct pen__waiter **ret_peer)
{
	for (size_t k = 0, i = start; k < selection->n; k++, i = i + 1 == selection->n ? 0 : i + 1) {
		struct pen_case *c = &selection->cases[i];
		int r;

		if (!c->chan)
			continue;
		r = c->op == PEN_SEND ? pen__chan_send_now(c->chan, c->send, ret_peer)
				      : pen__chan_recv_now(c->chan, c->recv, ret_peer);
		if (r != -EAGAIN) {
			c->result = r;
			return (int)i;
		}
	}
	return -EAGAIN;
}

static void enqueue_all(struct selection *selection, struct pen__wait *wait)
{
	for (size_t i = 0; i < selection->n; i++) {
		struct pen_case *c = &selection->cases[i];
		bool send = c->op == PEN_SEND;

		selection->waiters[i] = (struct pen__waiter){
			.wait = wait,
			.index = (int)i,
			.slot = send ? (void *)c->send : c->recv,
		};
		if (c->chan)
			pen__waitq_push(
				send ? &c->chan->senders : &c->chan->receivers, &selection->waiters[i]);
	}
}

/* The waiter that won is off its queue, and its channel is left alone: whoever we met there may have freed it by now. */
static void dequeue_losers(struct selection *selection, int won)
{
	for (size_t i = 0; i < selection->n; i++) {
		struct pen_chan *chan = selection->cases[i].chan;

		if (!chan || (int)i == won)
			continue;
		pen__lock_take(&chan->lock);
		pen__waitq_remove(&selection->waiters[i]);
		pen__lock_drop(&chan->lock);
	}
}

/* With all locks, which it drops. */
static int wait_for_case(struct selection *selection, struct pen_ctx *ctx, int64_t deadline_ns)
{
	struct pen__wait wait;
	int won;

	pen__wait_init(&wait);
	enqueue_all(selection, &wait);
	unlock_all(selection);
	won = pen__wait_park(&wait, ctx, deadline_ns);
	dequeue_losers(selection, won);
	if (won < 0)
		return pen__wait_error(won, ctx);
	selection->cases[won].result = selection->waiters[won].result;
	return won;
}

/* Lemire, "Fast Random Integer Generation in an Interval", without the correction: n is small. */
static size_t random_below(size_t n)
{
	return n < 2 ? 0 : (uint64_t)pen__random() * n >> 32;
}

int pen_select_until(
	struct pen_ctx *ctx, struct pen_case *cases, size_t n, unsigned flags, int64_t deadline_ns)
{
	struct selection selection = {.cases = cases, .n = n};
	struct pen__waiter *peer = NULL;
	int r = pen__ctx_err(ctx);

	if (n > PEN_SELECT_CASES_MAX)
		return -EINVAL;
	if (r < 0)
		return r;
	selection.locks = alloca((n + 1) * sizeof *selection.locks);
	for (size_t i = 0; i < n && !pen__alone(); i++)
		if (cases[i].chan)
			note_lock(&selection, cases[i].chan);
	lock_all(&selection);
	r = do_ready_case(&selection, flags & PEN_SELECT_PRIORITY ? 0 : random_below(n), &peer);
	if (r == -EAGAIN && !(flags & PEN_SELECT_DEFAULT)) {
		selection.waiters = alloca((n + 1) * sizeof *selection.waiters);
		return wait_for_case(&selection, ctx, deadline_ns);
	}
	unlock_all(&selection);
	if (peer)
		pen__wait_wake(peer->wait);
	return r;
}

int pen_select(struct pen_ctx *ctx, struct pen_case *cases, size_t n, unsigned flags)
{
	return pen_select_until(ctx, cases, n, flags, PEN_NEVER);
}
