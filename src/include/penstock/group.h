/* group.h - tasks that work on one thing; the first error cancels the rest.  After Go's x/sync/errgroup. */
#ifndef PENSTOCK_GROUP_H
#define PENSTOCK_GROUP_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_group;

/*
 * Give a group whose context is a child of `parent`.  At most `limit` of its tasks are alive at a time
 * (0: no limit).  Returns 0 or -ENOMEM.
 */
PEN_API PEN_MUST_CHECK int pen_group_new(struct pen_group **ret_group, struct pen_ctx *parent, size_t limit);

/* Free the group after pen_group_wait() returned; aborts while tasks of it are alive.  NULL is allowed. */
PEN_API void pen_group_free(struct pen_group *group);

/* The group's context: ends at the first error, and when pen_group_wait() returns. */
PEN_API struct pen_ctx *pen_group_ctx(struct pen_group *group);

/*
 * Run `fn(ctx, arg)` in a task of the group, waiting for a place under the limit until the group's context
 * ends.  The first fn to return other than 0 ends the group's context with cause "group failed".
 * Returns 0, or starts nothing: -ECANCELED, -ETIMEDOUT, -ENOMEM, -ESRCH.
 */
PEN_API PEN_MUST_CHECK int pen_group_go(
	struct pen_group *group, int (*fn)(struct pen_ctx *ctx, void *arg), void *arg);

/* The same without waiting: -EAGAIN at the limit. */
PEN_API PEN_MUST_CHECK int pen_group_try_go(
	struct pen_group *group, int (*fn)(struct pen_ctx *ctx, void *arg), void *arg);

/* Wait for every task of the group; not cut short by any context.  Returns the first error, or 0. */
PEN_API PEN_MUST_CHECK int pen_group_wait(struct pen_group *group);

PEN_END

#endif
