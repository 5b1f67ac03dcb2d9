/* calls.c - what each message to the gate's task does: one function a call, one table. */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <string.h>

#include "gate/inside.h"

void call_answer(struct message *message)
{
	pen_waitgroup_done(message->answered); /* the message is the caller's again */
}

int call_draining(struct problem *reterr)
{
	reterr->retry_after_ns = 5 * PEN_SECOND;
	return problem_set(reterr, -ESHUTDOWN, PROBLEM_DRAINING, NULL,
		"the daemon is shutting down and takes no more jobs");
}

static bool call_submit(struct gate *gate, struct message *message)
{
	message->result = gate->draining ? call_draining(&message->problem) : entry_accept(gate, message);
	if (message->result == 0)
		return false; /* entry_accepted() answers */
	gate->stats.submitted[message->job->kind][SUBMITTED_REFUSED]++;
	return true;
}

/* What is not on record yet has not been heard of. */
static bool is_new(const struct entry *entry)
{
	return entry->submitter || entry->arrives;
}

/* Of a job that is not here the answer comes when it has been read, and then as of one that is: when that is on record. */
static bool call_cancel(struct gate *gate, struct message *message)
{
	struct entry *entry = entry_find(gate, message->id);

	message->result = 0;
	if (!entry) {
		window_ask(gate, message);
		return false;
	}
	if (is_new(entry) || entry->retrier) { /* until that is on record it has ended */
		message->result = is_new(entry) ? -ENOENT : -EALREADY;
		return true;
	}
	return cancel_begin(gate, entry, message);
}

/* One that is here has not ended. */
static bool call_retry(struct gate *gate, struct message *message)
{
	const struct entry *entry = entry_find(gate, message->id);

	message->result = 0;
	if (gate->draining)
		message->result = call_draining(&message->problem);
	else if (entry)
		message->result = is_new(entry) ? -ENOENT : -EBUSY;
	else
		window_ask(gate, message);
	return message->result < 0;
}

/* -ENOENT sends the caller to the store. */
static bool call_look(struct gate *gate, struct message *message)
{
	struct entry *entry = entry_find(gate, message->id);
	struct store_record *record = message->record;

	message->result =
		entry && !is_new(entry) ? progress_copy(&record->progress, &entry->progress) : -ENOENT;
	if (message->result < 0)
		return true;
	record->job = job_ref(entry->job);
	record->progress.state = cancel_shown_state(entry);
	return true;
}

static bool call_drain(struct gate *gate, struct message *message)
{
	(void)message;
	gate->draining = true;
	reconcile_stop(gate);
	gate->stats.drain_state = 1;
	return true;
}

static bool call_reconfigure(struct gate *gate, struct message *message)
{
	conf_unref(gate->conf);
	gate->conf = conf_ref(message->conf);
	tenants_reconfigure(gate);
	return true;
}

static bool call_ready(struct gate *gate, struct message *message)
{
	int trouble = store_trouble(gate->store);

	if (gate->draining)
		message->result = call_draining(&message->problem);
	else if (gate->ops_retry_ns || trouble)
		message->result = problem_set(&message->problem, -EIO, PROBLEM_STORE, NULL,
			"nothing can be put on record%s%s", trouble ? ": " : "",
			trouble ? strerror(-trouble) : "");
	if (message->result == -EIO)
		message->problem.retry_after_ns = PEN_SECOND;
	return true;
}

static void count_endpoints(struct gate *gate, struct gate_stats *stats)
{
	struct endpoints_numbers numbers;

	work_count(gate->work, &numbers);
	stats->endpoints_known = numbers.known;
	stats->endpoints_open = numbers.open;
	stats->endpoint_openings = numbers.openings;
	stats->calls_put_off = numbers.put_off;
}

static bool call_stats(struct gate *gate, struct message *message)
{
	struct gate_stats *stats = message->stats;

	*stats = gate->stats;
	stats->store_errors[STATS_STORE_READ] = store_failed_reads(gate->store);
	stats->workers_busy = gate->running;
	stats->workers_idle = gate->n_workers - gate->running;
	stats->tenants = tenants_known(gate);
	if (pen_ctx_err(gate->jobs_ctx))
		stats->drain_state = 2;
	waits_count(gate, stats);
	settings_count(gate, stats);
	count_endpoints(gate, stats);
	return true;
}

static bool call_stop(struct gate *gate, struct message *message)
{
	(void)message;
	gate->draining = true;
	gate->stopping = true;
	reconcile_stop(gate);
	gate->ops_retry_ns = 0;
	return true;
}

bool call_handle(struct gate *gate, struct message *message)
{
	static bool (*const handlers[CALLS])(struct gate *, struct message *) = {
		[CALL_SUBMIT] = call_submit,
		[CALL_SUBMIT_MANY] = call_submit_many,
		[CALL_LOOK] = call_look,
		[CALL_CANCEL] = call_cancel,
		[CALL_RETRY] = call_retry,
		[CALL_TENANT] = call_tenant,
		[CALL_TENANTS] = call_tenants,
		[CALL_CHANGE_TENANT] = call_change_tenant,
		[CALL_EXPLAIN] = call_explain,
		[CALL_AUDIT] = call_audit,
		[CALL_DRAIN] = call_drain,
		[CALL_RECONFIGURE] = call_reconfigure,
		[CALL_READY] = call_ready,
		[CALL_STATS] = call_stats,
		[CALL_STOP] = call_stop,
	};

	return handlers[message->call](gate, message);
}
