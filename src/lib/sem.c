/*
 * sem.c - units handed out in order of arrival.
 *
 * Whatever may let the first in line through (units came back, the size grew, whoever stood before it left)
 * runs serve_line() under the lock.  Units are counted when a wait is claimed, so between its claim and its
 * waking nobody else can take them; and a waiter whose context ended before the claim has none to give back.
 */
#include "lib/sem.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/abort.h"
#include "lib/ctx.h"

struct pen_sem *pen_sem_new(size_t size)
{
	struct pen_sem *sem = malloc(sizeof *sem);

	if (sem)
		*sem = (struct pen_sem){.size = size};
	return sem;
}

void pen_sem_free(struct pen_sem *sem)
{
	if (!sem)
		return;
	/* whoever was last to use it may still be on the way out of the lock */
	pen__lock_take(&sem->lock);
	PEN__REQUIRE(!sem->line.head, "a semaphore was freed while somebody waits on it");
	pen__lock_drop(&sem->lock);
	free(sem);
}

static bool is_free(const struct pen_sem *sem, size_t n)
{
	return sem->taken <= sem->size && n <= sem->size - sem->taken;
}

/* Let in those at the head of the line that the free units suffice for, unless their context ended first. */
static void serve_line(struct pen_sem *sem, struct pen__wakelist *wakes)
{
	struct pen__waiter *first;

	while ((first = sem->line.head) && is_free(sem, first->n)) {
		pen__waitq_remove(first);
		if (!pen__wait_claim(first->wait, first->index))
			continue;
		sem->taken += first->n;
		pen__wakelist_add(wakes, first);
	}
}

/* With the lock held: serve the line, drop the lock, wake whom it let in. */
static void serve_and_unlock(struct pen_sem *sem, struct pen__wakelist *wakes)
{
	serve_line(sem, wakes);
	pen__lock_drop(&sem->lock);
	pen__wakelist_wake(wakes);
}

/* With the lock held: 0, -E2BIG, or -EAGAIN for one who must join the line. */
static int take_now(struct pen_sem *sem, size_t n)
{
	if (n > sem->size)
		return -E2BIG;
	if (sem->line.head || !is_free(sem, n))
		return -EAGAIN;
	sem->taken += n;
	return 0;
}

/* With the lock held.  One who leaves the line early may have stood before others who can go in now. */
static int wait_in_line(struct pen_ctx *ctx, struct pen_sem *sem, size_t n)
{
	struct pen__wakelist wakes = {0};
	int r = pen__waitq_wait(&sem->line, NULL, n, &sem->lock, ctx);

	if (r == 0 || r == -E2BIG)
		return r;
	pen__lock_take(&sem->lock);
	serve_and_unlock(sem, &wakes);
	return r;
}

int pen_sem_acquire(struct pen_ctx *ctx, struct pen_sem *sem, size_t n)
{
	int r = pen__ctx_err(ctx);

	if (r < 0)
		return r;
	pen__lock_take(&sem->lock);
	r = take_now(sem, n);
	if (r == -EAGAIN)
		return wait_in_line(ctx, sem, n);
	pen__lock_drop(&sem->lock);
	return r;
}

int pen_sem_try_acquire(struct pen_sem *sem, size_t n)
{
	int r;

	pen__lock_take(&sem->lock);
	r = take_now(sem, n);
	pen__lock_drop(&sem->lock);
	return r;
}

void pen_sem_release(struct pen_sem *sem, size_t n)
{
	struct pen__wakelist wakes = {0};

	pen__lock_take(&sem->lock);
	PEN__REQUIRE(n <= sem->taken, "a semaphore was given back more than was taken");
	sem->taken -= n;
	serve_and_unlock(sem, &wakes);
}

/* Those who ask for more than there will ever be: wherever they stand in the line. */
static void turn_away_too_big(struct pen_sem *sem, struct pen__wakelist *wakes)
{
	struct pen__waiter *waiter = sem->line.head;

	while (waiter) {
		struct pen__waiter *next = waiter->next;

		if (waiter->n > sem->size) {
			pen__waitq_remove(waiter);
			if (pen__wait_claim(waiter->wait, waiter->index)) {
				waiter->result = -E2BIG;
				pen__wakelist_add(wakes, waiter);
			}
		}
		waiter = next;
	}
}

void pen_sem_resize(struct pen_sem *sem, size_t size)
{
	struct pen__wakelist wakes = {0};

	pen__lock_take(&sem->lock);
	sem->size = size;
	turn_away_too_big(sem, &wakes);
	serve_and_unlock(sem, &wakes);
}

size_t pen_sem_taken(struct pen_sem *sem)
{
	size_t taken;

	pen__lock_take(&sem->lock);
	taken = sem->taken;
	pen__lock_drop(&sem->lock);
	return taken;
}

size_t pen_sem_size(struct pen_sem *sem)
{
	size_t size;

	pen__lock_take(&sem->lock);
	size = sem->size;
	pen__lock_drop(&sem->lock);
	return size;
}

bool pen__sem_idle(struct pen_sem *sem)
{
	bool idle;

	pen__lock_take(&sem->lock);
	idle = sem->taken == 0 && !sem->line.head;
	pen__lock_drop(&sem->lock);
	return idle;
}
