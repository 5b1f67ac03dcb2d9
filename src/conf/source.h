/*
 * source.h - a configuration file as text that libconfuse may be trusted with.
 *
 * Its lexer counts lines wrongly after comments, expands ${VARIABLES} of the environment, takes \0 for an end, and is silent
 * about strings, lists and sections without an end.  So all of that is settled before: comments become blanks,
 * the rest is refused.
 */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include <stddef.h>

#include "base/problem.h"

#define SOURCE_BYTES_MAX (1024 * 1024)
#define SOURCE_SECTIONS_MAX 10000

struct source {
	char *data; /* ends with a newline */
	size_t bytes;
	int *opened; /* the line on which each section begins */
	size_t n_opened;
	int last; /* the line of the last token */
};

void source_fini(struct source *source);

/* Read and check a file into a zeroed `source`.  0 or -errno with "FILE:LINE: ..." (or "FILE: ...") in reterr. */
int source_read(const char *path, struct source *source, struct problem *reterr);

#endif
