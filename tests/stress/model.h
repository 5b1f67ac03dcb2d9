/*
 * model.h - a small model of what the gate promises: for each job what is on record, and what may come next.
 *
 * It is fed with each operation that has been put on record, in that order (`struct note`), and with what its user has asked
 * for.  A step that is not allowed ends the program.  What must hold once the gate has come to rest says model_unrest().
 *
 * The clock stands still between two settings of it, but what happens is heard of later, so times are held against all that
 * the clock has shown since the gate was last at rest.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "base/clock.h"
#include "store/store.h"
#include "stress.h"
#include "wire/stats.h"

#define MODEL_RATE_TEXT "2000/s"

enum {
	MODEL_TENANTS = 3,
	MODEL_AGEING = 0, /* the tenant where waiting counts, by a clock that the model does not know */
	MODEL_KEYS = 4,
	MODEL_LIMIT_KEYS = 2,
	MODEL_SUBJECTS_MAX = 8192,
	MODEL_CRASHES_MAX = 3,
	MODEL_WORKERS = 4,
	MODEL_QUEUED_MAX = 40,
	MODEL_SLOTS = 3,
	MODEL_RATED = 1, /* the tenant whose attempts begin no more often than this */
	MODEL_RATE = 2000,
	MODEL_BURST = 2,
	MODEL_ENDPOINTS = 2, /* that are called in vain: nobody listens, nobody answers */
	MODEL_BREAKER_FAILURES = 3,
	MODEL_BREAKER_MS = 1
};

/* Ends this process, which tries one list of operations. */
#define MODEL_CHECK(cond, ...) STRESS_CHECK_SAYING("# ", cond, __VA_ARGS__)

/* What comes of a job that is let run. */
enum make {
	MAKE_ECHO,   /* it succeeds at once */
	MAKE_BRIEF,  /* it succeeds soon */
	MAKE_LONG,   /* it runs until it is cancelled */
	MAKE_FRAIL,  /* each attempt fails and is worth another */
	MAKE_DOOMED, /* it fails, and once is enough */
	MAKES
};

/* One operation as it has been put on record. */
struct note {
	enum store_op_type type;
	int error;
	struct uuid id;
	enum job_state state;
	uint32_t attempts, failures, crashes;
	int64_t next_ms, expires_ms, finished_ms, started_ms; /* the last: of the latest attempt */
	struct store_receipt receipt;
	enum job_state told; /* by its result */
	char etag[ETAG_TEXT];
	int64_t at_ns;        /* when it was noted */
	struct job *callback; /* held: it is a new job that nobody has submitted; else NULL */
};

struct subject {
	struct job *job; /* held */
	enum make make;
	unsigned number, tenant;
	int key;                     /* -1: none */
	int limit_key;               /* -1: none */
	unsigned endpoint;           /* of those that are called in vain */
	unsigned slots;              /* while it runs: at least so many are its own */
	unsigned callbacks;          /* that have been accepted, of one that has a callback */
	struct subject *callback_of; /* NULL: it is none */
	bool told;                   /* somebody has its receipt */
	bool known;                  /* it is on record; the numbers that follow are of its record */
	enum job_state state;
	uint32_t attempts, failures, crashes;
	int64_t next_ms, expires_ms, finished_ms;
	char etag[ETAG_TEXT];
	int64_t high_ms; /* the latest that its gate may have seen of the clock while the job was in this state */
	bool in_order; /* it was never scheduled, and never ended: it has kept its place in line */
	bool at_rest;  /* it has waited there since the gate was at rest */
	bool cancel_asked, cancel_told; /* by the user; to the user: it will end */
	unsigned cancels_out;           /* such calls that have not come back */
	bool broken;                    /* it ran when the daemon was killed */
	unsigned retries_asked, lives, ends;
	bool replayed; /* it is not a job, as its key is another's: */
	struct uuid stands_for;
	bool key_refused,
		key_free; /* it is another's that asked for something else; it is nobody's, and there was no room */
	UT_hash_handle hh;
};

struct model_key {
	struct subject *owner;
	int64_t until_ms, high_ms;
};

struct model {
	struct subject *subjects[MODEL_SUBJECTS_MAX], *by_id;
	unsigned n;
	struct model_key keys[MODEL_TENANTS][MODEL_KEYS];
	unsigned running[MODEL_TENANTS], running_all;
	unsigned slots[MODEL_TENANTS];                   /* that are taken, at least */
	unsigned starts[MODEL_TENANTS];                  /* since the last rest */
	int64_t rested_ns;                               /* when that was; CLOCK_MONOTONIC */
	unsigned failed[MODEL_TENANTS][MODEL_ENDPOINTS]; /* calls of this daemon that may have failed */
	/* what the file says, and what is set while it runs */
	struct model_limits {
		unsigned running, key_running;
	} configured[MODEL_TENANTS], set[MODEL_TENANTS];
	bool is_set[MODEL_TENANTS];
	bool paused[MODEL_TENANTS], paused_since_rest[MODEL_TENANTS];
	unsigned limits[MODEL_TENANTS]; /* now; and the most and the least since the last rest: */
	unsigned limits_high[MODEL_TENANTS], limits_low[MODEL_TENANTS];
	unsigned keys_running[MODEL_TENANTS][MODEL_LIMIT_KEYS];
	unsigned key_limits[MODEL_TENANTS], key_limits_high[MODEL_TENANTS];
	unsigned
		window_blocks; /* jobs of a line that wait for their limit_key, for whom all behind them may wait */
	int64_t low_ms, high_ms; /* of the clock, since the last rest */
	bool draining, idle;     /* draining: nothing is accepted; idle: nor started */
	bool giving_back;        /* what runs is taken away from the workers */
	unsigned ended;          /* by this daemon */
};

static inline const char *model_name(const struct subject *subject)
{
	static char name[120];
	char id[UUID_TEXT];

	uuid_format(&subject->job->id, id);
	snprintf(name, sizeof(name), "job %u (%s, %s)", subject->number, id, job_state_name(subject->state));
	return name;
}

static inline bool model_lives(const struct subject *subject)
{
	return subject->known && !job_state_ended(subject->state);
}

static inline bool model_waits(const struct subject *subject)
{
	return subject->known && (subject->state == JOB_QUEUED || subject->state == JOB_SCHEDULED);
}

static inline bool model_holds_slot(const struct subject *subject)
{
	return subject->known && !subject->broken &&
	       (subject->state == JOB_RUNNING || subject->state == JOB_CANCELLING);
}

/* As many of its limit_key run as may. */
static inline bool model_key_is_full(const struct model *model, const struct subject *subject)
{
	return subject->limit_key >= 0 &&
	       model->keys_running[subject->tenant][subject->limit_key] >= model->key_limits[subject->tenant];
}

static inline void model_raise(unsigned *high, unsigned value)
{
	*high = value > *high ? value : *high;
}

/* The limits hold from now on; until the next rest what began under those before is heard of. */
static inline void model_limit(struct model *model)
{
	for (unsigned i = 0; i < MODEL_TENANTS; i++) {
		const struct model_limits *limits = model->is_set[i] ? &model->set[i] : &model->configured[i];

		model->limits[i] = limits->running;
		model->key_limits[i] = limits->key_running;
		model_raise(&model->limits_high[i], model->limits[i]);
		if (model->limits[i] < model->limits_low[i])
			model->limits_low[i] = model->limits[i];
		model_raise(&model->key_limits_high[i], model->key_limits[i]);
	}
}

static inline unsigned model_waiting(const struct model *model, unsigned tenant)
{
	unsigned n = 0;

	for (unsigned i = 0; i < model->n; i++)
		n += model->subjects[i]->tenant == tenant && model_waits(model->subjects[i]);
	return n;
}

/* Takes the job. */
static inline struct subject *model_add(
	struct model *model, struct job *job, enum make make, unsigned tenant, int key)
{
	struct subject *subject = calloc(1, sizeof(*subject));

	MODEL_CHECK(subject && model->n < MODEL_SUBJECTS_MAX, "no room for job %u", model->n);
	subject->job = job;
	subject->make = make;
	subject->number = model->n;
	subject->tenant = tenant;
	subject->key = key;
	subject->limit_key = job->limit_key ? (int)strtoul(job->limit_key, NULL, 10) : -1;
	subject->state = JOB_STATES;
	model->subjects[model->n++] = subject;
	HASH_ADD_KEYPTR(hh, model->by_id, &job->id, sizeof(job->id), subject);
	return subject;
}

static inline struct subject *model_subject(const struct model *model, const struct uuid *id)
{
	struct subject *subject;

	HASH_FIND(hh, model->by_id, id, sizeof(*id), subject);
	MODEL_CHECK(subject, "a job is on record that nobody has submitted");
	return subject;
}

/* What a callback is of, in its request; NULL: it is none. */
static inline const char *model_callback_of(const struct job *job)
{
	static const char label[] = "\"callback_of\":\"";
	const char *at = strstr(job->request, label);

	return at ? at + sizeof(label) - 1 : NULL;
}

/* Takes the job, which calls where nobody listens. */
static inline struct subject *model_add_callback(struct model *model, struct job *job)
{
	struct subject *subject = model_add(model, job, MAKE_FRAIL, (unsigned)(job->tenant[1] - '0'), -1);
	char id[UUID_TEXT] = "";
	struct uuid of;

	strncpy(id, model_callback_of(job), sizeof(id) - 1);
	MODEL_CHECK(uuid_parse(id, &of) == 0, "a callback does not say of what");
	subject->callback_of = model_subject(model, &of);
	MODEL_CHECK(job->kind == JOB_HTTP &&
			    strcmp(job->spec.http.url, subject->callback_of->job->callback.url) == 0 &&
			    job->priority == subject->callback_of->job->priority &&
			    strcmp(job->tenant, subject->callback_of->job->tenant) == 0,
		"the callback of job %u is another", subject->callback_of->number);
	return subject;
}

static inline void model_fini(struct model *model)
{
	HASH_CLEAR(hh, model->by_id);
	for (unsigned i = 0; i < model->n; i++) {
		job_unref(model->subjects[i]->job);
		free(model->subjects[i]);
	}
}

/* The clock has been set. */
static inline void model_clock(struct model *model, int64_t now_ms)
{
	model->high_ms = now_ms > model->high_ms ? now_ms : model->high_ms;
	model->low_ms = now_ms < model->low_ms ? now_ms : model->low_ms;
	for (unsigned i = 0; i < model->n; i++)
		if (now_ms > model->subjects[i]->high_ms)
			model->subjects[i]->high_ms = now_ms;
	for (unsigned i = 0; i < MODEL_TENANTS * MODEL_KEYS; i++) {
		struct model_key *key = &model->keys[i / MODEL_KEYS][i % MODEL_KEYS];

		key->high_ms = now_ms > key->high_ms ? now_ms : key->high_ms;
	}
}

/* A new gate begins with what is on record, and so is what one that was killed has told its users. */
static inline void model_begin_again(struct model *model, bool killed)
{
	for (unsigned i = 0; i < model->n; i++) {
		struct subject *subject = model->subjects[i];

		MODEL_CHECK(killed || (!subject->cancel_told && !model_holds_slot(subject)),
			"%s was left as it is by a daemon that was stopped", model_name(subject));
		MODEL_CHECK(!subject->cancel_told || subject->state == JOB_CANCELLING,
			"%s was cancelled, and the next daemon does not know", model_name(subject));
		MODEL_CHECK(!subject->job->callback.url || subject->callbacks == subject->ends,
			"%s has ended %u times, and there are %u callbacks", model_name(subject),
			subject->ends, subject->callbacks);
		subject->broken = subject->broken || model_holds_slot(subject);
		subject->high_ms = clock_wall_ms();
		subject->cancel_asked = subject->cancel_told = false;
		subject->retries_asked = 0;
		subject->at_rest = false;
		subject->told = subject->known;
	}
	memset(model->running, 0, sizeof(model->running));
	memset(model->slots, 0, sizeof(model->slots));
	memset(model->starts, 0, sizeof(model->starts));
	memset(model->failed, 0, sizeof(model->failed));
	model->rested_ns = pen_now_ns();
	memset(model->keys_running, 0, sizeof(model->keys_running));
	model->running_all = model->ended = 0;
	model->draining = model->idle = model->giving_back = false;
}

/* What is on record of one; a list tells no results. */
static inline void model_check_record(const struct subject *subject, const struct store_record *record)
{
	const struct progress *progress = &record->progress;

	MODEL_CHECK(progress->state == subject->state, "%s is on record as %s", model_name(subject),
		job_state_name(progress->state));
	MODEL_CHECK(progress->attempts == subject->attempts && progress->failures == subject->failures &&
			    progress->crashes == subject->crashes,
		"of %s there are other numbers on record", model_name(subject));
	MODEL_CHECK(progress->expires_at_ms == subject->expires_ms &&
			    progress->finished_ms == subject->finished_ms &&
			    (subject->state != JOB_SCHEDULED || progress->next_run_at_ms == subject->next_ms),
		"of %s there are other times on record", model_name(subject));
	MODEL_CHECK(!record->result || (job_state_ended(subject->state) &&
					       strcmp(record->result->etag, subject->etag) == 0),
		"of %s there is another result on record", model_name(subject));
	MODEL_CHECK(strcmp(record->job->request, subject->job->request) == 0 &&
			    record->job->sequence == subject->job->sequence,
		"of %s there is another request on record", model_name(subject));
}

#endif
