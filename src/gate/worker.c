/*
 * worker.c - a worker: receive a job that may run, run it under its attempt's context, send back what came of it.
 *
 * A worker is started when a job runs for which there is none, and stays: a task that waits takes a page or two of its stack, and most
 * daemons never run as many jobs at once as they may.
 */
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <stdlib.h>

#include "gate/inside.h"
#include "log/log.h"

/* What the job asks for, else what its command has, else what all have. */
static int64_t wanted_timeout_ns(const struct entry *entry, const struct command_def *command)
{
	if (entry->job->timeout_ns)
		return entry->job->timeout_ns;
	return command ? command->timeout_ns : entry->conf->timeout_ns;
}

/* The most is what its tenant has, and what its command has, as work sees to. */
static int64_t attempt_timeout_ns(const struct entry *entry, const struct command_def *command)
{
	int64_t wanted_ns = wanted_timeout_ns(entry, command), most_ns = entry->timeout_max_ns;

	return most_ns > 0 && wanted_ns > most_ns ? most_ns : wanted_ns;
}

static struct work_terms find_terms(const struct conf *conf, const struct job *job)
{
	struct work_terms terms = {
		.guard = &conf->guard,
		.tenant_guard = &conf_tenant(conf, job->tenant)->guard,
		.breaker = {conf->breaker_failures, conf->breaker_min_ns,     conf->breaker_max_ns},
		.tls = {conf->ca_file,          conf->client_certificate, conf->client_key    },
	};

	if (job->kind == JOB_COMMAND)
		terms.command = conf_command(conf, job->spec.command.command);
	if (job->kind == JOB_HTTP && job->spec.http.sign)
		terms.signing_key = conf_signing_key(conf, job->spec.http.sign, job->tenant);
	return terms;
}

/* Both outputs may be as long as the cap says, so as much is held of them together. */
static void begin_log(struct gate *gate, const struct entry *entry, struct work_terms *terms)
{
	if (!terms->command)
		return;
	terms->live = logs_take(gate->logs, &entry->job->id);
	live_begin(terms->live, entry->progress.attempts, 2 * terms->command->output_max);
}

/* Gives whether its log was taken, which goes to the gate with the outcome. */
static bool run(struct gate *gate, struct entry *entry, struct outcome *outcome)
{
	struct work_terms terms = find_terms(entry->conf, entry->job);
	struct pen_ctx *ctx;

	outcome->kind = entry->job->kind;
	if (pen_ctx_with_timeout(&ctx, entry->ctx, attempt_timeout_ns(entry, terms.command)) < 0) {
		outcome_fail(outcome, OUTCOME_FAILED, "out-of-memory", "no memory to start the attempt");
		outcome->retryable = true;
		return false;
	}
	begin_log(gate, entry, &terms);
	work_run(ctx, gate->work, entry->job, &terms, outcome);
	live_end(terms.live);
	pen_ctx_unrefp(&ctx);
	return terms.live != NULL;
}

static void worker(void *arg)
{
	struct gate *gate = arg;
	struct entry *entry;

	while (pen_chan_recv(NULL, gate->ready, &entry) == 0) {
		struct finished finished = {.entry = entry, .outcome = calloc(1, sizeof *finished.outcome)};

		if (finished.outcome)
			finished.logged = run(gate, entry, finished.outcome);
		if (pen_chan_send(NULL, gate->done, &finished) < 0)
			break; /* never: nobody closes it */
	}
	pen_waitgroup_done(gate->workers);
}

/* On one loop after the other, beginning with the gate's. */
static int start_one(struct gate *gate)
{
	int r;

	pen_waitgroup_add(gate->workers, 1);
	r = pen_go_on_named((pen_loop_self() + gate->n_started) % pen_loops(), "worker", worker, gate);
	if (r < 0)
		pen_waitgroup_done(gate->workers);
	else
		gate->n_started++;
	return r;
}

int workers_start(struct gate *gate)
{
	gate->workers = pen_waitgroup_new();
	return gate->workers ? start_one(gate) : -ENOMEM;
}

void workers_suffice(struct gate *gate)
{
	while (gate->running > gate->n_started && gate->n_started < gate->n_workers)
		if (start_one(gate) < 0) {
			log_warning(
				"gate", "no memory to start another worker", "workers=%zu", gate->n_started);
			return;
		}
}

void workers_stop(struct gate *gate)
{
	pen_chan_close(gate->ready);
	if (gate->workers && pen_waitgroup_wait(NULL, gate->workers) < 0)
		return; /* never: without a context it ends in no other way */
}
