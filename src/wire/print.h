/* print.h - the numbers as text: what Prometheus scrapes, and JSON for people. */
#ifndef WIRE_PRINT_H
#define WIRE_PRINT_H

#include "base/buf.h"
#include "wire/families.h"

void print_exposition(struct buf *out, const struct numbers *numbers, bool openmetrics);
void print_json(struct buf *out, const struct numbers *numbers);

#endif
