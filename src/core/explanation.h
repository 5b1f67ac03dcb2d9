/* explanation.h - why a job is not running now, as the gate tells it. */
#ifndef CORE_EXPLANATION_H
#define CORE_EXPLANATION_H

#include "core/job.h"

/* Why a job waits: of these the first that holds. */
enum wait_reason {
	WAIT_NOT_DUE,
	WAIT_DRAIN,
	WAIT_PAUSE,
	WAIT_TENANT,
	WAIT_RATE,
	WAIT_ENDPOINT, /* and the next two, as enum lane_sort */
	WAIT_COMMAND,
	WAIT_KEY,
	WAIT_BREAKER,
	WAIT_OTHERS,
	WAIT_WORKER,
	WAIT_NOTHING,
	WAIT_REASONS
};

/* The stable word for it. */
const char *wait_reason_name(enum wait_reason reason);

enum { EXPLAIN_NUMBERS_MAX = 8 };

enum explain_sort { EXPLAIN_COUNT, EXPLAIN_TIME /* wall ms */, EXPLAIN_WORDS };

/* One of what a reason has to tell. */
struct explain_number {
	const char *name; /* a literal */
	enum explain_sort sort;
	int64_t value;
	const char *words; /* EXPLAIN_WORDS: in the explanation's `text` */
};

struct explanation {
	struct uuid id;
	char tenant[TENANT_NAME_MAX + 1];
	enum job_state state;
	int priority;
	const char *reason; /* a stable word */
	char detail[256];   /* a sentence for people */
	char text[256];
	struct explain_number numbers[EXPLAIN_NUMBERS_MAX];
	size_t n_numbers;
	bool waits;          /* else what follows is not told */
	int64_t position;    /* in its tenant's queue, from 1; 0: it stands in none */
	bool at_least;       /* it was not counted to its end */
	int64_t start_at_ms; /* wall time, about; 0: nothing is known of when */
};

#endif
