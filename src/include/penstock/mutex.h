/* mutex.h - locks that may be held across blocking calls, by tasks and threads; first come, first served. */
#ifndef PENSTOCK_MUTEX_H
#define PENSTOCK_MUTEX_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_mutex;

/* Gives a free mutex, or NULL when out of memory; freeing one that is held or waited for aborts. */
PEN_API struct pen_mutex *pen_mutex_new(void);
PEN_API void pen_mutex_free(struct pen_mutex *mutex);

/* Take the lock, waiting in line until `ctx` ends.  Returns 0, or -ECANCELED, -ETIMEDOUT without the lock. */
PEN_API PEN_MUST_CHECK int pen_mutex_lock(struct pen_ctx *ctx, struct pen_mutex *mutex);
PEN_API PEN_MUST_CHECK int pen_mutex_try_lock(struct pen_mutex *mutex);

/* Pass the lock on to the next in line.  Unlocking a free mutex aborts; any task or thread may unlock. */
PEN_API void pen_mutex_unlock(struct pen_mutex *mutex);

struct pen_rwmutex;

/*
 * Many readers or one writer, served in order of arrival: a reader that comes after a waiting writer waits behind it, so
 * writers do not starve; readers in line together enter together.
 */
PEN_API struct pen_rwmutex *pen_rwmutex_new(void);
PEN_API void pen_rwmutex_free(struct pen_rwmutex *rwmutex);
PEN_API PEN_MUST_CHECK int pen_rwmutex_lock(struct pen_ctx *ctx, struct pen_rwmutex *rwmutex);
PEN_API PEN_MUST_CHECK int pen_rwmutex_try_lock(struct pen_rwmutex *rwmutex);
PEN_API void pen_rwmutex_unlock(struct pen_rwmutex *rwmutex);
PEN_API PEN_MUST_CHECK int pen_rwmutex_rlock(struct pen_ctx *ctx, struct pen_rwmutex *rwmutex);
PEN_API PEN_MUST_CHECK int pen_rwmutex_try_rlock(struct pen_rwmutex *rwmutex);
PEN_API void pen_rwmutex_runlock(struct pen_rwmutex *rwmutex);

PEN_END

#endif
