/*
 * record.h - what a store has on record as lines of JSON, for `penstock export` and `import`.
 *
 * Requests, results and what is set for a tenant are strings, as they are on record to the byte.  The first line says of when the forgotten jobs are, the
 * last one how many lines there were between, so that a part is not taken for the whole.
 */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "base/buf.h"
#include "base/problem.h"
#include "core/key.h"
#include "core/result.h"

enum wire_line { WIRE_LINE_BEGIN, WIRE_LINE_JOB, WIRE_LINE_KEY, WIRE_LINE_TENANT, WIRE_LINE_END, WIRE_LINES };

struct wire_record {
	enum wire_line line;
	/* WIRE_LINE_BEGIN: of when the forgotten are; the first is after the last: none. */
	int64_t first_ms, last_ms;
	struct job *job;             /* WIRE_LINE_JOB, and the next two; held */
	struct progress progress;    /* owned */
	struct result *result;       /* held; NULL: not ended */
	struct key_record key;       /* WIRE_LINE_KEY */
	char *tenant, *settings;     /* WIRE_LINE_TENANT; owned */
	int64_t jobs, keys, tenants; /* WIRE_LINE_END */
};

void wire_record_fini(struct wire_record *record);

/* Append a line; 0 or the buffer's error. */
int wire_write_record(struct buf *out, const struct wire_record *record);

/* Read a line, with or without its end, into `*ret_record`.  -EINVAL or -ENOMEM with words in reterr. */
int wire_read_record(const char *text, size_t bytes, struct wire_record *ret_record, struct problem *reterr);

#endif
