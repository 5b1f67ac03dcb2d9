/*
 * outcome.h - what one attempt came to, filled by work/<kind>.c, judged by the gate, told by wire.
 */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

enum outcome_end {
	OUTCOME_SUCCEEDED,
	OUTCOME_FAILED,
	OUTCOME_TIMEOUT,   /* the attempt's own time was over */
	OUTCOME_CANCELLED, /* its context was cancelled: by a client or by shutdown; the gate knows which */
	OUTCOME_ENDS
};

const char *outcome_end_name(enum outcome_end end); /* "succeeded", "failed", "timeout", "cancelled" */

struct http_result {
	int status;
	struct header *headers;
	size_t n_headers;
	char *body;
	size_t body_bytes;
	bool truncated; /* body or headers were longer than the cap */
	int64_t dns_us, connect_us, tls_us, first_byte_us, total_us;
};

/* What is not there of an output that was longer than its cap. */
struct omitted {
	size_t at; /* bytes that are kept before */
	uint64_t bytes;
};

/* Of all processes of a command's control group together; a peak is -1 where the group has no such controller. */
struct cgroup_usage {
	bool known; /* there was a group */
	int64_t user_us, system_us, memory_peak_bytes, processes_peak;
};

struct command_result {
	int exit_code; /* -1 when ended by a signal */
	int signal;    /* 0 when it exited */
	char *stdout_data, *stderr_data;
	size_t stdout_bytes, stderr_bytes;
	struct omitted stdout_omitted, stderr_omitted; /* no bytes: all is there */
	bool truncated; /* something of either is not there; it was read and dropped */
	int64_t user_us, system_us;
	int64_t max_resident_bytes; /* of the largest of its processes */
	struct cgroup_usage cgroup;
};

struct outcome {
	enum outcome_end end;
	bool retryable; /* worth another attempt, if attempts are left */
	int64_t put_off_ns; /* not tried at all, and not to be for so long: it counts against nothing; 0: it was tried */
	int64_t retry_after_ns; /* the other side's wish; 0: none */
	char code[32];      /* a stable word when not succeeded: "http-status", "connect", "exit-code", ... */
	char message[200];  /* a sentence for people */
	enum job_kind kind; /* which result is in use */
	bool has_result;    /* also failed attempts may carry one: a 500 has a body */
	union {
		struct http_result http;
		struct command_result command;
	} result; /* echo and sleep need none: wire tells them from the job's spec */
};

void outcome_fini(struct outcome *outcome); /* frees what it owns; for CLEANUP() too */

/* Set end, code and message in one go; text that does not fit is cut at a character's border. */
void outcome_fail(struct outcome *outcome, enum outcome_end end, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
