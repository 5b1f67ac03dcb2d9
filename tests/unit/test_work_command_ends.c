/* test_work_command_ends.c - attempts of command jobs that are ended from here, with all that they have started. */
#include <fcntl.h>
#include <penstock/io.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "work_command.h"

/* A command tells a test that it has come so far by writing a line into its FIFO, $1. */
struct signal_line {
	char folder[32], path[48];
	int fd;
};

static void line_open(struct signal_line *line)
{
	strcpy(line->folder, "/tmp/penstock-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(line->folder));
	snprintf(line->path, sizeof(line->path), "%s/line", line->folder);
	ck_assert_int_eq(mkfifo(line->path, 0600), 0);
	line->fd =
		open(line->path, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* both, so that it is never at its end */
	ck_assert_int_ge(line->fd, 0);
}

static void line_await(const struct signal_line *line)
{
	char text[16];

	ck_assert_int_eq(pen_io_wait(NULL, line->fd, PEN_IO_READ), 0);
	ck_assert_int_gt(read(line->fd, text, sizeof(text)), 0);
}

static void line_close(struct signal_line *line)
{
	close(line->fd);
	unlink(line->path);
	rmdir(line->folder);
}

/* Run a script until it has written its line, cancel it, and give what came of it. */
static struct outcome cancel_script(struct work *work, const char *script)
{
	struct signal_line line;
	struct attempted attempted;
	struct allowed allowed = ALLOW_SH(script);

	line_open(&line);
	allowed.args[2] = (char *)"sh";
	allowed.args[3] = line.path;
	allowed.def.args = allowed.args;
	attempt_start(&attempted, work, &no_input, &allowed.def);
	line_await(&line);
	pen_ctx_cancel(attempted.ctx, "cancelled");
	attempt_await(&attempted);
	line_close(&line);
	return attempted.outcome;
}

TRIAL(a_command_that_is_cancelled_is_sent_term)
{
	CLEANUP(outcome_fini) struct outcome outcome = cancel_script(work, "echo > $1; exec sleep 1000");

	ck_assert_cancelled(&outcome, "cancelled");
	ck_assert(!outcome.retryable);
	ck_assert_int_eq(outcome.result.command.signal, SIGTERM);
}

TRIAL(a_command_that_tidies_up_when_told_to_end_has_not_succeeded)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = cancel_script(
		work, "trap 'echo tidied; exit 0' TERM; echo > $1; while :; do sleep 0.01; done");

	ck_assert_cancelled(&outcome, "cancelled");
	ck_assert_int_eq(outcome.result.command.exit_code, 0);
	ck_assert_str_eq(outcome.result.command.stdout_data, "tidied\n");
}

/* The shell ends at once, what it has started takes its time. */
TRIAL(what_a_command_has_started_has_the_same_grace)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = cancel_script(work,
		"(trap 'sleep 0.3; echo tidied; exit' TERM; echo > $1; while :; do sleep 0.01; done) & wait");

	ck_assert_cancelled(&outcome, "cancelled");
	ck_assert_int_eq(outcome.result.command.signal, SIGTERM);
	ck_assert_str_eq(outcome.result.command.stdout_data, "tidied\n");
}

static void ignore_term(struct work *work)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = cancel_script(work, "trap '' TERM; echo > $1; while :; do sleep 0.01; done");

	ck_assert_cancelled(&outcome, "cancelled");
	ck_assert_int_eq(outcome.result.command.signal, SIGKILL);
}

START_TEST(a_command_that_does_not_heed_term_is_killed_after_its_grace)
{
	trial_run_with(1, (struct trial){ignore_term, {.command_grace_ns = 20 * PEN_MS}});
}
END_TEST

static struct outcome sleep_for(struct work *work, int64_t def_timeout_ns, int64_t job_timeout_ns)
{
	struct allowed sleeps = ALLOW("/bin/sleep", (char *)"1000");
	const struct work_terms terms = trial_terms_with(&sleeps.def);
	struct outcome outcome = {0};
	struct pen_ctx *ctx;

	sleeps.def.args = sleeps.args;
	sleeps.def.timeout_ns = def_timeout_ns;
	ck_assert_int_eq(pen_ctx_with_timeout(&ctx, NULL, job_timeout_ns), 0);
	work_run(ctx, work, &no_input, &terms, &outcome);
	pen_ctx_unref(ctx);
	return outcome;
}

TRIAL(the_earlier_of_the_time_limits_of_job_and_command_counts)
{
	CLEANUP(outcome_fini) struct outcome by_job = sleep_for(work, 1000 * PEN_SECOND, 20 * PEN_MS);
	CLEANUP(outcome_fini) struct outcome by_command = sleep_for(work, 20 * PEN_MS, 1000 * PEN_SECOND);

	ck_assert_timeout(&by_job);
	ck_assert(!by_job.retryable);
	ck_assert_int_eq(by_job.result.command.signal, SIGTERM);
	ck_assert_timeout(&by_command);
}

/* On the only loop there is: if reading held it up, neither the line nor the cancel would ever come. */
TRIAL(a_command_that_writes_without_end_leaves_others_their_turn)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = cancel_script(work, "head -c 1000000 /dev/zero; echo go > $1; exec yes");

	ck_assert_cancelled(&outcome, "cancelled");
	ck_assert(outcome.result.command.truncated);
	ck_assert_uint_eq(outcome.result.command.stdout_bytes, OUTPUT_MAX);
}

/* What loses its parent becomes a child of the test. */
static void adopt_orphans(void)
{
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

static int status_of_orphan(const struct outcome *outcome)
{
	int pid = atoi(outcome->result.command.stdout_data), status;

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

TRIAL(what_a_command_leaves_behind_in_its_group_is_killed)
{
	static const char *const scripts[] = {"sleep 1000 & echo $!", "sleep 1000 >&- 2>&- & echo $!"};

	adopt_orphans();
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct allowed leaves = ALLOW_SH(scripts[i]);
		CLEANUP(outcome_fini) struct outcome outcome = command(work, &leaves);
		int status;

		ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
		ck_assert(!outcome.result.command.truncated);
		status = status_of_orphan(&outcome);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
}

/* It has gone to a session of its own, where its group's signals do not reach it. */
TRIAL(what_has_left_the_session_of_a_command_does_not_hold_it_by_its_pipes)
{
	struct allowed leaves = ALLOW_SH("setsid sleep 1000 & echo $!");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	adopt_orphans();
	outcome = command(work, &leaves);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	kill(atoi(outcome.result.command.stdout_data), SIGKILL);
	status_of_orphan(&outcome);
}

/* It writes faster than it is read, and has nobody's leave to. */
TRIAL(what_has_left_the_session_cannot_write_for_ever)
{
	struct allowed leaves = ALLOW_SH("setsid yes & echo $! >&2");
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	int pid, status;

	adopt_orphans();
	outcome = command(work, &leaves);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	pid = atoi(outcome.result.command.stderr_data);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

int main(void)
{
	TCase *tcase = tcase_create("work_command_ends");

	tcase_add_test(tcase, a_command_that_is_cancelled_is_sent_term);
	tcase_add_test(tcase, a_command_that_tidies_up_when_told_to_end_has_not_succeeded);
	tcase_add_test(tcase, what_a_command_has_started_has_the_same_grace);
	tcase_add_test(tcase, a_command_that_does_not_heed_term_is_killed_after_its_grace);
	tcase_add_test(tcase, the_earlier_of_the_time_limits_of_job_and_command_counts);
	tcase_add_test(tcase, a_command_that_writes_without_end_leaves_others_their_turn);
	tcase_add_test(tcase, what_a_command_leaves_behind_in_its_group_is_killed);
	tcase_add_test(tcase, what_has_left_the_session_of_a_command_does_not_hold_it_by_its_pipes);
	tcase_add_test(tcase, what_has_left_the_session_cannot_write_for_ever);
	return trial_run_suite("work_command_ends", tcase);
}
