/* spread.h - ids to places in a table. */
#ifndef STORE_SPREAD_H
#define STORE_SPREAD_H

#include <stddef.h>
#include <string.h>

#include "base/uuid.h"

/* A place below 2^bits (1..63): Fibonacci hashing of the random half, whose last bits may be a counter. */
static inline size_t spread(const struct uuid *id, unsigned bits)
{
	uint64_t half;

	memcpy(&half, id->bytes + 8, sizeof(half));
	half ^= half >> 32;
	return (size_t)(half * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

#endif
