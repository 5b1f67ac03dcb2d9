/* futex.h - sleep on a word, wake who sleeps on it. */
#ifndef PEN_LIB_FUTEX_H
#define PEN_LIB_FUTEX_H

#include <limits.h>
#include <linux/futex.h>
#include <penstock/base.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleep while `*word` is `value`, until woken (also for no reason) or CLOCK_MONOTONIC reaches `deadline_ns`. */
static inline void pen__futex_wait(uint32_t *word, uint32_t value, int64_t deadline_ns)
{
	struct timespec until = {.tv_sec = deadline_ns / PEN_SECOND, .tv_nsec = deadline_ns % PEN_SECOND};

	syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, deadline_ns == PEN_NEVER ? NULL : &until,
		NULL, FUTEX_BITSET_MATCH_ANY);
}

static inline void pen__futex_wake(uint32_t *word, int how_many)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, how_many, NULL, NULL, 0);
}

#endif
