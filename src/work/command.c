/* command.c - one attempt of a command job: start it, move its streams, end it in time, tell what came of it. */
#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "work/inside.h"
#include "work/process.h"
#include "work/streams.h"

/* After the command has ended, something it started may still hold its pipes: so long it may. */
#define LINGER_NS (100 * PEN_MS)

/* Until the process and all of its group has ended, and its outputs with it.  Whether it was told to. */
static bool see_to_its_end(
	struct pen_ctx *ctx, const struct work *work, struct process *process, struct streams *streams)
{
	bool told = process_wait(ctx, process) < 0;
	int64_t kill_at_ns = pen_now_ns() + (told ? work->options.command_grace_ns : LINGER_NS);

	if (told)
		process_end(process, kill_at_ns);
	if (!streams_ended(streams, kill_at_ns)) {
		process_kill_group(process);
		streams_ended(streams, pen_now_ns() + LINGER_NS);
	}
	process_kill_group(process);
	return told;
}

static int64_t microseconds(const struct timeval *time)
{
	return time->tv_sec * INT64_C(1000000) + time->tv_usec;
}

static void take_result(
	struct streams *streams, int status, const struct rusage *rusage, struct outcome *outcome)
{
	struct command_result *result = &outcome->result.command;

	outcome->has_result = true;
	*result = (struct command_result){
		.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.truncated = streams->out.truncated || streams->err.truncated,
		.user_us = microseconds(&rusage->ru_utime),
		.system_us = microseconds(&rusage->ru_stime),
	};
	result->stdout_data = buf_take(&streams->out.kept, &result->stdout_bytes);
	result->stderr_data = buf_take(&streams->err.kept, &result->stderr_bytes);
}

static void judge(const struct command_result *result, struct outcome *outcome)
{
	if (result->exit_code == 0)
		outcome->end = OUTCOME_SUCCEEDED;
	else if (result->signal)
		outcome_fail(outcome, OUTCOME_FAILED, "signal", "the command was ended by signal %d (%s)",
			result->signal, strsignal(result->signal));
	else
		outcome_fail(outcome, OUTCOME_FAILED, "exit-code", "the command exited with %d",
			result->exit_code);
}

/* Why it ended counts before how: a command that was told to end has not done its work, whatever it says. */
static void run(struct pen_ctx *ctx, const struct work *work, const struct command_def *def,
	const struct command_spec *spec, struct process *process, struct outcome *outcome)
{
	struct rusage rusage = {0};
	struct streams streams;
	int r = streams_start(&streams, process, spec->stdin_data, spec->stdin_bytes, def->output_max);
	bool told = true;

	if (r == 0)
		told = see_to_its_end(ctx, work, process, &streams);
	else
		process_end(process, 0);
	streams_finish(&streams);
	take_result(&streams, process_reap(process, &rusage), &rusage, outcome);
	streams_forget(&streams);
	if (told)
		work_broken_off(ctx, r < 0 ? r : -ENOMEM, outcome);
	else
		judge(&outcome->result.command, outcome);
}

/* posix_spawn does not say whether it was the executable or the working folder. */
static void cannot_start(int error, const struct command_def *def, struct outcome *outcome)
{
	bool folder = def->directory && access(def->directory, X_OK) < 0;

	outcome->retryable = error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE;
	outcome_fail(outcome, OUTCOME_FAILED, "spawn",
		folder ? "the working folder %s cannot be entered: %s" : "%s cannot be started: %s",
		folder ? def->directory : def->exec, strerror(-error));
}

/* The configuration may have changed since the job was taken. */
static bool still_allowed(
	const struct command_def *def, const struct command_spec *spec, struct outcome *outcome)
{
	struct problem problem = {0};

	if (!def)
		outcome_fail(outcome, OUTCOME_FAILED, "no-such-command",
			"the configuration no longer has the command %s", spec->command);
	else if (command_check(def, spec, &problem) < 0)
		outcome_fail(outcome, OUTCOME_FAILED, "bad-arguments",
			"the command is not what it was when the job was taken: %s: %s", problem.field,
			problem.message);
	else
		return true;
	return false;
}

void command_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct work_terms *terms, struct outcome *outcome)
{
	const struct command_spec *spec = &job->spec.command;
	const struct command_def *def = terms->command;
	CLEANUP(pen_ctx_unrefp) struct pen_ctx *limited = NULL;
	CLEANUP(freep) char **argv = NULL;
	struct process process;
	int r;

	if (!still_allowed(def, spec, outcome))
		return;
	argv = command_argv(def, spec);
	r = argv ? pen_ctx_with_timeout(&limited, ctx, def->timeout_ns) : -ENOMEM;
	if (r < 0) {
		work_refused(r, outcome);
		return;
	}
	r = process_start(def, argv, spec->stdin_data != NULL, &process);
	if (r < 0)
		cannot_start(r, def, outcome);
	else
		run(limited, work, def, spec, &process, outcome);
}
