/* stress_time.c - timers set, stopped and received by all at once: each setting ends in one value or in one stop. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/select.h>

#include "stress.h"

enum { MEMBERS = 8, ROUNDS = 25000, TIMERS = 3, TICKERS = 2, SOON_US = 40 };

struct place {
	struct pen_timer *timers[TIMERS], *tickers[TICKERS];
	long set, received, stopped; /* atomic; of the timers */
};

static int64_t soon(struct member *member)
{
	return (int64_t)pick(member, SOON_US) * PEN_US;
}

static struct pen_timer *any_timer(struct member *member, struct place *place)
{
	return place->timers[pick(member, TIMERS)];
}

static struct pen_timer *any_ticker(struct member *member, struct place *place)
{
	return place->tickers[pick(member, TICKERS)];
}

static void check_due(int64_t due_ns)
{
	STRESS_CHECK(due_ns <= pen_now_ns(), "a value came before it was due");
}

static void set_timer(struct member *member, struct place *place)
{
	bool stopped = pen_timer_reset(any_timer(member, place), soon(member));

	__atomic_fetch_add(&place->set, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&place->stopped, stopped, __ATOMIC_RELAXED);
}

static void stop_timer(struct member *member, struct place *place)
{
	__atomic_fetch_add(&place->stopped, pen_timer_stop(any_timer(member, place)), __ATOMIC_RELAXED);
}

/* From a timer or from a ticker, or neither. */
static void receive(struct member *member, struct place *place)
{
	int64_t due_ns;
	struct pen_case cases[] = {
		PEN_CASE_RECV(pen_timer_chan(any_timer(member, place)), &due_ns),
		PEN_CASE_RECV(pen_timer_chan(any_ticker(member, place)), &due_ns),
	};
	int r = pen_select_until(NULL, cases, 2, PEN_SELECT_FAIR, pen_now_ns() + soon(member));

	STRESS_CHECK(r >= 0 || r == -ETIMEDOUT, "the select gave %d", r);
	if (r < 0)
		return;
	STRESS_CHECK(cases[r].result == 0, "a timer's channel gave %d", cases[r].result);
	check_due(due_ns);
	if (r == 0)
		__atomic_fetch_add(&place->received, 1, __ATOMIC_RELAXED);
}

static void set_ticker(struct member *member, struct place *place)
{
	struct pen_timer *ticker = any_ticker(member, place);

	if (pick(member, 8))
		pen_timer_reset(ticker, soon(member) / 4);
	else
		pen_timer_stop(ticker);
}

/* One of its own: the ticks of a setting have all the same distance, and none comes after the stop. */
static void tick(struct member *member, struct place *place)
{
	int64_t period_ns = 1 + soon(member), last_ns = 0, due_ns;
	struct pen_timer *ticker = pen_ticker_new(period_ns);

	(void)place;
	STRESS_CHECK(ticker, "no ticker");
	for (unsigned n = pick(member, 4); n > 0; n--) {
		STRESS_CHECK(
			pen_chan_recv(NULL, pen_timer_chan(ticker), &due_ns) == 0, "a ticker was closed");
		check_due(due_ns);
		STRESS_CHECK(!last_ns || (due_ns > last_ns && (due_ns - last_ns) % period_ns == 0),
			"a ticker drifts");
		last_ns = due_ns;
	}
	if (pick(member, 2)) {
		STRESS_CHECK(pen_timer_stop(ticker), "a ticker was not armed");
		pen_yield();
		STRESS_CHECK(pen_chan_len(pen_timer_chan(ticker)) == 0, "a stopped ticker sent");
	}
	pen_timer_free(ticker);
}

static void doze(struct member *member, struct place *place)
{
	int64_t ns = soon(member), before_ns = pen_now_ns();
	struct pen_ctx *ctx;
	int r;

	(void)place;
	STRESS_CHECK(pen_ctx_with_timeout(&ctx, NULL, soon(member)) == 0, "no context");
	r = pen_sleep(ctx, ns);
	STRESS_CHECK(r == -ETIMEDOUT ? pen_now_ns() >= pen_ctx_deadline(ctx)
				     : r == 0 && pen_now_ns() - before_ns >= ns,
		"a sleep of %lld ns that gave %d was too short", (long long)ns, r);
	pen_ctx_unref(ctx);
}

static void (*const ways[])(struct member *member, struct place *place) = {set_timer, set_timer, set_timer,
	stop_timer, receive, receive, receive, set_ticker, set_ticker, tick, doze};

static void work(struct member *member)
{
	for (unsigned i = stress_rounds(ROUNDS / STRESS_LESS); i > 0; i--)
		ways[pick(member, sizeof(ways) / sizeof(ways[0]))](member, member->shared);
}

static void run(uint64_t *random)
{
	struct place place = {.set = TIMERS};

	for (int i = 0; i < TIMERS; i++)
		place.timers[i] = pen_timer_new(0);
	for (int i = 0; i < TICKERS; i++)
		place.tickers[i] = pen_ticker_new(PEN_US);
	stress_members(random, MEMBERS, work, &place);
	for (int i = 0; i < TIMERS; i++) {
		place.stopped += pen_timer_stop(place.timers[i]);
		pen_timer_free(place.timers[i]);
	}
	for (int i = 0; i < TICKERS; i++)
		pen_timer_free(place.tickers[i]);
	STRESS_CHECK(place.set == place.received + place.stopped,
		"of %ld settings %ld were received and %ld stopped", place.set, place.received,
		place.stopped);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "each setting of a timer ends in one value or in one stop", run);
}
