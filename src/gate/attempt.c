/* attempt.c - one run of a job: started when its turn has come, finished, judged; or broken off with the daemon. */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "log/log.h"

/* Its slot and its worker are free. */
static void leave_worker(struct gate *gate, struct entry *entry)
{
	gate->running--;
	entry->tenant->running--;
	pen_sem_release(entry->tenant->slots, entry->slots);
	lanes_leave(gate, entry);
	pen_ctx_unref(TAKE_PTR(entry->ctx));
	conf_unref(TAKE_PTR(entry->conf));
}

static void hand_over(struct gate *gate, struct entry *entry)
{
	workers_suffice(gate);
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

/* Its turn has come.  Lanes, slots and a token are taken before a worker hears of it. */
int entry_start(struct gate *gate, struct entry *entry)
{
	struct tenant *tenant = entry->tenant;
	int64_t now_ns = pen_now_ns();
	int r;

	audit_touch(gate, entry);
	r = lanes_enter(gate, entry);
	if (r == -EAGAIN)
		return r;
	if (r < 0)
		goto put_back;
	entry->slots = tenant_slots(tenant, entry->job);
	if (pen_sem_try_acquire(tenant->slots, entry->slots) < 0)
		goto leave_lanes;
	if (pen_ctx_with_cancel(&entry->ctx, tenant->ctx) < 0)
		goto release_slots;
	if (!bucket_take(&tenant->starts, &tenant->limits.starts, now_ns))
		goto unref_ctx;
	if (progress_started(&entry->progress, clock_wall_ms()) < 0)
		goto unref_ctx;
	entry_weigh(gate, entry);
	entry_set_state(gate, entry, JOB_RUNNING);
	/* what runs does not expire; if it is to wait again it may */
	heap_remove(&gate->expiries, &entry->expiry);
	entry->conf = conf_ref(gate->conf);
	entry->timeout_max_ns = tenant->limits.timeout_max_ns;
	entry->underway = true;
	entry->started_ns = now_ns;
	entry->progress.next_run_at_ms = 0;
	explain_note_start(tenant, entry->ready_ns, now_ns);
	tenant->waiting--;
	gate->running++;
	tenant->running++;
	gate->underway++;
	stats_observe(&gate->stats.wait[entry->job->kind], now_ns - entry->ready_ns);
	entry_record(gate, entry);
	tenant_review(gate, tenant);
	entry->held = must_be_recorded_first(entry);
	if (!entry->held)
		hand_over(gate, entry);
	return 0;

unref_ctx:
	pen_ctx_unref(TAKE_PTR(entry->ctx));
release_slots:
	pen_sem_release(tenant->slots, entry->slots);
leave_lanes:
	lanes_leave(gate, entry);
put_back:
	/* no memory now */
	tenants_look_again(gate);
	share_leave(&gate->share, &tenant->runner);
	queue_push_front(&tenant->queue, &entry->item, entry->job->priority);
	return -ENOMEM;
}

/* What is known of an attempt is wrong from its beginning.  If a worker has it, its end will be refused too. */
static void change_refused(struct gate *gate, struct entry *entry)
{
	enum job_state state = entry->progress.state;

	if ((state == JOB_RUNNING || state == JOB_CANCELLING) && !entry->held)
		return;
	if (entry->held)
		leave_worker(gate, entry);
	else
		entry->tenant->waiting--;
	lanes_unqueue(gate, entry);
	tenant_review(gate, entry->tenant);
	entry_refused(gate, entry);
}

/* Where there was no memory to record that it is scheduled, nobody would find it: it stays. */
static bool may_leave(const struct gate *gate, const struct entry *entry, const struct store_op *op)
{
	return entry->progress.state == JOB_SCHEDULED && op->progress.state == JOB_SCHEDULED &&
	       !window_admits(gate, entry);
}

void entry_change_recorded(struct gate *gate, struct entry *entry, const struct store_op *op)
{
	bool leaves = entry->leaves || may_leave(gate, entry, op);

	entry->leaves = false;
	if (entry->retrier) {
		entry_retried(gate, entry, op->error);
	} else if (op->error) {
		change_refused(gate, entry);
	} else if (leaves) {
		window_leave_out(gate, entry);
	} else if (entry->held) {
		entry->held = false;
		hand_over(gate, entry);
	}
}

static uint64_t random_bits(void)
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		bits = (uint64_t)pen_now_ns() * UINT64_C(0x9e3779b97f4a7c15);
	return bits;
}

static void wait_again(struct gate *gate, struct entry *entry, int64_t delay_ns)
{
	entry_set_state(gate, entry, JOB_SCHEDULED);
	entry->progress.next_run_at_ms = clock_wall_ms() + delay_ns / PEN_MS;
	entry->tenant->waiting++;
	entry_record(gate, entry);
	entry_stay(gate, entry);
	entry_leave_underway(gate, entry);
}

/* Wait for the next try: as the schedule says, or as the other side asked for if that is later. */
static void try_later(struct gate *gate, struct entry *entry, const struct outcome *outcome)
{
	int64_t delay_ns = retry_delay_ns(&entry->job->retry, entry->progress.failures, random_bits());

	wait_again(gate, entry, outcome->retry_after_ns > delay_ns ? outcome->retry_after_ns : delay_ns);
}

/* Its endpoint is to be left alone.  All that wait for it would come back at once, so each adds up to half as long again. */
static void put_off(struct gate *gate, struct entry *entry, const struct outcome *outcome)
{
	int64_t spread_ns = (int64_t)(random_bits() % (uint64_t)(outcome->put_off_ns / 2 + PEN_MS));

	wait_again(gate, entry, outcome->put_off_ns + spread_ns);
}

/* Shutdown took the attempt away: it burns none, and the job is first in line again. */
static void give_back(struct gate *gate, struct entry *entry)
{
	entry->tenant->waiting++;
	entry_await_expiry(gate, entry);
	entry_enqueue(gate, entry, true);
	entry_record(gate, entry);
	entry_leave_underway(gate, entry);
}

static bool expired(const struct entry *entry)
{
	return entry->progress.expires_at_ms && entry->progress.expires_at_ms <= clock_wall_ms();
}

/* Counts the failure; one that was put off has not failed. */
static bool fails_for_good(struct entry *entry, const struct outcome *outcome)
{
	if (outcome->put_off_ns > 0)
		return false;
	return ++entry->progress.failures >= entry->job->retry.max_attempts || !outcome->retryable;
}

/* What happens after an attempt, in the order in which the reasons count. */
static void judge(struct gate *gate, struct entry *entry, const struct outcome *outcome)
{
	if (outcome->end == OUTCOME_SUCCEEDED)
		entry_end(gate, entry, JOB_SUCCEEDED, outcome);
	else if (entry->cancel_asked)
		entry_end(gate, entry, JOB_CANCELLED, outcome);
	else if (outcome->end == OUTCOME_CANCELLED)
		give_back(gate, entry);
	else if (fails_for_good(entry, outcome))
		entry_end(gate, entry, JOB_FAILED, outcome);
	else if (expired(entry))
		entry_end(gate, entry, JOB_EXPIRED, outcome);
	else if (outcome->put_off_ns > 0)
		put_off(gate, entry, outcome);
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

	audit_touch(gate, entry);
	if (!outcome)
		outcome = &no_memory_outcome;
	leave_worker(gate, entry);
	gate->stats.attempts[kind][outcome->end]++;
	stats_observe(&gate->stats.run[kind], pen_now_ns() - entry->started_ns);
	progress_ended(&entry->progress, clock_wall_ms(), outcome->code, outcome->message);
	tenant_review(gate, entry->tenant);
	judge(gate, entry, outcome);
}

/* Its attempt ended with the daemon: apart from failures, for the job may have had no part in it. */
void entry_broken_off(struct gate *gate, struct entry *entry)
{
	struct outcome crash_loop = {0};

	entry_count_in(gate, entry);
	entry_await_expiry(gate, entry);
	progress_ended(&entry->progress, clock_wall_ms(), "crashed", "the daemon ended during this attempt");
	entry->progress.crashes++;
	entry->cancel_asked = entry->cancel_recorded = entry->progress.state == JOB_CANCELLING;
	if (entry->progress.state == JOB_RUNNING && entry->progress.crashes < gate->conf->crash_limit) {
		entry_enqueue(gate, entry, false);
		entry_record(gate, entry);
		return;
	}
	entry->tenant->waiting--;
	outcome_fail(&crash_loop, OUTCOME_FAILED, "crash-loop",
		"the daemon ended during %lu attempts of this job", (unsigned long)entry->progress.crashes);
	if (entry->progress.state == JOB_RUNNING)
		entry_end(gate, entry, JOB_FAILED, &crash_loop);
	else
		entry_end(gate, entry, JOB_CANCELLED, NULL);
}
