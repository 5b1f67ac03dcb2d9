/* thread.h - threads beside the loops, for what blocks. */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <pthread.h>

/* Start a thread that takes no signals; they are for the others.  0 or -errno. */
int thread_start(pthread_t *ret_thread, const char *name, void *(*fn)(void *arg), void *arg);

/*
 * Have the caller's thread, which sleeps most of the time and does little when it wakes, run soon after: it asks for short turns, and a
 * short one comes early (earliest eligible virtual deadline first; Linux from 6.12 on, before that nothing changes).
 */
void thread_take_short_turns(void);

/* A thread that makes the calls that others give it, one at a time. */
struct aside;

/* Start one.  NULL: no memory, or no thread could be made. */
struct aside *aside_new(const char *name);

/*
 * Call `fn` on the thread and wait until it has returned; a task parks.  Any task or thread, many at once.
 * 0, or -ENOMEM and it was not called.
 */
int aside_run(struct aside *aside, void (*fn)(void *arg), void *arg);

/* End the thread, after a last call (NULL: none), and free it.  Waits like aside_run().  NULL is allowed. */
void aside_free(struct aside *aside, void (*last)(void *arg), void *arg);

#endif
