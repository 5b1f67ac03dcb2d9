/* test_bucket.c - token buckets: never more than burst and rate allow, never less, and exact after any time. */
#include "core/bucket.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

#define SECOND INT64_C(1000000000)
#define YEAR (365 * 86400 * SECOND)

__extension__ typedef __int128 wide;

static const struct bucket_size sizes[] = {
	{{1, 1},           1        },
	{{7, 60},          3        },
	{{50, 1},          0        },
	{{1000, 3600},     0        },
	{{999983, 3600},   17       },
	{{RATE_MAX, 1},    5        },
	{{1, 3600},        BURST_MAX},
	{{RATE_MAX, 3600}, BURST_MAX},
};

START_TEST(a_rate_is_read_and_written_as_text)
{
	static const char *const texts[] = {"1/s", "50/s", "300/m", "1000/h", "1000000/s", "none"};
	char text[RATE_TEXT];
	struct rate rate;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		ck_assert_int_eq(rate_parse(texts[i], &rate), 0);
		rate_format(rate, text);
		ck_assert_str_eq(text, texts[i]);
	}
	ck_assert_int_eq(rate_parse("300/m", &rate), 0);
	ck_assert_uint_eq(rate.count, 300);
	ck_assert_uint_eq(rate.seconds, 60);
}
END_TEST

START_TEST(what_is_no_rate_is_refused)
{
	static const char *const texts[] = {"", "/", "/s", "5", "5/", "5/d", "5/ss", "0/s", "-1/s", " 5/s",
		"5 /s", "1.5/s", "1000001/s", "10000000000000000000/s", "None", "5/s "};
	struct rate rate = {77, 77};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(rate_parse(texts[i], &rate) == -EINVAL, "%s", texts[i]);
	ck_assert_uint_eq(rate.count, 77);
}
END_TEST

START_TEST(a_burst_that_is_not_said_is_what_comes_in_a_second)
{
	static const struct {
		struct rate rate;
		uint32_t burst;
	} bursts[] = {
		{{50, 1},      50},
		{{1, 1},       1 },
		{{100, 60},    2 },
		{{60, 60},     1 },
		{{1000, 3600}, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(bursts); i++)
		ck_assert_uint_eq(bucket_burst(&(struct bucket_size){bursts[i].rate, 0}), bursts[i].burst);
	ck_assert_uint_eq(bucket_burst(&(struct bucket_size){
				  {50, 1},
                                  3
        }),
		3);
}
END_TEST

/* All that is in a full bucket. */
static void take_burst(struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	for (uint32_t i = 0; i < bucket_burst(size); i++)
		if (!bucket_take(bucket, size, now_ns))
			ck_abort_msg("token %u of a full bucket was not there", i);
}

/* Taking each token in the nanosecond in which it comes: the n-th after the burst at n * T / c, rounded up. */
START_TEST(each_token_comes_in_its_very_nanosecond_and_not_before)
{
	const struct bucket_size *size = &sizes[_i];
	const int64_t begin_ns = 12345, period_ns = size->rate.seconds * SECOND, n_most = 20000;
	struct bucket bucket;
	int64_t now_ns = begin_ns;

	bucket_init(&bucket, size, now_ns);
	take_burst(&bucket, size, now_ns);
	for (int64_t n = 1; n <= n_most; n++) {
		int64_t due_ns = begin_ns + (n * period_ns + size->rate.count - 1) / size->rate.count;

		if (bucket_ready_ns(&bucket, size, now_ns) != due_ns)
			ck_abort_msg("token %lld is %lld ns late", (long long)n,
				(long long)(bucket_ready_ns(&bucket, size, now_ns) - due_ns));
		if (due_ns > now_ns && bucket_take(&bucket, size, due_ns - 1))
			ck_abort_msg("token %lld came too early", (long long)n);
		now_ns = due_ns;
		if (!bucket_take(&bucket, size, now_ns))
			ck_abort_msg("token %lld did not come", (long long)n);
	}
}
END_TEST

/* Between any two moments; the worst earlier moment is that at which least had been taken for the time that had passed. */
START_TEST(in_any_time_no_more_are_taken_than_burst_and_rate_allow)
{
	const struct bucket_size *size = &sizes[_i];
	const int64_t token = size->rate.seconds * SECOND;
	uint64_t random = 3 + (uint64_t)_i, taken = 0;
	wide least = 0, have;
	struct bucket bucket;
	int64_t now_ns = 0;

	bucket_init(&bucket, size, now_ns);
	for (int i = 0; i < 100000; i++) {
		now_ns += (int64_t)seeded_below(&random, (uint64_t)(3 * token / size->rate.count));
		if (seeded_below(&random, 1000) == 0)
			now_ns += (int64_t)seeded_below(&random, 20 * (uint64_t)token);
		have = (wide)taken * token - (wide)now_ns * size->rate.count;
		if (have < least)
			least = have;
		taken += bucket_take(&bucket, size, now_ns);
		have = (wide)taken * token - (wide)now_ns * size->rate.count;
		if (have - least > (wide)bucket_burst(size) * token)
			ck_abort_msg("too many by the %d. time", i);
	}
	ck_assert_uint_gt(taken, 30000);
}
END_TEST

START_TEST(it_is_full_when_it_says_and_then_gives_its_burst_and_no_more)
{
	const struct bucket_size *size = &sizes[_i];
	struct bucket bucket;
	int64_t now_ns = 5;

	bucket_init(&bucket, size, now_ns);
	ck_assert_int_eq(bucket_full_ns(&bucket, size, now_ns), now_ns);
	ck_assert(bucket_take(&bucket, size, now_ns));
	ck_assert_int_gt(bucket_full_ns(&bucket, size, now_ns), now_ns);
	now_ns = bucket_full_ns(&bucket, size, now_ns);
	ck_assert_int_eq(bucket_full_ns(&bucket, size, now_ns), now_ns);
	now_ns += _i % 2 ? 100 * YEAR : 0;
	take_burst(&bucket, size, now_ns);
	ck_assert(!bucket_take(&bucket, size, now_ns));
}
END_TEST

START_TEST(without_a_rate_there_is_always_a_token)
{
	const struct bucket_size none = {
		{0, 0},
                0
        };
	struct bucket bucket;

	bucket_init(&bucket, &none, 7);
	for (int i = 0; i < 1000; i++)
		ck_assert(bucket_take(&bucket, &none, 7));
	ck_assert_int_eq(bucket_ready_ns(&bucket, &none, 7), 7);
	ck_assert_int_eq(bucket_full_ns(&bucket, &none, 7), 7);
}
END_TEST

START_TEST(a_clock_that_goes_back_brings_nothing)
{
	struct bucket bucket;

	bucket_init(&bucket, &sizes[0], 10 * SECOND);
	ck_assert(bucket_take(&bucket, &sizes[0], 10 * SECOND));
	ck_assert(!bucket_take(&bucket, &sizes[0], 0));
	ck_assert(!bucket_take(&bucket, &sizes[0], 11 * SECOND - 1));
	ck_assert(bucket_take(&bucket, &sizes[0], 11 * SECOND));
}
END_TEST

/* How many it gives at this moment. */
static int empty(struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	int n = 0;

	while (bucket_take(bucket, size, now_ns))
		n++;
	return n;
}

START_TEST(one_that_is_resized_keeps_the_tokens_that_fit)
{
	static const struct {
		struct bucket_size from, to;
		int taken, has;
	} changes[] = {
		{{{10, 1}, 10}, {{10, 3600}, 10}, 4,  6},
                {{{10, 1}, 10}, {{10, 60}, 3},    4,  3},
		{{{10, 1}, 10}, {{20, 1}, 20},    4,  6},
                {{{10, 1}, 10}, {{5, 1}, 5},      10, 0},
		{{{0, 0}, 0},   {{5, 1}, 5},      10, 5}, /* it had no rate */
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct bucket bucket;

		bucket_init(&bucket, &changes[i].from, 0);
		for (int n = 0; n < changes[i].taken; n++)
			ck_assert(bucket_take(&bucket, &changes[i].from, 0));
		bucket_resize(&bucket, &changes[i].from, &changes[i].to, 0);
		ck_assert_int_eq(empty(&bucket, &changes[i].to, 0), changes[i].has);
	}
}
END_TEST

START_TEST(half_a_token_is_half_a_token_at_another_rate_too)
{
	const struct bucket_size from =
					 {
						 {1, 1},
                                                 2
        },
				 to = {{1, 60}, 2};
	struct bucket bucket;

	bucket_init(&bucket, &from, 0);
	ck_assert_int_eq(empty(&bucket, &from, 0), 2);
	bucket_resize(&bucket, &from, &to, SECOND / 2);
	ck_assert_int_eq(bucket_ready_ns(&bucket, &to, SECOND / 2), SECOND / 2 + 30 * SECOND);
	bucket_resize(&bucket, &to, &from, SECOND / 2);
	ck_assert_int_eq(bucket_ready_ns(&bucket, &from, SECOND / 2), SECOND);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("bucket");
	const int n = (int)ARRAY_LEN(sizes);

	tcase_add_test(tcase, a_rate_is_read_and_written_as_text);
	tcase_add_test(tcase, what_is_no_rate_is_refused);
	tcase_add_test(tcase, a_burst_that_is_not_said_is_what_comes_in_a_second);
	tcase_add_loop_test(tcase, each_token_comes_in_its_very_nanosecond_and_not_before, 0, n);
	tcase_add_loop_test(tcase, in_any_time_no_more_are_taken_than_burst_and_rate_allow, 0, n);
	tcase_add_loop_test(tcase, it_is_full_when_it_says_and_then_gives_its_burst_and_no_more, 0, n);
	tcase_add_test(tcase, without_a_rate_there_is_always_a_token);
	tcase_add_test(tcase, a_clock_that_goes_back_brings_nothing);
	tcase_add_test(tcase, one_that_is_resized_keeps_the_tokens_that_fit);
	tcase_add_test(tcase, half_a_token_is_half_a_token_at_another_rate_too);
	return unit_run("bucket", tcase);
}
