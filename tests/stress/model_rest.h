/* model_rest.h - whether the gate of a model can be at rest: what it must have counted, and what cannot stay as it is. */
#ifndef TESTS_MODEL_REST_H
#define TESTS_MODEL_REST_H

#include "core/queue.h"
#include "model.h"

/* The numbers of jobs in each state, as the gate must count them. */
struct model_count {
	size_t jobs[JOB_STATES];
	size_t either;                      /* of the scheduled those that may have come due meanwhile */
	unsigned slots_most[MODEL_TENANTS]; /* that one wants who is let run by its limit_key */
	/* those that their limit_key lets run, and the others */
	size_t may_run[MODEL_TENANTS][PRIORITIES], blocked[MODEL_TENANTS][PRIORITIES];
};

static inline void model_count_ready(
	const struct model *model, const struct subject *subject, struct model_count *count)
{
	unsigned tenant = subject->tenant;

	if (model_key_is_full(model, subject)) {
		count->blocked[tenant][subject->job->priority]++;
		return;
	}
	count->may_run[tenant][subject->job->priority]++;
	model_raise(&count->slots_most[tenant], (unsigned)subject->job->slots);
}

static inline void model_count(const struct model *model, struct model_count *count)
{
	int64_t now_ms = clock_wall_ms();

	*count = (struct model_count){0};
	for (unsigned i = 0; i < model->n; i++) {
		const struct subject *subject = model->subjects[i];

		if (!model_lives(subject))
			continue;
		if (subject->state == JOB_SCHEDULED && subject->next_ms <= now_ms)
			count->jobs[JOB_QUEUED]++; /* that it has come due is not on record */
		else
			count->jobs[subject->state]++;
		if (subject->state == JOB_SCHEDULED && subject->next_ms > now_ms &&
			subject->next_ms <= subject->high_ms) {
			count->either++; /* and it may stand first, and wait for its slots, or for its limit_key */
			model_raise(&count->slots_most[subject->tenant], (unsigned)subject->job->slots);
			count->blocked[subject->tenant][subject->job->priority] +=
				model_key_is_full(model, subject);
		}
		if (subject->state == JOB_QUEUED ||
			(subject->state == JOB_SCHEDULED && subject->next_ms <= now_ms))
			model_count_ready(model, subject, count);
	}
}

/* Why this job cannot stay as it is. */
static inline const char *model_unrest_of(const struct model *model, const struct subject *subject)
{
	int64_t now_ms = clock_wall_ms();

	if (!model_lives(subject))
		return NULL;
	if (subject->broken)
		return "it ran when the daemon was killed, and nothing came of it";
	if (subject->cancel_told)
		return "it was cancelled and has not ended";
	if (subject->state == JOB_CANCELLING || (subject->state == JOB_RUNNING && subject->make != MAKE_LONG))
		return "its attempt does not end";
	if (model_waits(subject) && !model->draining && subject->expires_ms && subject->expires_ms <= now_ms)
		return "it has expired and has not ended";
	return NULL;
}

static inline const char *model_uncounted(
	const struct model *model, const struct model_count *count, const struct gate_stats *stats)
{
	size_t moved = stats->jobs[JOB_QUEUED] - count->jobs[JOB_QUEUED];

	if (model->draining && stats->jobs[JOB_QUEUED] <= count->jobs[JOB_QUEUED])
		moved = 0; /* in a drain nobody reads what has come due */
	if (stats->jobs[JOB_RUNNING] != count->jobs[JOB_RUNNING] ||
		stats->jobs[JOB_CANCELLING] != count->jobs[JOB_CANCELLING] || moved > count->either ||
		stats->jobs[JOB_SCHEDULED] + stats->jobs[JOB_QUEUED] !=
			count->jobs[JOB_SCHEDULED] + count->jobs[JOB_QUEUED])
		return "/stats counts other jobs";
	if (stats->workers_busy != model->running_all)
		return "/stats counts other workers";
	return NULL;
}

/* Of those that run, whose slots are not known so well where limits have changed, each may have as many as it wants. */
static inline unsigned model_slots_free(const struct model *model, unsigned tenant)
{
	size_t taken = 0;

	for (unsigned i = 0; i < model->n; i++)
		if (model->subjects[i]->tenant == tenant && model_holds_slot(model->subjects[i]))
			taken += model->subjects[i]->job->slots;
	return taken < model->limits[tenant] ? model->limits[tenant] - (unsigned)taken : 0;
}

/* Whoever is first finds its slots, whoever that is; it takes all there are where it wants more. */
static inline bool model_slots_suffice(
	const struct model *model, const struct model_count *count, unsigned tenant)
{
	unsigned limit = model->limits[tenant], most = count->slots_most[tenant];

	return limit > 0 && model_slots_free(model, tenant) >= (most < limit ? most : limit);
}

/* A line whose jobs in memory all wait for their limit_key lets nobody pass who is not in memory, nor one of a lower priority. */
static inline bool model_may_run(const struct model *model, const struct model_count *count, unsigned tenant)
{
	if (!model_slots_suffice(model, count, tenant) || model->running_all >= MODEL_WORKERS ||
		model->paused[tenant])
		return false;
	for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
		if (count->blocked[tenant][priority] >= model->window_blocks)
			return false;
		if (count->may_run[tenant][priority] > 0)
			return true;
	}
	return false;
}

/* Why the gate cannot be at rest; NULL: it can, if this is what it counts.  Gives the job that it is about, or NULL. */
static inline const char *model_unrest(
	const struct model *model, const struct gate_stats *stats, const struct subject **ret_subject)
{
	struct model_count count;
	const char *why;

	for (unsigned i = 0; i < model->n; i++) {
		*ret_subject = model->subjects[i];
		why = model_unrest_of(model, model->subjects[i]);
		if (why)
			return why;
	}
	*ret_subject = NULL;
	model_count(model, &count);
	for (unsigned i = 0; i < MODEL_TENANTS && !model->draining; i++)
		if (model_may_run(model, &count, i))
			return "a job may run and does not";
	return model_uncounted(model, &count, stats);
}

/* It is at rest: what was is over. */
static inline void model_rested(struct model *model)
{
	model->low_ms = model->high_ms = clock_wall_ms();
	model->idle = model->draining;
	memcpy(model->limits_high, model->limits, sizeof(model->limits));
	memcpy(model->limits_low, model->limits, sizeof(model->limits));
	memset(model->starts, 0, sizeof(model->starts));
	model->rested_ns = pen_now_ns();
	memcpy(model->key_limits_high, model->key_limits, sizeof(model->key_limits));
	memcpy(model->paused_since_rest, model->paused, sizeof(model->paused));
	for (unsigned i = 0; i < model->n; i++) {
		struct subject *subject = model->subjects[i];

		subject->at_rest = subject->known;
		subject->told = subject->told || (subject->callback_of && subject->known);
	}
}

#endif
