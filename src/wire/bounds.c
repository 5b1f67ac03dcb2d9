/* bounds.c - see bounds.h: where an observation falls, and what the place is called. */
#include "wire/bounds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static const struct bound {
	int64_t us;
	const char *text; /* seconds, with a point, as OpenMetrics wants it */
} durations[] = {
	{100,        "0.0001"},
	{500,        "0.0005"},
	{1000,       "0.001" },
	{2500,       "0.0025"},
	{5000,       "0.005" },
	{10000,      "0.01"  },
	{25000,      "0.025" },
	{50000,      "0.05"  },
	{100000,     "0.1"   },
	{250000,     "0.25"  },
	{500000,     "0.5"   },
	{1000000,    "1.0"   },
	{2500000,    "2.5"   },
	{5000000,    "5.0"   },
	{10000000,   "10.0"  },
	{30000000,   "30.0"  },
	{60000000,   "60.0"  },
	{300000000,  "300.0" },
	{900000000,  "900.0" },
	{3600000000, "3600.0"},
};

_Static_assert(ARRAY_LEN(durations) == STATS_BUCKETS, "a bound for each bucket");

/* The first bucket whose bound is not below `ns`: by halves, five steps. */
static size_t duration_bucket(int64_t ns)
{
	size_t low = 0, high = STATS_BUCKETS;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (durations[middle].us * 1000 < ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void stats_observe(struct stats_histogram *histogram, int64_t ns)
{
	histogram->bucket[duration_bucket(ns)]++;
	histogram->sum += (double)ns / 1e9;
}

/* Bucket b ends at 2^b. */
static size_t count_bucket(uint64_t count)
{
	const size_t bucket = count <= 1 ? 0 : 64 - (size_t)__builtin_clzll(count - 1);

	return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS;
}

void stats_observe_count(struct stats_histogram *histogram, uint64_t count)
{
	histogram->bucket[count_bucket(count)]++;
	histogram->sum += (double)count;
}

void bounds_text(bool of_counts, size_t bucket, char text[static BOUND_TEXT])
{
	if (bucket == STATS_BUCKETS)
		strcpy(text, "+Inf");
	else if (of_counts)
		snprintf(text, BOUND_TEXT, "%" PRIu64 ".0", UINT64_C(1) << bucket);
	else
		strcpy(text, durations[bucket].text);
}
