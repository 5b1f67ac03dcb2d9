/* buf.h - bytes that grow up to a limit: bodies, captured output, text in the making. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char *data; /* NUL after `len` when not NULL */
	size_t len, size;
	size_t max; /* 0: no limit */
	int error;  /* the first failure sticks: -ENOMEM or -EFBIG */
};

void buf_fini(struct buf *buf);

/* Append; 0, -EFBIG past `max` (nothing appended), -ENOMEM.  Once failed every append fails the same. */
int buf_add(struct buf *buf, const void *data, size_t bytes);
int buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Have room for `bytes` more, and a NUL; as buf_add(). */
int buf_reserve(struct buf *buf, size_t bytes);

/* Give the bytes, NUL-terminated, and leave the buffer empty; NULL (free nothing) when it failed. */
char *buf_take(struct buf *buf, size_t *ret_bytes);

#endif
