/* test_work_command_kill.c - penstock-exec is killed, whatever it is about: each command that it was to start comes to an end. */
#include <stdio.h>

#include "seeded.h"
#include "work_command.h"

enum { ROUNDS = UNIT_SANITIZER ? 4 : 12, COMMANDS = 6, LATE = 2 };

#define MOMENTS_NS (20 * PEN_MS) /* in which some commands are started */

/* The only child that a test has. */
static pid_t penstock_exec(void)
{
	CLEANUP(freep) char *line = NULL;
	size_t size = 0;
	FILE *file = fopen("/proc/thread-self/children", "re");
	pid_t pid = 0;

	ck_assert_ptr_nonnull(file);
	if (getline(&line, &size, file) > 0)
		pid = atoi(line);
	fclose(file);
	return pid;
}

/* Whether there was one. */
static bool kill_penstock_exec(void)
{
	pid_t pid = penstock_exec();

	ck_assert(pid == 0 || kill(pid, SIGKILL) == 0);
	return pid > 0;
}

static void ck_assert_over(const struct outcome *outcome)
{
	bool lost = outcome->end == OUTCOME_FAILED && strcmp(outcome->code, "supervisor-lost") == 0;

	ck_assert_msg(lost || outcome->end == OUTCOME_CANCELLED || outcome->end == OUTCOME_SUCCEEDED, "%s",
		outcome->code);
}

/* Some are asked of one that was killed a moment before. */
static bool kill_after(struct work *work, int64_t ns)
{
	struct allowed kinds[] = {ALLOW("/bin/sleep", (char *)"1000"), ALLOW("/bin/true", NULL)};
	struct attempted attempts[COMMANDS + LATE];
	bool killed = false;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		kinds[i].def.args = kinds[i].args;
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		if (i == COMMANDS) {
			ck_assert_int_eq(pen_sleep(NULL, ns), 0);
			killed = kill_penstock_exec();
		}
		attempt_start(&attempts[i], work, &no_input, &kinds[i % ARRAY_LEN(kinds)].def);
	}
	pen_yield(); /* the late ones are asked for */
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		pen_ctx_cancel(attempts[i].ctx, "enough");
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		attempt_await(&attempts[i]);
		ck_assert_over(&attempts[i].outcome);
		outcome_fini(&attempts[i].outcome);
	}
	return killed;
}

TRIAL(commands_come_to_an_end_whenever_penstock_exec_is_killed)
{
	uint64_t state = 1;
	int killed = 0;

	for (int round = 0; round < ROUNDS; round++)
		killed += kill_after(work, (int64_t)seeded_below(&state, MOMENTS_NS));
	ck_assert_int_ge(killed, ROUNDS - 1); /* in the first it may not be there yet */
}

/* Those that were asked of it a moment before hang on to its socket, which the init has too. */
TRIAL(an_init_that_its_command_has_stopped_goes_when_penstock_exec_is_killed)
{
	struct allowed stops =
		ALLOW_SH("set -- $(cat /proc/$PPID/stat); kill -STOP $PPID; kill -KILL $4; sleep 1000");
	CLEANUP(outcome_fini) struct outcome outcome = command(work, &stops);

	ck_assert_failed(&outcome, "supervisor-lost", true);
}

int main(void)
{
	TCase *tcase = tcase_create("work_command_kill");

	tcase_add_test(tcase, commands_come_to_an_end_whenever_penstock_exec_is_killed);
	tcase_add_test(tcase, an_init_that_its_command_has_stopped_goes_when_penstock_exec_is_killed);
	return trial_run_suite("work_command_kill", tcase);
}
