/* lock.c - the slow paths of lock.h: look a little longer, then sleep. */
#include "lib/lock.h"

#include "lib/futex.h"

enum { LOOKS = 9, PAUSES_MAX = 128 };

static void relax(int pauses)
{
	for (int i = 0; i < pauses; i++) {
#if defined(__x86_64__)
		__builtin_ia32_pause();
#elif defined(__aarch64__)
		__asm__ volatile("yield");
#endif
	}
}

/*
 * Each look takes the cache line from whoever holds the lock, and from what the lock guards: so they are ever longer apart (Anderson, "The
 * Performance of Spin Lock Alternatives for Shared-Memory Multiprocessors"), and meanwhile the other core does many operations
 * for the price of one.
 */
void pen__lock_slow(struct pen__lock *lock)
{
	int pauses = 1;

	for (int i = 0; i < LOOKS; i++) {
		if (__atomic_load_n(&lock->state, __ATOMIC_RELAXED) == 0 && pen__lock_try(lock))
			return;
		relax(pauses);
		pauses = pauses < PAUSES_MAX ? 2 * pauses : PAUSES_MAX;
	}
	/* From here on others may sleep too, so the lock is only ever taken as 2: who drops it must wake. */
	while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_ACQUIRE) != 0)
		pen__futex_wait(&lock->state, 2, PEN_NEVER);
}

void pen__lock_wake(struct pen__lock *lock)
{
	pen__futex_wake(&lock->state, 1);
}
