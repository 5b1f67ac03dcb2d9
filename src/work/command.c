/* command.c - one attempt of a command job: start it, move its streams, end it in time, tell what came of it. */
#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "work/inside.h"
#include "work/process.h"
#include "work/streams.h"

/* After the command has ended, something it started may still hold its pipes: so long it may. */
#define LINGER_NS (100 * PEN_MS)

/* On shutdown a command has had the whole drain timeout; it is not given a second one. */
#define SHUTDOWN_GRACE_NS (500 * PEN_MS)

static int64_t grace_ns(struct pen_ctx *ctx, const struct work *work)
{
	const char *cause = pen_ctx_cause(ctx);
	int64_t grace = work->options.command_grace_ns;

	return cause && strcmp(cause, "shutdown") == 0 && grace > SHUTDOWN_GRACE_NS ? SHUTDOWN_GRACE_NS
										    : grace;
}

/* Until the process and all of its group that can be reached has ended, and its outputs with it. */
static void see_to_its_end(
	struct pen_ctx *ctx, const struct work *work, struct process *process, struct streams *streams)
{
	if (process_wait(ctx, process) < 0)
		process_end(process, grace_ns(ctx, work));
	if (!streams_ended(streams, LINGER_NS)) {
		process_kill_group(process);
		streams_ended(streams, LINGER_NS);
	}
	process_kill_group(process);
	streams_finish(streams);
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
		.max_rss_bytes = rusage->ru_maxrss * INT64_C(1024),
	};
	result->stdout_data = buf_take(&streams->out.kept, &result->stdout_bytes);
	result->stderr_data = buf_take(&streams->err.kept, &result->stderr_bytes);
}

/* Why it ended counts before how: a command that was told to end did not fail by itself. */
static void judge(struct pen_ctx *ctx, const struct command_result *result, struct outcome *outcome)
{
	if (result->exit_code == 0)
		outcome->end = OUTCOME_SUCCEEDED;
	else if (pen_ctx_err(ctx) < 0)
		work_ended_by(ctx, outcome);
	else if (result->signal)
		outcome_fail(outcome, OUTCOME_FAILED, "signal", "the command was ended by signal %d (%s)",
			result->signal, strsignal(result->signal));
	else
		outcome_fail(outcome, OUTCOME_FAILED, "exit-code", "the command exited with %d",
			result->exit_code);
}

static void run(struct pen_ctx *ctx, const struct work *work, const struct command_def *def,
	const struct command_spec *spec, struct process *process, struct outcome *outcome)
{
	struct rusage rusage = {0};
	struct streams streams;
	int r = streams_start(&streams, process, spec->stdin_data, spec->stdin_bytes, def->output_max);

	if (r < 0) {
		process_end(process, 0);
		process_reap(process, &rusage);
		outcome->retryable = true;
		outcome_fail(outcome, OUTCOME_FAILED, "out-of-memory", "no memory to run the command");
		return;
	}
	see_to_its_end(ctx, work, process, &streams);
	take_result(&streams, process_reap(process, &rusage), &rusage, outcome);
	buf_fini(&streams.out.kept);
	buf_fini(&streams.err.kept);
	judge(ctx, &outcome->result.command, outcome);
}

static void cannot_start(int error, const struct command_def *def, struct outcome *outcome)
{
	outcome->retryable = error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE;
	outcome_fail(
		outcome, OUTCOME_FAILED, "spawn", "%s cannot be started: %s", def->exec, strerror(-error));
}

void command_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct command_def *def,
	struct outcome *outcome)
{
	const struct command_spec *spec = &job->spec.command;
	CLEANUP(pen_ctx_unrefp) struct pen_ctx *limited = NULL;
	CLEANUP(freep) char **argv = NULL;
	struct process process;
	int r;

	if (!def) {
		outcome_fail(outcome, OUTCOME_FAILED, "no-such-command",
			"the configuration no longer has the command %s", spec->command);
		return;
	}
	argv = command_argv(def, spec);
	r = argv ? pen_ctx_with_timeout(&limited, ctx, def->timeout_ns) : -ENOMEM;
	if (r == 0)
		r = process_start(def, argv, spec->stdin_data != NULL, &process);
	if (r < 0)
		cannot_start(r, def, outcome);
	else
		run(limited, work, def, spec, &process, outcome);
}
