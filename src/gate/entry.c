/*
 * entry.c - the life of one job at the gate: accepted, due, started, finished, on record.
 *
 * Where a job waits: in gate->scheduled until its time has come, then in its tenant's queue until its turn has come.
 */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "log/log.h"
#include "wire/wire.h"

struct entry *entry_find(struct gate *gate, const struct uuid *id)
{
	struct entry *entry;

	HASH_FIND(hh, gate->entries, id, sizeof *id, entry);
	return entry;
}

static void set_state(struct gate *gate, struct entry *entry, enum job_state state)
{
	if (!job_state_may(entry->progress.state, state))
		log_error("gate", "a job takes a step that no job may take", "from=%s to=%s",
			job_state_name(entry->progress.state), job_state_name(state));
	gate->stats.jobs[entry->progress.state]--;
	entry->progress.state = state;
	gate->stats.jobs[state]++;
}

/* An operation that records the entry as it is, `state` instead of its own. */
static struct store_op *op_new(struct entry *entry, enum store_op_type type, enum job_state state)
{
	struct store_op *op = store_op_new(type, entry->job);

	if (!op)
		return NULL;
	if (progress_copy(&op->progress, &entry->progress) < 0) {
		store_op_free(op);
		return NULL;
	}
	op->progress.state = state;
	op->arg = entry;
	return op;
}

/* Out of memory here only means that the record is behind: what a restart would see is an earlier state, and at-least-once holds. */
static void record_change(struct gate *gate, struct entry *entry)
{
	struct store_op *op = op_new(entry, STORE_CHANGE, entry->progress.state);

	if (op)
		ledger_send(gate, op);
	else
		gate->stats.store_errors[STATS_STORE_CHANGE]++;
}

/* Takes what progress owns. */
static struct entry *entry_new(
	struct gate *gate, struct job *job, struct tenant *tenant, const struct progress *progress)
{
	struct entry *entry = calloc(1, sizeof *entry);

	if (!entry)
		return NULL;
	entry->job = job_ref(job);
	entry->bytes = sizeof *entry + job_bytes(job);
	entry->tenant = tenant;
	entry->accepted_ns = pen_now_ns();
	entry->progress = *progress;
	heap_item_init(&entry->due);
	heap_item_init(&entry->expiry);
	tenant->entries++;
	tenant->waiting++;
	gate->stats.jobs[entry->progress.state]++;
	gate->entries_bytes += entry->bytes;
	HASH_ADD_KEYPTR(hh, gate->entries, &entry->job->id, sizeof entry->job->id, entry);
	return entry;
}

/* Out of every list, and gone. */
static void entry_free(struct gate *gate, struct entry *entry)
{
	struct tenant *tenant = entry->tenant;

	gate->stats.jobs[entry->progress.state]--;
	HASH_DEL(gate->entries, entry);
	gate->entries_bytes -= entry->bytes;
	arrivals_remove(gate, entry);
	heap_remove(&gate->scheduled, &entry->due);
	heap_remove(&gate->expiries, &entry->expiry);
	queue_remove(&entry->item);
	progress_fini(&entry->progress);
	job_unref(entry->job);
	free(entry);
	tenant->entries--;
	tenant_put(gate, tenant);
}

void entries_free(struct gate *gate)
{
	while (gate->entries) {
		gate->entries->tenant->waiting--;
		entry_free(gate, gate->entries);
	}
}

static int refuse_when_full(
	struct gate *gate, const struct tenant *tenant, const struct job *job, struct problem *reterr)
{
	reterr->retry_after_ns = PEN_SECOND;
	if (HASH_COUNT(gate->entries) >= gate->conf->jobs_max)
		return problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL,
			"as many jobs as the daemon may hold have not ended: %zu", gate->conf->jobs_max);
	if (gate->entries_bytes + job_bytes(job) > gate->conf->jobs_bytes_max)
		return problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL,
			"the jobs that have not ended take as much memory as they may: %zu bytes",
			gate->conf->jobs_bytes_max);
	if (tenant->waiting >= tenant->limits.max_queued)
		return problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL,
			"tenant %s has as many jobs waiting as its limit allows: %u", tenant->name,
			tenant->limits.max_queued);
	reterr->retry_after_ns = 0;
	return 0;
}

static int check_command(struct gate *gate, const struct job *job, struct problem *reterr)
{
	const struct command_def *def;

	if (job->kind != JOB_COMMAND)
		return 0;
	def = conf_command(gate->conf, job->spec.command.command);
	if (!def)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/spec/command",
			"no command of this name is allowed");
	return command_check(def, &job->spec.command, reterr);
}

static int no_memory(struct problem *reterr)
{
	return problem_set(reterr, -ENOMEM, PROBLEM_MEMORY, NULL, "no memory for another job");
}

int entry_admit(struct gate *gate, struct message *submitter, struct job *job, struct store_op **ret_op,
	struct problem *reterr)
{
	const struct progress progress = {
		.state = job->run_at_ms > clock_wall_ms() ? JOB_SCHEDULED : JOB_QUEUED,
		.next_run_at_ms = job->run_at_ms,
	};
	struct store_op *op;
	struct tenant *tenant;
	struct entry *entry;
	int r = check_command(gate, job, reterr);

	if (r < 0)
		return r;
	tenant = tenant_get(gate, job->tenant, reterr);
	if (!tenant)
		return -EAGAIN;
	r = refuse_when_full(gate, tenant, job, reterr);
	entry = r == 0 ? entry_new(gate, job, tenant, &progress) : NULL;
	if (!entry) {
		tenant_put(gate, tenant);
		return r < 0 ? r : no_memory(reterr);
	}
	r = arrivals_add(gate, entry, reterr);
	op = r == 0 ? op_new(entry, STORE_ACCEPT, entry->progress.state) : NULL;
	if (!op) {
		tenant->waiting--;
		entry_free(gate, entry);
		return r < 0 ? r : no_memory(reterr);
	}
	entry->submitter = submitter;
	*ret_op = op;
	return 0;
}

void entry_withdraw(struct gate *gate, struct store_op *op)
{
	struct entry *entry = op->arg;

	entry->tenant->waiting--;
	entry_free(gate, entry);
	store_op_free(op);
}

/* 0: the submitter is answered once the job is on record. */
int entry_accept(struct gate *gate, struct message *submitter)
{
	struct store_op *op;
	int r = entry_admit(gate, submitter, submitter->job, &op, &submitter->problem);

	if (r == 0)
		ledger_send(gate, op);
	return r;
}

/* Its time has come: in line for its tenant's turn. */
static void enqueue(struct gate *gate, struct entry *entry, bool in_front)
{
	if (entry->progress.state != JOB_QUEUED)
		set_state(gate, entry, JOB_QUEUED);
	entry->ready_ns = pen_now_ns();
	if (in_front)
		queue_push_front(&entry->tenant->queue, &entry->item, entry->job->priority);
	else
		queue_push(&entry->tenant->queue, &entry->item, entry->job->priority);
	tenant_review(gate, entry->tenant);
}

/* Without memory to wait in the heap it waits no longer. */
static void schedule(struct gate *gate, struct entry *entry)
{
	entry->due.key = entry->progress.next_run_at_ms;
	if (heap_push(&gate->scheduled, &entry->due) < 0)
		enqueue(gate, entry, false);
}

static void await_expiry(struct gate *gate, struct entry *entry)
{
	entry->expiry.key = entry->job->expires_at_ms;
	if (entry->job->expires_at_ms && heap_push(&gate->expiries, &entry->expiry) < 0)
		log_warning("gate", "no memory to watch a job's expiry", "tenant=%s", entry->tenant->name);
}

static int not_stored(int error, struct problem *reterr)
{
	reterr->retry_after_ns = PEN_SECOND;
	return problem_set(
		reterr, -EIO, PROBLEM_STORE, NULL, "the job could not be stored: %s", strerror(-error));
}

/* Its key stands for another job, which is the answer if that asked for the same. */
static int not_again(
	const struct store_receipt *other, struct gate_receipt *ret_receipt, struct problem *reterr)
{
	if (!other->same)
		return problem_set(reterr, -EEXIST, PROBLEM_KEY, NULL,
			"this Idempotency-Key was used for a job that asked for something else");
	*ret_receipt = (struct gate_receipt){.id = other->id, .state = other->state, .replayed = true};
	return 0;
}

static void wait_for_turn(struct gate *gate, struct entry *entry)
{
	await_expiry(gate, entry);
	if (entry->progress.state == JOB_SCHEDULED)
		schedule(gate, entry);
	else
		enqueue(gate, entry, false);
}

int entry_settle(struct gate *gate, struct entry *entry, const struct store_op *op,
	struct gate_receipt *ret_receipt, struct problem *reterr)
{
	enum stats_submitted counts = SUBMITTED_ACCEPTED;
	int r = 0;

	arrivals_remove(gate, entry);
	entry->submitter = NULL;
	*ret_receipt = (struct gate_receipt){.id = entry->job->id, .state = entry->progress.state};
	if (op->error)
		r = op->error == -EEXIST ? not_again(&op->receipt, ret_receipt, reterr)
					 : not_stored(op->error, reterr);
	if (op->error) {
		counts = r ? SUBMITTED_REFUSED : SUBMITTED_REPLAYED;
		entry->tenant->waiting--;
		entry_free(gate, entry);
	} else {
		wait_for_turn(gate, entry);
	}
	gate->stats.submitted[op->job->kind][counts]++;
	return r;
}

void entry_accepted(struct gate *gate, struct entry *entry, const struct store_op *op)
{
	struct message *submitter = entry->submitter;

	if (submitter->lines) {
		bulk_accepted(gate, submitter, op);
		return;
	}
	submitter->result = entry_settle(gate, entry, op, &submitter->receipt, &submitter->problem);
	call_answer(submitter);
}

static void leave_underway(struct gate *gate, struct entry *entry)
{
	if (!entry->underway)
		return;
	entry->underway = false;
	gate->underway--;
}

/* The result goes on record; entry_ended() follows when it is there. */
static void end(struct gate *gate, struct entry *entry, enum job_state state, const struct outcome *outcome)
{
	struct store_op *op;
	int r = -ENOMEM;

	entry->ending = true;
	heap_remove(&gate->expiries, &entry->expiry);
	heap_remove(&gate->scheduled, &entry->due);
	op = op_new(entry, STORE_FINISH, state);
	if (op) { /* in the operation only: until it is on record nobody shall see an end */
		op->progress.finished_ms = clock_wall_ms();
		op->progress.next_run_at_ms = 0;
		r = wire_make_result(entry->job, &op->progress, outcome, &op->result);
	}
	if (r == 0) {
		ledger_send(gate, op);
		return;
	}
	/* no memory for the result: the job is not ended, it will be tried again */
	store_op_free(op);
	gate->stats.store_errors[STATS_STORE_FINISH]++;
	entry->ending = false;
	set_state(gate, entry, JOB_SCHEDULED);
	entry->progress.next_run_at_ms = clock_wall_ms() + 1000;
	entry->tenant->waiting++;
	leave_underway(gate, entry);
	schedule(gate, entry);
}

void entry_ended(struct gate *gate, struct entry *entry, struct result *result)
{
	enum job_kind kind = entry->job->kind;

	gate->stats.finished[kind][result->state]++;
	stats_observe(&gate->stats.total[kind], pen_now_ns() - entry->accepted_ns);
	results_put(gate->results, result);
	leave_underway(gate, entry);
	entry_free(gate, entry);
}

/* It has ended on record already, or a later attempt has begun: what is there stands, and this entry knows nothing better. */
void entry_refused(struct gate *gate, struct entry *entry)
{
	char id[UUID_TEXT];

	uuid_format(&entry->job->id, id);
	log_error("gate", "the store refused the end of an attempt that is not the job's latest",
		"id=%s attempt=%lu", id, (unsigned long)entry->progress.attempts);
	gate->stats.finishes_refused++;
	leave_underway(gate, entry);
	entry_free(gate, entry);
}

/* A job that waits is ended without having run (again). */
static void end_waiting(struct gate *gate, struct entry *entry, enum job_state state)
{
	queue_remove(&entry->item);
	entry->tenant->waiting--;
	tenant_review(gate, entry->tenant);
	end(gate, entry, state, NULL);
}

void entry_cancel(struct gate *gate, struct entry *entry)
{
	if (entry->progress.state != JOB_RUNNING) {
		end_waiting(gate, entry, JOB_CANCELLED);
		return;
	}
	entry->cancel_asked = true;
	set_state(gate, entry, JOB_CANCELLING);
	record_change(gate, entry);
	pen_ctx_cancel(entry->ctx, "cancelled");
}

void entries_due(struct gate *gate, int64_t wall_ms)
{
	struct heap_item *item;

	while ((item = heap_first(&gate->expiries)) && item->key <= wall_ms) {
		struct entry *entry = (struct entry *)((char *)item - offsetof(struct entry, expiry));

		heap_pop(&gate->expiries);
		if (entry->progress.state == JOB_QUEUED || entry->progress.state == JOB_SCHEDULED)
			end_waiting(gate, entry, JOB_EXPIRED);
	}
	while ((item = heap_first(&gate->scheduled)) && item->key <= wall_ms) {
		heap_pop(&gate->scheduled);
		enqueue(gate, (struct entry *)((char *)item - offsetof(struct entry, due)), false);
	}
}

static void hand_over(struct gate *gate, struct entry *entry)
{
	if (pen_chan_try_send(gate->ready, &entry) < 0)
		log_error("gate", "the workers' channel had no room", "running=%zu", gate->running);
}

/*
 * A job that outlived a daemon may be why the daemon ended.  If it ran before that is on record, a daemon that ended at once
 * would leave no trace of the attempt, and crash-limit would never be reached.
 */
static bool must_be_recorded_first(const struct entry *entry)
{
	return entry->restored && entry->latest;
}

void entry_change_recorded(struct gate *gate, struct entry *entry)
{
	if (!entry->held)
		return;
	entry->held = false;
	hand_over(gate, entry);
}

/* Its turn has come.  The slot is taken before a worker hears of it. */
void entry_start(struct gate *gate, struct entry *entry)
{
	struct tenant *tenant = entry->tenant;
	int64_t now_ns = pen_now_ns();

	if (pen_sem_try_acquire(tenant->slots, 1) < 0)
		goto put_back;
	if (pen_ctx_with_cancel(&entry->ctx, tenant->ctx) < 0)
		goto release_slot;
	if (progress_started(&entry->progress, clock_wall_ms()) < 0)
		goto unref_ctx;
	set_state(gate, entry, JOB_RUNNING);
	entry->conf = conf_ref(gate->conf);
	entry->underway = true;
	entry->started_ns = now_ns;
	entry->progress.next_run_at_ms = 0;
	tenant->waiting--;
	gate->running++;
	gate->underway++;
	stats_observe(&gate->stats.wait[entry->job->kind], now_ns - entry->ready_ns);
	record_change(gate, entry);
	tenant_review(gate, tenant);
	entry->held = must_be_recorded_first(entry);
	if (!entry->held)
		hand_over(gate, entry);
	return;

unref_ctx:
	pen_ctx_unref(TAKE_PTR(entry->ctx));
release_slot:
	pen_sem_release(tenant->slots, 1);
put_back:
	/* no memory now: behind the others, and looked at again when something ends */
	share_leave(&gate->share, &tenant->runner);
	queue_push_front(&tenant->queue, &entry->item, entry->job->priority);
}

static uint64_t random_bits(void)
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		bits = (uint64_t)pen_now_ns() * UINT64_C(0x9e3779b97f4a7c15);
	return bits;
}

/* Wait for the next try: as the schedule says, or as the other side asked for if that is later. */
static void try_later(struct gate *gate, struct entry *entry, const struct outcome *outcome)
{
	int64_t delay_ns = retry_delay_ns(&entry->job->retry, entry->progress.failures, random_bits());

	if (outcome->retry_after_ns > delay_ns)
		delay_ns = outcome->retry_after_ns;
	set_state(gate, entry, JOB_SCHEDULED);
	entry->progress.next_run_at_ms = clock_wall_ms() + delay_ns / PEN_MS;
	entry->tenant->waiting++;
	record_change(gate, entry);
	schedule(gate, entry);
	leave_underway(gate, entry);
}

/* Shutdown took the attempt away: it burns none, and the job is first in line again. */
static void give_back(struct gate *gate, struct entry *entry)
{
	entry->tenant->waiting++;
	enqueue(gate, entry, true);
	record_change(gate, entry);
	leave_underway(gate, entry);
}

static bool expired(const struct entry *entry)
{
	return entry->job->expires_at_ms && entry->job->expires_at_ms <= clock_wall_ms();
}

/* What happens after an attempt, in the order in which the reasons count. */
static void judge(struct gate *gate, struct entry *entry, const struct outcome *outcome)
{
	if (outcome->end == OUTCOME_SUCCEEDED)
		end(gate, entry, JOB_SUCCEEDED, outcome);
	else if (entry->cancel_asked)
		end(gate, entry, JOB_CANCELLED, outcome);
	else if (outcome->end == OUTCOME_CANCELLED)
		give_back(gate, entry);
	else if (++entry->progress.failures >= entry->job->retry.max_attempts || !outcome->retryable)
		end(gate, entry, JOB_FAILED, outcome);
	else if (expired(entry))
		end(gate, entry, JOB_EXPIRED, outcome);
	else
		try_later(gate, entry, outcome);
}

void entry_finished(struct gate *gate, struct entry *entry, const struct outcome *outcome)
{
	static const struct outcome no_memory_outcome = {
		.end = OUTCOME_FAILED,
		.retryable = true,
		.code = "out-of-memory",
		.message = "no memory for the attempt",
	};
	enum job_kind kind = entry->job->kind;

	if (!outcome)
		outcome = &no_memory_outcome;
	gate->running--;
	pen_sem_release(entry->tenant->slots, 1);
	pen_ctx_unref(TAKE_PTR(entry->ctx));
	conf_unref(TAKE_PTR(entry->conf));
	gate->stats.attempts[kind][outcome->end]++;
	stats_observe(&gate->stats.run[kind], pen_now_ns() - entry->started_ns);
	progress_ended(&entry->progress, clock_wall_ms(), outcome->code, outcome->message);
	tenant_review(gate, entry->tenant);
	judge(gate, entry, outcome);
}

/* Its attempt ended with the daemon: apart from failures, for the job may have had no part in it. */
static void put_back_crashed(struct gate *gate, struct entry *entry)
{
	struct outcome crash_loop = {0};

	progress_ended(&entry->progress, clock_wall_ms(), "crashed", "the daemon ended during this attempt");
	entry->progress.crashes++;
	if (entry->progress.state == JOB_RUNNING && entry->progress.crashes < gate->conf->crash_limit) {
		enqueue(gate, entry, false);
		record_change(gate, entry);
		return;
	}
	entry->tenant->waiting--;
	outcome_fail(&crash_loop, OUTCOME_FAILED, "crash-loop",
		"the daemon ended during %lu attempts of this job", (unsigned long)entry->progress.crashes);
	if (entry->progress.state == JOB_RUNNING)
		end(gate, entry, JOB_FAILED, &crash_loop);
	else
		end(gate, entry, JOB_CANCELLED, NULL);
}

static void put_back_queued(struct gate *gate, struct entry *entry)
{
	enqueue(gate, entry, false);
}

/* For the histogram: the clock of the earlier daemon is gone, so by the wall's, as far as it can be true. */
static int64_t when_accepted_ns(const struct job *job)
{
	int64_t ago_ms = clock_wall_ms() - job->created_ms;

	return pen_now_ns() - (ago_ms > 0 ? ago_ms * PEN_MS : 0);
}

int entry_restore(struct gate *gate, struct store_record *record)
{
	static void (*const put_back[JOB_STATES])(struct gate * gate, struct entry * entry) = {
		[JOB_SCHEDULED] = schedule,
		[JOB_QUEUED] = put_back_queued,
		[JOB_RUNNING] = put_back_crashed,
		[JOB_CANCELLING] = put_back_crashed,
	};
	struct tenant *tenant = tenant_restore(gate, record->job->tenant);
	struct entry *entry = tenant ? entry_new(gate, record->job, tenant, &record->progress) : NULL;

	if (!entry) {
		if (tenant)
			tenant_put(gate, tenant);
		return -ENOMEM;
	}
	record->progress = (struct progress){0};
	entry->accepted_ns = when_accepted_ns(entry->job);
	entry->restored = true;
	await_expiry(gate, entry);
	put_back[entry->progress.state](gate, entry);
	return 0;
}
