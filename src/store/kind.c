/* kind.c - what kinds of store have in common; see kind.h. */
#include "store/kind.h"

#include <penstock/time.h>

#include <errno.h>

#include "base/clock.h"

#define PAUSE_MIN_MS INT64_C(1000)
#define PAUSE_MAX_MS INT64_C(3600000)

int64_t store_pause_ns(int64_t until_ms)
{
	int64_t ms;

	if (until_ms == INT64_MAX)
		return PEN_NEVER;
	ms = until_ms - clock_wall_ms();
	if (ms < PAUSE_MIN_MS)
		return PAUSE_MIN_MS * PEN_MS;
	return ms < PAUSE_MAX_MS ? ms * PEN_MS : PAUSE_MAX_MS * PEN_MS;
}

size_t store_group_room(const struct store_options *options)
{
	return options->group_max + (options->batch_max > 2 ? options->batch_max : 2);
}

int store_no_memory(struct problem *reterr)
{
	return problem_set(
		reterr, -ENOMEM, PROBLEM_MEMORY, "store", "there is not enough memory for the store");
}
