/* clock.c - wall time and its RFC 3339 text; see clock.h. */
#include "base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static int64_t standing_ms; /* set by a test, while threads may read it; 0: the clock runs */

int64_t clock_wall_ms(void)
{
	int64_t standing = __atomic_load_n(&standing_ms, __ATOMIC_RELAXED);
	struct timespec now;

	if (standing)
		return standing;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void clock_wall_set(int64_t ms)
{
	__atomic_store_n(&standing_ms, ms, __ATOMIC_RELAXED);
}

void clock_format(int64_t wall_ms, char text[static CLOCK_TEXT])
{
	time_t seconds = wall_ms / 1000;
	struct tm tm = {0};
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(text, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, CLOCK_TEXT - len, ".%03uZ", (unsigned)((uint64_t)wall_ms % 1000));
}

/* Exactly `digits` digits at `*text`, which moves on; within min..max. */
static bool number(const char **text, int digits, int min, int max, int *ret)
{
	int n = 0;

	for (int i = 0; i < digits; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		n = 10 * n + (**text - '0');
	}
	*ret = n;
	return n >= min && n <= max;
}

static bool sign(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* One to nine digits after the point count, to the millisecond. */
static bool fraction(const char **text, int *ret_ms)
{
	int digits = 0, scale = 100;

	*ret_ms = 0;
	if (!sign(text, '.'))
		return true;
	for (; **text >= '0' && **text <= '9'; (*text)++, digits++, scale /= 10)
		*ret_ms += (**text - '0') * scale;
	return digits >= 1 && digits <= 9;
}

static bool offset(const char **text, int *ret_minutes)
{
	int hours, minutes, direction;

	*ret_minutes = 0;
	if (sign(text, 'Z') || sign(text, 'z'))
		return true;
	direction = **text == '-' ? -1 : 1;
	if (!sign(text, '+') && !sign(text, '-'))
		return false;
	if (!number(text, 2, 0, 23, &hours) || !sign(text, ':') || !number(text, 2, 0, 59, &minutes))
		return false;
	*ret_minutes = direction * (60 * hours + minutes);
	return true;
}

static bool date(const char **text, struct tm *tm)
{
	int year, month;

	if (!number(text, 4, 0, 9999, &year) || !sign(text, '-'))
		return false;
	if (!number(text, 2, 1, 12, &month) || !sign(text, '-'))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return number(text, 2, 1, days_of(year, month), &tm->tm_mday);
}

static bool time_of_day(const char **text, struct tm *tm)
{
	return number(text, 2, 0, 23, &tm->tm_hour) && sign(text, ':') &&
	       number(text, 2, 0, 59, &tm->tm_min) && sign(text, ':') && number(text, 2, 0, 59, &tm->tm_sec);
}

int clock_parse(const char *text, int64_t *ret_wall_ms)
{
	int ms, minutes_east;
	struct tm tm = {0};
	int64_t wall_ms;

	if (!date(&text, &tm))
		return -EINVAL;
	if (!sign(&text, 'T') && !sign(&text, 't') && !sign(&text, ' '))
		return -EINVAL;
	if (!time_of_day(&text, &tm) || !fraction(&text, &ms) || !offset(&text, &minutes_east) || *text)
		return -EINVAL;
	wall_ms = (timegm(&tm) - 60 * minutes_east) * INT64_C(1000) + ms;
	if (wall_ms < 0 || wall_ms > CLOCK_MAX)
		return -EINVAL;
	*ret_wall_ms = wall_ms;
	return 0;
}
