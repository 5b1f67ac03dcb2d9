/* uuid.c - UUIDv7; see uuid.h. */
#include "base/uuid.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/*
 * Ids of one thread within one millisecond ascend by a 12-bit counter in rand_a that starts anew with each
 * millisecond, at random in its lower half (RFC 9562, section 6.2, method 1).  When it runs out the time
 * moves on by one; a clock that is set back is not followed until it has caught up.
 */
struct sequence {
	int64_t ms;
	unsigned count;
};

enum { COUNT_MAX = 0xfff };

/* Random bytes of one thread, bought by the dozen: a call for each id would cost more than all the rest of it. */
struct entropy {
	uint8_t bytes[240];
	size_t used;
};

static void refill(struct entropy *entropy)
{
	ssize_t r;

	/* up to 256 bytes are never cut short, and only a young system's wait for entropy is interrupted */
	do
		r = getrandom(entropy->bytes, sizeof entropy->bytes, 0);
	while (r < 0 && errno == EINTR);
	if (r != (ssize_t)sizeof entropy->bytes)
		abort(); /* ids that others have too would lose jobs */
	entropy->used = 0;
}

static void random_bytes(uint8_t *bytes, size_t n)
{
	static _Thread_local struct entropy entropy = {.used = sizeof entropy.bytes};

	if (sizeof entropy.bytes - entropy.used < n)
		refill(&entropy);
	memcpy(bytes, entropy.bytes + entropy.used, n);
	entropy.used += n;
}

static void next(struct sequence *sequence, int64_t now_ms, unsigned random)
{
	if (now_ms > sequence->ms) {
		*sequence = (struct sequence){.ms = now_ms, .count = random % (COUNT_MAX / 2)};
	} else if (++sequence->count > COUNT_MAX) {
		sequence->ms++;
		sequence->count = 0;
	}
}

void uuid_new(struct uuid *ret_uuid, int64_t now_ms)
{
	static _Thread_local struct sequence sequence;
	uint8_t *bytes = ret_uuid->bytes;

	random_bytes(bytes + 6, 10);
	next(&sequence, now_ms, (unsigned)bytes[6] << 8 | bytes[7]);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)((uint64_t)sequence.ms >> (40 - 8 * i));
	bytes[6] = (uint8_t)(0x70 | sequence.count >> 8);
	bytes[7] = (uint8_t)sequence.count;
	bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
}

static bool hyphen_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_format(const struct uuid *uuid, char text[static UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (hyphen_before(i))
			*text++ = '-';
		*text++ = digits[uuid->bytes[i] >> 4];
		*text++ = digits[uuid->bytes[i] & 15];
	}
	*text = 0;
}

static int digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

int uuid_parse(const char *text, struct uuid *ret_uuid)
{
	struct uuid uuid;

	for (int i = 0; i < 16; i++) {
		int high, low;

		if (hyphen_before(i) && *text++ != '-')
			return -EINVAL;
		high = digit(text[0]);
		low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			return -EINVAL;
		uuid.bytes[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text)
		return -EINVAL;
	*ret_uuid = uuid;
	return 0;
}

int64_t uuid_time_ms(const struct uuid *uuid)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | uuid->bytes[i];
	return ms;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}
