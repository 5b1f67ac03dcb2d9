/*
 * options.h - what can be configured: one row a key, gathered in sections.  Reading, checking, penstock.conf with its
 * defaults and the manual's list all come from these rows, so that they cannot drift apart.
 */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

enum option_kind {
	OPTION_TEXT,     /* char * */
	OPTION_WORD,     /* char *, one of `words` */
	OPTION_CHOICE,   /* an enum: the place of one of `words` */
	OPTION_COUNT,    /* size_t or uint32_t */
	OPTION_SIZE,     /* size_t */
	OPTION_DURATION, /* int64_t ns */
	OPTION_FLAG,     /* bool */
	OPTION_RATE,     /* struct rate */
	OPTION_LIST,     /* char **, NULL-terminated, never NULL itself */
	OPTION_KINDS
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset, bytes;  /* of the member in the section's structure */
	const char *value;     /* the default, as a file would have it; NULL: none */
	const char *min, *max; /* of counts, sizes and durations, written like the value */
	const char *words;     /* of OPTION_WORD and OPTION_CHOICE, separated by spaces */
	/* Further rules for a text or for one element of a list: 0, or -EINVAL with "is not ..." in reterr. */
	int (*check)(const char *text, struct problem *reterr);
	bool required;       /* in its section */
	bool restart;        /* cannot change while the daemon runs */
	const char *heading; /* begins a group of keys */
	const char *example; /* of a value, where there is no default */
	bool absent; /* the example names a file that is not there, so it is not to be taken in as it is */
	const char *manual; /* sentences for people, one a line */
};

enum section_id {
	SECTION_TOP,
	SECTION_TENANT_DEFAULTS,
	SECTION_TENANT,
	SECTION_COMMAND,
	SECTION_SIGNING_KEY,
	SECTIONS
};

#define SECTION_OPTIONS_MAX 64 /* rows in any one section */

struct section {
	const char *name; /* NULL: the keys outside of all braces */
	const struct option *options;
	size_t n_options;
	/* Where sections of this kind have a name of their own, in quotes: an example, the rule, and its words. */
	const char *title;
	bool (*title_valid)(const char *title);
	const char *title_form;
	bool absent; /* as of an option */
	const char *manual;
};

extern const struct section conf_sections[SECTIONS];

#endif
