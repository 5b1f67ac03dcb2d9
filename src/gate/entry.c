/*
 * entry.c - one job at the gate: here, waiting, ended.
 *
 * Where a job waits: in gate->scheduled until its time has come, then in its tenant's queue until its turn has come; if then a lane is
 * full, at its berth there.
 */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <stdlib.h>

#include "base/ahead.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "log/log.h"
#include "wire/wire.h"

struct entry *entry_find(const struct gate *gate, const struct uuid *id)
{
	struct entry *entry;

	HASH_FIND(hh, gate->entries, id, sizeof *id, entry);
	return entry;
}

void entry_set_state(struct gate *gate, struct entry *entry, enum job_state state)
{
	if (!job_state_may(entry->progress.state, state))
		log_error("gate", "a job takes a step that no job may take", "from=%s to=%s",
			job_state_name(entry->progress.state), job_state_name(state));
	gate->stats.jobs[entry->progress.state]--;
	entry->progress.state = state;
	gate->stats.jobs[state]++;
	waits_note(entry);
}

static bool is_relaxed(const struct entry *entry)
{
	enum durability durability = entry->job->durability;

	if (durability == DURABILITIES)
		durability = entry->tenant->limits.durability;
	return durability == DURABILITY_RELAXED;
}

/* An operation that records the entry as it is, `state` instead of its own. */
struct store_op *entry_op(struct entry *entry, enum store_op_type type, enum job_state state)
{
	struct store_op *op = store_op_new(type, entry->job);

	if (!op)
		return NULL;
	if (progress_copy(&op->progress, &entry->progress) < 0) {
		store_op_free(op);
		return NULL;
	}
	op->progress.state = state;
	op->relaxed = is_relaxed(entry);
	op->arg = entry;
	return op;
}

/* Out of memory here only means that the record is behind: what a restart would see is an earlier state, and at-least-once holds. */
bool entry_record(struct gate *gate, struct entry *entry)
{
	struct store_op *op = entry_op(entry, STORE_CHANGE, entry->progress.state);

	if (op)
		ledger_send(gate, op);
	else
		gate->stats.store_errors[STATS_STORE_CHANGE]++;
	return op;
}

void entry_weigh(struct gate *gate, struct entry *entry)
{
	size_t bytes =
		sizeof *entry + job_bytes(entry->job) + entry->progress.n_kept * sizeof *entry->progress.kept;

	gate->entries_bytes += bytes - entry->bytes;
	entry->bytes = bytes;
}

struct entry *entry_new(
	struct gate *gate, struct job *job, struct tenant *tenant, const struct progress *progress)
{
	struct entry *entry;

	ahead_ask();
	entry = calloc(1, sizeof *entry);
	if (!entry)
		return NULL;
	HASH_ADD_KEYPTR(hh, gate->entries, &job->id, sizeof job->id, entry);
	if (!HASH_ADDED(hh, entry)) {
		free(entry);
		return NULL;
	}
	entry->job = job_ref(job);
	entry->tenant = tenant;
	entry->accepted_ns = pen_now_ns();
	audit_arrive(gate, entry, entry->accepted_ns);
	entry->progress = *progress;
	entry->recorded = JOB_STATES;
	heap_item_init(&entry->due);
	heap_item_init(&entry->expiry);
	heap_item_init(&entry->aside);
	tenant->entries++;
	tenant_is_used(gate, tenant);
	entry_weigh(gate, entry);
	return entry;
}

/* Out of every list. */
void entry_go(struct gate *gate, struct entry *entry)
{
	struct tenant *tenant = entry->tenant;

	audit_forget(gate, entry);
	window_departed(gate, &entry->job->id);
	HASH_DEL(gate->entries, entry);
	gate->entries_bytes -= entry->bytes;
	arrivals_remove(gate, entry);
	heap_remove(&gate->scheduled, &entry->due);
	heap_remove(&gate->expiries, &entry->expiry);
	lanes_unqueue(gate, entry);
	limit_key_leave(gate, entry);
	tenant->put_off -= entry->put_off;
	progress_fini(&entry->progress);
	job_unref(entry->job);
	free(entry);
	tenant->entries--;
	tenant_put(gate, tenant);
}

void entry_free(struct gate *gate, struct entry *entry)
{
	gate->stats.jobs[entry->progress.state]--;
	entry_go(gate, entry);
}

void entry_drop(struct gate *gate, struct entry *entry)
{
	if (entry->asks) {
		gate->asking--;
		entry_go(gate, entry);
		return;
	}
	entry->tenant->waiting--;
	entry_free(gate, entry);
}

void entries_free(struct gate *gate)
{
	while (gate->entries)
		entry_drop(gate, gate->entries);
}

/* Counted as waiting in its state. */
void entry_count_in(struct gate *gate, struct entry *entry)
{
	entry->tenant->waiting++;
	gate->stats.jobs[entry->progress.state]++;
}

/* In which order they come, told by when: no two are alike. */
static uint64_t next_turn(struct gate *gate)
{
	uint64_t now_ns = (uint64_t)pen_now_ns();

	gate->last_turn = now_ns > gate->last_turn ? now_ns : gate->last_turn + 1;
	return gate->last_turn;
}

/* In line for its tenant's turn, for which it waits since then. */
static void enqueue(struct gate *gate, struct entry *entry, bool in_front, int64_t ready_ns)
{
	audit_touch(gate, entry);
	if (entry->progress.state != JOB_QUEUED)
		entry_set_state(gate, entry, JOB_QUEUED);
	entry->ready_ns = entry->item.since_ns = ready_ns;
	entry->turn = in_front ? entry->turn : next_turn(gate);
	limit_key_join(gate, entry);
	if (in_front)
		queue_push_front(&entry->tenant->queue, &entry->item, entry->job->priority);
	else
		queue_push(&entry->tenant->queue, &entry->item, entry->job->priority);
	tenant_review(gate, entry->tenant);
}

/* Its time has come. */
void entry_enqueue(struct gate *gate, struct entry *entry, bool in_front)
{
	enqueue(gate, entry, in_front, pen_now_ns());
}

/* Its time has come.  Where its line has no room it goes away, once it is on record that it is not scheduled any more. */
static void come_due(struct gate *gate, struct entry *entry)
{
	audit_touch(gate, entry);
	entry_set_state(gate, entry, JOB_QUEUED);
	entry->leaves = !window_admits(gate, entry) && entry_record(gate, entry);
	if (!entry->leaves)
		entry_enqueue(gate, entry, false);
}

/* Without memory to wait in the heap it waits no longer. */
static void schedule(struct gate *gate, struct entry *entry)
{
	entry->due.key = entry->progress.next_run_at_ms;
	if (heap_push(&gate->scheduled, &entry->due) < 0)
		come_due(gate, entry);
}

void entry_await_expiry(struct gate *gate, struct entry *entry)
{
	entry->expiry.key = entry->progress.expires_at_ms;
	if (entry->progress.expires_at_ms && heap_push(&gate->expiries, &entry->expiry) < 0)
		log_warning("gate", "no memory to watch a job's expiry", "tenant=%s", entry->tenant->name);
}

void entry_stay(struct gate *gate, struct entry *entry)
{
	entry_await_expiry(gate, entry);
	if (entry->progress.state == JOB_SCHEDULED)
		schedule(gate, entry);
	else
		entry_enqueue(gate, entry, false);
}

void entry_wait(struct gate *gate, struct entry *entry)
{
	if (window_admits(gate, entry))
		entry_stay(gate, entry);
	else
		window_leave_out(gate, entry);
}

void entry_leave_underway(struct gate *gate, struct entry *entry)
{
	if (!entry->underway)
		return;
	entry->underway = false;
	gate->underway--;
	if (entry->logged)
		logs_put(gate->logs, &entry->job->id);
	entry->logged = false;
}

/* The result goes on record; entry_ended() follows when it is there. */
void entry_end(struct gate *gate, struct entry *entry, enum job_state state, const struct outcome *outcome)
{
	struct store_op *op;
	int r = -ENOMEM;

	audit_touch(gate, entry);
	entry->ending = true;
	limit_key_leave(gate, entry);
	heap_remove(&gate->expiries, &entry->expiry);
	heap_remove(&gate->scheduled, &entry->due);
	op = entry_op(entry, STORE_FINISH, state);
	if (op) { /* in the operation only: until it is on record nobody shall see an end */
		op->progress.finished_ms = clock_wall_ms();
		op->progress.next_run_at_ms = 0;
		r = wire_make_result(entry->job, &op->progress, outcome, &op->result);
	}
	if (r == 0)
		r = callback_begin(gate, entry->job, op->result, &op->with);
	if (r == 0) {
		ledger_send(gate, op);
		return;
	}
	/* no memory for the result: the job is not ended, it will be tried again */
	store_op_free(op);
	gate->stats.store_errors[STATS_STORE_FINISH]++;
	entry->ending = entry->leaves = entry->cancel_recorded = false;
	cancel_answer(entry, -ENOMEM);
	entry_set_state(gate, entry, JOB_SCHEDULED);
	entry->progress.next_run_at_ms = clock_wall_ms() + 1000;
	entry->tenant->waiting++;
	entry_leave_underway(gate, entry);
	schedule(gate, entry);
}

void entry_end_bare(struct gate *gate, struct entry *entry, const struct store_op *whole)
{
	enum job_state state = whole->progress.state;
	struct outcome outcome = {0};
	char id[UUID_TEXT];

	uuid_format(&entry->job->id, id);
	log_warning("gate", "a result is too large to be put on record", "id=%s bytes=%zu", id,
		whole->result->body_bytes);
	outcome_fail(&outcome, OUTCOME_FAILED, "result-too-large",
		"the result is larger than what can be put on record: %zu bytes", whole->result->body_bytes);
	entry_end(gate, entry, state == JOB_SUCCEEDED ? JOB_FAILED : state, &outcome);
}

void entry_ended(struct gate *gate, struct entry *entry, struct result *result)
{
	enum job_kind kind = entry->job->kind;

	gate->stats.finished[kind][result->state]++;
	stats_observe(&gate->stats.total[kind], pen_now_ns() - entry->accepted_ns);
	results_put(gate->results, result);
	entry_leave_underway(gate, entry);
	entry_free(gate, entry);
}

/* A job that waits is ended without having run (again). */
static void end_waiting(struct gate *gate, struct entry *entry, enum job_state state)
{
	audit_touch(gate, entry);
	lanes_unqueue(gate, entry);
	entry->tenant->waiting--;
	tenant_review(gate, entry->tenant);
	entry_end(gate, entry, state, NULL);
}

void entry_cancel(struct gate *gate, struct entry *entry)
{
	if (entry->progress.state != JOB_RUNNING) {
		end_waiting(gate, entry, JOB_CANCELLED);
		return;
	}
	audit_touch(gate, entry);
	entry->cancel_asked = true;
	limit_key_leave(gate, entry);
	entry_set_state(gate, entry, JOB_CANCELLING);
	entry_record(gate, entry);
	pen_ctx_cancel(entry->ctx, "cancelled");
}

/* Or it was cancelled, and there was no memory for its end: then it has no other try to wait for. */
static void time_has_come(struct gate *gate, struct entry *entry)
{
	if (entry->cancel_asked)
		end_waiting(gate, entry, JOB_CANCELLED);
	else
		come_due(gate, entry);
}

void entries_due(struct gate *gate, int64_t wall_ms)
{
	struct heap_item *item;

	while ((item = heap_first(&gate->expiries)) && item->key <= wall_ms) {
		heap_pop(&gate->expiries);
		end_waiting(
			gate, (struct entry *)((char *)item - offsetof(struct entry, expiry)), JOB_EXPIRED);
	}
	while ((item = heap_first(&gate->scheduled)) && item->key <= wall_ms) {
		heap_pop(&gate->scheduled);
		time_has_come(gate, (struct entry *)((char *)item - offsetof(struct entry, due)));
	}
}

/* It has ended on record already, or a later attempt has begun: what is there stands, and this entry knows nothing better. */
void entry_refused(struct gate *gate, struct entry *entry)
{
	char id[UUID_TEXT];

	uuid_format(&entry->job->id, id);
	log_error("gate", "the store refused what is not the job's latest", "id=%s attempt=%lu", id,
		(unsigned long)entry->progress.attempts);
	gate->stats.finishes_refused++;
	cancel_answer(entry, -ESTALE);
	entry_leave_underway(gate, entry);
	entry_free(gate, entry);
}

/* For the histograms: by the wall's clock, as that of an earlier daemon is gone, and as far as it can be true. */
static int64_t then_ns(int64_t wall_ms)
{
	int64_t ago_ms = clock_wall_ms() - wall_ms;

	return pen_now_ns() - (ago_ms > 0 ? ago_ms * PEN_MS : 0);
}

struct entry *entry_bring(struct gate *gate, struct store_record *record)
{
	struct tenant *tenant = tenant_restore(gate, record->job->tenant);
	struct entry *entry = tenant ? entry_new(gate, record->job, tenant, &record->progress) : NULL;

	if (!entry) {
		if (tenant)
			tenant_put(gate, tenant);
		return NULL;
	}
	record->progress = (struct progress){0};
	entry->recorded = entry->progress.state;
	entry->accepted_ns = then_ns(entry->job->created_ms);
	entry->restored = entry->job->sequence <= gate->last_restored;
	waits_note(entry);
	return entry;
}

void entry_line_up(struct gate *gate, struct entry *entry)
{
	const struct job *job = entry->job;

	entry_await_expiry(gate, entry);
	enqueue(gate, entry, false,
		then_ns(job->run_at_ms > job->created_ms ? job->run_at_ms : job->created_ms));
}

void entry_expire(struct gate *gate, struct entry *entry)
{
	end_waiting(gate, entry, JOB_EXPIRED);
}
