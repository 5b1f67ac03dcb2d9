/*
 * siphash.h - a hash that nobody can foresee who does not know its key.
 *
 * SipHash-1-3 after Aumasson and Bernstein, "SipHash: a fast short-input PRF", with the rounds that hash
 * tables use it with.
 */
#ifndef PEN_LIB_SIPHASH_H
#define PEN_LIB_SIPHASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t pen__siphash(const uint64_t key[2], const void *bytes, size_t n);

static inline uint64_t pen__sip_rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline __attribute__((always_inline)) void pen__sip_mix(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = pen__sip_rotate(v[1], 13) ^ v[0];
	v[0] = pen__sip_rotate(v[0], 32);
	v[2] += v[3];
	v[3] = pen__sip_rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = pen__sip_rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = pen__sip_rotate(v[1], 17) ^ v[2];
	v[2] = pen__sip_rotate(v[2], 32);
}

static inline __attribute__((always_inline)) void pen__sip_take_in(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	pen__sip_mix(v);
	v[0] ^= word;
}

/* The last word: what is left of the bytes below, their number on top. */
static inline uint64_t pen__sip_last_word(const unsigned char *at, size_t left, size_t n)
{
	uint64_t word = (uint64_t)n << 56;

	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)at[i] << 8 * i;
	return word;
}

/* The same in place: for an `n` that the compiler knows little is left of it but the rounds. */
static inline __attribute__((always_inline)) uint64_t pen__siphash_inline(
	const uint64_t key[2], const void *bytes, size_t n)
{
	uint64_t v[4] = {key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573)};
	const unsigned char *at = bytes;
	size_t left;
	uint64_t word;

	for (left = n; left >= sizeof word; left -= sizeof word, at += sizeof word) {
		memcpy(&word, at, sizeof word);
		pen__sip_take_in(v, le64toh(word));
	}
	pen__sip_take_in(v, pen__sip_last_word(at, left, n));
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		pen__sip_mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
