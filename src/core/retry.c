/* retry.c - see retry.h. */
#include "core/retry.h"

const struct retry_policy retry_default = {
	.max_attempts = 5,
	.min_ns = INT64_C(1000000000),
	.max_ns = INT64_C(3600000000000),
};

/* min * 2^(failures-1), no more than max; without overflow for any count. */
static int64_t ceiling_ns(const struct retry_policy *policy, uint32_t failures)
{
	int64_t ceiling = policy->min_ns;

	for (uint32_t i = 1; i < failures && ceiling < policy->max_ns; i++)
		if (__builtin_mul_overflow(ceiling, 2, &ceiling))
			return policy->max_ns;
	return ceiling < policy->max_ns ? ceiling : policy->max_ns;
}

int64_t retry_delay_ns(const struct retry_policy *policy, uint32_t failures, uint64_t random)
{
	return (int64_t)(random % ((uint64_t)ceiling_ns(policy, failures) + 1));
}
