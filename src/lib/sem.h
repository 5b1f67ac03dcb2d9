/* sem.h - the inside of a semaphore, for those that embed one: mutex.c builds its read-write lock on it. */
#ifndef PEN_LIB_SEM_H
#define PEN_LIB_SEM_H

#include <penstock/sem.h>

#include "lib/lock.h"
#include "lib/wait.h"

/*
 * `line` is in order of arrival.  Its first asks for more than is free, or has just been canceled and is
 * about to leave.
 */
struct pen_sem {
	struct pen__lock lock;
	size_t size;
	size_t taken; /* above size only after it shrank */
	struct pen__waitq line;
};

/* Whether nothing is taken and nobody waits. */
bool pen__sem_idle(struct pen_sem *sem);

#endif
