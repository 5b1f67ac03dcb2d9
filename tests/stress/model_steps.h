/* model_steps.h - which steps a job may take, by what is put on record of it. */
#ifndef TESTS_MODEL_STEPS_H
#define TESTS_MODEL_STEPS_H

#include "model.h"

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

/* What is owed to an end goes on record right behind it, and once. */
static inline void model_call_back(struct subject *subject)
{
	struct subject *of = subject->callback_of;

	of->callbacks++;
	MODEL_CHECK(of->job->callback.url && of->callbacks == of->ends,
		"job %u has ended %u times and has %u callbacks", of->number, of->ends, of->callbacks);
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
	MODEL_CHECK(!model->idle || subject->callback_of, "%s was accepted in a drain", model_name(subject));
	if (subject->callback_of)
		model_call_back(subject);
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

/* One that wants more than there are takes all; how many there were is known only between bounds. */
static inline void model_take_slots(struct model *model, struct subject *subject)
{
	unsigned tenant = subject->tenant,
		 least = model->limits_low[tenant] > 0 ? model->limits_low[tenant] : 1;

	subject->slots = subject->job->slots < least ? (unsigned)subject->job->slots : least;
	model->slots[tenant] += subject->slots;
	MODEL_CHECK(model->slots[tenant] <= model->limits_high[tenant],
		"%u slots of tenant %u are taken, the most is %u", model->slots[tenant], tenant,
		model->limits_high[tenant]);
}

/* A start is noted later than it was; so of all since the last rest no more can be noted than that time allows. */
static inline void model_take_token(struct model *model, unsigned tenant, int64_t at_ns)
{
	int64_t most = MODEL_BURST + (at_ns - model->rested_ns) / (PEN_SECOND / MODEL_RATE) + 1;

	model->starts[tenant]++;
	MODEL_CHECK(tenant != MODEL_RATED || model->starts[tenant] <= most,
		"%u attempts have begun where %lld may", model->starts[tenant], (long long)most);
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
	model->running[tenant]++;
	model_take_slots(model, subject);
	model_take_token(model, tenant, note->at_ns);
	MODEL_CHECK(++model->running_all <= MODEL_WORKERS, "%u jobs run", model->running_all);
	MODEL_CHECK(subject->limit_key < 0 || ++model->keys_running[tenant][subject->limit_key] <=
						      model->key_limits_high[tenant],
		"%u jobs of limit_key %d of tenant %u run, the most is %u",
		model->keys_running[tenant][subject->limit_key], subject->limit_key, tenant,
		model->key_limits_high[tenant]);
}

/* Its call may have failed, also where it ended by something else. */
static inline void model_leave_slot(struct model *model, const struct subject *subject)
{
	if (!model_holds_slot(subject))
		return;
	if (subject->make == MAKE_FRAIL)
		model->failed[subject->tenant][subject->endpoint]++;
	model->running[subject->tenant]--;
	model->slots[subject->tenant] -= subject->slots;
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

/* Its endpoint has failed too often, so its call was not made, which burns no attempt. */
static inline bool model_may_be_put_off(
	const struct model *model, const struct subject *subject, const struct note *note)
{
	return model_holds_slot(subject) && subject->make == MAKE_FRAIL &&
	       note->attempts == subject->attempts && note->failures == subject->failures &&
	       model->failed[subject->tenant][subject->endpoint] >= MODEL_BREAKER_FAILURES;
}

static inline void model_put_off(struct model *model, struct subject *subject, const struct note *note)
{
	MODEL_CHECK(model_may_be_put_off(model, subject, note), "%s was put off", model_name(subject));
	MODEL_CHECK(
		note->next_ms >= model->low_ms && note->next_ms <= model->high_ms + 3 * MODEL_BREAKER_MS + 1,
		"%s was put off for %lld ms", model_name(subject),
		(long long)(note->next_ms - model->high_ms));
	model_leave_slot(model, subject);
	model->failed[subject->tenant][subject->endpoint]--; /* as no call was made */
	subject->in_order = false;
}

static inline void model_try_later(struct model *model, struct subject *subject, const struct note *note)
{
	if (note->failures == subject->failures) {
		model_put_off(model, subject, note);
		return;
	}
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
		return expires && (model_waits(subject) || (failed && subject->make == MAKE_FRAIL && !last) ||
					  model_may_be_put_off(model, subject, note));
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
	struct subject *subject =
		note->callback ? model_add_callback(model, note->callback) : model_subject(model, &note->id);

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

#endif
