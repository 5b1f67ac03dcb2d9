/* model_asks.h - calls of the gate, by a task of their own or not, and whether the answer is right. */
#ifndef TESTS_MODEL_ASKS_H
#define TESTS_MODEL_ASKS_H

#include "model_world.h"

enum asks { ASKS_SUBMIT, ASKS_CANCEL, ASKS_RETRY };
enum { MANY_MOST = 12 };

/* A call of the gate's, by a task of its own or not. */
struct asked {
	struct world *world;
	enum asks what;
	struct subject *subjects[MANY_MOST];
	unsigned n; /* more than one go in one message */
	bool atomic;
	unsigned era;
	bool calm;     /* nothing else is going on, so the answer is known */
	bool was_told; /* that there is such a job */
	enum job_state was;
	unsigned waiting; /* of its tenant */
};

/* More than its tenant has. */
static inline bool slots_are_too_many(const struct asked *asked, const struct subject *subject)
{
	size_t slots = subject->job->slots;

	return slots > 1 && slots > asked->world->model.limits[subject->tenant];
}

static inline void check_refusal(const struct asked *asked, const struct subject *subject, int result)
{
	const struct model *model = &asked->world->model;

	MODEL_CHECK(!subject->known, "%s was refused (%d) and is on record", model_name(subject), result);
	if (result == -ESHUTDOWN)
		MODEL_CHECK(model->draining, "%s was refused for a drain that is none", model_name(subject));
	else if (result == -EEXIST)
		MODEL_CHECK(subject->key_refused, "%s was refused for its key", model_name(subject));
	else if (result == -EINPROGRESS)
		MODEL_CHECK(
			subject->key >= 0 && !asked->calm, "%s was refused for its key", model_name(subject));
	else if (result == -EINVAL)
		MODEL_CHECK(subject->job->slots > 1 && (!asked->calm || slots_are_too_many(asked, subject)),
			"%s was refused for its slots", model_name(subject));
	else if (result == -EAGAIN && subject->key >= 0 && !subject->key_free)
		MODEL_CHECK(false, "%s was refused before anybody looked for its key", model_name(subject));
	else if (result == -EAGAIN)
		MODEL_CHECK(!asked->calm || asked->waiting + asked->n > MODEL_QUEUED_MAX,
			"%s was refused for a backlog of %u", model_name(subject), asked->waiting);
	else
		MODEL_CHECK(result == -ECANCELED && asked->atomic, "%s was refused: %d", model_name(subject),
			result);
}

static inline void check_receipt(
	const struct asked *asked, struct subject *subject, int result, const struct gate_receipt *receipt)
{
	if (result < 0) {
		check_refusal(asked, subject, result);
		return;
	}
	MODEL_CHECK(
		receipt->replayed == subject->replayed, "a repetition is not told: %s", model_name(subject));
	MODEL_CHECK(subject->known == !subject->replayed, "%s has a receipt and is not on record",
		model_name(subject));
	MODEL_CHECK(uuid_equal(&receipt->id, subject->replayed ? &subject->stands_for : &subject->job->id),
		"%s has the receipt of another", model_name(subject));
	MODEL_CHECK(!asked->calm || !slots_are_too_many(asked, subject),
		"%s was accepted, and its tenant does not have so many slots", model_name(subject));
	MODEL_CHECK(!asked->calm || subject->replayed || asked->waiting < MODEL_QUEUED_MAX,
		"%s was accepted to a backlog of %u", model_name(subject), asked->waiting);
	subject->told = subject->known;
}

/* Whether the daemon that was asked is still there to be believed. */
static inline bool hear(struct asked *asked)
{
	if (asked->era != asked->world->era)
		return false;
	world_listen(asked->world);
	return asked->era == asked->world->era;
}

static inline void ask_submit(struct asked *asked)
{
	struct gate_receipt receipt = {0};
	struct problem problem = {0};
	int r = gate_submit(asked->world->gate, asked->subjects[0]->job, &receipt, &problem);

	if (hear(asked))
		check_receipt(asked, asked->subjects[0], r, &receipt);
}

static inline void ask_submit_many(struct asked *asked)
{
	struct gate_line lines[MANY_MOST] = {0};
	struct problem problem = {0};
	int r;

	for (unsigned i = 0; i < asked->n; i++)
		lines[i].job = job_ref(asked->subjects[i]->job);
	r = gate_submit_many(asked->world->gate, lines, asked->n, asked->atomic, &problem);
	if (hear(asked))
		for (unsigned i = 0; i < asked->n; i++)
			check_receipt(
				asked, asked->subjects[i], r < 0 ? r : lines[i].result, &lines[i].receipt);
	for (unsigned i = 0; i < asked->n; i++)
		gate_line_fini(&lines[i]);
}

static inline void ask_cancel(struct asked *asked)
{
	struct subject *subject = asked->subjects[0];
	enum job_state state = JOB_STATES;
	struct problem problem = {0};
	int want = !asked->was_told ? -ENOENT : job_state_ended(asked->was) ? -EALREADY : 0;
	unsigned lives = subject->lives;
	int r = gate_cancel(asked->world->gate, &subject->job->id, &state, &problem);

	subject->cancels_out--;
	if (!hear(asked))
		return;
	MODEL_CHECK(r == 0 || r == -EALREADY || (r == -ENOENT && !asked->was_told),
		"%s cannot be cancelled: %s", model_name(subject), strerror(-r));
	MODEL_CHECK(!asked->calm || r == want, "of %s the cancellation gave %d instead of %d",
		model_name(subject), r, want);
	MODEL_CHECK(r < 0 || state == JOB_CANCELLED || state == JOB_CANCELLING, "%s was cancelled to %s",
		model_name(subject), job_state_name(state));
	if (subject->lives != lives || (r == -EALREADY && lives > 1))
		return; /* it was asked for again meanwhile, of which whoever did that need not have been told yet */
	MODEL_CHECK(r == -ENOENT || job_state_ended(subject->state) ||
			    (r == 0 && subject->state == JOB_CANCELLING),
		"that %s is cancelled was told (%d) before it is on record", model_name(subject), r);
	subject->cancel_told = r == 0 && model_lives(subject);
}

static inline int retry_wanted(const struct asked *asked)
{
	if (asked->world->model.draining)
		return -ESHUTDOWN;
	if (!asked->was_told)
		return -ENOENT;
	if (!job_state_ended(asked->was))
		return -EBUSY;
	if (asked->was == JOB_SUCCEEDED)
		return -EALREADY;
	if (slots_are_too_many(asked, asked->subjects[0]))
		return -EINVAL;
	return asked->waiting < MODEL_QUEUED_MAX ? 0 : -EAGAIN;
}

static inline void ask_retry(struct asked *asked)
{
	struct subject *subject = asked->subjects[0];
	int want = retry_wanted(asked);
	struct problem problem = {0};
	unsigned lives = subject->lives;
	int r = gate_retry(asked->world->gate, &subject->job->id, &problem);

	if (!hear(asked))
		return;
	MODEL_CHECK(r != 0 || subject->lives > lives, "%s is to run again, but not on record",
		model_name(subject));
	MODEL_CHECK(r == 0 || r == -EBUSY || r == -EALREADY || r == -EAGAIN ||
			    (r == -EINVAL && subject->job->slots > 1) || (r == -ENOENT && !asked->was_told) ||
			    (r == -ESHUTDOWN && asked->world->model.draining),
		"%s cannot run again: %s", model_name(subject), strerror(-r));
	MODEL_CHECK(!asked->calm || r == want, "of %s the retry gave %d instead of %d", model_name(subject),
		r, want);
	if (r < 0)
		subject->retries_asked--;
}

static inline void ask(void *arg)
{
	static void (*const asks[])(struct asked *) = {
		[ASKS_SUBMIT] = ask_submit,
		[ASKS_CANCEL] = ask_cancel,
		[ASKS_RETRY] = ask_retry,
	};
	struct asked *asked = arg;
	struct world *world = asked->world;

	if (asked->n > 1)
		ask_submit_many(asked);
	else
		asks[asked->what](asked);
	world->calls_out--;
	pen_waitgroup_done(world->calls);
	free(asked);
}

/* Now, or beside what comes next. */
static inline void begin_to_ask(struct world *world, const struct asked *what, bool aside)
{
	struct asked *asked = malloc(sizeof(*asked));
	const struct subject *subject = what->subjects[0];

	MODEL_CHECK(asked, "no room to ask");
	*asked = *what;
	asked->world = world;
	asked->era = world->era;
	asked->calm = world->calm && world->calls_out == 0 && !aside;
	asked->was_told = subject->told;
	asked->was = subject->state;
	asked->waiting = model_waiting(&world->model, subject->tenant);
	world->calm = false;
	world->calls_out++;
	pen_waitgroup_add(world->calls, 1);
	if (aside)
		MODEL_CHECK(pen_go(ask, asked) == 0, "no task to ask");
	else
		ask(asked);
}

#endif
