/* http_answer.h - what a server sends, kept up to its limits while libcurl reads it. */
#ifndef WORK_HTTP_ANSWER_H
#define WORK_HTTP_ANSWER_H

#include "base/buf.h"
#include "core/outcome.h"
#include "work/outside.h"

struct http_answer {
	struct http_result *result;
	struct buf body;
	size_t header_bytes, header_bytes_kept;
	bool head_ended; /* by the empty line after the headers; libcurl takes an answer that was cut before it for a whole one */
	size_t dropped; /* bytes of the body beyond what is kept */
	bool cut;  /* more of them than are worth reading on: this side broke off, and the answer counts */
	int error; /* why this side broke off: -ENOMEM, -EMSGSIZE (headers without end); 0: it did not */
};

/* Keep what comes in through `easy` in `*result`, of the body at most `body_max` bytes.  Borrows both. */
void http_answer_expect(struct http_answer *answer, CURL *easy, struct http_result *result, size_t body_max);

/* The transfer is over: complete the result with body, status and times.  0 or -ENOMEM. */
int http_answer_complete(struct http_answer *answer, CURL *easy);

/* Forget what was kept: the transfer came to no answer. */
void http_answer_drop(struct http_answer *answer);

#endif
