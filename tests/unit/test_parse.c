/* test_parse.c - numbers, durations and sizes are read exactly or not at all, and durations are written back. */
#include "base/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MOST (3660 * DAY)
#define UNTOUCHED 77

/* What is no number of its sort: text, sign, space, point, exponent, other digits, trailing matter. */
static const char *const nonsense[] = {"", " ", "-", "+", ".", "x", "s", "ms", "KiB", "-1", "+1", "-1s",
	"+1s", "--1s", " 1", "1 ", " 1s", "1s ", "\t1s", "1\n", "1s\n", "1 s", "1\ts", "1.5s", "1,5s", "1.",
	".5s", "1e3", "1e3s", "0x10", "0x10s", "1S", "1Ms", "1MS", "1H", "1D", "1us", "1ns", "1w", "1y",
	"1sec", "1mss", "1sm", "1h30m", "1d1s", "1s1", "s1", "1KB", "1kib", "1KiBB", "1K", "1M", "1B", "1TiB",
	"1 KiB", "NaN", "inf", "infs", "\xd9\xa1s", "1\xc2\xb5s", "\xef\xbc\x91s", "1\xff", "1s\x01", "%d",
	"1'000", "1_000s", "-99999999999999999999s", "99999999999999999999 s", "99999999999999999999x",
	"18446744073709551616-"};

START_TEST(nonsense_is_no_number_of_any_sort)
{
	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
		CLEANUP(freep) char *exact = strdup(nonsense[i]); /* a sanitizer sees a byte too many */
		uint64_t number = UNTOUCHED, bytes = UNTOUCHED;
		int64_t ns = UNTOUCHED;

		ck_assert_msg(parse_u64(exact, UINT64_MAX, &number) == -EINVAL, "%s", exact);
		ck_assert_msg(parse_duration(exact, &ns) == -EINVAL, "%s", exact);
		ck_assert_msg(parse_size(exact, &bytes) == -EINVAL, "%s", exact);
		ck_assert_uint_eq(number, UNTOUCHED);
		ck_assert_int_eq(ns, UNTOUCHED);
		ck_assert_uint_eq(bytes, UNTOUCHED);
	}
}
END_TEST

START_TEST(a_number_is_read_up_to_its_limit)
{
	static const struct {
		const char *text;
		uint64_t max;
		int r;
		uint64_t number;
	} cases[] = {
		{"0",					  0,              0,       0         },
		{"1",					  0,              -ERANGE, UNTOUCHED },
		{"000",					0,              0,       0         },
		{"0065535",				    65535,          0,       65535     },
		{"65536",				      65535,          -ERANGE, UNTOUCHED },
		{"18446744073709551615",                       UINT64_MAX,     0,       UINT64_MAX},
		{"18446744073709551615",                       UINT64_MAX - 1, -ERANGE, UNTOUCHED },
		{"18446744073709551616",                       UINT64_MAX,     -ERANGE, UNTOUCHED },
		{"18446744073709551620",                       UINT64_MAX,     -ERANGE, UNTOUCHED },
		{"99999999999999999999",                       UINT64_MAX,     -ERANGE, UNTOUCHED },
		{"184467440737095516150000000000000000000000", UINT64_MAX,     -ERANGE, UNTOUCHED },
		{"1s",					 UINT64_MAX,     -EINVAL, UNTOUCHED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t number = UNTOUCHED;

		ck_assert_msg(
			parse_u64(cases[i].text, cases[i].max, &number) == cases[i].r, "%s", cases[i].text);
		ck_assert_uint_eq(number, cases[i].number);
	}
}
END_TEST

START_TEST(a_duration_is_read_in_every_unit_up_to_3660_days)
{
	static const struct {
		const char *text;
		int r;
		int64_t ns;
	} cases[] = {
		{"0ms",                    0,       0          },
		{"0d",                     0,       0          },
		{"00s",                    0,       0          },
		{"1ms",                    0,       MS         },
		{"250ms",                  0,       250 * MS   },
		{"1s",                     0,       SECOND     },
		{"030s",                   0,       30 * SECOND},
		{"5m",                     0,       5 * MINUTE },
		{"2h",                     0,       2 * HOUR   },
		{"7d",                     0,       7 * DAY    },
		{"3660d",                  0,       MOST       },
		{"3661d",                  -ERANGE, UNTOUCHED  },
		{"87840h",                 0,       MOST       },
		{"87841h",                 -ERANGE, UNTOUCHED  },
		{"5270400m",               0,       MOST       },
		{"5270401m",               -ERANGE, UNTOUCHED  },
		{"316224000s",             0,       MOST       },
		{"316224001s",             -ERANGE, UNTOUCHED  },
		{"316224000000ms",         0,       MOST       },
		{"316224000001ms",         -ERANGE, UNTOUCHED  },
		{"213504d",                -ERANGE, UNTOUCHED  }, /* 2^64 ns and 25 minutes */
		{"18446744073710ms",       -ERANGE, UNTOUCHED  },
		{"18446744073709551615d",  -ERANGE, UNTOUCHED  },
		{"18446744073709551616ms", -ERANGE, UNTOUCHED  },
		{"99999999999999999999s",  -ERANGE, UNTOUCHED  },
		{"5",		      -EINVAL, UNTOUCHED  },
		{"0",		      -EINVAL, UNTOUCHED  },
		{"99999999999999999999",   -EINVAL, UNTOUCHED  },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ns = UNTOUCHED;

		ck_assert_msg(parse_duration(cases[i].text, &ns) == cases[i].r, "%s", cases[i].text);
		ck_assert_int_eq(ns, cases[i].ns);
	}
}
END_TEST

START_TEST(a_size_is_read_in_every_unit_up_to_int64_max)
{
	static const struct {
		const char *text;
		int r;
		uint64_t bytes;
	} cases[] = {
		{"0",		       0,       0                         },
		{"4096",                    0,       4096                      },
		{"0GiB",                    0,       0                         },
		{"1KiB",                    0,       1024                      },
		{"64KiB",                   0,       65536                     },
		{"1MiB",                    0,       1 << 20                   },
		{"2GiB",                    0,       UINT64_C(2) << 30         },
		{"9223372036854775807",     0,       INT64_MAX                 },
		{"9223372036854775808",     -ERANGE, UNTOUCHED                 },
		{"8589934591GiB",           0,       UINT64_C(8589934591) << 30},
		{"8589934592GiB",           -ERANGE, UNTOUCHED                 },
		{"17179869184GiB",          -ERANGE, UNTOUCHED                 }, /* 2^64, which wraps to 0 */
		{"17179869185GiB",          -ERANGE, UNTOUCHED                 },
		{"18446744073709551615KiB", -ERANGE, UNTOUCHED                 },
		{"18446744073709551616MiB", -ERANGE, UNTOUCHED                 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t bytes = UNTOUCHED;

		ck_assert_msg(parse_size(cases[i].text, &bytes) == cases[i].r, "%s", cases[i].text);
		ck_assert_uint_eq(bytes, cases[i].bytes);
	}
}
END_TEST

START_TEST(digits_without_end_are_too_many_and_nothing_worse)
{
	enum { DIGITS = 200000 };
	CLEANUP(freep) char *text = malloc(DIGITS + 3);
	uint64_t number;
	int64_t ns;

	ck_assert_ptr_nonnull(text);
	memset(text, '9', DIGITS);
	strcpy(text + DIGITS, "ms");
	ck_assert_int_eq(parse_duration(text, &ns), -ERANGE);
	ck_assert_int_eq(parse_u64(text, UINT64_MAX, &number), -EINVAL);
	text[DIGITS] = '\0';
	ck_assert_int_eq(parse_u64(text, UINT64_MAX, &number), -ERANGE);
	ck_assert_int_eq(parse_size(text, &number), -ERANGE);
	ck_assert_int_eq(parse_duration(text, &ns), -EINVAL);
	memset(text, '0', DIGITS - 1);
	ck_assert_int_eq(parse_u64(text, 9, &number), 0);
	ck_assert_uint_eq(number, 9);
}
END_TEST

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{"ms", MS    },
	{"s",  SECOND},
	{"m",  MINUTE},
	{"h",  HOUR  },
	{"d",  DAY   },
};

/* Exact, rounded up to the millisecond, and no form that is as exact is shorter. */
static void must_be_written_well(int64_t ns)
{
	int64_t rounded = (ns / MS + (ns % MS > 0)) * MS, back;
	char text[DURATION_TEXT], other[40];

	format_duration(ns, text);
	if (rounded <= MOST && (parse_duration(text, &back) != 0 || back != rounded))
		ck_abort_msg("%lld ns: %s", (long long)ns, text);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (rounded % units[i].ns != 0)
			continue;
		snprintf(other, sizeof(other), "%lld%s", (long long)(rounded / units[i].ns), units[i].name);
		if (strlen(other) < strlen(text))
			ck_abort_msg("%lld ns: %s, which is %s", (long long)ns, text, other);
	}
}

START_TEST(a_written_duration_is_exact_short_and_reads_back)
{
	uint64_t random = 7;

	for (int i = 0; i < 100000; i++) {
		int64_t unit = units[seeded_below(&random, ARRAY_LEN(units))].ns;

		must_be_written_well((int64_t)seeded_below(&random, MOST + 1));
		must_be_written_well((int64_t)seeded_below(&random, (uint64_t)(MOST / unit + 1)) * unit);
		must_be_written_well((int64_t)seeded_below(&random, 5 * MS));
	}
}
END_TEST

START_TEST(a_duration_is_written_in_its_greatest_unit)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{0,            "0s"             },
		{-1,           "0s"             },
		{INT64_MIN,    "0s"             },
		{1,            "1ms"            },
		{MS,           "1ms"            },
		{MS + 1,       "2ms"            },
		{999 * MS,     "999ms"          },
		{999 * MS + 1, "1s"             },
		{1500 * MS,    "1500ms"         },
		{60 * SECOND,  "1m"             },
		{90 * MINUTE,  "90m"            },
		{24 * HOUR,    "1d"             },
		{36 * HOUR,    "36h"            },
		{MOST,         "3660d"          },
		{INT64_MAX,    "9223372036855ms"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[DURATION_TEXT];

		format_duration(cases[i].ns, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("parse");

	tcase_add_test(tcase, nonsense_is_no_number_of_any_sort);
	tcase_add_test(tcase, a_number_is_read_up_to_its_limit);
	tcase_add_test(tcase, a_duration_is_read_in_every_unit_up_to_3660_days);
	tcase_add_test(tcase, a_size_is_read_in_every_unit_up_to_int64_max);
	tcase_add_test(tcase, digits_without_end_are_too_many_and_nothing_worse);
	tcase_add_test(tcase, a_written_duration_is_exact_short_and_reads_back);
	tcase_add_test(tcase, a_duration_is_written_in_its_greatest_unit);
	return unit_run("parse", tcase);
}
