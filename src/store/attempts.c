/* attempts.c - see attempts.h. */
#include "store/attempts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(((struct attempt *)0)->code) == 32 && sizeof(((struct attempt *)0)->message) == 200,
	"ATTEMPTS_BYTES_MAX says how long they may be");

static unsigned char *pack_number(unsigned char *to, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		*to++ = (unsigned char)(number >> (8 * i));
	return to;
}

static unsigned char *pack_text(unsigned char *to, const char *text)
{
	size_t bytes = strlen(text);

	*to++ = (unsigned char)bytes;
	memcpy(to, text, bytes);
	return to + bytes;
}

size_t attempts_pack(const struct progress *progress, unsigned char bytes[static ATTEMPTS_BYTES_MAX])
{
	unsigned char *to = bytes;

	for (size_t i = 0; i < progress->n_kept; i++) {
		const struct attempt *attempt = &progress->kept[i];

		to = pack_number(to, attempt->number, 4);
		to = pack_number(to, (uint64_t)attempt->started_ms, 8);
		to = pack_number(to, (uint64_t)attempt->finished_ms, 8);
		to = pack_text(to, attempt->code);
		to = pack_text(to, attempt->message);
	}
	return (size_t)(to - bytes);
}

/* What is left to read; `bad` once it did not suffice. */
struct unpacking {
	const unsigned char *at, *end;
	bool bad;
};

static bool has(struct unpacking *from, size_t bytes)
{
	from->bad = from->bad || (size_t)(from->end - from->at) < bytes;
	return !from->bad;
}

static uint64_t unpack_number(struct unpacking *from, size_t bytes)
{
	uint64_t number = 0;

	if (!has(from, bytes))
		return 0;
	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)*from->at++ << (8 * i);
	return number;
}

static void unpack_text(struct unpacking *from, char *text, size_t size)
{
	size_t bytes = (size_t)unpack_number(from, 1);

	from->bad = from->bad || bytes >= size;
	if (!has(from, bytes))
		return;
	memcpy(text, from->at, bytes);
	text[bytes] = 0;
	from->at += bytes;
}

static void unpack_one(struct unpacking *from, struct attempt *attempt)
{
	*attempt = (struct attempt){
		.number = (uint32_t)unpack_number(from, 4),
		.started_ms = (int64_t)unpack_number(from, 8),
		.finished_ms = (int64_t)unpack_number(from, 8),
	};
	unpack_text(from, attempt->code, sizeof(attempt->code));
	unpack_text(from, attempt->message, sizeof(attempt->message));
}

int attempts_unpack(const unsigned char *packed, size_t bytes, struct progress *progress)
{
	struct unpacking from = {.at = packed, .end = packed + bytes};
	struct attempt *kept, *shrunk;
	size_t n = 0;

	if (bytes == 0)
		return 0;
	kept = calloc(ATTEMPTS_KEPT, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	while (!from.bad && from.at < from.end && n < ATTEMPTS_KEPT)
		unpack_one(&from, &kept[n++]);
	if (from.bad || from.at < from.end) {
		free(kept);
		return -EBADMSG;
	}
	shrunk = reallocarray(kept, n, sizeof(*kept));
	progress->kept = shrunk ? shrunk : kept;
	progress->n_kept = n;
	return 0;
}
