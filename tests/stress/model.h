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

enum {
	MODEL_TENANTS = 3,
	MODEL_AGEING = 0, /* the tenant where waiting counts, by a clock that the model does not know */
	MODEL_KEYS = 4,
	MODEL_LIMIT_KEYS = 2,
	MODEL_SUBJECTS_MAX = 8192,
	MODEL_CRASHES_MAX = 3,
	MODEL_WORKERS = 4,
	MODEL_QUEUED_MAX = 40
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
};

struct subject {
	struct job *job; /* held */
	enum make make;
	unsigned number, tenant;
	int key;       /* -1: none */
	int limit_key; /* -1: none */
	bool told;     /* somebody has its receipt */
	bool known;    /* it is on record; the numbers that follow are of its record */
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
	/* what the file says, and what is set while it runs */
	struct model_limits {
		unsigned running, key_running;
	} configured[MODEL_TENANTS], set[MODEL_TENANTS];
	bool is_set[MODEL_TENANTS];
	bool paused[MODEL_TENANTS], paused_since_rest[MODEL_TENANTS];
	unsigned limits[MODEL_TENANTS], limits_high[MODEL_TENANTS]; /* now; the most since the last rest */
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

static inline void model_fini(struct model *model)
{
	HASH_CLEAR(hh, model->by_id);
	for (unsigned i = 0; i < model->n; i++) {
		job_unref(model->subjects[i]->job);
		free(model->subjects[i]);
	}
}

static inline bool model_same_request(const struct subject *a, const struct subject *b)
{
	return strcmp(a->job->request, b->job->request) == 0;
}

/* Its key is another's. */
static inline void model_key_taken(struct model *model, struct subject *subject, const struct note *note)
{
	struct model_key *key = &model->keys[subject->tenant][subject->key];

	MODEL_CHECK(subject->key >= 0 && key->owner && clock_wall_ms() <= key->until_ms,
		"%s was refused for a key that nobody has", model_name(subject));
	MODEL_CHECK(uuid_equal(&note->receipt.id, &key->owner->job->id),
		"%s was refused for the key of another than %u", model_name(subject), key->owner->number);
	MODEL_CHECK(note->receipt.same == model_same_request(subject, key->owner),
		"whether %s asked for the same as job %u is not told rightly", model_name(subject),
		key->owner->number);
	subject->replayed = note->receipt.same;
	subject->stands_for = note->receipt.id;
	subject->key_refused = !note->receipt.same;
}

static inline void model_key_is_free(struct subject *subject, const struct model_key *key)
{
	MODEL_CHECK(!key->owner || key->high_ms > key->until_ms,
		"%s was taken for a new job and has the key of job %u", model_name(subject),
		key->owner->number);
}

static inline void model_take_key(struct model *model, struct subject *subject)
{
	struct model_key *key = &model->keys[subject->tenant][subject->key];
	int64_t now_ms = clock_wall_ms();

	model_key_is_free(subject, key);
	*key = (struct model_key){subject, now_ms + STORE_KEY_MS, now_ms};
}

static inline void model_accept(struct model *model, struct subject *subject, const struct note *note)
{
	const struct job *job = subject->job;

	MODEL_CHECK(!subject->known, "%s was accepted twice", model_name(subject));
	if (note->error == -EEXIST && subject->key >= 0) {
		model_key_taken(model, subject, note);
		return;
	}
	if (note->error == -ENOKEY && subject->key >= 0) {
		model_key_is_free(subject, &model->keys[subject->tenant][subject->key]);
		subject->key_free = true;
		return;
	}
	MODEL_CHECK(note->error == 0, "%s could not be put on record: %d", model_name(subject), note->error);
	MODEL_CHECK(!model->idle, "%s was accepted in a drain", model_name(subject));
	if (subject->key >= 0)
		model_take_key(model, subject);
	MODEL_CHECK(note->state == (job->run_at_ms > clock_wall_ms() ? JOB_SCHEDULED : JOB_QUEUED),
		"%s was accepted as %s", model_name(subject), job_state_name(note->state));
	MODEL_CHECK(note->expires_ms == job->expires_at_ms && note->attempts == 0,
		"%s was accepted as another", model_name(subject));
	subject->known = true;
	subject->lives = 1;
	subject->in_order = note->state == JOB_QUEUED;
}

/*
 * Nobody of its tenant and priority that came before it is left behind, nor anybody of a higher one, but who may have found a
 * limit_key full that is not its own, or its endpoint.  Of two that have run before, and
 * were put back by crashes, one may be on record as waiting when the next crash comes and the other as running, which goes first then.
 */
static inline void model_check_turn(struct model *model, const struct subject *subject)
{
	for (unsigned i = 0; i < model->n && subject->in_order; i++) {
		const struct subject *other = model->subjects[i];

		if (other == subject || (other->attempts > 0 && subject->attempts > 0) || !other->known ||
			other->state != JOB_QUEUED || other->tenant != subject->tenant || !other->in_order ||
			(other->limit_key >= 0 && other->limit_key != subject->limit_key) ||
			other->make == MAKE_FRAIL)
			continue;
		MODEL_CHECK(other->job->priority != subject->job->priority ||
				    other->job->sequence > subject->job->sequence,
			"%s was started before job %u, which came before it", model_name(subject),
			other->number);
		MODEL_CHECK(other->job->priority <= subject->job->priority || !other->at_rest ||
				    subject->tenant == MODEL_AGEING,
			"%s was started before job %u of a higher priority", model_name(subject),
			other->number);
	}
}

static inline void model_start(struct model *model, struct subject *subject, const struct note *note)
{
	unsigned tenant = subject->tenant;

	MODEL_CHECK(model_waits(subject), "%s was started", model_name(subject));
	MODEL_CHECK(!model->idle, "%s was started in a drain", model_name(subject));
	MODEL_CHECK(note->attempts == subject->attempts + 1 && note->failures == subject->failures &&
			    note->crashes == subject->crashes,
		"the numbers of %s jumped at its start", model_name(subject));
	MODEL_CHECK(subject->state != JOB_SCHEDULED || subject->high_ms >= subject->next_ms,
		"%s was started %lld ms before its time", model_name(subject),
		(long long)(subject->next_ms - subject->high_ms));
	MODEL_CHECK(note->started_ms >= model->low_ms && note->started_ms <= model->high_ms,
		"%s was started at another time than now", model_name(subject));
	MODEL_CHECK(subject->expires_ms == 0 || note->started_ms < subject->expires_ms,
		"%s was started %lld ms after it had expired", model_name(subject),
		(long long)(note->started_ms - subject->expires_ms));
	model_check_turn(model, subject);
	MODEL_CHECK(!model->paused_since_rest[tenant], "%s was started, and its tenant is paused",
		model_name(subject));
	MODEL_CHECK(++model->running[tenant] <= model->limits_high[tenant],
		"%u jobs of tenant %u run, the most is %u", model->running[tenant], tenant,
		model->limits_high[tenant]);
	MODEL_CHECK(++model->running_all <= MODEL_WORKERS, "%u jobs run", model->running_all);
	MODEL_CHECK(subject->limit_key < 0 || ++model->keys_running[tenant][subject->limit_key] <=
						      model->key_limits_high[tenant],
		"%u jobs of limit_key %d of tenant %u run, the most is %u",
		model->keys_running[tenant][subject->limit_key], subject->limit_key, tenant,
		model->key_limits_high[tenant]);
}

static inline void model_leave_slot(struct model *model, const struct subject *subject)
{
	if (!model_holds_slot(subject))
		return;
	model->running[subject->tenant]--;
	model->running_all--;
	if (subject->limit_key >= 0)
		model->keys_running[subject->tenant][subject->limit_key]--;
}

static inline void model_cancelling(struct model *model, struct subject *subject, const struct note *note)
{
	(void)model;
	MODEL_CHECK(subject->state == JOB_RUNNING && !subject->broken && subject->cancel_asked &&
			    note->attempts == subject->attempts,
		"%s is being cancelled", model_name(subject));
}

static inline void model_try_later(struct model *model, struct subject *subject, const struct note *note)
{
	MODEL_CHECK(model_holds_slot(subject) && subject->make == MAKE_FRAIL &&
			    note->failures == subject->failures + 1 && note->attempts == subject->attempts &&
			    note->failures < subject->job->retry.max_attempts,
		"%s is to be tried again", model_name(subject));
	MODEL_CHECK(note->next_ms >= model->low_ms &&
			    note->next_ms <= model->high_ms + subject->job->retry.max_ns / 1000000,
		"%s is to be tried again at a time that nobody asked for", model_name(subject));
	model_leave_slot(model, subject);
	subject->in_order = false;
}

/* Of an ended job that was asked for again. */
static inline void model_again(struct subject *subject, const struct note *note)
{
	const struct job *job = subject->job;

	MODEL_CHECK(subject->retries_asked > 0 && subject->state != JOB_SUCCEEDED &&
			    note->attempts == subject->attempts && note->failures == 0 && note->crashes == 0,
		"%s runs again", model_name(subject));
	MODEL_CHECK(note->expires_ms ==
			    (job->expires_at_ms ? clock_wall_ms() + job->expires_at_ms - job->created_ms : 0),
		"%s does not expire as it did when it was new", model_name(subject));
	subject->retries_asked--;
	subject->lives++;
	subject->in_order = subject->at_rest = false;
	subject->cancel_asked = subject->cancels_out > 0; /* which may come after this */
	subject->cancel_told = false;
}

static inline void model_queue(struct model *model, struct subject *subject, const struct note *note)
{
	bool same = note->attempts == subject->attempts && note->failures == subject->failures;

	if (job_state_ended(subject->state)) {
		model_again(subject, note);
	} else if (subject->state == JOB_SCHEDULED) {
		MODEL_CHECK(same && note->crashes == subject->crashes && subject->high_ms >= subject->next_ms,
			"%s was queued before its time", model_name(subject));
	} else if (subject->broken) {
		MODEL_CHECK(same && subject->state == JOB_RUNNING && note->crashes == subject->crashes + 1 &&
				    note->crashes < MODEL_CRASHES_MAX,
			"%s goes on after the crash", model_name(subject));
		subject->broken = false;
	} else {
		MODEL_CHECK(same && subject->state == JOB_RUNNING && note->crashes == subject->crashes &&
				    model->giving_back,
			"%s was queued", model_name(subject));
		model_leave_slot(model, subject);
	}
}

static inline void model_change(struct model *model, struct subject *subject, const struct note *note)
{
	static void (*const steps[JOB_STATES])(struct model *, struct subject *, const struct note *) = {
		[JOB_QUEUED] = model_queue,
		[JOB_RUNNING] = model_start,
		[JOB_CANCELLING] = model_cancelling,
		[JOB_SCHEDULED] = model_try_later,
	};

	MODEL_CHECK(subject->known && note->error == 0, "%s could not be changed: %d", model_name(subject),
		note->error);
	MODEL_CHECK(note->state < JOB_STATES && steps[note->state], "%s was changed to %s",
		model_name(subject), job_state_name(note->state));
	steps[note->state](model, subject, note);
}

/* What may end a job in this state. */
static inline bool model_may_end(
	const struct model *model, const struct subject *subject, const struct note *note)
{
	bool runs = model_holds_slot(subject), failed = runs && note->failures == subject->failures + 1;
	bool crashed = note->crashes == subject->crashes + 1 && note->failures == subject->failures;
	bool last = note->failures >= subject->job->retry.max_attempts;
	bool expires = subject->expires_ms &&
		       (subject->high_ms >= subject->expires_ms || model->high_ms >= subject->expires_ms);

	switch (note->state) {
	case JOB_SUCCEEDED:
		return runs && subject->make <= MAKE_BRIEF;
	case JOB_FAILED:
		if (subject->broken)
			return subject->state == JOB_RUNNING && crashed && note->crashes == MODEL_CRASHES_MAX;
		return failed && subject->state == JOB_RUNNING &&
		       (subject->make == MAKE_DOOMED || (subject->make == MAKE_FRAIL && last));
	case JOB_CANCELLED:
		return subject->broken ? subject->state == JOB_CANCELLING && crashed : subject->cancel_asked;
	case JOB_EXPIRED:
		return expires && (model_waits(subject) || (failed && subject->make == MAKE_FRAIL && !last));
	default:
		return false;
	}
}

static inline void model_finish(struct model *model, struct subject *subject, const struct note *note)
{
	MODEL_CHECK(subject->known && note->error == 0 && model_lives(subject), "%s ended again, as %s: %d",
		model_name(subject), job_state_name(note->state), note->error);
	MODEL_CHECK(note->told == note->state, "the result of %s tells another end: %s", model_name(subject),
		job_state_name(note->told));
	MODEL_CHECK(note->attempts == subject->attempts, "the attempts of %s jumped at its end",
		model_name(subject));
	MODEL_CHECK(model_may_end(model, subject, note), "%s ended as %s", model_name(subject),
		job_state_name(note->state));
	MODEL_CHECK(note->finished_ms >= model->low_ms && note->finished_ms <= model->high_ms,
		"%s ended at another time than now", model_name(subject));
	model_leave_slot(model, subject);
	subject->broken = subject->cancel_told = false;
	subject->ends++;
	model->ended++;
	MODEL_CHECK(subject->ends == subject->lives, "%s has ended %u times and lived %u times",
		model_name(subject), subject->ends, subject->lives);
	memcpy(subject->etag, note->etag, sizeof(subject->etag));
}

/* The next operation that has been put on record. */
static inline void model_take(struct model *model, const struct note *note)
{
	static void (*const steps[STORE_OPS])(struct model *, struct subject *, const struct note *) = {
		[STORE_ACCEPT] = model_accept,
		[STORE_CHANGE] = model_change,
		[STORE_FINISH] = model_finish,
	};
	struct subject *subject = model_subject(model, &note->id);

	steps[note->type](model, subject, note);
	if (note->error)
		return;
	subject->state = note->state;
	subject->attempts = note->attempts;
	subject->failures = note->failures;
	subject->crashes = note->crashes;
	subject->next_ms = note->next_ms;
	subject->expires_ms = note->expires_ms;
	subject->finished_ms = note->finished_ms;
	subject->high_ms = model->high_ms;
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
		subject->broken = subject->broken || model_holds_slot(subject);
		subject->high_ms = clock_wall_ms();
		subject->cancel_asked = subject->cancel_told = false;
		subject->retries_asked = 0;
		subject->at_rest = false;
		subject->told = subject->known;
	}
	memset(model->running, 0, sizeof(model->running));
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
