/* kinds.c - the table of kinds, what they need while the daemon runs, and the ends they share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "work/beneath.h"
#include "work/cgroups.h"
#include "work/endpoints.h"
#include "work/inside.h"
#include "work/own.h"
#include "work/spawner.h"
#include "work/supervisor.h"
#include "work/transfers.h"

static void (*const runs[JOB_KINDS])(
	struct pen_ctx *, struct work *, const struct job *, const struct work_terms *, struct outcome *) = {
	[JOB_ECHO] = echo_run,
	[JOB_SLEEP] = sleep_run,
	[JOB_HTTP] = http_run,
	[JOB_COMMAND] = command_run,
};

/* A time-out is the server's as a rule, so that another attempt may help. */
static const bool timeout_retryable[JOB_KINDS] = {[JOB_HTTP] = true};

static int start_commands(const char *supervisor, struct spawner **ret_spawner)
{
	char path[PATH_MAX];

	if (!supervisor)
		supervisor_find(path, NULL); /* else each command says where it should be */
	return spawner_new(supervisor ? supervisor : path, ret_spawner);
}

int work_new(const struct work_options *options, struct work **ret_work)
{
	struct work *work = calloc(1, sizeof *work);
	int r;

	if (!work)
		return -ENOMEM;
	work->options = *options;
	r = start_commands(options->supervisor, &work->spawner);
	if (r == 0)
		r = own_new(&work->own);
	if (r == 0)
		r = endpoints_new(&work->endpoints);
	if (r == 0)
		r = transfers_new(&work->transfers);
	if (r < 0) {
		endpoints_free(work->endpoints);
		own_free(work->own);
		spawner_free(work->spawner);
		free(work);
		return r;
	}
	work->cgroups = cgroups_open();
	*ret_work = work;
	return 0;
}

int work_check_command(const struct command_def *def, const struct command_spec *spec, struct problem *reterr)
{
	int r = command_check(def, spec, reterr);

	return r < 0 ? r : beneath_check(def, spec, reterr);
}

int work_can_run_commands(struct problem *reterr)
{
	char path[PATH_MAX];

	return supervisor_find(path, reterr);
}

void work_free(struct work *work)
{
	if (!work)
		return;
	transfers_free(work->transfers);
	endpoints_free(work->endpoints);
	own_free(work->own);
	spawner_free(work->spawner);
	cgroups_free(work->cgroups);
	free(work);
}

void work_count(struct work *work, struct endpoints_numbers *ret_numbers)
{
	endpoints_count(work->endpoints, ret_numbers);
}

void work_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome)
{
	int ended = pen_ctx_err(ctx);

	outcome->kind = job->kind;
	if (ended < 0)
		work_broken_off(ctx, ended, outcome);
	else
		runs[job->kind](ctx, work, job, terms, outcome);
}

void work_broken_off(struct pen_ctx *ctx, int error, struct outcome *outcome)
{
	int ended = pen_ctx_err(ctx);

	outcome->retryable = ended == -ETIMEDOUT && timeout_retryable[outcome->kind];
	if (ended == -ETIMEDOUT)
		outcome_fail(outcome, OUTCOME_TIMEOUT, "timeout", "the attempt took longer than it may");
	else if (ended < 0)
		outcome_fail(outcome, OUTCOME_CANCELLED, pen_ctx_cause(ctx), "the attempt was ended: %s",
			pen_ctx_cause(ctx));
	else
		work_refused(error, outcome);
}

void work_refused(int error, struct outcome *outcome)
{
	outcome->retryable = true;
	outcome_fail(outcome, OUTCOME_FAILED, error == -ENOMEM ? "out-of-memory" : "system",
		"the system refused what the attempt needs: %s", strerror(-error));
}
