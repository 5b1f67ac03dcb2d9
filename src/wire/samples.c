/* samples.c - from a row of the table to its samples. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/families.h"

static const size_t value_bytes[] = {
	[VALUE_U64] = sizeof(uint64_t),
	[VALUE_INT] = sizeof(int),
	[VALUE_DOUBLE] = sizeof(double),
	[VALUE_MS] = sizeof(int64_t),
	[VALUE_DURATIONS] = sizeof(struct stats_histogram),
	[VALUE_COUNTS] = sizeof(struct stats_histogram),
};

static void format_value(struct sample *sample, enum family_value type, const void *at)
{
	const size_t size = sizeof(sample->value);

	switch (type) {
	case VALUE_U64:
		snprintf(sample->value, size, "%" PRIu64, *(const uint64_t *)at);
		break;
	case VALUE_INT:
		snprintf(sample->value, size, "%d", *(const int *)at);
		break;
	case VALUE_DOUBLE:
		snprintf(sample->value, size, "%.15g", *(const double *)at);
		break;
	case VALUE_MS:
		snprintf(sample->value, size, "%.15g", (double)*(const int64_t *)at / 1000);
		break;
	case VALUE_DURATIONS:
	case VALUE_COUNTS:
		sample->histogram = at;
		break;
	}
}

/* Label the sample by its place on an axis; false when that place is not told. */
static bool add_label(struct sample *sample, const struct axis *axis, size_t index)
{
	const char *name;

	if (!axis)
		return true;
	name = axis->name(index);
	sample->labels[sample->n_labels++] = (struct label){axis->label, name};
	return name != NULL;
}

static size_t axis_len(const struct axis *axis)
{
	return axis ? axis->n : 1;
}

static void each_inner(
	const struct family *family, const char *row, const struct sample *outer, sample_fn fn, void *arg)
{
	for (size_t i = 0; i < axis_len(family->inner); i++) {
		struct sample sample = *outer;

		if (!add_label(&sample, family->inner, i))
			continue;
		format_value(&sample, family->value, row + i * value_bytes[family->value]);
		fn(arg, &sample);
	}
}

void family_each(const struct family *family, const struct numbers *numbers, sample_fn fn, void *arg)
{
	const char *base = family->source == FROM_PROCESS ? (const char *)&numbers->process
							  : (const char *)numbers->stats;
	const size_t row_bytes = axis_len(family->inner) * value_bytes[family->value];

	if (family->each) {
		family->each(numbers, fn, arg);
		return;
	}
	for (size_t i = 0; i < axis_len(family->outer); i++) {
		struct sample sample = {0};

		if (add_label(&sample, family->outer, i))
			each_inner(family, base + family->offset + i * row_bytes, &sample, fn, arg);
	}
}

bool family_has_labels(const struct family *family)
{
	return family->outer || family->each;
}
