/*
 * alone.h - whether this is the only thread of the process: then nobody can see its steps half done or out of order, and
 * what must be atomic among threads may be plain.
 *
 * An atomic read-modify-write costs as much as ten plain instructions, and a channel operation has two or three.  A runtime
 * of one loop in a program without other threads saves them all.  glibc keeps the flag for its own locks, and libstdc++
 * counts its shared pointers by it.
 */
#ifndef PEN_LIB_ALONE_H
#define PEN_LIB_ALONE_H

#include <stdbool.h>

#include "lib/fiber.h"

/* To the thread sanitizer tasks are threads, and atomics are what orders them. */
#if __has_include(<sys/single_threaded.h>) && !defined(PEN__TSAN)
#include <sys/single_threaded.h>

static inline bool pen__alone(void)
{
	return __libc_single_threaded;
}
#else
static inline bool pen__alone(void)
{
	return false;
}
#endif

#endif
