/* retry.h - when to try again: exponential backoff with full jitter.  Pure. */
#ifndef CORE_RETRY_H
#define CORE_RETRY_H

#include <stdint.h>

struct retry_policy {
	uint32_t max_attempts;  /* 1..1000 */
	int64_t min_ns, max_ns; /* the first delay's ceiling, and the ceiling of all */
};

extern const struct retry_policy retry_default; /* 5 attempts, 1 s, 1 h */

/*
 * The delay before the next attempt after `failures` (1..) of them: between 0 and min * 2^(failures-1), at
 * most max.  `random` is 64 fresh random bits.  "Full jitter" of "Exponential Backoff And Jitter", AWS
 * architecture blog.
 */
int64_t retry_delay_ns(const struct retry_policy *policy, uint32_t failures, uint64_t random);

#endif
