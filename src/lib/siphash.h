/*
 * siphash.h - a hash that nobody can foresee who does not know its key.
 *
 * SipHash-1-3 after Aumasson and Bernstein, "SipHash: a fast short-input PRF", with the rounds that hash
 * tables use it with.
 */
#ifndef PEN_LIB_SIPHASH_H
#define PEN_LIB_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t pen__siphash(const uint64_t key[2], const void *bytes, size_t n);

#endif
