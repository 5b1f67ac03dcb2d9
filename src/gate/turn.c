/*
 * turn.c - the gate's task.  Each turn: hear what has happened (committed, done, called), then start what may run.
 *
 * Nobody else touches the gate's state, so a limit is exact by construction: a job reaches the workers only from
 * start_what_may_run(), and entry_start() takes its lanes and the tenant's slot first.
 */
#include <errno.h>
#include <penstock/select.h>
#include <penstock/time.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "log/log.h"

enum { HEAR_AT_ONCE = 256 }; /* messages of one sort in one turn, so that none keeps the others waiting */

/* While a job waits for a time of day, look at the clock at least so often: it may be set. */
#define CLOCK_LOOK_NS PEN_SECOND

/* Lists, none of which is longer than a group of the store. */
static void hear_committed(struct gate *gate, struct store_op *op)
{
	int n = 0;

	do {
		while (op) {
			struct store_op *next = op->next;

			ledger_back(gate, op);
			op = next;
			n++;
		}
	} while (n < HEAR_AT_ONCE && pen_chan_try_recv(gate->committed, &op) == 0);
}

static void hear_done(struct gate *gate, struct finished *finished)
{
	for (int n = 1;; n++) {
		finished->entry->logged = finished->logged;
		entry_finished(gate, finished->entry, finished->outcome);
		if (finished->outcome)
			outcome_fini(finished->outcome);
		free(finished->outcome);
		if (n == HEAR_AT_ONCE || pen_chan_try_recv(gate->done, finished) < 0)
			return;
	}
}

static void hear_calls(struct gate *gate, struct message *message)
{
	for (int n = 1;; n++) {
		if (call_handle(gate, message))
			call_answer(message);
		if (n == HEAR_AT_ONCE || pen_chan_try_recv(gate->calls, &message) < 0)
			return;
	}
}

/*
 * A tenant has the turn, and with it the first of its jobs that no lane keeps from running; those before it are set aside.  Where
 * none is left the turn is not charged.
 */
static void take_turn(struct gate *gate, struct tenant *tenant)
{
	while (tenant_may_start(gate, tenant))
		if (entry_start(gate, (struct entry *)queue_pop(&tenant->queue)) != -EAGAIN)
			return;
	share_give_back(&gate->share, &tenant->runner);
	tenant_review(gate, tenant);
}

static void start_what_may_run(struct gate *gate)
{
	struct share_runner *next;

	tenants_make_way(gate);
	while (!gate->draining && gate->running < gate->n_workers && (next = share_next(&gate->share))) {
		take_turn(gate, (struct tenant *)next);
		tenants_make_way(gate);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the gate must look up even if nothing is heard. */
static int64_t next_look_ns(const struct gate *gate, int64_t now_ns, int64_t wall_ms)
{
	int64_t due_ms = window_next_ms(gate), look_ns = gate->ops_retry_ns ? gate->ops_retry_ns : PEN_NEVER;

	if (heap_first(&gate->waking))
		look_ns = earlier(look_ns, heap_first(&gate->waking)->key);
	if (heap_first(&gate->filling))
		look_ns = earlier(look_ns, heap_first(&gate->filling)->key);
	look_ns = earlier(look_ns, audit_next_ns(gate, now_ns));
	if (gate->tenants_look_ns)
		look_ns = earlier(look_ns, gate->tenants_look_ns);
	if (gate->load_retry_ns)
		look_ns = earlier(look_ns, gate->load_retry_ns);
	if (heap_first(&gate->scheduled))
		due_ms = earlier(due_ms, heap_first(&gate->scheduled)->key);
	if (heap_first(&gate->expiries))
		due_ms = earlier(due_ms, heap_first(&gate->expiries)->key);
	if (heap_first(&gate->pauses))
		due_ms = earlier(due_ms, heap_first(&gate->pauses)->key);
	if (due_ms == INT64_MAX)
		return look_ns;
	if (due_ms - wall_ms > CLOCK_LOOK_NS / PEN_MS)
		return earlier(look_ns, now_ns + CLOCK_LOOK_NS);
	return earlier(look_ns, now_ns + (due_ms - wall_ms) * PEN_MS);
}

static void hear(struct gate *gate)
{
	struct message *message = NULL;
	struct store_op *op = NULL;
	struct load *load = NULL;
	struct finished finished;
	int error = 0;
	struct pen_case cases[] = {
		PEN_CASE_RECV(gate->committed, &op),
		PEN_CASE_RECV(gate->done, &finished),
		PEN_CASE_RECV(gate->calls, &message),
		PEN_CASE_RECV(gate->loaded, &load),
		PEN_CASE_RECV(gate->surveyed, &error),
	};
	int64_t until_ns = next_look_ns(gate, pen_now_ns(), clock_wall_ms());

	switch (pen_select_until(NULL, cases, ARRAY_LEN(cases), PEN_SELECT_FAIR, until_ns)) {
	case 0:
		hear_committed(gate, op);
		break;
	case 1:
		hear_done(gate, &finished);
		break;
	case 2:
		hear_calls(gate, message);
		break;
	case 3:
		window_loaded(gate, load);
		break;
	case 4:
		audit_surveyed(gate, error);
		break;
	default: /* it is time to look */
		break;
	}
}

static void tell_when_drained(struct gate *gate)
{
	if (gate->draining && gate->underway == 0 && !pen_chan_closed(gate->drained))
		pen_chan_close(gate->drained);
}

static bool is_over(const struct gate *gate)
{
	return gate->stopping && gate->running == 0 && gate->ops_out == 0 && !gate->ops_first &&
	       !gate->loading && !gate->reconcile.counting;
}

static void act(struct gate *gate)
{
	int64_t now_ns = pen_now_ns(), wall_ms = clock_wall_ms();

	control_look(gate, wall_ms);
	entries_due(gate, wall_ms);
	tenants_look(gate, now_ns);
	tenants_wake(gate, now_ns);
	resting_look(gate, now_ns);
	start_what_may_run(gate);
	audit_look(gate, now_ns); /* which may send a mark */
	ledger_flush(gate, now_ns);
	window_look(gate, now_ns);
	tell_when_drained(gate);
}

void gate_turn(void *arg)
{
	struct gate *gate = arg;

	act(gate); /* on the jobs of an earlier daemon */
	while (!is_over(gate)) {
		hear(gate);
		act(gate);
	}
	if (gate->ops_given_up)
		log_error("store", "operations failed to the last and are given up", "operations=%zu",
			gate->ops_given_up);
	pen_chan_close(gate->ended);
}
