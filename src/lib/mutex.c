/*
 * mutex.c - a lock handed from one to the next in line, and a read-write lock.
 *
 * A mutex that somebody waits for is never free in between: unlock gives it to the first in line.  The
 * read-write lock is a semaphore of which a reader takes one unit and a writer all: its order of arrival is
 * that of the semaphore, readers who stand together enter together, and a canceled writer lets in those
 * behind it.
 */
#include <penstock/mutex.h>

#include <errno.h>
#include <stdlib.h>

#include "lib/abort.h"
#include "lib/ctx.h"
#include "lib/sem.h"

struct pen_mutex {
	struct pen__lock lock;
	bool held;
	struct pen__waitq line; /* empty while it is not held */
};

struct pen_mutex *pen_mutex_new(void)
{
	return calloc(1, sizeof(struct pen_mutex));
}

void pen_mutex_free(struct pen_mutex *mutex)
{
	if (!mutex)
		return;
	/* whoever was last to use it may still be on the way out of the inner lock */
	pen__lock_take(&mutex->lock);
	PEN__REQUIRE(!mutex->held && !mutex->line.head, "a mutex was freed while it is held or waited for");
	pen__lock_drop(&mutex->lock);
	free(mutex);
}

int pen_mutex_lock(struct pen_ctx *ctx, struct pen_mutex *mutex)
{
	int r = pen__ctx_err(ctx);

	if (r < 0)
		return r;
	pen__lock_take(&mutex->lock);
	if (mutex->held)
		return pen__waitq_wait(&mutex->line, NULL, 0, &mutex->lock, ctx);
	mutex->held = true;
	pen__lock_drop(&mutex->lock);
	return 0;
}

int pen_mutex_try_lock(struct pen_mutex *mutex)
{
	bool held;

	pen__lock_take(&mutex->lock);
	held = mutex->held;
	mutex->held = true;
	pen__lock_drop(&mutex->lock);
	return held ? -EAGAIN : 0;
}

void pen_mutex_unlock(struct pen_mutex *mutex)
{
	struct pen__waiter *next;

	pen__lock_take(&mutex->lock);
	PEN__REQUIRE(mutex->held, "a mutex was unlocked that nobody holds");
	next = pen__waitq_claim(&mutex->line);
	mutex->held = next != NULL;
	pen__lock_drop(&mutex->lock);
	if (next)
		pen__wait_wake(next->wait);
}

enum { READER = 1 };
#define WRITER SIZE_MAX

struct pen_rwmutex {
	struct pen_sem sem;
};

struct pen_rwmutex *pen_rwmutex_new(void)
{
	struct pen_rwmutex *rwmutex = malloc(sizeof *rwmutex);

	if (rwmutex)
		*rwmutex = (struct pen_rwmutex){.sem = {.size = WRITER}};
	return rwmutex;
}

void pen_rwmutex_free(struct pen_rwmutex *rwmutex)
{
	if (!rwmutex)
		return;
	PEN__REQUIRE(
		pen__sem_idle(&rwmutex->sem), "a read-write mutex was freed while it is held or waited for");
	free(rwmutex);
}

int pen_rwmutex_lock(struct pen_ctx *ctx, struct pen_rwmutex *rwmutex)
{
	return pen_sem_acquire(ctx, &rwmutex->sem, WRITER);
}

int pen_rwmutex_try_lock(struct pen_rwmutex *rwmutex)
{
	return pen_sem_try_acquire(&rwmutex->sem, WRITER);
}

/* What is taken says who is in; it cannot change between while the caller is one of them. */
void pen_rwmutex_unlock(struct pen_rwmutex *rwmutex)
{
	PEN__REQUIRE(pen_sem_taken(&rwmutex->sem) == WRITER,
		"a read-write mutex was unlocked that no writer holds");
	pen_sem_release(&rwmutex->sem, WRITER);
}

int pen_rwmutex_rlock(struct pen_ctx *ctx, struct pen_rwmutex *rwmutex)
{
	return pen_sem_acquire(ctx, &rwmutex->sem, READER);
}

int pen_rwmutex_try_rlock(struct pen_rwmutex *rwmutex)
{
	return pen_sem_try_acquire(&rwmutex->sem, READER);
}

void pen_rwmutex_runlock(struct pen_rwmutex *rwmutex)
{
	size_t taken = pen_sem_taken(&rwmutex->sem);

	PEN__REQUIRE(taken != 0 && taken != WRITER, "a read-write mutex was unlocked that no reader holds");
	pen_sem_release(&rwmutex->sem, READER);
}
