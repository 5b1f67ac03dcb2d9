/*
 * print_json.c - the numbers for people: one member a family; a number where there are no labels, else a list
 * of objects with the labels and the value.  A histogram has count, sum, and how many observations each
 * bucket holds by itself.
 */
#include <stdio.h>
#include <string.h>

#include "wire/out.h"
#include "wire/print.h"

/* For sample_fn. */
struct printing {
	struct out *out;
	const struct family *family;
};

static void print_histogram(struct out *out, bool of_counts, const struct stats_histogram *histogram)
{
	uint64_t count = 0;
	double sum = histogram->sum;
	char text[32];

	for (size_t i = 0; i <= STATS_BUCKETS; i++)
		count += histogram->bucket[i];
	out_int(out, "count", (int64_t)count);
	out_raw(out, "sum", text, (size_t)snprintf(text, sizeof(text), "%.15g", sum));
	out_open(out, "buckets", '{');
	for (size_t i = 0; i <= STATS_BUCKETS; i++) {
		char bound[BOUND_TEXT];

		bounds_text(of_counts, i, bound);
		out_int(out, bound, (int64_t)histogram->bucket[i]);
	}
	out_close(out, '}');
}

static void print_object(
	struct out *out, const char *name, const struct family *family, const struct sample *sample)
{
	out_open(out, name, '{');
	for (size_t i = 0; i < sample->n_labels; i++)
		out_string(out, sample->labels[i].name, sample->labels[i].value);
	if (sample->histogram)
		print_histogram(out, family->value == VALUE_COUNTS, sample->histogram);
	else
		out_raw(out, "value", sample->value, strlen(sample->value));
	out_close(out, '}');
}

static void print_labelled(void *arg, const struct sample *sample)
{
	const struct printing *printing = arg;

	print_object(printing->out, NULL, printing->family, sample);
}

static void print_single(void *arg, const struct sample *sample)
{
	const struct printing *printing = arg;
	const char *name = printing->family->name;

	if (sample->histogram)
		print_object(printing->out, name, printing->family, sample);
	else
		out_raw(printing->out, name, sample->value, strlen(sample->value));
}

static void print_family(struct out *out, const struct family *family, const struct numbers *numbers)
{
	struct printing printing = {out, family};

	if (!family_has_labels(family)) {
		family_each(family, numbers, print_single, &printing);
		return;
	}
	out_open(out, family->name, '[');
	family_each(family, numbers, print_labelled, &printing);
	out_close(out, ']');
}

void print_json(struct buf *to, const struct numbers *numbers)
{
	struct out out = {.buf = to};

	out_open(&out, NULL, '{');
	for (size_t i = 0; i < n_families; i++)
		print_family(&out, &families[i], numbers);
	out_close(&out, '}');
}
