/* suggest.c - the nearest known name, by the edits that lead from one to the other (Levenshtein, 1965). */
#include "conf/suggest.h"

#include <stdint.h>
#include <string.h>

#define LETTERS_MAX 64 /* of a name that is looked at */

struct guess {
	const char *name;
	size_t edits;
};

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters to add, drop or change; only one row of the usual matrix is kept. */
static size_t edits(const char *from, const char *to)
{
	size_t row[LETTERS_MAX + 1], columns = strnlen(to, LETTERS_MAX);

	for (size_t j = 0; j <= columns; j++)
		row[j] = j;
	for (size_t i = 0; from[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < columns; j++) {
			size_t above = row[j + 1];

			row[j + 1] = least(above + 1, row[j] + 1, diagonal + (from[i] != to[j]));
			diagonal = above;
		}
	}
	return row[columns];
}

static void consider(struct guess *guess, const char *name, const char *candidate)
{
	size_t n = edits(name, candidate);

	if (n < guess->edits)
		*guess = (struct guess){candidate, n};
}

const char *suggest_name(const struct section *section, const char *name)
{
	/* With more than a third of it mistyped it is another word. */
	struct guess guess = {.edits = strlen(name) / 3 + 2};

	if (strlen(name) > LETTERS_MAX)
		return NULL;
	for (size_t i = 0; i < section->n_options; i++)
		consider(&guess, name, section->options[i].name);
	for (size_t i = 0; !section->name && i < SECTIONS; i++)
		if (conf_sections[i].name)
			consider(&guess, name, conf_sections[i].name);
	return guess.name;
}
