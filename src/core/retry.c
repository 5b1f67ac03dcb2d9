/* retry.c - see retry.h. */
#include "core/retry.h"

const struct retry_policy retry_default = {
	.max_attempts = 5,
	.min_ns = INT64_C(1000000000),
	.max_ns = INT64_C(3600000000000),
};

/* min * 2^(failures-1), no more than max; halving max instead of doubling min cannot overflow. */
static int64_t ceiling_ns(const struct retry_policy *policy, uint32_t failures)
{
	uint32_t doublings = failures - 1 < 63 ? failures - 1 : 63;

	if (policy->min_ns > policy->max_ns >> doublings)
		return policy->max_ns;
	return policy->min_ns << doublings;
}

int64_t retry_delay_ns(const struct retry_policy *policy, uint32_t failures, uint64_t random)
{
	return (int64_t)(random % ((uint64_t)ceiling_ns(policy, failures) + 1));
}
