/* accept.c - jobs that clients bring: new ones, and ended ones that are to run again. */
#include <errno.h>
#include <penstock/time.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "gate/inside.h"
#include "wire/wire.h"

/* There is room when one of its jobs starts: not before there is a token for that. */
static int refuse_as_tenant(const struct tenant *tenant, struct problem *reterr)
{
	int64_t now_ns = pen_now_ns();
	int64_t token_ns = bucket_ready_ns(&tenant->starts, &tenant->limits.starts, now_ns) - now_ns;

	if (token_ns > reterr->retry_after_ns)
		reterr->retry_after_ns = token_ns;
	reterr->quota = "max-queued";
	reterr->quota_size = tenant->limits.max_queued;
	return problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL,
		"tenant %s has as many jobs waiting as its limit allows: %u", tenant->name,
		tenant->limits.max_queued);
}

static int refuse_when_full(
	struct gate *gate, struct tenant *tenant, const struct job *job, struct problem *reterr)
{
	reterr->retry_after_ns = PEN_SECOND;
	if (HASH_COUNT(gate->entries) - gate->asking + gate->away >= gate->conf->jobs_max)
		return problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL,
			"as many jobs as the daemon may hold have not ended: %zu", gate->conf->jobs_max);
	if (gate->entries_bytes + job_bytes(job) > gate->conf->jobs_bytes_max)
		return problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL,
			"the jobs that have not ended take as much memory as they may: %zu bytes",
			gate->conf->jobs_bytes_max);
	if (tenant->waiting >= tenant->limits.max_queued)
		return refuse_as_tenant(tenant, reterr);
	if (limit_key_refuse(gate, tenant, job, reterr) < 0)
		return -EAGAIN;
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
	return work_check_command(def, &job->spec.command, reterr);
}

static int check_key(struct gate *gate, const struct job *job, const char *key, const char *pointer,
	struct problem *reterr)
{
	if (!key || conf_signing_key(gate->conf, key, job->tenant))
		return 0;
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, pointer,
		"there is no key of this name that the tenant may sign with");
}

static int check_sign(struct gate *gate, const struct job *job, struct problem *reterr)
{
	const char *key = job->kind == JOB_HTTP ? job->spec.http.sign : NULL;
	int r = check_key(gate, job, key, "/spec/sign", reterr);

	return r < 0 ? r : check_key(gate, job, job->callback.sign, "/callback/sign", reterr);
}

/* What its tenant does not allow any of its jobs.  Where none may run at all, one may wait. */
static int check_tenant(const struct tenant *tenant, const struct job *job, struct problem *reterr)
{
	const struct limits *limits = &tenant->limits;
	char most[DURATION_TEXT];

	if (job->slots > 1 && job->slots > limits->max_running)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/slots",
			"must be at most the tenant's max-running, %u", limits->max_running);
	if (limits->timeout_max_ns == 0 || job->timeout_ns <= limits->timeout_max_ns)
		return 0;
	format_duration(limits->timeout_max_ns, most);
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/timeout",
		"must be at most the tenant's timeout-max, %s", most);
}

static int no_memory(struct problem *reterr)
{
	return problem_set(reterr, -ENOMEM, PROBLEM_MEMORY, NULL, "no memory for another job");
}

/*
 * Whether the job may wait here; 0 with its tenant, which is to be put if nothing comes of it, or -errno with words in reterr.
 * `ret_full` (NULL: it matters) is whether there is no room, which then is no error; the words are there.
 */
static int find_room(struct gate *gate, const struct job *job, struct tenant **ret_tenant, bool *ret_full,
	struct problem *reterr)
{
	struct tenant *tenant;
	int r = check_command(gate, job, reterr);

	if (r == 0)
		r = check_sign(gate, job, reterr);
	if (r < 0)
		return r;
	tenant = tenant_get(gate, job->tenant, reterr);
	if (!tenant)
		return -EAGAIN;
	r = check_tenant(tenant, job, reterr);
	if (r == 0)
		r = refuse_when_full(gate, tenant, job, reterr);
	if (r == -EAGAIN && ret_full) {
		*ret_full = true;
		r = 0;
	}
	if (r < 0)
		tenant_put(gate, tenant);
	else
		*ret_tenant = tenant;
	return r;
}

/* In the backlog; or, where that is full, only to ask whether this repeats what was accepted before, which needs no room. */
static void count_in(struct gate *gate, struct entry *entry, bool full)
{
	entry->asks = full;
	if (full)
		gate->asking++;
	else
		entry_count_in(gate, entry);
}

int entry_admit(struct gate *gate, struct message *submitter, struct job *job, struct store_op **ret_op,
	struct problem *reterr)
{
	const struct progress progress = {
		.state = job->run_at_ms > clock_wall_ms() ? JOB_SCHEDULED : JOB_QUEUED,
		.next_run_at_ms = job->run_at_ms,
		.expires_at_ms = job->expires_at_ms,
	};
	struct store_op *op;
	struct tenant *tenant;
	struct entry *entry;
	bool full = false;
	int r = find_room(gate, job, &tenant, job->key ? &full : NULL, reterr);

	if (r < 0)
		return r;
	entry = entry_new(gate, job, tenant, &progress);
	if (!entry) {
		tenant_put(gate, tenant);
		return no_memory(reterr);
	}
	count_in(gate, entry, full);
	r = arrivals_add(gate, entry, reterr);
	if (r == 0 && !full && progress.state == JOB_QUEUED && limit_key_arrive(gate, entry) < 0)
		r = no_memory(reterr);
	op = r == 0 ? entry_op(entry, STORE_ACCEPT, entry->progress.state) : NULL;
	if (!op) {
		entry_drop(gate, entry);
		return r < 0 ? r : no_memory(reterr);
	}
	op->only_replay = full;
	op->relaxed |= full; /* it writes nothing */
	job->sequence = ++gate->last_sequence;
	entry->submitter = submitter;
	*ret_op = op;
	return 0;
}

void entry_withdraw(struct gate *gate, struct store_op *op)
{
	entry_drop(gate, op->arg);
	store_op_free(op);
}

int entry_accept(struct gate *gate, struct message *submitter)
{
	struct store_op *op;
	int r = entry_admit(gate, submitter, submitter->job, &op, &submitter->problem);

	if (r == 0)
		ledger_send(gate, op);
	return r;
}

static int not_stored(int error, struct problem *reterr)
{
	reterr->retry_after_ns = PEN_SECOND;
	return problem_set(
		reterr, -EIO, PROBLEM_STORE, NULL, "the job could not be stored: %s", strerror(-error));
}

static int too_large(struct problem *reterr)
{
	return problem_set(
		reterr, -E2BIG, PROBLEM_TOO_LARGE, NULL, "the job is larger than what can be put on record");
}

/* The key stands for no job, so this is a new one, and there was no room for it. */
static int not_new(struct gate *gate, const struct entry *entry, struct problem *reterr)
{
	int r = refuse_when_full(gate, entry->tenant, entry->job, reterr);

	if (r == 0) { /* by now there is */
		reterr->retry_after_ns = PEN_SECOND;
		r = problem_set(reterr, -EAGAIN, PROBLEM_BACKLOG, NULL, "the backlog was full");
	}
	return r;
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

/* It is on record.  One that comes for a later time meets no policy of its limit_key, nor does it arrive there. */
static void settle_in(struct gate *gate, struct entry *entry)
{
	if (!limit_key_yields(gate, entry))
		entry_wait(gate, entry);
}

int entry_settle(struct gate *gate, struct entry *entry, const struct store_op *op,
	struct gate_receipt *ret_receipt, struct problem *reterr)
{
	enum stats_submitted counts = SUBMITTED_ACCEPTED;
	int r = 0;

	arrivals_remove(gate, entry);
	entry->submitter = NULL;
	*ret_receipt = (struct gate_receipt){.id = entry->job->id, .state = entry->progress.state};
	if (op->error == -EEXIST)
		r = not_again(&op->receipt, ret_receipt, reterr);
	else if (op->error == -ENOKEY)
		r = not_new(gate, entry, reterr);
	else if (op->error == -E2BIG)
		r = too_large(reterr);
	else if (op->error)
		r = not_stored(op->error, reterr);
	if (op->error) {
		counts = r ? SUBMITTED_REFUSED : SUBMITTED_REPLAYED;
		entry_drop(gate, entry);
	} else {
		settle_in(gate, entry);
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

/* It is asked for again: with the tries of a new job, and the attempts that it has had.  0: answered when that is on record. */
int entry_retry(struct gate *gate, struct store_record *record, struct message *message)
{
	const struct job *job = record->job;
	struct tenant *tenant;
	struct entry *entry;
	int r;

	if (!job_state_may(record->progress.state, JOB_QUEUED))
		return -EALREADY;
	r = find_room(gate, job, &tenant, NULL, &message->problem);
	if (r < 0)
		return r;
	record->progress.state = JOB_QUEUED;
	record->progress.failures = 0;
	record->progress.crashes = 0;
	record->progress.finished_ms = 0;
	if (job->expires_at_ms)
		record->progress.expires_at_ms = clock_wall_ms() + job->expires_at_ms - job->created_ms;
	entry = entry_bring(gate, record); /* of that tenant */
	if (!entry)
		return -ENOMEM;
	entry->recorded = JOB_STATES; /* there it has ended */
	entry_count_in(gate, entry);
	entry->retrier = message;
	if (limit_key_arrive(gate, entry) == 0 && entry_record(gate, entry))
		return 0;
	entry_drop(gate, entry);
	return -ENOMEM;
}

/* Who asked for an ended job again is told. */
void entry_retried(struct gate *gate, struct entry *entry, int error)
{
	struct message *retrier = TAKE_PTR(entry->retrier);

	retrier->result = error && error != -ESTALE ? not_stored(error, &retrier->problem) : error;
	retrier->state = JOB_QUEUED;
	if (error) {
		entry_drop(gate, entry);
	} else {
		/* before anybody can know that it is queued */
		results_forget(gate->results, &entry->job->id);
		settle_in(gate, entry);
	}
	call_answer(retrier);
}
