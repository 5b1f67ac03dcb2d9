/* seeded.h - random numbers that are the same in every run, so that what fails once fails again. */
#ifndef TESTS_SEEDED_H
#define TESTS_SEEDED_H

#include <stdint.h>

/* splitmix64: any seed will do, and neighbours are unlike. */
static inline uint64_t seeded(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* 0..below-1 */
static inline uint64_t seeded_below(uint64_t *state, uint64_t below)
{
	return (seeded(state) >> 11) % below;
}

#endif
