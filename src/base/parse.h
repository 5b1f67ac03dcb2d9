/*
 * parse.h - strict readers of numbers, durations and sizes, and the writer of durations.
 *
 * No leading space, no sign, no trailing text, no overflow.  0 or -EINVAL (not one at all) or -ERANGE.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stddef.h>
#include <stdint.h>

int parse_u64(const char *text, uint64_t max, uint64_t *ret);

/* "250ms", "30s", "5m", "2h", "7d"; whole numbers with one unit, at most 3660d. */
int parse_duration(const char *text, int64_t *ret_ns);

/* "0", "4096", "64KiB", "1MiB", "2GiB". */
int parse_size(const char *text, uint64_t *ret_bytes);

/* The shortest of the same forms that is exact: "1s", "1500ms", "90m"; below 1 ms: rounded up. */
#define DURATION_TEXT 24
void format_duration(int64_t ns, char text[static DURATION_TEXT]);

#endif
