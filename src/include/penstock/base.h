/*
 * base.h - what every public header needs: export marks and the rules they all share.
 *
 * Rules of the library, said once:
 *  - An `int` result is 0 or -errno, unless the comment says it is a count or an index.
 *  - A blocking call takes a `struct pen_ctx *` first and ends when that context does, with -ECANCELED or
 *    -ETIMEDOUT.  NULL stands for the background context, which never ends.
 *  - A blocking call may be made by a task (it parks; its loop runs others) or by a plain thread (it sleeps).
 *    A task that waits until a certain time may find no memory for its timer: -ENOMEM.
 *  - `try_` calls never block: -EAGAIN.
 *  - A parameter is borrowed unless the comment says "takes"; a result is borrowed unless it says "gives".
 *    A call takes only when it returns 0.  What goes through a channel belongs to the receiver.
 *  - Breaking a contract (double close, unlock of a free lock, free while somebody waits) aborts with a message.
 *  - Times are nanoseconds of CLOCK_MONOTONIC in an int64_t; PEN_NEVER is the far end.
 */
#ifndef PENSTOCK_BASE_H
#define PENSTOCK_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PEN_BEGIN extern "C" {
#define PEN_END }
#else
#define PEN_BEGIN
#define PEN_END
#endif

#define PEN_API __attribute__((visibility("default")))
#define PEN_MUST_CHECK __attribute__((warn_unused_result))

#define PEN_NEVER INT64_MAX

#define PEN_US INT64_C(1000)
#define PEN_MS INT64_C(1000000)
#define PEN_SECOND INT64_C(1000000000)

struct pen_ctx;
struct pen_chan;

#endif
