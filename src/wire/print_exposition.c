/*
 * print_exposition.c - Prometheus text 0.0.4 and OpenMetrics 1.0, which differ here in two points only:
 * OpenMetrics names a counter's family without _total, and ends with "# EOF".
 */
#include <inttypes.h>
#include <string.h>

#include "wire/print.h"

/* For sample_fn. */
struct printing {
	struct buf *out;
	const struct family *family;
};

static const char *const type_names[] = {
	[FAMILY_COUNTER] = "counter",
	[FAMILY_GAUGE] = "gauge",
	[FAMILY_HISTOGRAM] = "histogram",
};

static void print_head(struct buf *out, const struct family *family, bool openmetrics)
{
	size_t len = strlen(family->name);

	if (openmetrics && family->type == FAMILY_COUNTER)
		len -= strlen("_total");
	buf_addf(out, "# HELP %.*s %s\n", (int)len, family->name, family->help);
	buf_addf(out, "# TYPE %.*s %s\n", (int)len, family->name, type_names[family->type]);
}

/* The labels in braces, with `le` (NULL: none) as the last one; nothing when there are none. */
static void print_labels(struct buf *out, const struct sample *sample, const char *le)
{
	const char *before = "{";

	for (size_t i = 0; i < sample->n_labels; i++, before = ",")
		buf_addf(out, "%s%s=\"%s\"", before, sample->labels[i].name, sample->labels[i].value);
	if (le)
		buf_addf(out, "%sle=\"%s\"", before, le);
	if (le || sample->n_labels)
		buf_addf(out, "}");
}

static void print_histogram(const struct printing *printing, const struct sample *sample)
{
	const struct stats_histogram *histogram = sample->histogram;
	struct buf *out = printing->out;
	const char *name = printing->family->name;
	uint64_t count = 0;

	for (size_t i = 0; i <= STATS_BUCKETS; i++) {
		char bound[BOUND_TEXT];

		count += histogram->bucket[i];
		bounds_text(printing->family->value == VALUE_COUNTS, i, bound);
		buf_addf(out, "%s_bucket", name);
		print_labels(out, sample, bound);
		buf_addf(out, " %" PRIu64 "\n", count);
	}
	buf_addf(out, "%s_sum", name);
	print_labels(out, sample, NULL);
	buf_addf(out, " %.15g\n%s_count", histogram->sum, name);
	print_labels(out, sample, NULL);
	buf_addf(out, " %" PRIu64 "\n", count);
}

static void print_sample(void *arg, const struct sample *sample)
{
	const struct printing *printing = arg;

	if (sample->histogram) {
		print_histogram(printing, sample);
		return;
	}
	buf_add(printing->out, printing->family->name, strlen(printing->family->name));
	print_labels(printing->out, sample, NULL);
	buf_addf(printing->out, " %s\n", sample->value);
}

void print_exposition(struct buf *out, const struct numbers *numbers, bool openmetrics)
{
	for (size_t i = 0; i < n_families; i++) {
		struct printing printing = {out, &families[i]};

		print_head(out, &families[i], openmetrics);
		family_each(&families[i], numbers, print_sample, &printing);
	}
	if (openmetrics)
		buf_addf(out, "# EOF\n");
}
