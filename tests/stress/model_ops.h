/*
 * model_ops.h - what may happen to a daemon: each operation is a word and a number, from which all that it wants by chance comes.
 *
 * So a list of them is replayed by its text, and what is left of it when some are taken out still makes sense.
 */
#ifndef TESTS_MODEL_OPS_H
#define TESTS_MODEL_OPS_H

#include "model_asks.h"
#include "stress.h"

#define NOW_MS INT64_C(1764000000000)
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

struct op {
	unsigned what; /* a row of op_sorts */
	uint32_t dice;
};

static inline unsigned dice_below(uint64_t *dice, unsigned below)
{
	return (unsigned)(stress_random(dice) >> 32) % below;
}

static inline bool dice_percent(uint64_t *dice, unsigned percent)
{
	return dice_below(dice, 100) < percent;
}

static inline int64_t some_ms(uint64_t *dice)
{
	static const int64_t most[] = {50, 3000, 30 * MINUTE_MS, 2 * HOUR_MS};

	return 1 + dice_below(dice, (unsigned)most[dice_below(dice, ARRAY_LEN(most))]);
}

static const char *const make_specs[MAKES] = {
	[MAKE_ECHO] = "\"kind\":\"echo\",\"spec\":1",
	[MAKE_BRIEF] = "\"kind\":\"sleep\",\"spec\":{\"for\":\"1ms\"}",
	[MAKE_LONG] = "\"kind\":\"sleep\",\"spec\":{\"for\":\"1h\"},\"timeout\":\"1h\"",
	[MAKE_FRAIL] = "\"kind\":\"http\",\"spec\":{\"url\":\"http://127.0.0.1:%u/\"},\"timeout\":\"5ms\"",
	[MAKE_DOOMED] = "\"kind\":\"sleep\",\"spec\":{\"for\":\"1h\"},\"timeout\":\"1ms\"",
};

static inline enum make some_make(uint64_t *dice)
{
	static const unsigned percents[MAKES] = {40, 8, 30, 17, 5};
	unsigned rolled = dice_below(dice, 100);
	enum make make = MAKE_ECHO;

	while (rolled >= percents[make])
		rolled -= percents[make++];
	return make;
}

/* A job as a client would send it; of a few that have a key there are few, so that they come again. */
static inline struct subject *some_job(
	struct world *world, uint64_t *dice, unsigned tenant, bool may_have_key)
{
	const struct wire_limits limits = {.depth_max = 64, .timeout_max_ns = 3600 * PEN_SECOND};
	int key = may_have_key && dice_percent(dice, 12) ? (int)dice_below(dice, MODEL_KEYS) : -1;
	enum make make = key < 0 ? some_make(dice) : dice_percent(dice, 80) ? MAKE_ECHO : MAKE_LONG;
	int64_t delay_ms = key < 0 && dice_percent(dice, 30) ? some_ms(dice) : 0;
	int64_t expires_ms = key < 0 && dice_percent(dice, 30) ? some_ms(dice) : 0;
	unsigned priority = key < 0 ? dice_below(dice, 2) * 9 : 5, attempts = 1 + dice_below(dice, 3);
	bool relaxed = key < 0 && dice_percent(dice, 40), limited = key < 0 && dice_percent(dice, 30);
	bool silent = dice_percent(dice, 30), calls_back = key < 0 && dice_percent(dice, 2);
	unsigned slots = key < 0 && dice_percent(dice, 25) ? 1 + dice_below(dice, MODEL_SLOTS) : 1;
	char text[600], spec[120], expires[48] = "", limit_key[32] = "";
	struct subject *subject;
	struct problem problem = {0};
	struct job *job;

	if (expires_ms)
		snprintf(expires, sizeof(expires), ",\"expires_in\":\"%lldms\"", (long long)expires_ms);
	if (limited)
		snprintf(limit_key, sizeof(limit_key), ",\"limit_key\":\"%u\"",
			dice_below(dice, MODEL_LIMIT_KEYS));
	snprintf(spec, sizeof(spec), make_specs[make], silent ? world->silent_port : 1);
	snprintf(text, sizeof(text),
		"{%s,\"tenant\":\"t%u\",\"priority\":%u,\"slots\":%u,\"delay\":\"%lldms\"%s%s%s%s,"
		"\"retry\":{\"max_attempts\":%u,\"min\":\"1s\",\"max\":\"1h\"}}",
		spec, tenant, priority, slots, (long long)delay_ms, expires, limit_key,
		relaxed ? ",\"durability\":\"relaxed\"" : "",
		calls_back ? ",\"callback\":{\"url\":\"http://127.0.0.1:1/\"}" : "", key < 0 ? attempts : 1);
	MODEL_CHECK(wire_read_job(text, strlen(text), &limits, clock_wall_ms(), &job, &problem) == 0,
		"%s: %s", text, problem.message);
	if (key >= 0 && asprintf(&job->key, "key %d", key) < 0)
		MODEL_CHECK(false, "no room for a key");
	printf("#    job %u, key %d: %s\n", world->model.n, key, text);
	subject = model_add(&world->model, job, make, tenant, key);
	subject->endpoint = silent;
	return subject;
}

static inline void op_submit(struct world *world, uint64_t *dice)
{
	struct asked asked = {.what = ASKS_SUBMIT, .n = 1};

	asked.subjects[0] = some_job(world, dice, dice_below(dice, MODEL_TENANTS), true);
	begin_to_ask(world, &asked, dice_percent(dice, 75));
}

static inline void op_submit_many(struct world *world, uint64_t *dice)
{
	struct asked asked = {.what = ASKS_SUBMIT,
		.n = 2 + dice_below(dice, MANY_MOST - 1),
		.atomic = dice_percent(dice, 50)};
	unsigned tenant = dice_below(dice, MODEL_TENANTS);

	for (unsigned i = 0; i < asked.n; i++)
		asked.subjects[i] = some_job(world, dice, tenant, false);
	begin_to_ask(world, &asked, dice_percent(dice, 75));
}

/* Rather one that is as wanted, else any. */
static inline struct subject *some_subject(
	struct world *world, uint64_t *dice, bool (*wanted)(const struct subject *))
{
	struct subject *subject = NULL;

	for (unsigned i = 0; i < 8 && world->model.n > 0; i++) {
		subject = world->model.subjects[dice_below(dice, world->model.n)];
		if (wanted(subject))
			break;
	}
	return subject;
}

static inline void op_cancel(struct world *world, uint64_t *dice)
{
	struct asked asked = {.what = ASKS_CANCEL, .n = 1};
	struct subject *subject = asked.subjects[0] = some_subject(world, dice, model_lives);

	if (!subject)
		return;
	printf("#    job %u\n", subject->number);
	subject->cancel_asked = true;
	subject->cancels_out++;
	begin_to_ask(world, &asked, dice_percent(dice, 75));
}

static inline bool may_run_again(const struct subject *subject)
{
	return subject->known && job_state_ended(subject->state) && subject->state != JOB_SUCCEEDED;
}

static inline void op_retry(struct world *world, uint64_t *dice)
{
	struct asked asked = {.what = ASKS_RETRY, .n = 1};
	struct subject *subject = asked.subjects[0] = some_subject(world, dice, may_run_again);

	if (!subject)
		return;
	printf("#    job %u\n", subject->number);
	subject->retries_asked++;
	begin_to_ask(world, &asked, dice_percent(dice, 75));
}

static inline bool knows_a_time(const struct subject *subject)
{
	return model_waits(subject) && (subject->state == JOB_SCHEDULED || subject->expires_ms);
}

/* To where something happens, or a little beside it. */
static inline int64_t some_moment(struct world *world, uint64_t *dice)
{
	const struct subject *subject = some_subject(world, dice, knows_a_time);
	int64_t at_ms = clock_wall_ms();

	if (subject && knows_a_time(subject))
		at_ms = subject->expires_ms && (subject->state != JOB_SCHEDULED || dice_percent(dice, 50))
				? subject->expires_ms
				: subject->next_ms;
	return at_ms - 1 + dice_below(dice, 3);
}

static inline void op_clock(struct world *world, uint64_t *dice)
{
	int64_t now_ms = clock_wall_ms(), to_ms;
	unsigned rolled = dice_below(dice, 100);
	bool back = dice_percent(dice, 15);

	if (rolled < 30)
		to_ms = some_moment(world, dice);
	else if (rolled < 65)
		to_ms = now_ms + some_ms(dice);
	else if (rolled < 75)
		to_ms = now_ms + HOUR_MS * (1 + dice_below(dice, 30));
	else if (rolled < 90)
		to_ms = now_ms - some_ms(dice);
	else
		to_ms = now_ms - HOUR_MS * (1 + dice_below(dice, 30));
	printf("#    %+lld ms%s\n", (long long)(to_ms - now_ms), back ? ", and back" : "");
	world_set_clock(world, to_ms);
	if (back)
		world_set_clock(world, now_ms);
}

static inline void op_reload(struct world *world, uint64_t *dice)
{
	for (unsigned i = 0; i < MODEL_TENANTS; i++)
		if (dice_percent(dice, 60))
			world->model.configured[i].running = dice_below(dice, 4);
	for (unsigned i = 0; i < MODEL_TENANTS; i++)
		world->model.configured[i].key_running = 1 + dice_below(dice, 2);
	world->window = 1 + dice_below(dice, 5);
	world->narrow = dice_percent(dice, 50);
	printf("#    limits %u %u %u, window %u%s\n", world->model.configured[0].running,
		world->model.configured[1].running, world->model.configured[2].running, world->window,
		world->narrow ? ", narrow" : "");
	world_reconfigure(world);
	world->calm = false;
}

/* What a tenant may is set while it runs, or is as it is configured again. */
static inline void op_limit(struct world *world, uint64_t *dice)
{
	unsigned tenant = dice_below(dice, MODEL_TENANTS);
	struct model_limits *set = &world->model.set[tenant];
	struct tenant_change change = {.what = TENANT_PUT};

	world->model.is_set[tenant] = dice_percent(dice, 60);
	if (world->model.is_set[tenant]) {
		*set = (struct model_limits){dice_below(dice, 4), 1 + dice_below(dice, 2)};
		change.set = 1u << LIMIT_MAX_RUNNING | 1u << LIMIT_KEY_MAX_RUNNING;
		change.limits.max_running = set->running;
		change.limits.key_max_running = set->key_running;
	}
	model_limit(&world->model);
	printf("#    tenant %u: limit %u, of a limit_key %u\n", tenant, world->model.limits[tenant],
		world->model.key_limits[tenant]);
	world_change_tenant(world, change, tenant);
}

static inline void op_pause(struct world *world, uint64_t *dice)
{
	unsigned tenant = dice_below(dice, MODEL_TENANTS);
	bool pause = dice_percent(dice, 40);

	world->model.paused[tenant] = pause;
	world->model.paused_since_rest[tenant] &= pause;
	printf("#    tenant %u %s\n", tenant, pause ? "pauses" : "goes on");
	world_change_tenant(
		world, (struct tenant_change){.what = pause ? TENANT_PAUSE : TENANT_RESUME}, tenant);
}

static inline bool any(const struct subject *subject)
{
	(void)subject;
	return true;
}

/* When it is calm it must be as it is on record, but that it has come due is not. */
static inline void check_look(const struct subject *subject, const struct store_record *record, bool calm)
{
	bool due = subject->state == JOB_SCHEDULED && record->progress.state == JOB_QUEUED &&
		   subject->high_ms >= subject->next_ms;

	if (record->result || (calm && !due))
		model_check_record(subject, record);
}

/* A result is there once that is on record, and as it is there. */
static inline void look_for_result(struct world *world, const struct subject *subject, bool calm)
{
	struct result *result;
	int r = gate_result(NULL, world->gate, &subject->job->id, 0, &result);

	world_listen(world);
	if (r == 0) {
		MODEL_CHECK(!calm || strcmp(result->etag, subject->etag) == 0, "%s has another result",
			model_name(subject));
		result_unref(result);
	}
	MODEL_CHECK(!calm || r == (!subject->known                          ? -ENOENT
					  : job_state_ended(subject->state) ? 0
									    : -EINPROGRESS),
		"the result of %s is told to be: %s", model_name(subject), strerror(-r));
}

static inline void op_look(struct world *world, uint64_t *dice)
{
	const struct subject *subject = some_subject(world, dice, any);
	CLEANUP(store_record_fini) struct store_record record = {0};
	bool calm = world->calm, was_known;
	unsigned lives, attempts;
	int r;

	if (!subject)
		return;
	printf("#    job %u\n", subject->number);
	was_known = subject->known;
	lives = subject->lives;
	attempts = subject->attempts;
	r = gate_look(world->gate, &subject->job->id, &record, NULL);
	world_listen(world);
	MODEL_CHECK(r == 0 ? subject->known : r == -ENOENT && !was_known, "%s is told to be: %s",
		model_name(subject), strerror(-r));
	if (r == 0 && subject->lives == lives)
		check_look(subject, &record, calm);
	MODEL_CHECK(
		r < 0 || record.progress.attempts >= attempts, "%s has lost an attempt", model_name(subject));
	look_for_result(world, subject, calm);
}

static inline void op_rest(struct world *world, uint64_t *dice)
{
	(void)dice;
	world_rest(world);
}

static inline void op_drain(struct world *world, uint64_t *dice)
{
	(void)dice;
	world->model.draining = true;
	gate_drain(world->gate);
	world->calm = false;
}

static inline void op_restart(struct world *world, uint64_t *dice)
{
	(void)dice;
	world_restart(world);
}

static inline void op_crash(struct world *world, uint64_t *dice)
{
	(void)dice;
	world_crash(world);
}

/* How many of a thousand are of each sort. */
static const struct {
	const char *name;
	void (*fn)(struct world *world, uint64_t *dice);
	unsigned share;
} op_sorts[] = {
	{"submit",      op_submit,      418},
	{"submit-many", op_submit_many, 40 },
	{"cancel",      op_cancel,      130},
	{"retry",       op_retry,       80 },
	{"clock",       op_clock,       120},
	{"reload",      op_reload,      45 },
	{"limit",       op_limit,       15 },
	{"pause",       op_pause,       15 },
	{"look",        op_look,        60 },
	{"rest",        op_rest,        65 },
	{"drain",       op_drain,       4  },
	{"restart",     op_restart,     3  },
	{"crash",       op_crash,       5  },
};

static inline struct op some_op(uint64_t *random)
{
	unsigned rolled = dice_below(random, 1000);
	struct op op = {.what = 0, .dice = (uint32_t)stress_random(random)};

	while (rolled >= op_sorts[op.what].share)
		rolled -= op_sorts[op.what++].share;
	return op;
}

/* Let every job go that still waits or runs, and look that each has ended once. */
static inline void let_all_go(struct world *world)
{
	if (world->model.draining)
		world_restart(world);
	world->hurries = true;
	for (unsigned i = 0; i < MODEL_TENANTS; i++) {
		world->model.configured[i] = (struct model_limits){MODEL_WORKERS, MODEL_WORKERS};
		world->model.is_set[i] = world->model.paused[i] = world->model.paused_since_rest[i] = false;
	}
	world_reconfigure(world);
	for (unsigned i = 0; i < MODEL_TENANTS; i++)
		world_change_tenant(world, (struct tenant_change){.what = TENANT_FORGET}, i);
	for (bool alive = true; alive;) {
		world_rest(world);
		alive = false;
		for (unsigned i = 0; i < world->model.n; i++) {
			struct subject *subject = world->model.subjects[i];
			struct asked asked = {.what = ASKS_CANCEL, .subjects = {subject}, .n = 1};

			alive = alive || model_lives(subject);
			subject->cancel_asked = subject->cancel_asked || subject->state == JOB_RUNNING;
			if (model_lives(subject) && subject->state == JOB_RUNNING)
				begin_to_ask(world, &asked, true);
		}
		world_set_clock(world, clock_wall_ms() + 2 * HOUR_MS);
	}
	for (unsigned i = 0; i < world->model.n; i++) {
		const struct subject *subject = world->model.subjects[i];

		look_for_result(world, subject, true);
		MODEL_CHECK(subject->ends == subject->lives, "%s has ended %u times", model_name(subject),
			subject->ends);
	}
	world_restart(world); /* which looks at what is on record; but for results, which are many to read */
	for (unsigned i = 0; i < world->model.n; i += 8)
		look_for_result(world, world->model.subjects[i], true);
}

#endif
