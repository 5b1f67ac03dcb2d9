/*
 * ledger.c - operations on their way to the store.
 *
 * At most LEDGER_MAX are at the store, for which `committed` and the store's own queue have room, so neither side ever waits for
 * the other.  The rest wait here in order.  What the store could not write is tried again, in order, a second later; but an
 * ACCEPT is not: its client is told.
 */
#include <penstock/time.h>

#include "gate/inside.h"
#include "log/log.h"

#define RETRY_AFTER_NS PEN_SECOND

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

void ledger_flush(struct gate *gate, int64_t now_ns)
{
	if (gate->ops_retry_ns > now_ns)
		return;
	gate->ops_retry_ns = 0;
	while (gate->ops_first && gate->ops_out < LEDGER_MAX) {
		struct store_op *op = take_first(gate);

		if (store_submit(NULL, gate->store, op) < 0) {
			op->next = gate->ops_first;
			gate->ops_first = op;
			if (!gate->ops_last)
				gate->ops_last = op;
			gate->ops_retry_ns = now_ns + RETRY_AFTER_NS;
			return;
		}
		gate->ops_out++;
	}
}

void ledger_send(struct gate *gate, struct store_op *op)
{
	op->done = gate->committed;
	append(gate, op);
	ledger_flush(gate, gate->ops_retry_ns ? pen_now_ns() : 0);
}

static void try_again(struct gate *gate, struct store_op *op)
{
	log_error("store", "an operation failed and will be tried again", "type=%d error=%d", (int)op->type,
		op->error);
	op->error = 0;
	gate->ops_retry_ns = pen_now_ns() + RETRY_AFTER_NS;
	append(gate, op);
}

static void count(struct gate *gate, const struct store_op *op)
{
	if (op->group_jobs) {
		stats_observe(&gate->stats.store_commit, op->commit_ns);
		stats_observe_count(&gate->stats.store_group_jobs, op->group_jobs);
	}
	if (op->error)
		gate->stats.store_errors[op->type]++;
}

void ledger_back(struct gate *gate, struct store_op *op)
{
	struct entry *entry = op->arg;

	gate->ops_out--;
	count(gate, op);
	if (op->error && op->type != STORE_ACCEPT) {
		try_again(gate, op);
		return;
	}
	if (op->type == STORE_ACCEPT)
		entry_accepted(gate, entry, op->error);
	else if (op->type == STORE_FINISH)
		entry_ended(gate, entry, op->result);
	store_op_free(op);
}
