/* bounds.h - the upper bounds of a histogram's buckets. */
#ifndef WIRE_BOUNDS_H
#define WIRE_BOUNDS_H

#include <stdbool.h>

#include "wire/stats.h"

#define BOUND_TEXT 24

/* The bound of a bucket as a label: "0.25" seconds or a count of "8.0"; "+Inf" for the last. */
void bounds_text(bool of_counts, size_t bucket, char text[static BOUND_TEXT]);

#endif
