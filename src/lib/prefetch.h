/*
 * prefetch.h - have a cache line on its way, to be written, while something else is done.
 *
 * A line that another core wrote last takes longest of all, and a lock lets nothing behind it begin before it is taken: so what will
 * be written under a lock is asked for together with the lock itself.
 */
#ifndef PEN_LIB_PREFETCH_H
#define PEN_LIB_PREFETCH_H

/* Where it has to go to any processor of its kind, gcc's builtin asks for a line to be read only. */
static inline void pen__prefetch_write(const void *line)
{
#if defined(__x86_64__)
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
	__builtin_prefetch(line, 1);
#endif
}

#endif
