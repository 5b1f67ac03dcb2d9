/* io.h - wait for a descriptor: the loop's epoll set as a straight-line call.  After Go's netpoll. */
#ifndef PENSTOCK_IO_H
#define PENSTOCK_IO_H

#include <penstock/base.h>

PEN_BEGIN

enum pen_io_events { PEN_IO_READ = 1, PEN_IO_WRITE = 2 };

/*
 * Wait until `fd` can be read (or has a hang-up or error, which reading shows) or written, or `ctx` ends.  A task is
 * served by its loop's epoll set, a thread by poll(2).  At most one task of a loop waits for each
 * direction of a descriptor at a time (-EBUSY).  Take care that nobody waits for a descriptor when it is closed.
 * Returns 0, -ECANCELED, -ETIMEDOUT, -EBUSY, -ENOMEM, or what epoll says (-EPERM for a plain file, -EBADF).
 */
PEN_API PEN_MUST_CHECK int pen_io_wait(struct pen_ctx *ctx, int fd, enum pen_io_events event);

/* The same, giving up with -ETIMEDOUT at a time of CLOCK_MONOTONIC. */
PEN_API PEN_MUST_CHECK int pen_io_wait_until(
	struct pen_ctx *ctx, int fd, enum pen_io_events event, int64_t deadline_ns);

PEN_END

#endif
