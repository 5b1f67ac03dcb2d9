/*
 * ledger.c - operations on their way to the store and back.
 *
 * At most LEDGER_MAX are at the store, for which `committed` and the store's own queue have room, so neither side ever waits for
 * the other.  The rest wait here in order, and what one turn of the gate brings goes at its end, as one list.
 *
 * What the store could not write is tried again a second later, but for these:
 *   an ACCEPT              its client is told
 *   a CHANGE               when a later operation of the same job is on its way already: that one tells all that this one did, may
 *                          be on record before, and must not be undone
 *   refused as too late    it is not of the job's latest attempt
 *   a FINISH too large     its job ends without a result instead
 *   settings of a tenant   who asked for that is told
 *   a mark                 the audit that wanted it ends without it
 * When the gate is stopped everything is tried once more, and then given up.
 */
#include <errno.h>
#include <penstock/time.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/inside.h"
#include "log/log.h"

#define RETRY_AFTER_NS PEN_SECOND

enum { BARE_END_BYTES = 4096 }; /* an end has no more without a result */

static void append(struct gate *gate, struct store_op *op)
{
	op->next = NULL;
	if (gate->ops_last)
		gate->ops_last->next = op;
	else
		gate->ops_first = op;
	gate->ops_last = op;
}

static struct store_op *take_first(struct gate *gate)
{
	struct store_op *op = gate->ops_first;

	gate->ops_first = op->next;
	if (!gate->ops_first)
		gate->ops_last = NULL;
	return op;
}

/* What is not sent after all: before the others again. */
static void put_back(struct gate *gate, struct store_op *first, struct store_op *last)
{
	last->next = gate->ops_first;
	gate->ops_first = first;
	if (!last->next)
		gate->ops_last = last;
}

/* As many at once as there is room for. */
void ledger_flush(struct gate *gate, int64_t now_ns)
{
	struct store_op *first = gate->ops_first, *last = NULL;
	size_t n = 0;

	if (gate->ops_retry_ns > now_ns)
		return;
	gate->ops_retry_ns = 0;
	while (gate->ops_first && gate->ops_out + n < LEDGER_MAX) {
		last = take_first(gate);
		n++;
	}
	if (n == 0)
		return;
	last->next = NULL;
	if (store_submit(NULL, gate->store, first) < 0) {
		put_back(gate, first, last);
		gate->ops_retry_ns = now_ns + RETRY_AFTER_NS;
		return;
	}
	gate->ops_out += n;
}

void ledger_send(struct gate *gate, struct store_op *op)
{
	op->done = gate->committed;
	for (struct store_op *each = op; each && each->type != STORE_TENANT; each = each->with)
		((struct entry *)each->arg)->latest = each;
	append(gate, op);
}

void ledger_send_mark(struct gate *gate, struct store_op *op)
{
	op->done = gate->committed;
	append(gate, op);
}

/* For itself: it came too late, its key is in use, or is not and should be, or it is too large.  Trying again would change nothing. */
static bool refused(const struct store_op *op)
{
	return op->error == -ESTALE || op->error == -EEXIST || op->error == -ENOKEY ||
	       (op->error == -E2BIG && op->type == STORE_ACCEPT);
}

/* One that has a result which it can end without. */
static bool too_large(const struct store_op *op)
{
	return op->type == STORE_FINISH && op->error == -E2BIG && op->result->body_bytes > BARE_END_BYTES;
}

/* Whether it is.  One line a round, however many failed in it. */
static bool try_again(struct gate *gate, struct store_op *op)
{
	if (gate->stopping) {
		gate->ops_given_up++;
		return false;
	}
	if (!gate->ops_retry_ns)
		log_error("store", "operations failed and will be tried again", "error=%s",
			strerror(-op->error));
	op->error = 0;
	gate->ops_retry_ns = pen_now_ns() + RETRY_AFTER_NS;
	append(gate, op);
	return true;
}

static void count(struct gate *gate, const struct store_op *op)
{
	if (op->group_jobs) {
		stats_observe(&gate->stats.store_commit, op->commit_ns);
		stats_observe_count(&gate->stats.store_group_jobs, op->group_jobs);
	}
	if (op->error && !refused(op))
		gate->stats.store_errors[op->type]++;
}

/* Whether it is to be tried again, for nothing of its group is on record, and with it what follows it. */
static bool goes_again(struct gate *gate, struct store_op *op, struct store_op *follower)
{
	const struct entry *entry = op->arg;

	if (!op->error || op->type == STORE_ACCEPT || entry->retrier || entry->latest != op || refused(op) ||
		!try_again(gate, op))
		return false;
	op->with = follower;
	if (follower)
		follower->error = 0;
	return true;
}

/* Nobody has heard of it yet. */
static void end_bare(struct gate *gate, struct store_op *op, struct store_op *follower)
{
	struct entry *entry = op->arg;

	if (follower)
		callback_accepted(gate, follower);
	entry->latest = NULL;
	entry_end_bare(gate, entry, op);
	store_op_free(op);
}

static void settle(struct gate *gate, struct store_op *op, struct store_op *follower)
{
	struct entry *entry = op->arg;
	bool superseded;

	if (op->type == STORE_MARK) {
		audit_marked(gate, op->error);
		store_op_free(op);
		return;
	}
	count(gate, op);
	if (too_large(op)) {
		end_bare(gate, op, follower);
		return;
	}
	if (op->type == STORE_TENANT) {
		control_recorded(gate, op);
		return;
	}
	audit_touch(gate, entry);
	if (!op->error)
		entry->recorded = op->progress.state;
	superseded = entry->latest != op;
	if (!superseded || !op->error) /* else the later one tells it all */
		cancel_settle(entry, op);
	if (goes_again(gate, op, follower))
		return;
	if (!superseded)
		entry->latest = NULL;
	if (op->type == STORE_ACCEPT)
		entry_accepted(gate, entry, op);
	else if (op->type == STORE_FINISH && !op->error)
		entry_ended(gate, entry, op->result);
	else if (op->type == STORE_FINISH && refused(op))
		entry_refused(gate, entry);
	else if (op->type == STORE_CHANGE && !superseded)
		entry_change_recorded(gate, entry, op);
	store_op_free(op);
	if (follower)
		callback_accepted(gate, follower);
}

/* What comes back comes in the order in which it went, so as long as an operation is out its entry is there. */
void ledger_back(struct gate *gate, struct store_op *op)
{
	gate->ops_out--;
	while (op) {
		struct store_op *with = TAKE_PTR(op->with), *follower = NULL;

		if (with && with->follows) {
			follower = with;
			with = TAKE_PTR(follower->with);
		}
		settle(gate, op, follower);
		op = with;
	}
}

void ledger_abandon(struct gate *gate)
{
	struct store_op *op;

	while (gate->ops_out > 0 && pen_chan_recv(NULL, gate->committed, &op) == 0) {
		while (op) {
			struct store_op *next = op->next;

			gate->ops_out--;
			store_op_free(op);
			op = next;
		}
	}
	while (gate->ops_first)
		store_op_free(take_first(gate));
}
