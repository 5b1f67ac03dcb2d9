/*
 * bucket.c - see bucket.h.
 *
 * A rate of c tokens in T ns brings c / T tokens a ns.  With T parts to a token that is c parts, a whole number.  A full bucket has at
 * most 10^6 * 3600 * 10^9 parts, for which there is room.
 */
#include "core/bucket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"

#define NS_A_SECOND INT64_C(1000000000)

static const struct {
	const char *name;
	uint32_t seconds;
} units[] = {
	{"s", 1   },
	{"m", 60  },
	{"h", 3600},
};

int rate_parse(const char *text, struct rate *ret_rate)
{
	const char *slash = strchr(text, '/');
	char count[sizeof "1000000"] = "";
	uint64_t number;

	if (strcmp(text, "none") == 0) {
		*ret_rate = (struct rate){0};
		return 0;
	}
	if (!slash || (size_t)(slash - text) >= sizeof count)
		return -EINVAL;
	memcpy(count, text, (size_t)(slash - text));
	if (parse_u64(count, RATE_MAX, &number) < 0 || number == 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(slash + 1, units[i].name) == 0) {
			*ret_rate = (struct rate){(uint32_t)number, units[i].seconds};
			return 0;
		}
	return -EINVAL;
}

void rate_format(struct rate rate, char text[static RATE_TEXT])
{
	size_t unit = 0;

	if (rate.count == 0) {
		strcpy(text, "none");
		return;
	}
	while (unit < ARRAY_LEN(units) - 1 && units[unit].seconds != rate.seconds)
		unit++;
	snprintf(text, RATE_TEXT, "%u/%s", rate.count, units[unit].name);
}

uint32_t bucket_burst(const struct bucket_size *size)
{
	const struct rate rate = size->rate;

	if (size->burst > 0 || rate.count == 0)
		return size->burst;
	return (rate.count + rate.seconds - 1) / rate.seconds;
}

static int64_t token(const struct bucket_size *size)
{
	return size->rate.seconds * NS_A_SECOND;
}

static int64_t full(const struct bucket_size *size)
{
	return bucket_burst(size) * token(size);
}

/* How long it takes from one level to another, rounded up: then it has been reached. */
static int64_t time_to(int64_t from, int64_t to, const struct bucket_size *size)
{
	return to > from ? (to - from - 1) / size->rate.count + 1 : 0;
}

/* What it has now.  A clock that went back, which a monotonic one does not, brings nothing. */
static int64_t level_at(const struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	if (now_ns <= bucket->at_ns)
		return bucket->level;
	if (now_ns - bucket->at_ns >= time_to(bucket->level, full(size), size))
		return full(size);
	return bucket->level + (now_ns - bucket->at_ns) * size->rate.count;
}

void bucket_init(struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	*bucket = (struct bucket){full(size), now_ns};
}

bool bucket_take(struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	int64_t level;

	if (size->rate.count == 0)
		return true;
	level = level_at(bucket, size, now_ns);
	if (level < token(size))
		return false;
	if (now_ns > bucket->at_ns)
		bucket->at_ns = now_ns;
	bucket->level = level - token(size);
	return true;
}

static int64_t reached_ns(
	const struct bucket *bucket, const struct bucket_size *size, int64_t level, int64_t now_ns)
{
	int64_t when_ns;

	if (size->rate.count == 0)
		return now_ns;
	when_ns = bucket->at_ns + time_to(bucket->level, level, size);
	return when_ns > now_ns ? when_ns : now_ns;
}

int64_t bucket_ready_ns(const struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	return reached_ns(bucket, size, token(size), now_ns);
}

int64_t bucket_full_ns(const struct bucket *bucket, const struct bucket_size *size, int64_t now_ns)
{
	return reached_ns(bucket, size, full(size), now_ns);
}

/* Parts of a token count by how many of them one has. */
void bucket_resize(
	struct bucket *bucket, const struct bucket_size *from, const struct bucket_size *to, int64_t now_ns)
{
	int64_t level, whole, part;

	if (from->rate.count == 0 || to->rate.count == 0) {
		bucket_init(bucket, to, now_ns);
		return;
	}
	level = level_at(bucket, from, now_ns);
	whole = level / token(from);
	if (whole >= bucket_burst(to)) {
		bucket_init(bucket, to, now_ns);
		return;
	}
	part = level % token(from) / from->rate.seconds * to->rate.seconds;
	*bucket = (struct bucket){whole * token(to) + part, now_ns};
}
