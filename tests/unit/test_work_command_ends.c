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

/* Their last process, which each of them leaves behind on its own way, says its number. */
TRIAL(nothing_that_a_command_has_started_outlives_it)
{
	static const char *const scripts[] = {
		"sleep 1000 & echo $!",
		"sleep 1000 >&- 2>&- & echo $!",
		"setsid sleep 1000 & echo $!",
		"setsid yes >&2 & echo $!",
		"sh -c 'setsid sleep 1000 & echo $!'; true",
		"sh -c 'setsid sh -c \"trap : TERM; while :; do sleep 1000; done\" >&- 2>&- & echo $!'; true",
	};

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct allowed leaves = ALLOW_SH(scripts[i]);
		CLEANUP(outcome_fini) struct outcome outcome = command(work, &leaves);

		ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
		ck_assert_int_gt(atoi(outcome.result.command.stdout_data), 0);
		ck_assert_msg(kill(atoi(outcome.result.command.stdout_data), 0) < 0 && errno == ESRCH, "%s",
			scripts[i]);
	}
}

/* What loses its parent becomes a child of the test, which must have none in the end. */
static void adopt_orphans(void)
{
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

/* Each process starts the next and ends, so that none lives for long; by itself that goes on for some ten seconds. */
TRIAL(what_flees_from_process_to_process_is_caught)
{
	static char script[] = "[ $1 = 0 ] || sh -c \"$0\" \"$0\" $(($1 - 1)) &";
	struct allowed flees = ALLOW("/bin/sh", (char *)"-c", script, script, (char *)"5000");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	adopt_orphans();
	outcome = command(work, &flees);
	ck_assert_output(&outcome, "");
}

/* 127 shells, each with a child, that heed nothing; braces would be a template's. */
static void become_many(struct work *work)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	adopt_orphans();
	outcome = cancel_script(work,
		"trap '' TERM; line=$1; many() ( if [ $1 = 0 ]; then echo > $line; else many $(($1 - 1)) & "
		"many $(($1 - 1)) & fi; sleep 1000 & wait ); many 6");
	ck_assert_cancelled(&outcome, "cancelled");
}

START_TEST(what_has_become_many_is_killed_to_the_last)
{
	trial_run_with(1, (struct trial){become_many, {.command_grace_ns = 20 * PEN_MS}});
}
END_TEST

TRIAL(a_command_that_kills_its_init_dies_with_it)
{
	struct allowed kills = ALLOW_SH("sleep 1000 & kill -KILL $PPID; while :; do :; done");
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	int status;

	adopt_orphans();
	outcome = command(work, &kills);
	ck_assert_failed(&outcome, "supervisor-lost", true);
	ck_assert(!outcome.has_result);
	for (int n = 0; n < 2; n++) { /* a third child is penstock-exec, which has not ended */
		ck_assert_int_gt(waitpid(-1, &status, 0), 0);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
}

TRIAL(a_command_that_kills_penstock_exec_dies_with_it_and_the_next_one_runs)
{
	struct allowed kills =
		ALLOW_SH("setsid sleep 1000 & set -- $(cat /proc/$PPID/stat); kill -KILL $4; sleep 1000");
	struct allowed says = ALLOW_SH("echo out");
	CLEANUP(outcome_fini) struct outcome killed = {0}, next = {.end = OUTCOME_FAILED};

	adopt_orphans();
	killed = command(work, &kills);
	ck_assert_failed(&killed, "supervisor-lost", true);
	for (int tries = 0; tries < 1000 && next.end != OUTCOME_SUCCEEDED; tries++) {
		outcome_fini(&next);
		next = command(work, &says);
		if (next.end != OUTCOME_SUCCEEDED) /* the one that is being killed took it */
			ck_assert_failed(&next, "supervisor-lost", true);
	}
	ck_assert_output(&next, "out\n");
	ck_assert_int_gt(waitpid(-1, NULL, 0), 0); /* its init, which has seen to the rest */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), 0);
}

TRIAL(a_command_that_stops_its_init_is_ended_all_the_same)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = cancel_script(work, "kill -STOP $PPID; echo > $1; exec sleep 1000");

	ck_assert_cancelled(&outcome, "cancelled");
	ck_assert_int_eq(outcome.result.command.signal, SIGTERM);
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
	tcase_add_test(tcase, nothing_that_a_command_has_started_outlives_it);
	tcase_add_test(tcase, what_flees_from_process_to_process_is_caught);
	tcase_add_test(tcase, what_has_become_many_is_killed_to_the_last);
	tcase_add_test(tcase, a_command_that_kills_its_init_dies_with_it);
	tcase_add_test(tcase, a_command_that_kills_penstock_exec_dies_with_it_and_the_next_one_runs);
	tcase_add_test(tcase, a_command_that_stops_its_init_is_ended_all_the_same);
	return trial_run_suite("work_command_ends", tcase);
}
