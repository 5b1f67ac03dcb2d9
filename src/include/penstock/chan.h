/*
 * chan.h - channels, with Go's rules: FIFO, capacity 0..n, closing wakes everybody.
 *
 * Elements are copied in and out, `elem_bytes` each.  On an unbuffered channel a send returns once a receiver
 * has the value.  When a context ends in the same instant as a value is handed over, exactly one of the two
 * happens: the call that returns 0 moved a value, any other moved none.
 */
#ifndef PENSTOCK_CHAN_H
#define PENSTOCK_CHAN_H

#include <penstock/base.h>

PEN_BEGIN

/* Gives a channel of `capacity` elements of `elem_bytes` (0: a pure signal) bytes, or NULL when out of memory. */
PEN_API struct pen_chan *pen_chan_new(size_t elem_bytes, size_t capacity);

/* Call `drop(elem)` for each element still buffered at pen_chan_free(); set before the first send. */
PEN_API void pen_chan_set_drop(struct pen_chan *chan, void (*drop)(void *elem));

/* Free the channel and drop what it holds.  NULL is allowed; aborts while anybody waits on it. */
PEN_API void pen_chan_free(struct pen_chan *chan);

/*
 * Send a copy of `*elem`, waiting for room (or, unbuffered, for a receiver) until `ctx` ends.
 * Returns 0, or sends nothing: -EPIPE when closed, also while waiting; -ECANCELED, -ETIMEDOUT.
 */
PEN_API PEN_MUST_CHECK int pen_chan_send(struct pen_ctx *ctx, struct pen_chan *chan, const void *elem);
PEN_API PEN_MUST_CHECK int pen_chan_try_send(struct pen_chan *chan, const void *elem);

/*
 * Receive into `*elem` (NULL: throw the value away), waiting for one until `ctx` ends.  A closed channel
 * first gives what it still holds, then -EPIPE.
 * Returns 0, or receives nothing: -EPIPE, -ECANCELED, -ETIMEDOUT.
 */
PEN_API PEN_MUST_CHECK int pen_chan_recv(struct pen_ctx *ctx, struct pen_chan *chan, void *elem);
PEN_API PEN_MUST_CHECK int pen_chan_try_recv(struct pen_chan *chan, void *elem);

/* Close: wakes all who wait.  Closing twice aborts; only the side that sends closes. */
PEN_API void pen_chan_close(struct pen_chan *chan);

/* Elements buffered now, the capacity, and whether it is closed; a snapshot when others use the channel. */
PEN_API size_t pen_chan_len(struct pen_chan *chan);
PEN_API size_t pen_chan_cap(struct pen_chan *chan);
PEN_API bool pen_chan_closed(struct pen_chan *chan);

PEN_END

#endif
