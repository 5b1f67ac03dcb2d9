/* parse.c - strict readers; see parse.h. */
#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
	{"d",  86400000000000},
	{"h",  3600000000000 },
	{"m",  60000000000   },
	{"s",  1000000000    },
	{"ms", 1000000       },
};

static const struct unit sizes[] = {
	{"",    1      },
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
};

#define DURATION_MAX_NS (INT64_C(3660) * 86400000000000)

/* The digits at the start of `*text`, which moves behind them also when they are too many (-ERANGE). */
static int read_digits(const char **text, uint64_t *ret)
{
	const char *at = *text;
	bool fits = true;
	uint64_t n = 0;

	if (*at < '0' || *at > '9')
		return -EINVAL;
	for (; *at >= '0' && *at <= '9'; at++)
		fits = fits && !__builtin_mul_overflow(n, 10, &n) &&
		       !__builtin_add_overflow(n, (uint64_t)(*at - '0'), &n);
	*text = at;
	*ret = n;
	return fits ? 0 : -ERANGE;
}

int parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t n;
	int r = read_digits(&text, &n);

	if (r == -EINVAL || *text)
		return -EINVAL;
	if (r < 0 || n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}

static int parse_with_unit(
	const char *text, const struct unit *units, size_t n_units, uint64_t max, uint64_t *ret)
{
	uint64_t n;
	int r = read_digits(&text, &n);

	if (r == -EINVAL)
		return r;
	for (size_t i = 0; i < n_units; i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		if (r < 0 || __builtin_mul_overflow(n, units[i].factor, &n) || n > max)
			return -ERANGE;
		*ret = n;
		return 0;
	}
	return -EINVAL;
}

int parse_duration(const char *text, int64_t *ret_ns)
{
	uint64_t ns;
	int r = parse_with_unit(text, durations, ARRAY_LEN(durations), DURATION_MAX_NS, &ns);

	if (r == 0)
		*ret_ns = (int64_t)ns;
	return r;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	return parse_with_unit(text, sizes, ARRAY_LEN(sizes), INT64_MAX, ret_bytes);
}

void format_duration(int64_t ns, char text[static DURATION_TEXT])
{
	uint64_t ms_ns = durations[ARRAY_LEN(durations) - 1].factor;
	uint64_t rounded = ((uint64_t)(ns > 0 ? ns : 0) + ms_ns - 1) / ms_ns * ms_ns;

	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		if (rounded % durations[i].factor == 0 && rounded > 0) {
			snprintf(text, DURATION_TEXT, "%" PRIu64 "%s", rounded / durations[i].factor,
				durations[i].name);
			return;
		}
	}
	snprintf(text, DURATION_TEXT, "0s");
}
