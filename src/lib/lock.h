/*
 * lock.h - the library's internal lock: short critical sections, never held across a park.
 *
 * Three states after Drepper, "Futexes Are Tricky", mutex3: 0 free, 1 held, 2 held and somebody sleeps.  The last
 * access to the lock's memory by pen__lock_drop() is the exchange, so that whoever gets the lock next may
 * free the object; the futex wake after it is by address only.
 */
#ifndef PEN_LIB_LOCK_H
#define PEN_LIB_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/alone.h"

struct pen__lock {
	uint32_t state;
};

void pen__lock_slow(struct pen__lock *lock);
void pen__lock_wake(struct pen__lock *lock);

static inline bool pen__lock_try(struct pen__lock *lock)
{
	uint32_t idle = 0;

	return __atomic_compare_exchange_n(&lock->state, &idle, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Alone: nobody else can have it, as it is never held across a park. */
static inline void pen__lock_take(struct pen__lock *lock)
{
	if (pen__alone())
		lock->state = 1;
	else if (__builtin_expect(!pen__lock_try(lock), 0))
		pen__lock_slow(lock);
}

static inline void pen__lock_drop(struct pen__lock *lock)
{
	if (pen__alone())
		lock->state = 0;
	else if (__builtin_expect(__atomic_exchange_n(&lock->state, 0, __ATOMIC_RELEASE) == 2, 0))
		pen__lock_wake(lock);
}

#endif
