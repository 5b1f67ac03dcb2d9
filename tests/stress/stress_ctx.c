/*
 * stress_ctx.c - trees of contexts that all share, extend, wait under and end at once: whoever sees one ended sees all below it
 * ended too, for the first reason and for ever; each function that comes after ran once or was stopped, never both.
 *
 * The shared contexts are in slots, where anybody takes one, ends it, grows a branch below it, or puts another in its place.
 */
#include <errno.h>
#include <string.h>

#include "nemesis.h"

enum { MEMBERS = 12, ROUNDS = 8000 / STRESS_LESS, SLOTS = 6, BRANCH_MOST = 12, DEEP = 2000 };

struct place {
	pthread_mutex_t mutex; /* of the slots; never held in a call that waits */
	struct pen_ctx *slots[SLOTS];
	struct pen_waitgroup *afters;
	struct promise *promises;
	unsigned rounds;
};

/* One function that comes after. */
struct promise {
	struct place *place;
	unsigned ran; /* atomic */
	bool stopped;
};

static struct pen_ctx *take(struct member *member, struct place *place)
{
	struct pen_ctx *ctx;

	pthread_mutex_lock(&place->mutex);
	ctx = pen_ctx_ref(place->slots[pick(member, SLOTS)]);
	pthread_mutex_unlock(&place->mutex);
	return ctx;
}

/* Takes `ctx`, and lets go of what was there. */
static void put(struct member *member, struct place *place, struct pen_ctx *ctx)
{
	struct pen_ctx **slot = &place->slots[pick(member, SLOTS)], *before;

	pthread_mutex_lock(&place->mutex);
	before = *slot;
	*slot = ctx;
	pthread_mutex_unlock(&place->mutex);
	pen_ctx_unref(before);
}

static int64_t soon(struct member *member)
{
	return (int64_t)pick(member, 200) * PEN_US;
}

/* A child that ends with its parent. */
static struct pen_ctx *grow(struct member *member, struct pen_ctx *parent, int64_t timeout_ns)
{
	bool had_ended = pen_ctx_err(parent) != 0;
	struct pen_ctx *ctx;
	int r;

	if (timeout_ns)
		r = pen_ctx_with_timeout(&ctx, parent, timeout_ns);
	else if (pick(member, 2))
		r = pen_ctx_with_value(&ctx, parent, member, member);
	else
		r = pen_ctx_with_cancel(&ctx, parent);
	STRESS_CHECK(r == 0, "no context: %d", r);
	STRESS_CHECK(!had_ended || pen_ctx_err(ctx), "a child of an ended context lasts");
	return ctx;
}

static void check_ended(struct pen_ctx *ctx)
{
	int err = pen_ctx_err(ctx);
	const char *cause = pen_ctx_cause(ctx);

	STRESS_CHECK(
		ended_by_ctx(err) && cause, "a context ended with %d for %s", err, cause ? cause : "nothing");
	STRESS_CHECK((err == -ETIMEDOUT) == (strcmp(cause, "deadline") == 0), "it ended with %d for %s", err,
		cause);
	pen_ctx_cancel(ctx, "too late");
	STRESS_CHECK(pen_ctx_err(ctx) == err && pen_ctx_cause(ctx) == cause, "it ended twice");
}

/* From above down: below one that has ended all have, and as nobody else knows them, for the same reason. */
static void check_branch(struct pen_ctx *const *branch, unsigned n)
{
	for (unsigned i = 0; i + 1 < n; i++) {
		int err = pen_ctx_err(branch[i]);

		if (!err)
			continue;
		STRESS_CHECK(pen_ctx_err(branch[i + 1]) == err, "a parent ended with %d, its child with %d",
			err, pen_ctx_err(branch[i + 1]));
		STRESS_CHECK(pen_ctx_cause(branch[i + 1]) == pen_ctx_cause(branch[i]), "for %s and for %s",
			pen_ctx_cause(branch[i]), pen_ctx_cause(branch[i + 1]));
	}
}

/* A branch of our own below what all share; another may be just ending that. */
static void branch_out(struct member *member, struct place *place)
{
	struct pen_ctx *branch[BRANCH_MOST + 1] = {take(member, place)};
	unsigned n = 1;

	for (unsigned more = 1 + pick(member, BRANCH_MOST); more > 0; more--, n++)
		branch[n] = grow(member, branch[n - 1], 0);
	check_branch(branch, n);
	if (pick(member, 2)) {
		int r = pen_sleep(branch[n - 1], soon(member));

		STRESS_CHECK(r == 0 || pen_ctx_err(branch[n - 1]) == r, "a sleep gave %d, its context %d", r,
			pen_ctx_err(branch[n - 1]));
	}
	check_branch(branch, n);
	while (n > 0)
		pen_ctx_unref(branch[--n]);
}

static void end(struct member *member, struct place *place)
{
	static const char *const causes[] = {"one", "two", "three"};
	struct pen_ctx *ctx = take(member, place);

	pen_ctx_cancel(ctx, causes[member->number % 3]);
	check_ended(ctx);
	pen_ctx_unref(ctx);
}

static void extend(struct member *member, struct place *place)
{
	struct pen_ctx *parent = take(member, place);

	put(member, place, grow(member, parent, pick(member, 2) ? 1 + soon(member) : 0));
	pen_ctx_unref(parent);
}

static void plant(struct member *member, struct place *place)
{
	put(member, place, grow(member, NULL, pick(member, 2) ? 1 + soon(member) : 0));
}

/* What is cut off lasts, whatever ends above; what is below it ends by it. */
static void cut_off(struct member *member, struct place *place)
{
	struct pen_ctx *above = take(member, place), *off, *below;

	STRESS_CHECK(pen_ctx_without_cancel(&off, above) == 0, "no context");
	below = grow(member, off, 0);
	if (pick(member, 2))
		pen_ctx_cancel(above, "above");
	STRESS_CHECK(!pen_ctx_err(off) && !pen_ctx_err(below), "what was cut off has ended");
	STRESS_CHECK(pen_ctx_deadline(off) == PEN_NEVER, "what was cut off has a deadline");
	pen_ctx_cancel(off, "off");
	STRESS_CHECK(pen_ctx_err(below) == -ECANCELED && strcmp(pen_ctx_cause(below), "off") == 0,
		"a child outlived what was cut off");
	pen_ctx_unref(above);
	pen_ctx_unref(off);
	pen_ctx_unref(below);
}

static void keep_promise(void *arg)
{
	struct promise *promise = arg;

	__atomic_add_fetch(&promise->ran, 1, __ATOMIC_RELAXED);
	pen_waitgroup_done(promise->place->afters);
}

static void promise(struct member *member, struct place *place, struct promise *promise)
{
	struct pen_ctx *ctx = take(member, place);
	struct pen_ctx_after *after;

	promise->place = place;
	pen_waitgroup_add(place->afters, 1);
	STRESS_CHECK(pen_ctx_after(&after, ctx, keep_promise, promise) == 0, "no function after");
	if (pick(member, 3) == 0)
		STRESS_CHECK(pen_sleep(NULL, soon(member)) == 0, "a sleep failed");
	else if (pick(member, 2))
		pen_ctx_cancel(ctx, "promised");
	promise->stopped = pen_ctx_after_stop(after);
	if (promise->stopped)
		pen_waitgroup_done(place->afters);
	pen_ctx_unref(ctx);
}

/* Waits for the end alone: of the context, or of what is left of a short time. */
static void wait(struct member *member, struct place *place)
{
	struct pen_ctx *shared = take(member, place), *ctx = grow(member, shared, 1 + soon(member));
	struct pen_chan *never = pen_chan_new(0, 0);
	int r = pen_chan_recv(ctx, never, NULL);

	STRESS_CHECK(ended_by_ctx(r) && pen_ctx_err(ctx) == r, "a wait gave %d, its context %d", r,
		pen_ctx_err(ctx));
	check_ended(ctx);
	pen_chan_free(never);
	pen_ctx_unref(ctx);
	pen_ctx_unref(shared);
}

static void (*const ways[])(struct member *member, struct place *place) = {
	branch_out, branch_out, branch_out, end, extend, extend, plant, cut_off, wait};

static void work(struct member *member)
{
	struct place *place = member->shared;
	struct promise *promises = place->promises + member->number * place->rounds;

	for (unsigned i = 0; i < place->rounds; i++) {
		ways[pick(member, sizeof(ways) / sizeof(ways[0]))](member, place);
		promise(member, place, &promises[i]);
	}
}

/* Depth costs no stack, neither to end it nor to let it go. */
static void end_a_deep_one(struct member *member)
{
	struct pen_ctx *top = grow(member, NULL, 0), *ctx = pen_ctx_ref(top);

	for (unsigned i = 0; i < DEEP; i++) {
		struct pen_ctx *child = grow(member, ctx, 0);

		pen_ctx_unref(ctx);
		ctx = child;
	}
	pen_ctx_cancel(top, "deep");
	STRESS_CHECK(strcmp(pen_ctx_cause(ctx), "deep") == 0, "the deepest did not end");
	pen_ctx_unref(top);
	pen_ctx_unref(ctx);
}

static void check_promises(const struct place *place)
{
	for (unsigned i = 0; i < MEMBERS * place->rounds; i++)
		STRESS_CHECK(place->promises[i].ran == !place->promises[i].stopped,
			"a function ran %u times and was %s", place->promises[i].ran,
			place->promises[i].stopped ? "stopped" : "not stopped");
}

static void run(uint64_t *random)
{
	struct member first = {.random = stress_random(random)};
	struct place place = {.mutex = PTHREAD_MUTEX_INITIALIZER,
		.afters = pen_waitgroup_new(),
		.rounds = stress_rounds(ROUNDS)};

	place.promises = calloc((size_t)MEMBERS * place.rounds, sizeof(*place.promises));
	STRESS_CHECK(place.promises && place.afters, "out of memory");
	for (unsigned i = 0; i < SLOTS; i++)
		place.slots[i] = grow(&first, NULL, 0);
	stress_members(random, MEMBERS, work, &place);
	end_a_deep_one(&first);
	for (unsigned i = 0; i < SLOTS; i++)
		pen_ctx_unref(place.slots[i]);
	STRESS_CHECK(pen_waitgroup_wait(NULL, place.afters) == 0, "the functions did not end");
	check_promises(&place);
	pen_waitgroup_free(place.afters);
	free(place.promises);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "a child has ended whenever its parent has, for the same reason", run);
}
