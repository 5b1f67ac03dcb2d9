/*
 * job.h - what a job is: the request as accepted, never changed after; and how far it has come.
 *
 * `struct job` is shared (counted) and immutable, so the gate, a worker and an HTTP answer may read it at once.
 * `struct progress` belongs to the gate; others get copies.
 */
#ifndef CORE_JOB_H
#define CORE_JOB_H

#include <penstock/ref.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "core/durability.h"
#include "core/retry.h"

enum job_kind { JOB_ECHO, JOB_SLEEP, JOB_HTTP, JOB_COMMAND, JOB_KINDS };

/* The words of API.md; job_kind_parse() gives JOB_KINDS for none of them. */
const char *job_kind_name(enum job_kind kind);
enum job_kind job_kind_parse(const char *name);

enum job_state {
	JOB_SCHEDULED, /* for run_at, or for its next try */
	JOB_QUEUED,    /* for its tenant's turn */
	JOB_RUNNING,
	JOB_CANCELLING, /* told to stop, has not yet */
	JOB_SUCCEEDED,  /* this and all below are ends */
	JOB_FAILED,
	JOB_CANCELLED,
	JOB_EXPIRED,
	JOB_STATES
};

const char *job_state_name(enum job_state state);
enum job_state job_state_parse(const char *name); /* JOB_STATES: it is the name of none */
bool job_state_ended(enum job_state state);
bool job_state_waits(enum job_state state); /* for its time, or for its turn */

/*
 * True where a job may go from one state to the other:
 *
 *      run_at ahead             now
 *            |                   |
 *            v       due         v       turn
 *        scheduled ----------> queued ----------> running ----------> succeeded, failed, cancelled, expired
 *         |  ^                  |  ^               | | |
 *         |  |                  |  '-- shutdown ---' | '- cancel -> cancelling -> succeeded, failed, cancelled
 *         |  '------------------|----- next try -----'
 *         |                     |
 *         '---------------------'----- cancel, too late -------------> cancelled, expired
 *
 *        failed, cancelled, expired ----- asked for again -----> queued
 */
bool job_state_may(enum job_state from, enum job_state to);

const char *durability_name(enum durability durability);
enum durability durability_parse(const char *name); /* DURABILITIES: it is the name of none */

#define TENANT_NAME_MAX 64 /* bytes; letters, digits, '-', '_', '.'; begins with a letter or digit */
bool tenant_name_valid(const char *name);

struct header {
	char *name, *value;
};

/* Free an array from malloc and what is in it. */
void headers_free(struct header *headers, size_t n);

struct echo_spec {
	char *json; /* the text to give back */
};

struct sleep_spec {
	int64_t for_ns;
};

struct http_spec {
	char *method, *url;
	char *endpoint; /* what of the url says where it goes: "http://host:80", in lower case */
	struct header *headers;
	size_t n_headers;
	char *body; /* NULL: none */
	size_t body_bytes;
	int *ok; /* statuses that count as success; none: 200..299 */
	size_t n_ok;
	char *sign;         /* the name of a signing key; NULL: not signed */
	size_t result_max;  /* bytes kept of the answer's body, 0: as many as the configuration says */
	unsigned redirects; /* how many may be followed; 0: none, the answer is told as it is */
};

struct command_arg {
	char *name, *value;
};

struct command_spec {
	char *command; /* a name from the configuration */
	struct command_arg *args;
	size_t n_args;
	char *stdin_data; /* NULL: empty */
	size_t stdin_bytes;
};

/* Who is told of the job's end, by an http job. */
struct callback {
	char *url;  /* NULL: nobody is */
	char *sign; /* with this key; NULL: with none */
};

struct job {
	struct pen_ref refs;
	struct uuid id;
	uint64_t sequence; /* the order of acceptance, from 1; 0: not accepted yet */
	enum job_kind kind;
	char *tenant;
	int priority;          /* 0..9, 9 first */
	uint32_t slots;        /* of those that its tenant has for running jobs; 1.. */
	int64_t created_ms;    /* wall time */
	int64_t run_at_ms;     /* wall time; 0: at once */
	int64_t expires_at_ms; /* wall time; 0: never; when it was submitted, see progress */
	int64_t timeout_ns;    /* of one attempt; 0: the default of its kind */
	struct retry_policy retry;
	enum durability durability; /* DURABILITIES: as its tenant's are */
	char *limit_key; /* only so many of its tenant's jobs that name it run at one time; NULL: none */
	union {
		struct echo_spec echo;
		struct sleep_spec sleep;
		struct http_spec http;
		struct command_spec command;
	} spec;
	struct callback callback;
	char *request;      /* the JSON as submitted, in compact form, for the store and for GET /jobs/<id> */
	size_t added_bytes; /* of those at its end, before the brace, that its sender did not send */
	char *traceparent, *tracestate; /* W3C Trace Context, for calls; NULL: none */
	char *key; /* the idempotency key it was submitted with; NULL: none, or read back from a record */
};

#define JOB_KEY_MAX 255       /* bytes of a key */
#define JOB_LIMIT_KEY_MAX 128 /* bytes of a limit_key */

/* What of a job is reckoned once, when it is submitted, and so cannot be told from its request again. */
struct job_stamp {
	struct uuid id;
	uint64_t sequence;
	int64_t created_ms, run_at_ms; /* as in struct job */
};

/* About what it takes in memory: most of it is its request, which is there as text and as what it says. */
size_t job_bytes(const struct job *job);

struct job *job_new(enum job_kind kind); /* gives a zeroed job of one slot, with one reference, or NULL */
struct job *job_ref(struct job *job);
void job_unref(struct job *job); /* NULL is allowed; frees every member with the last reference */
void job_unrefp(struct job **job);

/* Of its request as it was sent: the same for two that ask for the same. */
uint64_t job_digest(const struct job *job);

#define ATTEMPTS_KEPT 20 /* the first one and the latest ones; older ones in between are forgotten */

struct attempt {
	uint32_t number;                 /* 1.. */
	int64_t started_ms, finished_ms; /* wall; 0: not yet */
	char code[32];                   /* "" for success; else the outcome's code */
	char message[200];
};

/* Why a job is cancelled. */
enum cancel_cause {
	CANCEL_ASKED,      /* a client wants it */
	CANCEL_SUPERSEDED, /* a newer job of its limit_key came */
	CANCEL_KEY_FULL,   /* its limit_key had as many as may run */
	CANCEL_CAUSES
};

struct progress {
	enum job_state state;
	enum cancel_cause cancel_cause; /* not on record */
	uint32_t attempts;              /* started so far, also those that shutdown gave back */
	uint32_t failures;              /* attempts that count against retry.max_attempts */
	uint32_t crashes;       /* attempts that ended with the daemon; they count against crash-limit */
	int64_t started_ms;     /* of the first attempt; 0: never */
	int64_t finished_ms;    /* 0: not yet */
	int64_t next_run_at_ms; /* while scheduled */
	int64_t expires_at_ms;  /* wall time; 0: never */
	struct attempt *kept;   /* owned; from malloc; none before the first, so a backlog stays small */
	size_t n_kept;
};

/* Give an independent copy.  0 or -ENOMEM. */
int progress_copy(struct progress *ret_copy, const struct progress *progress);
void progress_fini(struct progress *progress);

/* Note the start of an attempt (0 or -ENOMEM, nothing changed), and its end; forgets in the middle when full. */
int progress_started(struct progress *progress, int64_t now_ms);
void progress_ended(struct progress *progress, int64_t now_ms, const char *code, const char *message);

#endif
