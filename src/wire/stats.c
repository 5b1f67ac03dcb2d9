/* stats.c - /stats in the three forms it has; the numbers are listed in families.c. */
#include "wire/stats.h"

#include "wire/print.h"

int stats_write(struct buf *out, const struct stats *stats, enum stats_format format)
{
	struct numbers numbers = {.stats = stats};

	process_read(&numbers.process);
	if (format == STATS_JSON)
		print_json(out, &numbers);
	else
		print_exposition(out, &numbers, format == STATS_OPENMETRICS);
	return out->error;
}
