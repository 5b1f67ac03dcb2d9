/* chan_ops.h - the inside of a channel, shared by chan.c and select.c. */
#ifndef PEN_LIB_CHAN_OPS_H
#define PEN_LIB_CHAN_OPS_H

#include <penstock/chan.h>

#include "lib/lock.h"
#include "lib/wait.h"

/* What an operation writes lies in one cache line, which is what two cores take from each other. */
struct pen_chan {
	struct pen__lock lock;
	bool closed;
	size_t len, first;                    /* of the ring: elements held, and the oldest one's place */
	struct pen__waitq senders, receivers; /* never both have open waits */

	size_t elem_bytes __attribute__((aligned(64)));
	size_t capacity;
	void (*drop)(void *elem);
	char ring[];
};

/*
 * With the lock held: do it if it can be done now.  0, -EPIPE or -EAGAIN.  A peer to be woken once the lock is dropped is
 * left in `*ret_peer`, which is NULL otherwise.
 */
int pen__chan_send_now(struct pen_chan *chan, const void *elem, struct pen__waiter **ret_peer);
int pen__chan_recv_now(struct pen_chan *chan, void *elem, struct pen__waiter **ret_peer);

#endif
