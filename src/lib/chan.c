/*
 * chan.c - channels; see chan.h.
 *
 * Invariants, under the lock: a receiver waits only while the ring is empty and no sender waits; a sender waits only while the
 * ring is full and no receiver waits; nobody waits on a closed channel.
 */
#include "lib/chan_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/abort.h"
#include "lib/ctx.h"

struct pen_chan *pen_chan_new(size_t elem_bytes, size_t capacity)
{
	struct pen_chan *chan;
	size_t bytes;

	if (__builtin_mul_overflow(elem_bytes, capacity, &bytes) ||
		__builtin_add_overflow(bytes, sizeof *chan + _Alignof(struct pen_chan), &bytes))
		return NULL;
	chan = aligned_alloc(_Alignof(struct pen_chan), bytes & ~(_Alignof(struct pen_chan) - 1));
	if (chan)
		*chan = (struct pen_chan){.elem_bytes = elem_bytes, .capacity = capacity};
	return chan;
}

void pen_chan_set_drop(struct pen_chan *chan, void (*drop)(void *elem))
{
	chan->drop = drop;
}

static char *place(struct pen_chan *chan, size_t index)
{
	size_t at = chan->first + index;

	return chan->ring + (at < chan->capacity ? at : at - chan->capacity) * chan->elem_bytes;
}

void pen_chan_free(struct pen_chan *chan)
{
	if (!chan)
		return;
	/* whoever was last to use it may still be on the way out of the lock */
	pen__lock_take(&chan->lock);
	PEN__REQUIRE(!chan->senders.head && !chan->receivers.head,
		"a channel was freed while somebody waits on it");
	pen__lock_drop(&chan->lock);
	for (size_t i = 0; chan->drop && i < chan->len; i++)
		chan->drop(place(chan, i));
	free(chan);
}

/* Of a size that the compiler knows, a copy is an instruction and not a call. */
static void copy(const struct pen_chan *chan, void *to, const void *from)
{
	if (!to || !chan->elem_bytes)
		return;
	if (chan->elem_bytes == sizeof(void *))
		memcpy(to, from, sizeof(void *));
	else if (chan->elem_bytes == sizeof(int))
		memcpy(to, from, sizeof(int));
	else
		memcpy(to, from, chan->elem_bytes);
}

static void ring_push(struct pen_chan *chan, const void *elem)
{
	copy(chan, place(chan, chan->len), elem);
	chan->len++;
}

static void ring_pop(struct pen_chan *chan, void *elem)
{
	copy(chan, elem, place(chan, 0));
	chan->first = chan->first + 1 == chan->capacity ? 0 : chan->first + 1;
	chan->len--;
}

int pen__chan_send_now(struct pen_chan *chan, const void *elem, struct pen__waiter **ret_peer)
{
	*ret_peer = NULL;
	if (chan->closed)
		return -EPIPE;
	if (chan->receivers.head && (*ret_peer = pen__waitq_claim(&chan->receivers))) {
		copy(chan, (*ret_peer)->slot, elem);
		(*ret_peer)->result = 0;
		return 0;
	}
	if (chan->len == chan->capacity)
		return -EAGAIN;
	ring_push(chan, elem);
	return 0;
}

int pen__chan_recv_now(struct pen_chan *chan, void *elem, struct pen__waiter **ret_peer)
{
	*ret_peer = NULL;
	if (chan->len > 0) {
		ring_pop(chan, elem);
		if (chan->senders.head && (*ret_peer = pen__waitq_claim(&chan->senders))) {
			ring_push(chan, (*ret_peer)->slot);
			(*ret_peer)->result = 0;
		}
		return 0;
	}
	if (chan->senders.head && (*ret_peer = pen__waitq_claim(&chan->senders))) {
		copy(chan, elem, (*ret_peer)->slot);
		(*ret_peer)->result = 0;
		return 0;
	}
	return chan->closed ? -EPIPE : -EAGAIN;
}

/* Drop the lock, and wake the peer if the operation had one. */
static void unlock_and_wake(struct pen_chan *chan, struct pen__waiter *peer)
{
	pen__lock_drop(&chan->lock);
	if (peer)
		pen__wait_wake(peer->wait);
}

int pen_chan_try_send(struct pen_chan *chan, const void *elem)
{
	struct pen__waiter *peer;
	int r;

	pen__lock_take(&chan->lock);
	r = pen__chan_send_now(chan, elem, &peer);
	unlock_and_wake(chan, peer);
	return r;
}

int pen_chan_try_recv(struct pen_chan *chan, void *elem)
{
	struct pen__waiter *peer;
	int r;

	pen__lock_take(&chan->lock);
	r = pen__chan_recv_now(chan, elem, &peer);
	unlock_and_wake(chan, peer);
	return r;
}

int pen_chan_send(struct pen_ctx *ctx, struct pen_chan *chan, const void *elem)
{
	struct pen__waiter *peer;
	int r = pen__ctx_err(ctx);

	if (r < 0)
		return r;
	pen__lock_take(&chan->lock);
	r = pen__chan_send_now(chan, elem, &peer);
	if (r == -EAGAIN)
		return pen__waitq_wait(&chan->senders, (void *)elem, 0, &chan->lock, ctx);
	unlock_and_wake(chan, peer);
	return r;
}

int pen_chan_recv(struct pen_ctx *ctx, struct pen_chan *chan, void *elem)
{
	struct pen__waiter *peer;
	int r = pen__ctx_err(ctx);

	if (r < 0)
		return r;
	pen__lock_take(&chan->lock);
	r = pen__chan_recv_now(chan, elem, &peer);
	if (r == -EAGAIN)
		return pen__waitq_wait(&chan->receivers, elem, 0, &chan->lock, ctx);
	unlock_and_wake(chan, peer);
	return r;
}

static void turn_away(struct pen__waitq *queue, struct pen__wakelist *wakes)
{
	struct pen__waiter *waiter;

	while ((waiter = pen__waitq_claim(queue))) {
		waiter->result = -EPIPE;
		pen__wakelist_add(wakes, waiter);
	}
}

void pen_chan_close(struct pen_chan *chan)
{
	struct pen__wakelist wakes = {0};

	pen__lock_take(&chan->lock);
	PEN__REQUIRE(!chan->closed, "a channel was closed twice");
	chan->closed = true;
	turn_away(&chan->receivers, &wakes);
	turn_away(&chan->senders, &wakes);
	pen__lock_drop(&chan->lock);
	pen__wakelist_wake(&wakes);
}

size_t pen_chan_len(struct pen_chan *chan)
{
	size_t len;

	pen__lock_take(&chan->lock);
	len = chan->len;
	pen__lock_drop(&chan->lock);
	return len;
}

size_t pen_chan_cap(struct pen_chan *chan)
{
	return chan->capacity;
}

bool pen_chan_closed(struct pen_chan *chan)
{
	bool closed;

	pen__lock_take(&chan->lock);
	closed = chan->closed;
	pen__lock_drop(&chan->lock);
	return closed;
}
