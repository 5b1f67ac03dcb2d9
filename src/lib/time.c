/* time.c - sleep, timers and tickers; see <penstock/time.h>. */
#include <penstock/time.h>

#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/ref.h>
#include <stdlib.h>
#include <time.h>

#include "lib/loop.h"
#include "lib/timer.h"
#include "lib/wait.h"

#define TICK_LONGEST_NS (10 * PEN_MS) /* of the kernel, at HZ=100 */
#define FAR_NS (10 * PEN_SECOND)

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * PEN_SECOND + now.tv_nsec;
}

int64_t pen_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Without overflow. */
static int64_t add(int64_t now_ns, int64_t ns)
{
	int64_t when;

	return __builtin_add_overflow(now_ns, ns, &when) ? PEN_NEVER : when;
}

static int64_t from_now(int64_t ns)
{
	return add(pen_now_ns(), ns);
}

/*
 * Reading the clock costs more than all else that it takes to set a timer, and most that are far off never fire.  For those the
 * time of the kernel's last tick is enough: the next one is not further away than its longest tick.
 */
static int64_t about_from_now(int64_t ns)
{
	return ns < FAR_NS ? from_now(ns) : add(read_clock(CLOCK_MONOTONIC_COARSE) + TICK_LONGEST_NS, ns);
}

int pen_sleep(struct pen_ctx *ctx, int64_t ns)
{
	int64_t deadline_ns = from_now(ns);
	struct pen__wait wait;
	int r = pen_ctx_err(ctx), won;

	if (r < 0 || ns <= 0)
		return r;
	pen__wait_init(&wait);
	won = pen__wait_park(&wait, ctx, deadline_ns);
	return won == PEN__WAIT_TIMEOUT ? 0 : pen__wait_error(won, ctx);
}

/*
 * Setting and firing are ordered by `lock`.  A firing that has begun on one loop may still be on its way when the timer is set
 * anew and begins to fire on another.  So each time the timer is armed is a generation of its own, and `firing` is the
 * latest that has begun: whoever has the lock first sends for it, and any other on its way does nothing.
 */
struct pen_timer {
	struct pen__timer timer; /* first: cast back */
	struct pen_ref refs;     /* the owner's, and one while firing */
	struct pen__lock lock;
	struct pen_chan *chan;
	int64_t due_ns, period_ns;   /* period 0: fires once */
	uint32_t generation, firing; /* the latter atomic */
	bool armed;                  /* else it is in no heap, nor on its way to be fired */
	bool sent;                   /* since it was last stopped */
};

static void timer_put(struct pen_timer *timer)
{
	if (!pen_ref_put(&timer->refs))
		return;
	pen_chan_free(timer->chan);
	free(timer);
}

static bool timer_begin(struct pen__timer *base)
{
	struct pen_timer *timer = (struct pen_timer *)base;

	pen_ref_get(&timer->refs);
	__atomic_store_n(&timer->firing, timer->generation, __ATOMIC_RELEASE);
	return true;
}

/* With the lock held, or before others know the timer; it is in no loop's heap. */
static int arm(struct pen_timer *timer)
{
	timer->generation++;
	return pen__timer_arm(&timer->timer, timer->due_ns);
}

/* With the lock held: the next tick that is not past yet, a whole number of periods from the last. */
static void schedule_tick(struct pen_timer *timer)
{
	int64_t late = pen_now_ns() - timer->due_ns;

	timer->due_ns += timer->period_ns * (late / timer->period_ns + 1);
	timer->armed = arm(timer) == 0;
}

static void timer_fire(struct pen__timer *base)
{
	struct pen_timer *timer = (struct pen_timer *)base;

	pen__lock_take(&timer->lock);
	/* acquire: with that generation the timer has left its heap */
	if (timer->armed && __atomic_load_n(&timer->firing, __ATOMIC_ACQUIRE) == timer->generation) {
		int missed = pen_chan_try_send(timer->chan, &timer->due_ns);

		(void)missed; /* full: the last tick was not taken, and this one goes by */
		timer->sent = true;
		timer->armed = false;
		if (timer->period_ns)
			schedule_tick(timer);
	}
	pen__lock_drop(&timer->lock);
	timer_put(timer);
}

/* With the lock held, or before others know the timer. */
static int start(struct pen_timer *timer, int64_t after_ns)
{
	if (after_ns < 0)
		after_ns = 0;
	timer->due_ns = timer->period_ns ? from_now(after_ns) : about_from_now(after_ns);
	timer->armed = true;
	return arm(timer);
}

static struct pen_timer *timer_new(int64_t after_ns, int64_t period_ns)
{
	struct pen_timer *timer = malloc(sizeof *timer);

	if (!timer)
		return NULL;
	*timer = (struct pen_timer){.refs = PEN_REF_ONE, .period_ns = period_ns};
	pen__timer_init(&timer->timer, timer_fire);
	timer->timer.begin = timer_begin;
	timer->chan = pen_chan_new(sizeof(int64_t), 1);
	if (!timer->chan || start(timer, after_ns) < 0) {
		timer_put(timer);
		return NULL;
	}
	return timer;
}

struct pen_timer *pen_timer_new(int64_t after_ns)
{
	return timer_new(after_ns, 0);
}

struct pen_timer *pen_ticker_new(int64_t period_ns)
{
	return period_ns > 0 ? timer_new(period_ns, period_ns) : NULL;
}

struct pen_chan *pen_timer_chan(struct pen_timer *timer)
{
	return timer->chan;
}

/* With the lock held: disarm, and take back what was sent. */
static bool stop(struct pen_timer *timer)
{
	bool armed = timer->armed, sent = timer->sent;

	if (armed)
		pen__timer_cancel(&timer->timer);
	timer->armed = timer->sent = false;
	return (sent && pen_chan_try_recv(timer->chan, NULL) == 0) || armed;
}

bool pen_timer_stop(struct pen_timer *timer)
{
	bool armed;

	pen__lock_take(&timer->lock);
	armed = stop(timer);
	pen__lock_drop(&timer->lock);
	return armed;
}

bool pen_timer_reset(struct pen_timer *timer, int64_t after_ns)
{
	bool armed;

	pen__lock_take(&timer->lock);
	armed = stop(timer);
	if (timer->period_ns)
		timer->period_ns = after_ns > 0 ? after_ns : 1;
	timer->armed = start(timer, after_ns) == 0;
	pen__lock_drop(&timer->lock);
	return armed;
}

void pen_timer_free(struct pen_timer *timer)
{
	if (!timer)
		return;
	pen_timer_stop(timer);
	timer_put(timer);
}
