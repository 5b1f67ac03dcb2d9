/* test_retry.c - when to try again: never later than the schedule's ceiling, and anywhere below it alike. */
#include "core/retry.h"

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

#define SECOND INT64_C(1000000000)

enum { PARTS = 16, EACH = 4000, PLENTY = PARTS * EACH };

static const struct retry_policy policies[] = {
	{.max_attempts = 5, .min_ns = SECOND,                .max_ns = 3600 * SECOND        },
	{.max_attempts = 5, .min_ns = SECOND,                .max_ns = SECOND               },
	{.max_attempts = 5, .min_ns = 1000000,               .max_ns = 1000000              },
	{.max_attempts = 5, .min_ns = 1000000,               .max_ns = 3660 * 86400 * SECOND},
	{.max_attempts = 5, .min_ns = 3 * SECOND,            .max_ns = 10 * SECOND          },
	{.max_attempts = 5, .min_ns = 3660 * 86400 * SECOND, .max_ns = 3660 * 86400 * SECOND},
	{.max_attempts = 5, .min_ns = 1,                     .max_ns = INT64_MAX            },
	{.max_attempts = 5, .min_ns = INT64_MAX,             .max_ns = INT64_MAX            },
	{.max_attempts = 5, .min_ns = 0,                     .max_ns = 3600 * SECOND        },
	{.max_attempts = 5, .min_ns = 0,                     .max_ns = 0                    },
};

/* min * 2^(failures-1), at most max, by doubling. */
static int64_t ceiling(const struct retry_policy *policy, uint32_t failures)
{
	int64_t ns = policy->min_ns;

	for (uint32_t n = 1; n < failures && ns > 0 && ns < policy->max_ns; n++)
		ns = ns > policy->max_ns / 2 ? policy->max_ns : 2 * ns;
	return ns < policy->max_ns ? ns : policy->max_ns;
}

START_TEST(the_default_is_five_attempts_of_a_second_to_an_hour)
{
	ck_assert_uint_eq(retry_default.max_attempts, 5);
	ck_assert_int_eq(retry_default.min_ns, SECOND);
	ck_assert_int_eq(retry_default.max_ns, 3600 * SECOND);
}
END_TEST

static void must_be_below(const struct retry_policy *policy, uint32_t failures, uint64_t random, int64_t most)
{
	int64_t ns = retry_delay_ns(policy, failures, random);

	if (ns < 0 || ns > most)
		ck_abort_msg("%lld ns after %u failures, %llu by chance: above %lld", (long long)ns, failures,
			(unsigned long long)random, (long long)most);
}

START_TEST(a_delay_is_never_below_0_nor_above_its_ceiling)
{
	const struct retry_policy *policy = &policies[_i];
	uint64_t random = 9;

	for (uint32_t failures = 1; failures <= 1000; failures++) {
		int64_t most = ceiling(policy, failures);
		const uint64_t bits[] = {0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX, UINT64_MAX - 1,
			(uint64_t)most, (uint64_t)most + 1, (uint64_t)most * 2};

		for (size_t i = 0; i < ARRAY_LEN(bits); i++)
			must_be_below(policy, failures, bits[i], most);
		for (int i = 0; i < 200; i++)
			must_be_below(policy, failures, seeded(&random), most);
	}
	must_be_below(policy, UINT32_MAX, seeded(&random), ceiling(policy, UINT32_MAX));
}
END_TEST

/*
 * The sum over the parts of (found - due)^2 / due has a mean of 15 and is above 45 once in ten thousand seeds;
 * this one is known to be a good one.
 */
static void must_be_even(const struct retry_policy *policy, uint32_t failures, uint64_t *random)
{
	int64_t most = ceiling(policy, failures), highest = 0, lowest = INT64_MAX;
	double off = 0;
	int found[PARTS] = {0};

	for (int i = 0; i < PLENTY; i++) {
		int64_t ns = retry_delay_ns(policy, failures, seeded(random));

		found[(size_t)((double)ns / ((double)most + 1) * PARTS)]++;
		highest = ns > highest ? ns : highest;
		lowest = ns < lowest ? ns : lowest;
	}
	for (size_t i = 0; i < PARTS; i++)
		off += (double)(found[i] - EACH) * (found[i] - EACH) / EACH;
	ck_assert_double_lt(off, 45);
	ck_assert_double_gt((double)highest, 0.999 * (double)most);
	ck_assert_double_lt((double)lowest, 0.001 * (double)most);
}

START_TEST(delays_are_spread_evenly_from_0_to_the_ceiling)
{
	uint64_t random = 10;

	for (uint32_t failures = 1; failures <= 14; failures++)
		must_be_even(&retry_default, failures, &random);
	for (uint32_t failures = 1; failures <= 3; failures++)
		must_be_even(&policies[4], failures, &random);
}
END_TEST

START_TEST(the_ceiling_doubles_with_each_failure_until_it_is_the_most)
{
	for (uint32_t failures = 1; failures <= 1000; failures++) {
		int64_t highest = 0, most = failures < 13 ? SECOND << (failures - 1) : 3600 * SECOND;
		uint64_t random = failures;

		for (int i = 0; i < 3000; i++) {
			int64_t ns = retry_delay_ns(&retry_default, failures, seeded(&random));

			highest = ns > highest ? ns : highest;
		}
		if (highest > most || highest < most / 100 * 98)
			ck_abort_msg("after %u failures up to %lld ns", failures, (long long)highest);
	}
}
END_TEST

START_TEST(without_a_least_delay_a_job_is_always_tried_again_at_once)
{
	static const struct retry_policy at_once = {.max_attempts = 1000, .max_ns = 3600 * SECOND};

	for (uint32_t failures = 1; failures <= 1000; failures++)
		ck_assert_int_eq(retry_delay_ns(&at_once, failures, UINT64_MAX - failures), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("retry");

	tcase_add_test(tcase, the_default_is_five_attempts_of_a_second_to_an_hour);
	tcase_add_loop_test(
		tcase, a_delay_is_never_below_0_nor_above_its_ceiling, 0, (int)ARRAY_LEN(policies));
	tcase_add_test(tcase, delays_are_spread_evenly_from_0_to_the_ceiling);
	tcase_add_test(tcase, the_ceiling_doubles_with_each_failure_until_it_is_the_most);
	tcase_add_test(tcase, without_a_least_delay_a_job_is_always_tried_again_at_once);
	return unit_run("retry", tcase);
}
