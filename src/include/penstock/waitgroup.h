/* waitgroup.h - wait until a counted set of tasks or threads is done.  After Go's sync.WaitGroup. */
#ifndef PENSTOCK_WAITGROUP_H
#define PENSTOCK_WAITGROUP_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_waitgroup;

/* Gives a wait group whose count is 0, or NULL when out of memory. */
PEN_API struct pen_waitgroup *pen_waitgroup_new(void);

/* Free it.  NULL is allowed; aborts while anybody waits. */
PEN_API void pen_waitgroup_free(struct pen_waitgroup *wg);

/* Add `n`, which may be negative, to the count.  At 0 all waiters wake; a negative count aborts. */
PEN_API void pen_waitgroup_add(struct pen_waitgroup *wg, int n);

/* The same as pen_waitgroup_add(wg, -1). */
PEN_API void pen_waitgroup_done(struct pen_waitgroup *wg);

/*
 * Wait until the count is 0 or `ctx` ends.  May be waited on by many, and used again after.  After 0 the
 * caller may free the group: those who called done no longer touch it.
 * Returns 0, -ECANCELED or -ETIMEDOUT.
 */
PEN_API PEN_MUST_CHECK int pen_waitgroup_wait(struct pen_ctx *ctx, struct pen_waitgroup *wg);

PEN_END

#endif
