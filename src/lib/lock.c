/* lock.c - the slow paths of lock.h: look a little longer, then sleep. */
#include "lib/lock.h"

#include "lib/futex.h"

enum { SPINS = 100 };

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

void pen__lock_slow(struct pen__lock *lock)
{
	for (int i = 0; i < SPINS; i++) {
		if (__atomic_load_n(&lock->state, __ATOMIC_RELAXED) == 0 && pen__lock_try(lock))
			return;
		relax();
	}
	/* From here on others may sleep too, so the lock is only ever taken as 2: who drops it must wake. */
	while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_ACQUIRE) != 0)
		pen__futex_wait(&lock->state, 2, PEN_NEVER);
}

void pen__lock_wake(struct pen__lock *lock)
{
	pen__futex_wake(&lock->state, 1);
}
