/*
 * clock.h - wall time in ms since 1970 (for what people see and for run_at), and its RFC 3339 text.
 *
 * Everything else uses pen_now_ns().  The clock can be set by a test.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT 25 /* "2026-11-24T08:15:42.123Z" and NUL */

#define CLOCK_MAX INT64_C(253402300799999) /* the last ms of 9999 */

/* Now, in ms since 1970 UTC; clock_wall_set() makes it stand still at `ms` for tests, 0 frees it. */
int64_t clock_wall_ms(void);
void clock_wall_set(int64_t ms);

/* For 0..CLOCK_MAX. */
void clock_format(int64_t wall_ms, char text[static CLOCK_TEXT]);

/*
 * RFC 3339 with any offset and 0..9 digits of fraction, cut to ms; "t", "z" and a space for "T" are allowed as
 * there, a leap second is not.  0..CLOCK_MAX.  0 or -EINVAL.
 */
int clock_parse(const char *text, int64_t *ret_wall_ms);

#endif
