/* siphash.c - SipHash-1-3 of any number of bytes; see siphash.h. */
#include "lib/siphash.h"

uint64_t pen__siphash(const uint64_t key[2], const void *bytes, size_t n)
{
	return pen__siphash_inline(key, bytes, n);
}
