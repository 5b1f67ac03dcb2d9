/* families.h - the table of all numbers that are told: name, help, type, and where each is found. */
#ifndef WIRE_FAMILIES_H
#define WIRE_FAMILIES_H

#include <stddef.h>

#include "wire/bounds.h"
#include "wire/process.h"
#include "wire/stats.h"

enum family_type { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_HISTOGRAM };

/* One dimension of an array: the label, and each index's name; an index whose name is NULL is not told. */
struct axis {
	const char *label;
	size_t n;
	const char *(*name)(size_t index);
};

struct label {
	const char *name, *value; /* our own words: nothing in them needs escapes */
};

#define SAMPLE_LABELS 2

struct sample {
	struct label labels[SAMPLE_LABELS];
	size_t n_labels;
	char value[32];                          /* of a counter or gauge */
	const struct stats_histogram *histogram; /* else */
};

/* What the numbers are read from. */
struct numbers {
	const struct stats *stats;
	struct process process;
};

/* Gets each sample of a family in turn. */
typedef void (*sample_fn)(void *arg, const struct sample *sample);

enum family_value { VALUE_U64, VALUE_INT, VALUE_DOUBLE, VALUE_MS, VALUE_DURATIONS, VALUE_COUNTS };
enum family_source { FROM_STATS, FROM_PROCESS };

/* Either an array of values, [outer->n][inner->n], at an offset in stats or process; or a function. */
struct family {
	const char *name; /* that of a counter ends in _total */
	const char *help;
	enum family_type type;
	enum family_value value;
	enum family_source source;
	size_t offset;
	const struct axis *outer, *inner; /* NULL: none */
	void (*each)(const struct numbers *numbers, sample_fn fn, void *arg);
};

extern const struct family families[];
extern const size_t n_families;

/* Call `fn` for each sample of the family. */
void family_each(const struct family *family, const struct numbers *numbers, sample_fn fn, void *arg);

/* Whether its samples bear labels; one that has none has one sample. */
bool family_has_labels(const struct family *family);

#endif
