/* test_clock.c - wall time in RFC 3339: what is written reads back, and what is no time of the calendar is refused. */
#include "base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

#define DAY_MS INT64_C(86400000)
#define UNTOUCHED INT64_C(-77)

static const struct {
	const char *text;
	int64_t ms;
} times[] = {
	{"1970-01-01T00:00:00.000Z", 0                     },
	{"1970-01-01T00:00:00.001Z", 1                     },
	{"1999-12-31T23:59:59.999Z", INT64_C(946684799999) },
	{"2000-02-29T12:00:00.000Z", INT64_C(951825600000) },
	{"2001-09-09T01:46:40.000Z", INT64_C(1000000000000)},
	{"2038-01-19T03:14:08.000Z", INT64_C(2147483648000)},
	{"2100-03-01T00:00:00.050Z", INT64_C(4107542400050)},
	{"9999-12-31T23:59:59.999Z", CLOCK_MAX             },
};

START_TEST(a_time_is_written_in_utc_to_the_millisecond)
{
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		char text[CLOCK_TEXT];

		clock_format(times[i].ms, text);
		ck_assert_str_eq(text, times[i].text);
	}
}
END_TEST

/* The value of a text, UNTOUCHED where it is refused; nothing but 0 and -EINVAL is said. */
static int64_t read_text(const char *text)
{
	int64_t ms = UNTOUCHED;
	int r = clock_parse(text, &ms);

	if (r != 0)
		ck_assert_msg(r == -EINVAL && ms == UNTOUCHED, "%s", text);
	return ms;
}

static void must_read(const char *text, int64_t ms)
{
	ck_assert_msg(read_text(text) == ms, "%s: %lld", text, (long long)read_text(text));
}

START_TEST(what_is_written_reads_back)
{
	uint64_t random = 2;
	char text[CLOCK_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		must_read(times[i].text, times[i].ms);
	for (int i = 0; i < 100000; i++) {
		int64_t ms = (int64_t)seeded_below(&random, CLOCK_MAX + 1), back;

		clock_format(ms, text);
		if (strlen(text) != CLOCK_TEXT - 1 || clock_parse(text, &back) != 0 || back != ms)
			ck_abort_msg("%lld: %s", (long long)ms, text);
	}
}
END_TEST

static bool in_calendar(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12 || day < 1)
		return false;
	if (month == 2 && day == 29)
		return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
	return day <= days[month - 1];
}

START_TEST(every_day_of_the_calendar_follows_the_day_before_and_no_other_is_read)
{
	int64_t next_ms = 0;

	for (int year = 1970; year <= 2405; year++)
		for (int month = 0; month <= 13; month++)
			for (int day = 0; day <= 32; day++) {
				bool valid = in_calendar(year, month, day);
				int64_t ms = UNTOUCHED;
				char text[64];

				snprintf(text, sizeof(text), "%d-%02d-%02dT00:00:00Z", year, month, day);
				clock_parse(text, &ms);
				if (ms != (valid ? next_ms : UNTOUCHED))
					ck_abort_msg("%s: %lld", text, (long long)ms);
				next_ms += valid ? DAY_MS : 0;
			}
	ck_assert_int_eq(next_ms, INT64_C(13758854400000)); /* 2406-01-01 */
}
END_TEST

START_TEST(any_offset_and_any_form_of_the_rfc_is_read)
{
	const int64_t ms = INT64_C(1763972142000);

	must_read("2025-11-24T08:15:42Z", ms);
	must_read("2025-11-24t08:15:42z", ms);
	must_read("2025-11-24 08:15:42Z", ms);
	must_read("2025-11-24T08:15:42+00:00", ms);
	must_read("2025-11-24T08:15:42-00:00", ms);
	must_read("2025-11-24T13:45:42+05:30", ms);
	must_read("2025-11-23T23:15:42-09:00", ms);
	must_read("2025-11-25T08:14:42+23:59", ms);
	must_read("2025-11-23T08:16:42-23:59", ms);
}
END_TEST

START_TEST(a_fraction_is_cut_to_the_millisecond)
{
	const int64_t ms = INT64_C(1763972142000);

	must_read("2025-11-24T08:15:42.0Z", ms);
	must_read("2025-11-24T08:15:42.1Z", ms + 100);
	must_read("2025-11-24T08:15:42.12+00:00", ms + 120);
	must_read("2025-11-24T08:15:42.123Z", ms + 123);
	must_read("2025-11-24T08:15:42.0019Z", ms + 1);
	must_read("2025-11-24T08:15:42.999999999Z", ms + 999);
}
END_TEST

START_TEST(the_range_counts_in_utc_whatever_the_offset)
{
	must_read("1970-01-01T00:00:00Z", 0);
	must_read("1970-01-01T00:01:00+00:01", 0);
	must_read("1969-12-31T23:59:00-00:01", 0);
	must_read("1969-12-31T00:01:00-23:59", 0);
	must_read("1970-01-01T00:00:59.999+00:01", UNTOUCHED);
	must_read("1969-12-31T23:59:59.999Z", UNTOUCHED);
	must_read("0000-01-01T00:00:00Z", UNTOUCHED);
	must_read("9999-12-31T23:59:59.999Z", CLOCK_MAX);
	must_read("9999-12-31T23:59:59.999999999Z", CLOCK_MAX);
	must_read("9999-12-31T23:59:59.999+23:59", CLOCK_MAX - (23 * 60 + 59) * INT64_C(60000));
	must_read("9999-12-31T23:59:00-00:01", UNTOUCHED);
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
	static const char *const texts[] = {
		"",
		" ",
		"now",
		"0",
		"1763972142",
		"2025-11-24",
		"2025-11-24T08:15Z",
		"2025-11-24T08:15:42",
		"2025-11-24T08:15:42.",
		"2025-11-24T08:15:42.Z",
		"2025-11-24T08:15:42,5Z",
		"2025-11-24T08:15:42.1234567890Z",
		"2025-11-24T08:15:42.5.5Z",
		"2025-11-24T08:15:42ZZ",
		"2025-11-24T08:15:42Z ",
		" 2025-11-24T08:15:42Z",
		"2025-11-24T08:15:42 Z",
		"2025-11-24T08:15:42\n",
		"2025-11-24  08:15:42Z",
		"2025-11-24_08:15:42Z",
		"2025-11-24T24:00:00Z",
		"2025-11-24T08:60:42Z",
		"2025-11-24T08:15:60Z",
		"2016-12-31T23:59:60Z",
		"2025-11-24T-8:15:42Z",
		"2025-11-24T8:15:42Z",
		"2025-11-24T08:15:42+24:00",
		"2025-11-24T08:15:42+01:60",
		"2025-11-24T08:15:42+0100",
		"2025-11-24T08:15:42+01",
		"2025-11-24T08:15:42+-1:00",
		"2025-11-24T08:15:42+01:00Z",
		"2025-11-24T08:15:42UTC",
		"2025-1-24T08:15:42Z",
		"2025-11-4T08:15:42Z",
		"25-11-24T08:15:42Z",
		"-2025-11-24T08:15:42Z",
		"+2025-11-24T08:15:42Z",
		"12025-11-24T08:15:42Z",
		"2025/11/24T08:15:42Z",
		"20251124T081542Z",
		"2025-W48-1T08:15:42Z",
		"2025-328T08:15:42Z",
		"\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa5-11-24T08:15:42Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		must_read(texts[i], UNTOUCHED);
}
END_TEST

START_TEST(no_part_of_a_time_is_one)
{
	static const char whole[] = "2025-11-24T08:15:42.123456789+05:30";

	for (size_t bytes = 0; bytes < sizeof(whole) - 1; bytes++) {
		char *part = strndup(whole, bytes); /* exact: a sanitizer sees a byte too many */

		must_read(part, UNTOUCHED);
		free(part);
	}
	ck_assert_int_ne(read_text(whole), UNTOUCHED);
}
END_TEST

/* Where a digit stands any digit may do; elsewhere only the few signs that the RFC allows. */
START_TEST(one_wrong_byte_is_enough)
{
	static const char good[] = "2025-11-24T08:15:42.5Z";

	for (size_t at = 0; at < sizeof(good) - 1; at++)
		for (int byte = 1; byte < 256; byte++) {
			bool digit = good[at] >= '0' && good[at] <= '9';
			char text[sizeof(good)];
			int64_t ms;

			memcpy(text, good, sizeof(good));
			text[at] = (char)byte;
			if (clock_parse(text, &ms) < 0 || byte == good[at])
				continue;
			if (digit ? byte < '0' || byte > '9' : !strchr(good[at] == 'Z' ? "z" : "t ", byte))
				ck_abort_msg("%s", text);
		}
}
END_TEST

static int64_t system_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

START_TEST(the_clock_is_the_systems_until_it_is_made_to_stand_still)
{
	int64_t before = system_ms(), now = clock_wall_ms(), after = system_ms();

	ck_assert_int_le(before, now);
	ck_assert_int_le(now, after);
	clock_wall_set(INT64_C(1234567));
	ck_assert_int_eq(clock_wall_ms(), 1234567);
	ck_assert_int_eq(clock_wall_ms(), 1234567);
	clock_wall_set(0);
	ck_assert_int_ge(clock_wall_ms(), after);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("clock");

	tcase_add_test(tcase, a_time_is_written_in_utc_to_the_millisecond);
	tcase_add_test(tcase, what_is_written_reads_back);
	tcase_add_test(tcase, every_day_of_the_calendar_follows_the_day_before_and_no_other_is_read);
	tcase_add_test(tcase, any_offset_and_any_form_of_the_rfc_is_read);
	tcase_add_test(tcase, a_fraction_is_cut_to_the_millisecond);
	tcase_add_test(tcase, the_range_counts_in_utc_whatever_the_offset);
	tcase_add_test(tcase, what_is_no_time_is_refused);
	tcase_add_test(tcase, no_part_of_a_time_is_one);
	tcase_add_test(tcase, one_wrong_byte_is_enough);
	tcase_add_test(tcase, the_clock_is_the_systems_until_it_is_made_to_stand_still);
	return unit_run("clock", tcase);
}
