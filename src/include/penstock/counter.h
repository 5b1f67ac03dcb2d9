/* counter.h - a number many may add to at once and anybody may read: for statistics, not for synchronisation. */
#ifndef PENSTOCK_COUNTER_H
#define PENSTOCK_COUNTER_H

#include <penstock/base.h>

PEN_BEGIN

/* Zero-initialised storage is a counter at 0.  `value` is for the calls below only. */
struct pen_counter {
	uint64_t value;
};

PEN_API void pen_counter_add(struct pen_counter *counter, uint64_t n);
PEN_API uint64_t pen_counter_read(const struct pen_counter *counter);

PEN_END

#endif
