/* kept.c - see kept.h. */
#include "work/kept.h"

#include <string.h>

enum { CHARACTER_MAX = 4 };

/* A buffer without a limit has max 0; none is ever asked to hold nothing. */
void kept_init(struct kept *kept, size_t max)
{
	*kept = (struct kept){.head.max = max - max / 2, .tail.max = max / 2};
}

void kept_fini(struct kept *kept)
{
	buf_fini(&kept->head);
	buf_fini(&kept->tail);
}

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Append as much as there is room for.  Gives how much that was. */
static size_t fill(struct kept *kept, struct buf *buf, const char *data, size_t bytes)
{
	size_t n = lesser(bytes, buf->max - buf->len);

	if (n > 0 && buf_add(buf, data, n) < 0) {
		kept->broken = true;
		return 0;
	}
	return n;
}

/* The ring is full: what is newer takes the place of the oldest. */
static void replace(struct kept *kept, const char *data, size_t bytes)
{
	while (bytes > 0) {
		size_t n = lesser(bytes, kept->tail.len - kept->oldest);

		memcpy(kept->tail.data + kept->oldest, data, n);
		kept->oldest = (kept->oldest + n) % kept->tail.len;
		data += n;
		bytes -= n;
	}
}

void kept_add(struct kept *kept, const char *data, size_t bytes)
{
	size_t n;

	kept->total += bytes;
	if (kept->broken)
		return;
	n = fill(kept, &kept->head, data, bytes);
	n += kept->broken ? 0 : fill(kept, &kept->tail, data + n, bytes - n);
	if (!kept->broken && kept->tail.len > 0)
		replace(kept, data + n, bytes - n);
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* How many bytes the character has that begins with this one; 1 also of what begins none. */
static size_t character_bytes(char first)
{
	unsigned char byte = (unsigned char)first;

	return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

size_t kept_divided(const char *data, size_t bytes)
{
	size_t n = 1;

	while (n < CHARACTER_MAX && n < bytes && continues(data[bytes - n]))
		n++;
	return n <= bytes && character_bytes(data[bytes - n]) > n ? n : 0;
}

/* Bytes at the beginning of the tail that are the end of a character. */
static size_t divided_at_start(const char *data, size_t bytes)
{
	size_t n = 0;

	while (n < bytes && n < CHARACTER_MAX - 1 && continues(data[n]))
		n++;
	return n;
}

/* The ring's two pieces behind the head. */
static int join(struct kept *kept)
{
	struct buf *head = &kept->head;
	const struct buf *tail = &kept->tail;
	int r = 0;

	head->max = 0;
	if (tail->len > 0)
		r = buf_add(head, tail->data + kept->oldest, tail->len - kept->oldest);
	if (r == 0 && kept->oldest > 0)
		r = buf_add(head, tail->data, kept->oldest);
	return r;
}

char *kept_take(struct kept *kept, size_t *ret_bytes, struct omitted *ret_omitted)
{
	size_t at = kept->head.len, end, start;
	char *data;

	*ret_bytes = 0;
	*ret_omitted = (struct omitted){.bytes = kept->total};
	if (at == 0)
		return buf_take(&kept->head, ret_bytes);
	if (join(kept) < 0)
		return NULL;
	data = kept->head.data;
	*ret_omitted = (struct omitted){.at = at, .bytes = kept->total - kept->head.len};
	if (ret_omitted->bytes > 0) {
		end = kept_divided(data, at);
		start = divided_at_start(data + at, kept->head.len - at);
		memmove(data + at - end, data + at + start, kept->head.len - at - start + 1);
		kept->head.len -= end + start;
		*ret_omitted = (struct omitted){.at = at - end, .bytes = ret_omitted->bytes + end + start};
	}
	return buf_take(&kept->head, ret_bytes);
}
