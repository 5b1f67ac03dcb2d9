/* buf.c - growing bytes; see buf.h. */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_FIRST = 256 };

void buf_fini(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

int buf_reserve(struct buf *buf, size_t bytes)
{
	size_t size = buf->size ? buf->size : SIZE_FIRST;
	char *data;

	if (buf->error)
		return buf->error;
	if (buf->max && bytes > buf->max - buf->len)
		return buf->error = -EFBIG;
	if (bytes >= SIZE_MAX / 2 - buf->len) /* so that doubling cannot overflow */
		return buf->error = -ENOMEM;
	if (buf->len + bytes < buf->size)
		return 0;
	while (size <= buf->len + bytes)
		size *= 2;
	data = realloc(buf->data, size);
	if (!data)
		return buf->error = -ENOMEM;
	buf->data = data;
	buf->size = size;
	return 0;
}

int buf_add(struct buf *buf, const void *data, size_t bytes)
{
	int r = buf_reserve(buf, bytes);

	if (r < 0)
		return r;
	if (bytes)
		memcpy(buf->data + buf->len, data, bytes);
	buf->len += bytes;
	buf->data[buf->len] = 0;
	return 0;
}

__attribute__((format(printf, 2, 0))) static int add_formatted(
	struct buf *buf, const char *format, va_list args)
{
	char few[512];
	va_list again;
	int n, r;

	va_copy(again, args);
	n = vsnprintf(few, sizeof few, format, args);
	if (n < 0) /* more than INT_MAX bytes */
		r = buf_reserve(buf, SIZE_MAX);
	else if ((size_t)n < sizeof few)
		r = buf_add(buf, few, (size_t)n);
	else if ((r = buf_reserve(buf, (size_t)n)) == 0) {
		vsnprintf(buf->data + buf->len, (size_t)n + 1, format, again);
		buf->len += (size_t)n;
	}
	va_end(again);
	return r;
}

int buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = add_formatted(buf, format, args);
	va_end(args);
	return r;
}

char *buf_take(struct buf *buf, size_t *ret_bytes)
{
	char *data;

	if (buf_add(buf, "", 0) < 0)
		return NULL;
	data = buf->data;
	*ret_bytes = buf->len;
	*buf = (struct buf){.max = buf->max};
	return data;
}
