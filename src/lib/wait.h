/*
 * wait.h - how anything in the library waits: one protocol for tasks and threads.
 *
 * To wait, fill a `struct pen__wait` on the stack (pen__wait_init), put entries that point at it on one or
 * more queues, each under the lock of the object it belongs to, then call pen__wait_park().  A waker, holding
 * the object's lock, takes an entry off the queue and claims its wait (one compare-and-swap: exactly one waker
 * wins, also against the context and the deadline); only if it won, it moves the value and, after unlocking,
 * calls pen__wait_wake().  pen__wait_park() returns what was claimed; entries that did not win are then taken
 * off their queues by the waiter, under their locks.
 *
 * Lifetime: a claimed wait stays valid until pen__wait_wake(), an unclaimed one until its entry is off the queue.
 */
#ifndef PEN_LIB_WAIT_H
#define PEN_LIB_WAIT_H

#include <penstock/base.h>

#include "lib/lock.h"

struct pen_task;

enum {
	PEN__WAIT_OPEN = -1,      /* nobody has claimed it */
	PEN__WAIT_CANCEL = -2,    /* the context ended */
	PEN__WAIT_TIMEOUT = -3,   /* the deadline of this wait passed */
	PEN__WAIT_NO_MEMORY = -4, /* no room to arm the deadline */
};

struct pen__wait {
	int won; /* atomic; PEN__WAIT_OPEN, or what was claimed: >= 0 an index of the waiter's choice */
	struct pen_task *task; /* NULL: a thread, which sleeps on `thread` */
	struct pen__parker *thread;
	bool stays; /* it has to do with the task's loop, so the task must wake up there */
};

/* One place in a queue.  Linked while `queue` is not NULL; changed under the lock of the queue's owner. */
struct pen__waiter {
	struct pen__waiter *next, *prev;
	struct pen__waitq *queue;
	struct pen__wait *wait;
	int index;  /* what to claim */
	int result; /* for the waker to fill in: 0 or -errno */
	void *slot; /* where a value goes or comes from */
	size_t n;   /* units asked for */
};

struct pen__waitq {
	struct pen__waiter *head, *tail;
};

/* Start a wait of the calling task or thread. */
void pen__wait_init(struct pen__wait *wait);

/*
 * For a waker, under the object's lock: whether the wait is now won with `index`, and so must be woken.
 *
 * Release: what the waker wrote before is seen by the owner; acquire: the waker sees the wait as the owner filled it.
 */
static inline bool pen__wait_claim(struct pen__wait *wait, int index)
{
	int open = PEN__WAIT_OPEN;

	if (pen__alone()) {
		open = wait->won;
		wait->won = open == PEN__WAIT_OPEN ? index : open;
		return open == PEN__WAIT_OPEN;
	}
	return __atomic_compare_exchange_n(
		&wait->won, &open, index, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Whether nobody has claimed it yet. */
bool pen__wait_is_open(const struct pen__wait *wait);

/* Wake the owner of a wait this caller has claimed; the wait must not be touched afterwards.  No locks held. */
void pen__wait_wake(struct pen__wait *wait);

/*
 * Wait until someone claims it: a waker, the end of `ctx` or `deadline_ns` (PEN_NEVER).  Returns what was
 * claimed; where the deadline of `ctx` was the earlier one, PEN__WAIT_CANCEL and not PEN__WAIT_TIMEOUT.  No locks held.
 */
int pen__wait_park(struct pen__wait *wait, struct pen_ctx *ctx, int64_t deadline_ns);

/* 0 or -errno for what pen__wait_park() returned when it is below 0. */
int pen__wait_error(int won, struct pen_ctx *ctx);

/* Queue keeping, under the lock of the queue's owner. */
static inline void pen__waitq_push(struct pen__waitq *queue, struct pen__waiter *waiter)
{
	waiter->queue = queue;
	waiter->next = NULL;
	waiter->prev = queue->tail;
	if (queue->tail)
		queue->tail->next = waiter;
	else
		queue->head = waiter;
	queue->tail = waiter;
}

/* Does nothing when it is off already. */
static inline void pen__waitq_remove(struct pen__waiter *waiter)
{
	struct pen__waitq *queue = waiter->queue;

	if (!queue)
		return;
	if (waiter->prev)
		waiter->prev->next = waiter->next;
	else
		queue->head = waiter->next;
	if (waiter->next)
		waiter->next->prev = waiter->prev;
	else
		queue->tail = waiter->prev;
	waiter->queue = NULL;
}

/* Take off the first waiter whose wait could be claimed, dropping those that others had claimed; NULL: none. */
static inline struct pen__waiter *pen__waitq_claim(struct pen__waitq *queue)
{
	struct pen__waiter *waiter;

	while ((waiter = queue->head)) {
		pen__waitq_remove(waiter);
		if (pen__wait_claim(waiter->wait, waiter->index))
			return waiter;
	}
	return NULL;
}

/*
 * The common single wait: called with `lock` held, it queues a waiter with this slot and that many units, unlocks, parks, and leaves
 * the queue again if it did not win.  Returns the waiter's result, or why the context ended.  The lock is not held on return.
 */
int pen__waitq_wait(
	struct pen__waitq *queue, void *slot, size_t n, struct pen__lock *lock, struct pen_ctx *ctx);

/* The waiters to wake once the lock is released: a list through `next`. */
struct pen__wakelist {
	struct pen__waiter *head, *tail;
};

void pen__wakelist_add(struct pen__wakelist *list, struct pen__waiter *waiter);
void pen__wakelist_wake(struct pen__wakelist *list);

#endif
