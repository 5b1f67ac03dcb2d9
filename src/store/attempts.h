/*
 * attempts.h - the attempts that progress keeps, packed for a record: of each its number, start and end (4, 8 and 8
 * bytes, least first), then its code and its message, each with its length (1 byte) before it.
 */
#ifndef STORE_ATTEMPTS_H
#define STORE_ATTEMPTS_H

#include <stddef.h>

#include "core/job.h"

#define ATTEMPTS_BYTES_MAX (ATTEMPTS_KEPT * (4 + 8 + 8 + 1 + 32 + 1 + 200))

/* Pack them all.  Returns how many bytes it took. */
size_t attempts_pack(const struct progress *progress, unsigned char bytes[static ATTEMPTS_BYTES_MAX]);

/* Give progress the attempts that were packed; it has none yet.  0, -ENOMEM, or -EBADMSG: that is not what was packed. */
int attempts_unpack(const unsigned char *packed, size_t bytes, struct progress *progress);

#endif
