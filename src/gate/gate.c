/* gate.c - starting and stopping the gate, and its calls: each a message to the gate's task, and back. */
#include "gate/gate.h"

#include <errno.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"

enum { CALLS_MAX = 1024 }; /* messages that may wait; callers wait beyond */

static int open_channels(struct gate *gate)
{
	gate->calls = pen_chan_new(sizeof(struct message *), CALLS_MAX);
	gate->ready = pen_chan_new(sizeof(struct entry *), gate->n_workers);
	gate->done = pen_chan_new(sizeof(struct finished), gate->n_workers);
	gate->committed = pen_chan_new(sizeof(struct store_op *), LEDGER_MAX);
	gate->drained = pen_chan_new(0, 0);
	gate->loads = pen_chan_new(sizeof(struct load *), 1);
	gate->loaded = pen_chan_new(sizeof(struct load *), 1);
	gate->loader = pen_waitgroup_new();
	gate->surveyed = pen_chan_new(sizeof(int), 1);
	gate->ended = pen_chan_new(0, 0);
	return gate->loads && gate->loaded && gate->loader && gate->surveyed && gate->calls && gate->ready &&
			       gate->done && gate->committed && gate->drained && gate->ended
		       ? 0
		       : -ENOMEM;
}

static void gate_free(struct gate *gate)
{
	entries_free(gate);
	tenants_free(gate);
	settings_free(gate);
	resting_free(gate);
	damage_free(gate);
	reconcile_free(gate);
	heap_fini(&gate->filling);
	heap_fini(&gate->pauses);
	heap_fini(&gate->scheduled);
	heap_fini(&gate->expiries);
	heap_fini(&gate->waking);
	share_fini(&gate->share);
	pen_waitgroup_free(gate->workers);
	work_free(gate->work);
	results_free(gate->results);
	logs_free(gate->logs);
	pen_chan_free(gate->calls);
	pen_chan_free(gate->ready);
	pen_chan_free(gate->done);
	pen_chan_free(gate->committed);
	pen_chan_free(gate->loads);
	pen_chan_free(gate->loaded);
	pen_chan_free(gate->surveyed);
	pen_waitgroup_free(gate->loader);
	free(gate->departed);
	pen_chan_free(gate->drained);
	pen_chan_free(gate->ended);
	pen_ctx_unrefp(&gate->jobs_ctx);
	conf_unref(gate->conf);
	free(gate);
}

static int start_workers(struct gate *gate)
{
	struct work_options options = {
		.http_body_max = gate->conf->result_max,
		.command_grace_ns = gate->conf->command_grace_ns,
	};
	int r = work_new(&options, &gate->work);

	return r < 0 ? r : workers_start(gate);
}

static int start_loader(struct gate *gate)
{
	int r;

	pen_waitgroup_add(gate->loader, 1);
	r = pen_go(loader, gate);
	if (r < 0)
		pen_waitgroup_done(gate->loader);
	return r;
}

static void stop_loader(struct gate *gate)
{
	int r;

	pen_chan_close(gate->loads);
	r = pen_waitgroup_wait(NULL, gate->loader);
	(void)r; /* without a context it ends in no other way */
}

int gate_start(struct pen_ctx *ctx, struct conf *conf, struct store *store, struct gate **ret_gate)
{
	struct gate *gate = calloc(1, sizeof *gate);
	int r;

	if (!gate)
		return -ENOMEM;
	gate->conf = conf_ref(conf);
	gate->store = store;
	gate->n_workers = conf->workers;
	gate->retention_ms = conf->retention_ns / PEN_MS;
	gate->began_ms = clock_wall_ms();
	gate->later = gate->expiring = PLACE_LAST;
	gate->results = results_new(conf->cache_bytes, conf->cache_age_ns);
	gate->logs = logs_new();
	r = gate->results && gate->logs ? open_channels(gate) : -ENOMEM;
	if (r == 0)
		r = pen_ctx_with_cancel(&gate->jobs_ctx, ctx);
	if (r == 0)
		r = start_workers(gate);
	if (r == 0)
		r = settings_restore(gate);
	if (r == 0)
		r = gate_recover(gate);
	if (r == 0)
		r = start_loader(gate);
	if (r == 0)
		r = pen_go(gate_turn, gate);
	if (r < 0) {
		if (gate->committed)
			ledger_abandon(gate);
		if (gate->loads && gate->loader)
			stop_loader(gate);
		if (gate->ready)
			workers_stop(gate);
		gate_free(gate);
		return r;
	}
	*ret_gate = gate;
	return 0;
}

/* Send a message and wait until it is answered.  Returns its result. */
int gate_call(struct gate *gate, struct message *message)
{
	int r;

	message->answered = pen_waitgroup_new();
	if (!message->answered)
		return problem_set(&message->problem, -ENOMEM, PROBLEM_MEMORY, NULL, "no memory to ask");
	pen_waitgroup_add(message->answered, 1);
	r = pen_chan_send(NULL, gate->calls, &message);
	if (r == 0)
		r = pen_waitgroup_wait(NULL, message->answered);
	if (r == 0)
		r = message->result;
	pen_waitgroup_free(message->answered);
	return r;
}

static void tell(struct problem *reterr, const struct message *message)
{
	if (reterr)
		*reterr = message->problem;
}

void gate_stop(struct gate *gate)
{
	struct message message = {.call = CALL_STOP};

	if (!gate)
		return;
	gate_call(gate, &message);
	if (pen_chan_recv(NULL, gate->ended, NULL) != -EPIPE)
		return;
	stop_loader(gate);
	workers_stop(gate);
	gate_free(gate);
}

int gate_submit(struct gate *gate, struct job *job, struct gate_receipt *ret_receipt, struct problem *reterr)
{
	struct message message = {.call = CALL_SUBMIT, .job = job};
	int r = gate_call(gate, &message);

	tell(reterr, &message);
	if (r == 0)
		*ret_receipt = message.receipt;
	return r;
}

int gate_submit_many(
	struct gate *gate, struct gate_line *lines, size_t n, bool atomic, struct problem *reterr)
{
	struct message message = {.call = CALL_SUBMIT_MANY, .lines = lines, .n_lines = n, .atomic = atomic};
	int r = gate_call(gate, &message);

	tell(reterr, &message);
	return r;
}

int gate_not_found(int r, struct problem *reterr)
{
	if (r == -ESTALE)
		return problem_set(
			reterr, r, PROBLEM_EXPIRED, NULL, "the job has ended and its record has expired");
	if (r == -ENOENT)
		return problem_set(reterr, r, PROBLEM_NO_SUCH_JOB, NULL, "no job has this id");
	if (r == -EBADMSG)
		return problem_set(reterr, r, PROBLEM_STORE, NULL, "what is on record of the job is damaged");
	return problem_set(reterr, r, PROBLEM_STORE, NULL, "the store could not be read");
}

/* What went wrong in words: the gate's, or those for what the store said. */
static int told(int r, const struct message *message, struct problem *reterr)
{
	if (r == 0 || message->problem.code)
		tell(reterr, message);
	else
		gate_not_found(r, reterr);
	return r;
}

int gate_look(
	struct gate *gate, const struct uuid *id, struct store_record *ret_record, struct problem *reterr)
{
	struct message message = {.call = CALL_LOOK, .id = id, .record = ret_record};
	int r;

	*ret_record = (struct store_record){0};
	r = gate_call(gate, &message);
	if (r == -ENOENT)
		r = store_read(gate->store, id, ret_record);
	return r < 0 ? gate_not_found(r, reterr) : 0;
}

int gate_cancel(struct gate *gate, const struct uuid *id, enum job_state *ret_state, struct problem *reterr)
{
	struct message message = {.call = CALL_CANCEL, .id = id};
	int r = gate_call(gate, &message);

	if (r == 0)
		*ret_state = message.state;
	if (r == -EALREADY)
		return problem_set(reterr, r, PROBLEM_FINISHED, NULL, "the job has ended already");
	return told(r, &message, reterr);
}

int gate_retry(struct gate *gate, const struct uuid *id, struct problem *reterr)
{
	struct message message = {.call = CALL_RETRY, .id = id};
	int r = gate_call(gate, &message);

	if (r == -EBUSY)
		return problem_set(reterr, r, PROBLEM_NOT_RETRYABLE, NULL, "the job has not ended");
	if (r == -EALREADY)
		return problem_set(reterr, r, PROBLEM_NOT_RETRYABLE, NULL, "the job has succeeded");
	return told(r, &message, reterr);
}

/* From the store, and back into the cache; -EINPROGRESS while the job has not ended. */
static int result_from_record(struct gate *gate, const struct uuid *id, struct result **ret_result)
{
	uint64_t forgets = results_forgets(gate->results, id);
	struct store_record record;
	int r = gate_look(gate, id, &record, NULL);

	if (r < 0)
		return r;
	if (record.result) {
		*ret_result = result_ref(record.result);
		results_put_read(gate->results, record.result, forgets);
	} else {
		r = -EINPROGRESS;
	}
	store_record_fini(&record);
	return r;
}

/* The watch is set before the record is read, so an end in between is not missed. */
static int wait_for_result(
	struct pen_ctx *ctx, struct gate *gate, const struct uuid *id, struct result **ret_result)
{
	struct results_watch watch;
	int r = results_watch(gate->results, id, &watch);

	if (r < 0)
		return r;
	r = result_from_record(gate, id, ret_result);
	if (r == -EINPROGRESS && pen_chan_recv(ctx, watch.arrived, ret_result) == 0)
		r = 0;
	results_unwatch(gate->results, &watch);
	return r;
}

/* What the store has forgotten by its age is not given out any longer. */
static struct result *cached_result(struct gate *gate, const struct uuid *id)
{
	struct result *result = results_get(gate->results, id);

	if (!result || result->finished_ms + gate->retention_ms >= clock_wall_ms())
		return result;
	result_unref(result);
	return NULL;
}

int gate_result(struct pen_ctx *ctx, struct gate *gate, const struct uuid *id, int64_t deadline_ns,
	struct result **ret_result)
{
	struct result *result = cached_result(gate, id);
	struct pen_ctx *waiting;
	int r;

	if (result) {
		*ret_result = result;
		return 0;
	}
	if (deadline_ns <= pen_now_ns())
		return result_from_record(gate, id, ret_result);
	r = pen_ctx_with_deadline(&waiting, ctx, deadline_ns);
	if (r < 0)
		return r;
	r = wait_for_result(waiting, gate, id, ret_result);
	pen_ctx_unrefp(&waiting);
	return r;
}

void gate_drain(struct gate *gate)
{
	struct message message = {.call = CALL_DRAIN};

	gate_call(gate, &message);
}

int gate_drained(struct pen_ctx *ctx, struct gate *gate)
{
	int r = pen_chan_recv(ctx, gate->drained, NULL);

	return r == -EPIPE ? 0 : r;
}

struct pen_chan *gate_drained_chan(struct gate *gate)
{
	return gate->drained;
}

void gate_cancel_running(struct gate *gate)
{
	pen_ctx_cancel(gate->jobs_ctx, "shutdown");
}

size_t gate_running(struct gate *gate)
{
	struct gate_stats stats = {0};

	gate_stats(gate, &stats);
	return stats.workers_busy;
}

int gate_reconfigure(struct gate *gate, struct conf *conf)
{
	struct message message = {.call = CALL_RECONFIGURE, .conf = conf};

	return gate_call(gate, &message);
}

int gate_ready(struct gate *gate, struct problem *reterr)
{
	struct message message = {.call = CALL_READY};
	int r = gate_call(gate, &message);

	tell(reterr, &message);
	return r;
}

void gate_stats(struct gate *gate, struct gate_stats *ret_stats)
{
	struct message message = {.call = CALL_STATS, .stats = ret_stats};

	if (gate_call(gate, &message) == 0)
		results_stats(gate->results, ret_stats);
}
