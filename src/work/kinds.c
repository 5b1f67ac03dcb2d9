/* kinds.c - the table of kinds, and what they need while the daemon runs. */
#include <errno.h>
#include <stdlib.h>

#include "work/inside.h"
#include "work/transfers.h"

static void (*const runs[JOB_KINDS])(
	struct pen_ctx *, struct work *, const struct job *, const struct command_def *, struct outcome *) = {
	[JOB_ECHO] = echo_run,
	[JOB_SLEEP] = sleep_run,
	[JOB_HTTP] = http_run,
	[JOB_COMMAND] = command_run,
};

int work_new(const struct work_options *options, struct work **ret_work)
{
	struct work *work = calloc(1, sizeof *work);
	int r;

	if (!work)
		return -ENOMEM;
	work->options = *options;
	r = transfers_new(&work->transfers);
	if (r < 0) {
		free(work);
		return r;
	}
	*ret_work = work;
	return 0;
}

void work_free(struct work *work)
{
	if (!work)
		return;
	transfers_free(work->transfers);
	free(work);
}

void work_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome)
{
	outcome->kind = job->kind;
	runs[job->kind](ctx, work, job, command, outcome);
}

void work_ended_by(struct pen_ctx *ctx, struct outcome *outcome)
{
	if (pen_ctx_err(ctx) == -ETIMEDOUT) {
		outcome_fail(outcome, OUTCOME_TIMEOUT, "timeout", "the attempt took longer than it may");
	} else {
		const char *cause = pen_ctx_cause(ctx);

		outcome_fail(
			outcome, OUTCOME_CANCELLED, cause ? cause : "cancelled", "the attempt was ended");
	}
}
