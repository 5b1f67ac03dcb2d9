/*
 * ctx.c - the context tree; see <penstock/ctx.h>.
 *
 * Whoever finds `err` 0 under a context's lock, and sets it, ends it; so once any cancel has returned, it has ended.  Ending walks
 * the tree with a list of work and no recursion, so depth costs no stack.  A child counts its parent; the parent's list of
 * children is weak: a child takes itself off under the parent's lock when its last reference goes, and whoever walks the
 * list takes a reference only where the count is not zero yet.
 *
 * A parent ends a moment before its children are reached.  Nobody sees that moment: while a tree has `ending` above 0, whoever asks
 * for a child's end also looks at those above it.
 *
 * Locks: a context's own lock is never held together with another's.
 */
#include "lib/ctx.h"

#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ref.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdlib.h>

#include "lib/timer.h"
#include "lib/wait.h"

struct pen_ctx_after {
	struct pen_ref refs; /* the handle, and the list or the task */
	struct pen_ctx_after *next, *prev;
	struct pen_ctx *ctx; /* held by the handle */
	bool listed;
	void (*fn)(void *arg);
	void *arg;
};

struct pen_ctx {
	struct pen__timer timer; /* first: a timer is cast back to its context */
	uint32_t refs;           /* atomic */
	uint32_t ending;         /* atomic; of a top: those who are still on the way down its tree */
	int err;                 /* atomic; set once, under the lock */
	const char *cause;       /* written before err */
	int64_t deadline_ns;
	struct pen_ctx *timed;  /* whose deadline it is: itself, one above, or NULL */
	struct pen_ctx *parent; /* held; NULL: the background */
	struct pen_ctx *top;    /* the highest context whose end is also the end of this one; maybe itself */
	const void *key;
	void *value;

	struct pen__lock lock; /* of all below */
	struct pen_ctx *children;
	struct pen__ctx_watch *watches;
	struct pen_ctx_after *afters;
	struct pen_chan *done;

	/* under the parent's lock */
	struct pen_ctx *sibling_next, *sibling_prev;
	bool listed;
	bool detached; /* does not end with its parent */

	struct pen_ctx *end_next; /* the list of work of whoever took it off its parent's list */
};

static struct pen_ctx background = {.deadline_ns = PEN_NEVER};

struct pen_ctx *pen_ctx_background(void)
{
	return &background;
}

static struct pen_ctx *without_background(struct pen_ctx *ctx)
{
	return ctx == &background ? NULL : ctx;
}

static bool ref_unless_gone(struct pen_ctx *ctx)
{
	uint32_t refs = __atomic_load_n(&ctx->refs, __ATOMIC_RELAXED);

	while (refs > 0)
		if (__atomic_compare_exchange_n(
			    &ctx->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

struct pen_ctx *pen_ctx_ref(struct pen_ctx *ctx)
{
	if (without_background(ctx))
		__atomic_add_fetch(&ctx->refs, 1, __ATOMIC_RELAXED);
	return ctx;
}

static void leave_parent(struct pen_ctx *ctx)
{
	struct pen_ctx *parent = ctx->parent;

	if (!parent || ctx->detached)
		return;
	pen__lock_take(&parent->lock);
	if (ctx->listed) {
		if (ctx->sibling_prev)
			ctx->sibling_prev->sibling_next = ctx->sibling_next;
		else
			parent->children = ctx->sibling_next;
		if (ctx->sibling_next)
			ctx->sibling_next->sibling_prev = ctx->sibling_prev;
		ctx->listed = false;
	}
	pen__lock_drop(&parent->lock);
}

/* Each step frees one and goes on with its parent. */
void pen_ctx_unref(struct pen_ctx *ctx)
{
	ctx = without_background(ctx);
	while (ctx && __atomic_sub_fetch(&ctx->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		struct pen_ctx *parent = ctx->parent;

		pen__timer_cancel(&ctx->timer);
		leave_parent(ctx);
		pen_chan_free(ctx->done);
		free(ctx);
		ctx = parent;
	}
}

void pen_ctx_unrefp(struct pen_ctx **ctx)
{
	if (*ctx)
		pen_ctx_cancel(*ctx, NULL);
	pen_ctx_unref(*ctx);
}

/* What one who ends contexts has to end yet, and to do after. */
struct ending {
	int err;
	const char *cause;
	struct pen_ctx *work; /* each held */
	struct pen_ctx_after *afters;
	uint32_t *counted; /* the `ending` that counts us, once a child may not know yet */
};

/* With the lock held: the children are ours to end. */
static void take_children(struct pen_ctx *ctx, struct ending *ending)
{
	struct pen_ctx *child;

	while ((child = ctx->children)) {
		ctx->children = child->sibling_next;
		if (ctx->children)
			ctx->children->sibling_prev = NULL;
		child->listed = false;
		if (ref_unless_gone(child)) {
			child->end_next = ending->work;
			ending->work = child;
		}
	}
}

/* With the lock held: the waits under this context that end by it, as a list. */
static struct pen__ctx_watch *claim_watches(struct pen_ctx *ctx)
{
	struct pen__ctx_watch *watch, *claimed = NULL;

	while ((watch = ctx->watches)) {
		ctx->watches = watch->next;
		if (ctx->watches)
			ctx->watches->prev = NULL;
		watch->linked = false;
		if (pen__wait_claim(watch->wait, PEN__WAIT_CANCEL)) {
			watch->next = claimed;
			claimed = watch;
		}
	}
	return claimed;
}

static void wake_watches(struct pen__ctx_watch *watch)
{
	while (watch) {
		struct pen__ctx_watch *next = watch->next;

		pen__wait_wake(watch->wait);
		watch = next;
	}
}

static void after_put(struct pen_ctx_after *after)
{
	if (pen_ref_put(&after->refs))
		free(after);
}

static void after_task(void *arg)
{
	struct pen_ctx_after *after = arg;

	after->fn(after->arg);
	after_put(after);
}

/* Where no task can be started, the one who ends the context runs the function. */
static void run_afters(struct pen_ctx_after *after)
{
	while (after) {
		struct pen_ctx_after *next = after->next;

		if (pen_go_named("pen_ctx_after", after_task, after) < 0)
			after_task(after);
		after = next;
	}
}

static void take_afters(struct pen_ctx *ctx, struct ending *ending)
{
	struct pen_ctx_after *after;

	while ((after = ctx->afters)) {
		ctx->afters = after->next;
		after->listed = false;
		after->next = ending->afters;
		ending->afters = after;
	}
}

/* With the lock held.  The count is up before the end can be seen: acquire and release of err and of the count do the rest. */
static void count_me(struct pen_ctx *ctx, struct ending *ending)
{
	if (ending->counted || !ctx->children)
		return;
	ending->counted = &ctx->top->ending;
	__atomic_add_fetch(ending->counted, 1, __ATOMIC_ACQ_REL);
}

static void end_one(struct pen_ctx *ctx, struct ending *ending)
{
	struct pen__ctx_watch *watches;
	struct pen_chan *done;

	pen__lock_take(&ctx->lock);
	if (__atomic_load_n(&ctx->err, __ATOMIC_RELAXED)) {
		pen__lock_drop(&ctx->lock);
		return;
	}
	count_me(ctx, ending);
	ctx->cause = ending->cause;
	__atomic_store_n(&ctx->err, ending->err, __ATOMIC_RELEASE);
	take_children(ctx, ending);
	watches = claim_watches(ctx);
	take_afters(ctx, ending);
	done = ctx->done;
	pen__lock_drop(&ctx->lock);
	pen__timer_cancel(&ctx->timer);
	wake_watches(watches);
	if (done)
		pen_chan_close(done);
}

/* The functions come last: one that runs here may wait for somebody below. */
static void end(struct pen_ctx *ctx, int err, const char *cause)
{
	struct ending ending = {.err = err, .cause = cause};
	struct pen_ctx *child;

	pen_ctx_ref(ctx);
	end_one(ctx, &ending);
	while ((child = ending.work)) {
		ending.work = child->end_next;
		end_one(child, &ending);
		pen_ctx_unref(child);
	}
	if (ending.counted)
		__atomic_sub_fetch(ending.counted, 1, __ATOMIC_ACQ_REL);
	pen_ctx_unref(ctx);
	run_afters(ending.afters);
}

void pen_ctx_cancel(struct pen_ctx *ctx, const char *cause)
{
	if (without_background(ctx))
		end(ctx, -ECANCELED, cause ? cause : "canceled");
}

/* Under the timers' lock: a context whose last reference is going is not ended any more. */
static bool deadline_begin(struct pen__timer *timer)
{
	return ref_unless_gone((struct pen_ctx *)timer);
}

static void deadline_fire(struct pen__timer *timer)
{
	struct pen_ctx *ctx = (struct pen_ctx *)timer;

	end(ctx, -ETIMEDOUT, "deadline");
	pen_ctx_unref(ctx);
}

int64_t pen__ctx_deadline_untimed(struct pen_ctx *ctx)
{
	struct pen_ctx *timed;

	if (!without_background(ctx) || ctx->deadline_ns == PEN_NEVER)
		return PEN_NEVER;
	timed = ctx->timed;
	return timed && __atomic_load_n(&timed->timer.loop, __ATOMIC_ACQUIRE) ? PEN_NEVER : ctx->deadline_ns;
}

void pen__ctx_expire(struct pen_ctx *ctx)
{
	end(ctx->timed, -ETIMEDOUT, "deadline");
}

/* Somebody is on the way down this tree: if one above has ended, do not wait for them to come by. */
static void end_like_those_above(struct pen_ctx *ctx)
{
	for (struct pen_ctx *up = ctx; up != ctx->top; up = up->parent) {
		int err = __atomic_load_n(&up->parent->err, __ATOMIC_ACQUIRE);

		if (err) {
			end(ctx, err, up->parent->cause);
			return;
		}
	}
}

/* First the count, then err: with a count of 0 all that has ended above has come down to here. */
static inline int err_by_now(struct pen_ctx *ctx)
{
	uint32_t ending = __atomic_load_n(&ctx->top->ending, __ATOMIC_ACQUIRE);
	int err = __atomic_load_n(&ctx->err, __ATOMIC_ACQUIRE);

	if (err != 0 || ending == 0)
		return err;
	end_like_those_above(ctx);
	return __atomic_load_n(&ctx->err, __ATOMIC_ACQUIRE);
}

int pen_ctx_err(struct pen_ctx *ctx)
{
	int64_t deadline_ns;
	int err;

	if (!without_background(ctx))
		return 0;
	err = err_by_now(ctx);
	if (err != 0)
		return err;
	deadline_ns = pen__ctx_deadline_untimed(ctx);
	if (deadline_ns == PEN_NEVER || pen_now_ns() < deadline_ns)
		return 0;
	pen__ctx_expire(ctx);
	return err_by_now(ctx);
}

const char *pen_ctx_cause(struct pen_ctx *ctx)
{
	return pen_ctx_err(ctx) ? ctx->cause : NULL;
}

/* Join the parent's children, or end as it has. */
static void join_parent(struct pen_ctx *ctx)
{
	struct pen_ctx *parent = ctx->parent;
	const char *cause = NULL;
	int err;

	pen__lock_take(&parent->lock);
	err = __atomic_load_n(&parent->err, __ATOMIC_RELAXED);
	if (err == 0) {
		ctx->listed = true;
		ctx->sibling_next = parent->children;
		if (parent->children)
			parent->children->sibling_prev = ctx;
		parent->children = ctx;
	} else {
		cause = parent->cause;
	}
	pen__lock_drop(&parent->lock);
	if (err)
		end(ctx, err, cause);
}

static struct pen_ctx *child_new(struct pen_ctx *parent)
{
	struct pen_ctx *ctx = malloc(sizeof *ctx);

	if (!ctx)
		return NULL;
	parent = without_background(parent);
	*ctx = (struct pen_ctx){
		.refs = 1,
		.parent = pen_ctx_ref(parent),
		.deadline_ns = pen_ctx_deadline(parent),
		.timed = parent ? parent->timed : NULL,
		.top = parent ? parent->top : ctx,
	};
	pen__timer_init(&ctx->timer, deadline_fire);
	ctx->timer.begin = deadline_begin;
	return ctx;
}

int pen_ctx_with_value(struct pen_ctx **ret_ctx, struct pen_ctx *parent, const void *key, void *value)
{
	struct pen_ctx *ctx = child_new(parent);

	if (!ctx)
		return -ENOMEM;
	ctx->key = key;
	ctx->value = value;
	if (ctx->parent)
		join_parent(ctx);
	*ret_ctx = ctx;
	return 0;
}

int pen_ctx_with_cancel(struct pen_ctx **ret_ctx, struct pen_ctx *parent)
{
	return pen_ctx_with_value(ret_ctx, parent, NULL, NULL);
}

int pen_ctx_without_cancel(struct pen_ctx **ret_ctx, struct pen_ctx *parent)
{
	struct pen_ctx *ctx = child_new(parent);

	if (!ctx)
		return -ENOMEM;
	ctx->detached = true;
	ctx->top = ctx;
	ctx->timed = NULL;
	ctx->deadline_ns = PEN_NEVER;
	*ret_ctx = ctx;
	return 0;
}

/*
 * The timer is armed before the parent knows of the child: so whoever ends it by the parent finds the timer to cancel, and
 * does not meet the one who is just arming it.  Outside a runtime there is none.
 */
int pen_ctx_with_deadline(struct pen_ctx **ret_ctx, struct pen_ctx *parent, int64_t deadline_ns)
{
	struct pen_ctx *ctx = child_new(parent);
	bool earlier, late;
	int r = 0;

	if (!ctx)
		return -ENOMEM;
	earlier = deadline_ns < ctx->deadline_ns;
	late = earlier && deadline_ns <= pen_now_ns();
	if (earlier) {
		ctx->deadline_ns = deadline_ns;
		ctx->timed = ctx;
	}
	if (earlier && !late)
		r = pen__timer_arm(&ctx->timer, deadline_ns);
	if (r == -ENOMEM) {
		pen_ctx_unref(ctx);
		return r;
	}
	if (ctx->parent)
		join_parent(ctx);
	if (late)
		end(ctx, -ETIMEDOUT, "deadline");
	*ret_ctx = ctx;
	return 0;
}

int pen_ctx_with_timeout(struct pen_ctx **ret_ctx, struct pen_ctx *parent, int64_t timeout_ns)
{
	int64_t deadline_ns;

	if (__builtin_add_overflow(pen_now_ns(), timeout_ns, &deadline_ns))
		deadline_ns = PEN_NEVER;
	return pen_ctx_with_deadline(ret_ctx, parent, deadline_ns);
}

struct pen_chan *pen_ctx_done(struct pen_ctx *ctx)
{
	struct pen_chan *done;

	if (!without_background(ctx))
		return NULL;
	pen_ctx_err(ctx); /* which ends one whose deadline has passed unseen */
	pen__lock_take(&ctx->lock);
	if (!ctx->done && (ctx->done = pen_chan_new(0, 0)) && __atomic_load_n(&ctx->err, __ATOMIC_RELAXED))
		pen_chan_close(ctx->done);
	done = ctx->done;
	pen__lock_drop(&ctx->lock);
	return done;
}

void *pen_ctx_value(struct pen_ctx *ctx, const void *key)
{
	for (; ctx; ctx = ctx->parent)
		if (ctx->key && ctx->key == key)
			return ctx->value;
	return NULL;
}

int64_t pen_ctx_deadline(struct pen_ctx *ctx)
{
	return ctx ? ctx->deadline_ns : PEN_NEVER;
}

static bool after_list(struct pen_ctx *ctx, struct pen_ctx_after *after)
{
	bool lasts;

	pen__lock_take(&ctx->lock);
	lasts = __atomic_load_n(&ctx->err, __ATOMIC_RELAXED) == 0;
	if (lasts) {
		after->listed = true;
		after->next = ctx->afters;
		if (ctx->afters)
			ctx->afters->prev = after;
		ctx->afters = after;
	}
	pen__lock_drop(&ctx->lock);
	return lasts;
}

static void after_unlist(struct pen_ctx *ctx, struct pen_ctx_after *after)
{
	if (after->prev)
		after->prev->next = after->next;
	else
		ctx->afters = after->next;
	if (after->next)
		after->next->prev = after->prev;
	after->listed = false;
}

int pen_ctx_after(struct pen_ctx_after **ret, struct pen_ctx *ctx, void (*fn)(void *arg), void *arg)
{
	struct pen_ctx_after *after = malloc(sizeof *after);

	if (!after)
		return -ENOMEM;
	pen_ctx_err(ctx); /* as in pen_ctx_done() */
	*after = (struct pen_ctx_after){.refs = {2}, .ctx = pen_ctx_ref(ctx), .fn = fn, .arg = arg};
	*ret = after;
	if (without_background(ctx) && !after_list(ctx, after))
		run_afters(after);
	return 0;
}

bool pen_ctx_after_stop(struct pen_ctx_after *after)
{
	struct pen_ctx *ctx = after->ctx;
	bool stopped = true;

	if (without_background(ctx)) {
		pen__lock_take(&ctx->lock);
		stopped = after->listed;
		if (stopped)
			after_unlist(ctx, after);
		pen__lock_drop(&ctx->lock);
	}
	if (stopped)
		after_put(after);
	after_put(after);
	pen_ctx_unref(ctx);
	return stopped;
}

bool pen__ctx_watch(struct pen_ctx *ctx, struct pen__ctx_watch *watch, struct pen__wait *wait)
{
	bool lasts;

	if (!without_background(ctx))
		return true;
	watch->wait = wait;
	pen__lock_take(&ctx->lock);
	lasts = __atomic_load_n(&ctx->err, __ATOMIC_RELAXED) == 0;
	if (lasts) {
		watch->linked = true;
		watch->prev = NULL;
		watch->next = ctx->watches;
		if (ctx->watches)
			ctx->watches->prev = watch;
		ctx->watches = watch;
	}
	pen__lock_drop(&ctx->lock);
	return lasts;
}

void pen__ctx_unwatch(struct pen__ctx_watch *watch, struct pen_ctx *ctx)
{
	if (!without_background(ctx))
		return;
	pen__lock_take(&ctx->lock);
	if (watch->linked) {
		if (watch->prev)
			watch->prev->next = watch->next;
		else
			ctx->watches = watch->next;
		if (watch->next)
			watch->next->prev = watch->prev;
		watch->linked = false;
	}
	pen__lock_drop(&ctx->lock);
}
