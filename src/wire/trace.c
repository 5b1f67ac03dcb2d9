/* trace.c - see trace.h. */
#include "wire/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/out.h"
#include "wire/wire.h"

#define HEX "0123456789abcdef"

enum { TRACE_ID = 3, PARENT_ID = 36, FLAGS = 53, END = 55 };

/* `bytes` digits and what follows them: the next hyphen, or the end. */
static bool is_hex(const char *text, size_t bytes)
{
	return strspn(text, HEX) == bytes && (text[bytes] == '-' || !text[bytes]);
}

static bool is_zero(const char *text, size_t bytes)
{
	return strspn(text, "0") == bytes;
}

bool trace_parent_valid(const char *text)
{
	if (strlen(text) < END || !is_hex(text, 2) || !is_hex(text + TRACE_ID, 32) ||
		!is_hex(text + PARENT_ID, 16) || !is_hex(text + FLAGS, 2))
		return false;
	if (strncmp(text, "ff", 2) == 0 || (text[END] && strncmp(text, "00", 2) == 0))
		return false;
	return strlen(text) <= TRACE_STATE_MAX && trace_state_valid(text) && !is_zero(text + TRACE_ID, 32) &&
	       !is_zero(text + PARENT_ID, 16);
}

bool trace_state_valid(const char *text)
{
	size_t bytes = strlen(text);

	for (const char *at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			return false;
	return bytes > 0 && bytes <= TRACE_STATE_MAX;
}

/* The request with members at its end, in place of its last brace. */
static char *lengthen(const char *request, const char *traceparent, const char *tracestate)
{
	struct buf buf = {0};
	struct out out = {.buf = &buf, .comma = true};

	buf_add(&buf, request, strlen(request) - 1);
	out_string(&out, "traceparent", traceparent);
	if (tracestate)
		out_string(&out, "tracestate", tracestate);
	buf_add(&buf, "}", 1);
	return buf_take(&buf, &(size_t){0});
}

int wire_add_trace(struct job *job, const char *traceparent, const char *tracestate)
{
	size_t before = strlen(job->request);
	char *request, *parent, *state = NULL;

	if (job->traceparent || !traceparent || !trace_parent_valid(traceparent))
		return 0;
	if (tracestate && !trace_state_valid(tracestate))
		tracestate = NULL;
	request = lengthen(job->request, traceparent, tracestate);
	parent = strdup(traceparent);
	if (tracestate)
		state = strdup(tracestate);
	if (!request || !parent || (tracestate && !state)) {
		free(request);
		free(parent);
		free(state);
		return -ENOMEM;
	}
	free(job->request);
	job->request = request;
	job->added_bytes = strlen(request) - before;
	job->traceparent = parent;
	job->tracestate = state;
	return 0;
}
