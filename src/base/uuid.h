/* uuid.h - UUID version 7 (RFC 9562): unique across machines, ordered by time; ids of jobs and requests. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

struct uuid {
	uint8_t bytes[16];
};

#define UUID_TEXT 37 /* bytes of the text form with its NUL */

/*
 * A fresh id for the wall time `now_ms`; within a millisecond ids of one thread still ascend.  Any thread; but after a fork() only
 * one of the two processes, as both hold the same random bytes.
 */
void uuid_new(struct uuid *ret_uuid, int64_t now_ms);

void uuid_format(const struct uuid *uuid, char text[static UUID_TEXT]);

/* Only the 36-character form with hyphens, either case.  0 or -EINVAL. */
int uuid_parse(const char *text, struct uuid *ret_uuid);

int64_t uuid_time_ms(const struct uuid *uuid);
bool uuid_equal(const struct uuid *a, const struct uuid *b);

#endif
