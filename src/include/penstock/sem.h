/* sem.h - a weighted semaphore whose waiters are served in order.  After Go's x/sync/semaphore. */
#ifndef PENSTOCK_SEM_H
#define PENSTOCK_SEM_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_sem;

/* Gives a semaphore of `size` units, all free, or NULL when out of memory. */
PEN_API struct pen_sem *pen_sem_new(size_t size);

/* Free it.  NULL is allowed; aborts while anybody waits. */
PEN_API void pen_sem_free(struct pen_sem *sem);

/*
 * Take `n` units, waiting until they are free or `ctx` ends.  Waiters are served in order of arrival, so
 * small requests cannot starve a large one.  Tasks and threads; borrows both.
 * Returns 0, or takes nothing and returns -ECANCELED or -ETIMEDOUT (why ctx ended) or -E2BIG when n is more
 * than the whole size.
 */
PEN_API PEN_MUST_CHECK int pen_sem_acquire(struct pen_ctx *ctx, struct pen_sem *sem, size_t n);

/* Take `n` units if they are free and nobody waits: 0, -EAGAIN or -E2BIG. */
PEN_API PEN_MUST_CHECK int pen_sem_try_acquire(struct pen_sem *sem, size_t n);

/* Give `n` units back, waking those they suffice for.  Giving back more than is taken aborts. */
PEN_API void pen_sem_release(struct pen_sem *sem, size_t n);

/*
 * Change the size.  A larger one wakes waiters at once; a smaller one takes nothing away from holders, it only
 * lets nobody in until enough has come back.  Waiters that ask for more than the new size get -E2BIG.
 */
PEN_API void pen_sem_resize(struct pen_sem *sem, size_t size);

/* Units taken now, and the size; a snapshot. */
PEN_API size_t pen_sem_taken(struct pen_sem *sem);
PEN_API size_t pen_sem_size(struct pen_sem *sem);

PEN_END

#endif
