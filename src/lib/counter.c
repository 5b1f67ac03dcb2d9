/* counter.c - numbers for statistics.  Relaxed: a counter says nothing about other memory. */
#include <penstock/counter.h>

void pen_counter_add(struct pen_counter *counter, uint64_t n)
{
	__atomic_fetch_add(&counter->value, n, __ATOMIC_RELAXED);
}

uint64_t pen_counter_read(const struct pen_counter *counter)
{
	return __atomic_load_n(&counter->value, __ATOMIC_RELAXED);
}
