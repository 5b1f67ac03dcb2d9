/* nearest.h - which known name did somebody mean who wrote another? */
#ifndef WIRE_NEAREST_H
#define WIRE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *wanted;
	const char *best; /* NULL: none is near */
	size_t distance;
};

void nearest_init(struct nearest *nearest, const char *wanted);
void nearest_offer(struct nearest *nearest, const char *name); /* keeps the better one, by address */

#endif
