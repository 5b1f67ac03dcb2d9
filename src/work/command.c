/* command.c - one attempt of a command job: start it, move its streams, end it in time, tell what came of it. */
#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/fit.h"
#include "work/cgroups.h"
#include "work/inside.h"
#include "work/process.h"
#include "work/streams.h"
#include "work/supervisor.h"

/* All that may hold the pipes has ended, unless it was handed over to others: so long those are heard. */
#define LINGER_NS PEN_SECOND

/* Until all that the command has started has ended, and its outputs with it.  Whether it was told to. */
static bool see_to_its_end(
	struct pen_ctx *ctx, const struct work *work, struct process *process, struct streams *streams)
{
	bool told = process_wait(ctx, process) < 0;

	if (told)
		process_end(process, pen_now_ns() + work->options.command_grace_ns);
	streams_ended(streams, pen_now_ns() + LINGER_NS);
	return told;
}

static void take_result(struct streams *streams, const struct exec_report *report,
	const struct cgroup_usage *usage, struct outcome *outcome)
{
	struct command_result *result = &outcome->result.command;

	outcome->has_result = true;
	*result = (struct command_result){
		.exit_code = WIFEXITED(report->status) ? WEXITSTATUS(report->status) : -1,
		.signal = WIFSIGNALED(report->status) ? WTERMSIG(report->status) : 0,
		.user_us = report->user_us,
		.system_us = report->system_us,
		.max_resident_bytes = report->max_resident_bytes,
		.cgroup = *usage,
	};
	result->stdout_data = kept_take(&streams->out.kept, &result->stdout_bytes, &result->stdout_omitted);
	result->stderr_data = kept_take(&streams->err.kept, &result->stderr_bytes, &result->stderr_omitted);
	result->truncated = result->stdout_omitted.bytes > 0 || result->stderr_omitted.bytes > 0 ||
			    streams->out.kept.broken || streams->err.kept.broken;
}

static bool is_retryable(const struct command_def *def, int exit_code)
{
	for (char *const *code = def->retryable_codes; code && *code; code++)
		if (atoi(*code) == exit_code)
			return true;
	return false;
}

static void judge(const struct command_result *result, const struct command_def *def, struct outcome *outcome)
{
	if (result->exit_code == 0)
		outcome->end = OUTCOME_SUCCEEDED;
	else if (result->signal)
		outcome_fail(outcome, OUTCOME_FAILED, "signal", "the command was ended by signal %d (%s)",
			result->signal, strsignal(result->signal));
	else
		outcome_fail(outcome, OUTCOME_FAILED, "exit-code", "the command exited with %d",
			result->exit_code);
	outcome->retryable = !result->signal && is_retryable(def, result->exit_code);
}

/* What penstock-exec has told of: an end with a result, or that it has not come so far. */
static void judge_report(const struct exec_report *report, const struct cgroup_usage *usage,
	const struct command_def *def, struct streams *streams, struct outcome *outcome)
{
	if (report->step == EXEC_ENDED) {
		take_result(streams, report, usage, outcome);
		judge(&outcome->result.command, def, outcome);
	} else if (report->step < EXEC_STARTED) {
		supervisor_explain(report, def, outcome);
	} else {
		outcome->retryable = true;
		outcome_fail(outcome, OUTCOME_FAILED, "supervisor-lost",
			"penstock-exec was killed, and the command with it");
	}
}

/* What one attempt has while it runs. */
struct command_attempt {
	const struct command_def *def;
	const struct command_spec *spec;
	struct live *live;
	struct cgroup *cgroup; /* NULL: none */
	struct process process;
};

/* Why it ended counts before how: a command that was told to end has not done its work, whatever it says. */
static void run(struct pen_ctx *ctx, const struct work *work, struct command_attempt *attempt,
	struct outcome *outcome)
{
	struct process *process = &attempt->process;
	struct exec_report report;
	struct cgroup_usage usage;
	struct streams streams;
	const struct streams_ends ends = {.data = attempt->spec->stdin_data,
		.bytes = attempt->spec->stdin_bytes,
		.output_max = attempt->def->output_max,
		.live = attempt->live};
	int r = streams_start(&streams, process, &ends);
	bool told = true;

	if (r == 0)
		told = see_to_its_end(ctx, work, process, &streams);
	else
		process_end(process, 0);
	streams_finish(&streams);
	report = process_reap(process);
	cgroup_end(attempt->cgroup, &usage);
	judge_report(&report, &usage, attempt->def, &streams, outcome);
	streams_forget(&streams);
	if (told)
		work_broken_off(ctx, r < 0 ? r : -ENOMEM, outcome);
}

static void cannot_start(int error, const char *what, struct outcome *outcome)
{
	static const int passing[] = {
		EAGAIN, ENOMEM, EMFILE, ENFILE, ENOBUFS, ETOOMANYREFS, EPIPE, ECONNRESET, ENOTCONN};

	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		outcome->retryable |= error == -passing[i];
	outcome_fail(outcome, OUTCOME_FAILED, "spawn", "%s: %s", what, strerror(-error));
}

/* The configuration may have changed since the job was taken. */
static bool still_allowed(
	const struct command_def *def, const struct command_spec *spec, struct outcome *outcome)
{
	struct problem problem = {0};

	if (!def)
		outcome_fail(outcome, OUTCOME_FAILED, "no-such-command",
			"the configuration no longer has the command %s", spec->command);
	else if (work_check_command(def, spec, &problem) < 0)
		outcome_fail(outcome, OUTCOME_FAILED, "bad-arguments",
			"the command is not what it was when the job was taken: %s: %s", problem.field,
			problem.message);
	else
		return true;
	return false;
}

static void start(struct pen_ctx *ctx, struct work *work, char *const argv[], struct command_attempt *attempt,
	struct outcome *outcome)
{
	const struct process_plan plan = {attempt->def, argv, cgroup_path(attempt->cgroup)};
	int r = process_start(work->spawner, &plan, attempt->spec->stdin_data != NULL, &attempt->process);
	char what[200];

	if (r == 0) {
		run(ctx, work, attempt, outcome);
		return;
	}
	cgroup_end(attempt->cgroup, &(struct cgroup_usage){0});
	fit_print(what, sizeof what, "%s cannot be started", spawner_path(work->spawner));
	cannot_start(r, what, outcome);
}

void command_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct work_terms *terms, struct outcome *outcome)
{
	struct command_attempt attempt = {
		.def = terms->command, .spec = &job->spec.command, .live = terms->live};
	CLEANUP(pen_ctx_unrefp) struct pen_ctx *limited = NULL;
	CLEANUP(freep) char **argv = NULL;
	int r;

	if (!still_allowed(attempt.def, attempt.spec, outcome))
		return;
	argv = command_argv(attempt.def, attempt.spec);
	r = argv ? pen_ctx_with_timeout(&limited, ctx, attempt.def->timeout_ns) : -ENOMEM;
	if (r < 0) {
		work_refused(r, outcome);
		return;
	}
	if (work->cgroups)
		r = cgroup_new(work->cgroups, &job->id, attempt.def, &attempt.cgroup);
	if (r < 0)
		cannot_start(r, "its control group cannot be made", outcome);
	else
		start(limited, work, argv, &attempt, outcome);
}
