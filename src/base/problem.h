/*
 * problem.h - an error with words: what a person must read.
 *
 * Filled by whoever notices; turned into problem+json in one place (wire) and into file:line: text in one other
 * (conf).  Plain storage, nothing to free.
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stdint.h>

struct problem {
	const char *code; /* a stable word, from PROBLEM_* in this file; NULL: no problem */
	/* A JSON pointer ("/spec/url"), "?" and a query's parameter, or a configuration key; may be "". */
	char field[256];
	char message[512];      /* a sentence for people */
	int64_t retry_after_ns; /* 0: not said */
	const char *quota;      /* the limit that has been reached, by its name; NULL: none */
	uint64_t quota_size;    /* and how much it is */
};

/* The stable words; wire/problem.c maps each to its HTTP status and title. */
#define PROBLEM_NOT_JSON "not-json"           /* 400 */
#define PROBLEM_BAD_FIELD "bad-field"         /* 400 */
#define PROBLEM_BAD_REQUEST "bad-request"     /* 400: of the HTTP request itself: query, header, path */
#define PROBLEM_NOT_FOUND "not-found"         /* 404 */
#define PROBLEM_NO_SUCH_JOB "no-such-job"     /* 404 */
#define PROBLEM_METHOD "method-not-allowed"   /* 405 */
#define PROBLEM_TIMEOUT "request-timeout"     /* 408 */
#define PROBLEM_FINISHED "already-finished"   /* 409 */
#define PROBLEM_NOT_RETRYABLE "not-retryable" /* 409 */
#define PROBLEM_NO_LOG "no-log"               /* 409 */
#define PROBLEM_KEY_IN_FLIGHT "idempotency-key-in-flight" /* 409 */
#define PROBLEM_EXPIRED "result-expired"                  /* 410 */
#define PROBLEM_PRECONDITION "precondition-failed"        /* 412 */
#define PROBLEM_TOO_LARGE "too-large"                     /* 413 */
#define PROBLEM_NOT_JSON_TYPE "unsupported-media-type"    /* 415 */
#define PROBLEM_KEY "idempotency-key-reused"              /* 422 */
#define PROBLEM_NOT_TAKEN "not-taken"      /* 424: one of several jobs, for another one's sake */
#define PROBLEM_BACKLOG "backlog-full"     /* 429 */
#define PROBLEM_LIMIT_KEY "limit-key-full" /* 429 */
#define PROBLEM_HEADER "header-too-large"  /* 431 */
#define PROBLEM_MEMORY "out-of-memory"     /* 503 */
#define PROBLEM_DRAINING "draining"        /* 503 */
#define PROBLEM_STORE "store-unavailable"  /* 503 */
#define PROBLEM_TENANTS "too-many-tenants" /* 429 */
#define PROBLEM_INTERNAL "internal"        /* 500 */

/*
 * Fill `*reterr` (NULL: nothing) and return `error` (a -errno), for `return problem_set(...)`.  `field` may be
 * NULL.  Text that does not fit is cut at a character's border.
 */
int problem_set(struct problem *reterr, int error, const char *code, const char *field, const char *format,
	...) __attribute__((format(printf, 5, 6)));

#endif
