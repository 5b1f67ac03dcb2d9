/* nearest.c - see nearest.h: Levenshtein's distance with one row. */
#include "wire/nearest.h"

#include <string.h>

#define NAME_MAX_BYTES 32 /* a longer name is no slip of the keys */
#define DISTANCE_MAX 2

void nearest_init(struct nearest *nearest, const char *wanted)
{
	*nearest = (struct nearest){.wanted = wanted, .distance = DISTANCE_MAX + 1};
}

static size_t least(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NAME_MAX_BYTES + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			const size_t above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	const size_t wanted_len = strnlen(nearest->wanted, NAME_MAX_BYTES + 1), len = strlen(name);
	size_t d;

	if (wanted_len > NAME_MAX_BYTES || len > NAME_MAX_BYTES)
		return;
	d = distance(nearest->wanted, wanted_len, name, len);
	if (d >= nearest->distance || d >= len)
		return;
	nearest->best = name;
	nearest->distance = d;
}
