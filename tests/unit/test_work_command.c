/* test_work_command.c - attempts of command jobs: what a command is given, what is taken from it, and how it ends. */
#include <stdio.h>
#include <unistd.h>

#include "work/kept.h"
#include "work_command.h"

enum { LARGE = 64 << 20 };

TRIAL(a_command_that_exits_with_0_succeeds_with_its_outputs_kept_apart)
{
	struct allowed says = ALLOW_SH("echo out; echo err >&2");
	CLEANUP(outcome_fini) struct outcome outcome = command(work, &says);
	const struct command_result *result = &outcome.result.command;

	ck_assert_output(&outcome, "out\n");
	ck_assert_str_eq(result->stderr_data, "err\n");
	ck_assert_int_eq(result->exit_code, 0);
	ck_assert_int_eq(result->signal, 0);
	ck_assert(!result->truncated);
	ck_assert_int_ge(result->user_us, 0);
	ck_assert_int_ge(result->system_us, 0);
}

TRIAL(an_exit_code_other_than_0_is_a_failure_with_a_result)
{
	struct allowed fails = ALLOW_SH("echo so far; exit 7");
	CLEANUP(outcome_fini) struct outcome outcome = command(work, &fails);

	ck_assert_failed(&outcome, "exit-code", false);
	ck_assert_int_eq(outcome.result.command.exit_code, 7);
	ck_assert_str_eq(outcome.result.command.stdout_data, "so far\n");
	ck_assert_ptr_nonnull(strstr(outcome.message, "7"));
}

TRIAL(a_signal_is_a_failure_with_a_result)
{
	struct allowed dies = ALLOW_SH("kill -ABRT $$");
	CLEANUP(outcome_fini) struct outcome outcome = command(work, &dies);

	ck_assert_failed(&outcome, "signal", false);
	ck_assert_int_eq(outcome.result.command.exit_code, -1);
	ck_assert_int_eq(outcome.result.command.signal, SIGABRT);
}

TRIAL(arguments_are_given_as_they_are_without_a_shell)
{
	static struct command_arg word = {(char *)"word", (char *)"$HOME; rm * \"'"};
	struct job job = {
		.kind = JOB_COMMAND, .spec.command = {.command = (char *)"test", .args = &word, .n_args = 1}
        };
	struct allowed prints = ALLOW("/usr/bin/printf", (char *)"%s|%s", (char *)"a b", (char *)"w={word}");
	CLEANUP(outcome_fini) struct outcome outcome = command_job(work, &prints, &job);

	ck_assert_output(&outcome, "a b|w=$HOME; rm * \"'");
}

TRIAL(the_input_is_given_whole)
{
	CLEANUP(freep) char *text = calloc(1, OUTPUT_MAX + 1);
	struct job job = {
		.kind = JOB_COMMAND,
		.spec.command = {.command = (char *)"test", .stdin_data = text, .stdin_bytes = OUTPUT_MAX}
        };
	struct allowed cat = ALLOW("/bin/cat");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	for (size_t i = 0; i < OUTPUT_MAX; i++)
		text[i] = (char)('a' + i % 23);
	outcome = command_job(work, &cat, &job);
	ck_assert_output(&outcome, text);
	ck_assert(!outcome.result.command.truncated);
}

TRIAL(input_that_the_command_does_not_read_is_its_own_affair)
{
	CLEANUP(freep) char *text = calloc(1, OUTPUT_MAX);
	struct job job = {
		.kind = JOB_COMMAND,
		.spec.command = {.command = (char *)"test", .stdin_data = text, .stdin_bytes = OUTPUT_MAX}
        };
	struct allowed deaf = ALLOW("/bin/true");
	CLEANUP(outcome_fini) struct outcome outcome = command_job(work, &deaf, &job);

	ck_assert_output(&outcome, "");
}

TRIAL(without_input_a_command_reads_nothing)
{
	struct job job = {
		.kind = JOB_COMMAND,
		.spec.command = {.command = (char *)"test", .stdin_data = (char *)"", .stdin_bytes = 0}
        };
	struct allowed cat = ALLOW("/bin/cat");
	CLEANUP(outcome_fini) struct outcome none = command(work, &cat);
	CLEANUP(outcome_fini) struct outcome empty = command_job(work, &cat, &job);

	ck_assert_output(&none, "");
	ck_assert_output(&empty, "");
}

TRIAL(a_command_has_three_descriptors_and_no_other)
{
	struct allowed lists = ALLOW("/bin/ls", (char *)"/proc/self/fd");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	ck_assert_int_eq(dup2(0, 40), 40); /* without close-on-exec, as a library might have one */
	outcome = command(work, &lists);
	close(40);
	ck_assert_output(&outcome, "0\n1\n2\n3\n"); /* 3: the folder that ls reads */
}

TRIAL(a_command_has_the_environment_that_the_operator_gave_it_and_no_more)
{
	char *environment[] = {(char *)"A=1", (char *)"B=two words", NULL};
	struct allowed bare = ALLOW("/usr/bin/env"), given = ALLOW("/usr/bin/env");
	CLEANUP(outcome_fini) struct outcome without = command(work, &bare);
	CLEANUP(outcome_fini) struct outcome with = {0};

	given.def.env = environment;
	with = command(work, &given);
	ck_assert_output(&without, "");
	ck_assert_output(&with, "A=1\nB=two words\n");
}

TRIAL(an_environment_that_is_too_long_for_a_packet_is_given_all_the_same)
{
	enum { LONG = 100000 };
	CLEANUP(freep) char *text = calloc(1, LONG + 1);
	char *environment[] = {text, (char *)"LAST=1", NULL};
	struct allowed counts = ALLOW_SH("expr length \"$A\" + $LAST");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	memset(text, 'x', LONG);
	memcpy(text, "A=", 2);
	counts.def.env = environment;
	outcome = command(work, &counts);
	ck_assert_output(&outcome, "99999\n");
}

/* /proc/PID/cmdline can be read by everybody, /proc/PID/environ cannot.  The init has no more than its name. */
TRIAL(the_environment_of_a_command_is_in_no_argument)
{
	char *environment[] = {(char *)"PATH=/usr/bin:/bin", (char *)"SECRET=hidden", NULL};
	struct allowed reads = ALLOW_SH("tr '\\0' '\\n' < /proc/$PPID/cmdline | grep -c .; echo $SECRET");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	reads.def.env = environment;
	outcome = command(work, &reads);
	ck_assert_output(&outcome, "1\nhidden\n");
}

TRIAL(a_command_works_in_its_folder_or_in_the_root)
{
	struct allowed root = ALLOW("/bin/pwd"), other = ALLOW("/bin/pwd");
	CLEANUP(outcome_fini) struct outcome in_root = command(work, &root);
	CLEANUP(outcome_fini) struct outcome in_other = {0};

	other.def.directory = (char *)"/proc";
	in_other = command(work, &other);
	ck_assert_output(&in_root, "/\n");
	ck_assert_output(&in_other, "/proc\n");
}

TRIAL(a_command_starts_with_no_signal_blocked_or_ignored)
{
	struct allowed reads =
		ALLOW("/bin/grep", (char *)"-E", (char *)"^Sig(Blk|Ign)", (char *)"/proc/self/status");
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	unsigned long blocked, ignored;
	sigset_t set, before;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	signal(SIGUSR1, SIG_IGN);
	outcome = command(work, &reads);
	sigprocmask(SIG_SETMASK, &before, NULL);
	ck_assert_int_eq(
		sscanf(outcome.result.command.stdout_data, "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2);
	ck_assert_uint_eq(blocked, 0);
	ck_assert_uint_eq(ignored, 0);
}

TRIAL(a_command_leads_a_session_and_a_group_of_its_own)
{
	struct allowed reads =
		ALLOW_SH("set -- $(cat /proc/$$/stat); test $1 = $5 && test $1 = $6 && echo leads");
	CLEANUP(outcome_fini) struct outcome outcome = command(work, &reads);

	ck_assert_output(&outcome, "leads\n");
}

TRIAL(a_command_can_gain_no_privileges)
{
	struct allowed reads = ALLOW("/bin/grep", (char *)"NoNewPrivs", (char *)"/proc/self/status");
	CLEANUP(outcome_fini) struct outcome outcome = command(work, &reads);

	ck_assert_output(&outcome, "NoNewPrivs:\t1\n");
}

TRIAL(a_command_has_its_own_limits)
{
	struct allowed tells = ALLOW_SH("ulimit -n; ulimit -v; ulimit -t; ulimit -f; ulimit -c; umask");
	struct allowed spins = ALLOW_SH("while :; do :; done");
	CLEANUP(outcome_fini) struct outcome own = {0}, outcome = {0};
	CLEANUP(outcome_fini) struct outcome spun = {0};

	tells.def.limits.open_files = 17;
	tells.def.limits.memory_bytes = 100 << 20;
	tells.def.limits.cpu_ns = 1001 * PEN_MS;
	tells.def.limits.file_bytes = 1 << 20;
	tells.def.umask = (char *)"0137";
	outcome = command(work, &tells);
	ck_assert_int_eq(strncmp(outcome.result.command.stdout_data, "17\n102400\n2\n2048\n", 17), 0);
	ck_assert_ptr_nonnull(strstr(outcome.result.command.stdout_data, "\n0137\n"));
	spins.def.limits.cpu_ns = 1;
	spun = command(work, &spins);
	ck_assert_failed(&spun, "signal", false);
	ck_assert_int_eq(spun.result.command.signal, SIGXCPU);
}

/* Which only root may give it. */
TRIAL(a_command_runs_as_its_user_and_with_nothing_of_the_daemons)
{
	struct allowed tells = ALLOW_SH("id -u; id -g; id -G; grep CapEff /proc/self/status");
	struct allowed hidden = ALLOW("/bin/true");
	CLEANUP(outcome_fini) struct outcome outcome = {0}, shut = {0};

	tells.def.identity = (char *)"54321:54322:54322,54323";
	tells.def.user = (char *)"somebody";
	outcome = command(work, &tells);
	if (geteuid() != 0) {
		ck_assert_failed(&outcome, "spawn", false);
		ck_assert_ptr_nonnull(strstr(outcome.message, "somebody"));
		return;
	}
	ck_assert_output(&outcome, "54321\n54322\n54322 54323\nCapEff:\t0000000000000000\n");
	hidden.def.identity = tells.def.identity;
	hidden.def.directory = (char *)"/proc/1/cwd/root";
	shut = command(work, &hidden);
	ck_assert_failed(&shut, "spawn", false);
	ck_assert_ptr_nonnull(strstr(shut.message, "/proc/1/cwd/root"));
}

TRIAL(a_limit_that_may_not_be_set_is_named)
{
	struct allowed any = ALLOW("/bin/true");
	struct outcome outcome;

	any.def.limits.open_files = (uint64_t)1 << 40; /* more than the kernel allows anybody */
	outcome = command(work, &any);
	ck_assert_failed(&outcome, "spawn", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, "open-files-max"));
}

TRIAL(an_exit_code_that_is_listed_is_worth_another_attempt)
{
	char *codes[] = {(char *)"75", (char *)"111", NULL};
	struct allowed busy = ALLOW_SH("exit 111"), wrong = ALLOW_SH("exit 7");
	CLEANUP(outcome_fini) struct outcome again = {0}, never = {0};

	busy.def.retryable_codes = wrong.def.retryable_codes = codes;
	again = command(work, &busy);
	ck_assert_failed(&again, "exit-code", true);
	never = command(work, &wrong);
	ck_assert_failed(&never, "exit-code", false);
}

/* Of the largest of its processes, be it a grandchild; this process is none of them. */
TRIAL(the_memory_that_a_command_took_is_told)
{
	struct allowed small = ALLOW("/bin/true");
	struct allowed large = ALLOW_SH("(dd if=/dev/zero of=/dev/null bs=64M count=1 2>&-; true); true");
	CLEANUP(outcome_fini) struct outcome little = {0}, much = {0};
	CLEANUP(freep) char *own = malloc(LARGE);

	ck_assert_ptr_nonnull(own);
	memset(own, 1, LARGE);
	little = command(work, &small);
	much = command(work, &large);
	ck_assert_int_gt(little.result.command.max_resident_bytes, 0);
	ck_assert_int_lt(little.result.command.max_resident_bytes, LARGE / 2);
	ck_assert_int_ge(much.result.command.max_resident_bytes, LARGE);
}

TRIAL(what_cannot_be_started_is_named)
{
	struct allowed missing = ALLOW("/no/such/program"), plain = ALLOW("/proc/self/status");
	struct allowed nowhere = ALLOW("/bin/true");
	struct outcome outcome = command(work, &missing);

	ck_assert_failed(&outcome, "spawn", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, "/no/such/program"));
	ck_assert_ptr_nonnull(strstr(outcome.message, strerror(ENOENT)));
	ck_assert(!outcome.has_result);
	outcome = command(work, &plain);
	ck_assert_failed(&outcome, "spawn", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, strerror(EACCES)));
	nowhere.def.directory = (char *)"/no/such/folder";
	outcome = command(work, &nowhere);
	ck_assert_failed(&outcome, "spawn", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, "/no/such/folder"));
	ck_assert_ptr_null(strstr(outcome.message, "/bin/true"));
}

TRIAL(a_command_that_is_no_longer_allowed_is_not_run)
{
	static struct command_arg word = {(char *)"word", (char *)"--help"};
	struct job job = {
		.kind = JOB_COMMAND, .spec.command = {.command = (char *)"test", .args = &word, .n_args = 1}
        };
	struct allowed other = ALLOW("/bin/echo", (char *)"{word}"), another = ALLOW("/bin/echo");
	struct outcome outcome = {0};

	work_run(NULL, work, &job, trial_terms(), &outcome);
	ck_assert_failed(&outcome, "no-such-command", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, "test"));
	outcome = command_job(work, &other, &job);
	ck_assert_failed(&outcome, "bad-arguments", false);
	outcome = command_job(work, &another, &job);
	ck_assert_failed(&outcome, "bad-arguments", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, "/spec/args/word"));
}

TRIAL(output_beyond_the_cap_is_read_and_dropped)
{
	struct allowed talks = ALLOW_SH("yes | head -c 1000000; yes e | head -c 1000 >&2; echo last >&2");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	talks.def.output_max = 1000;
	outcome = command(work, &talks);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert(outcome.result.command.truncated);
	ck_assert_uint_eq(outcome.result.command.stdout_bytes, 1000);
	ck_assert(memcmp(outcome.result.command.stdout_data, "y\ny\n", 4) == 0);
	ck_assert_uint_eq(outcome.result.command.stderr_bytes, 1000);
}

/* Of every length around the cap and its halves, the two ends are what they were. */
TRIAL(of_a_long_output_the_beginning_and_the_end_are_kept)
{
	enum { MAX = 7 };
	char text[4 * MAX];

	(void)work;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('A' + i);
	for (size_t total = 0; total <= sizeof(text); total++)
		for (size_t piece = 1; piece <= sizeof(text); piece += 3) {
			size_t head = total <= MAX ? total : MAX - MAX / 2, bytes, n;
			CLEANUP(freep) char *data = NULL;
			struct omitted omitted;
			struct kept kept;

			kept_init(&kept, MAX);
			for (size_t at = 0; at < total; at += n) {
				n = piece < total - at ? piece : total - at;
				kept_add(&kept, text + at, n);
			}
			data = kept_take(&kept, &bytes, &omitted);
			ck_assert_uint_eq(bytes, total < MAX ? total : MAX);
			ck_assert_uint_eq(omitted.bytes, total - bytes);
			if (total > MAX)
				ck_assert_uint_eq(omitted.at, head);
			if (total > 0)
				ck_assert_mem_eq(data, text, head);
			if (total > MAX)
				ck_assert_mem_eq(data + head, text + total - MAX / 2, MAX / 2);
			kept_fini(&kept);
		}
}

TRIAL(no_character_is_divided_where_output_is_left_out)
{
	struct allowed talks = ALLOW("/usr/bin/printf", (char *)"aéééééééééb");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	(void)work;
	talks.def.output_max = 8; /* "aé" and half of another, half of another and "éb" */
	outcome = command(work, &talks);
	ck_assert_output(&outcome, "aééb");
	ck_assert_uint_eq(outcome.result.command.stdout_omitted.at, 3);
	ck_assert_uint_eq(outcome.result.command.stdout_omitted.bytes, 14);
}

TRIAL(output_may_be_dropped_altogether)
{
	struct allowed talks = ALLOW_SH("echo out");
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	talks.def.output_max = 0;
	outcome = command(work, &talks);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert(outcome.result.command.truncated);
	ck_assert_uint_eq(outcome.result.command.stdout_bytes, 0);
}

TRIAL(without_penstock_exec_no_command_is_started)
{
	struct work_options options = {.supervisor = "/no/such/penstock-exec"};
	struct allowed says = ALLOW_SH("echo out");
	struct outcome outcome;
	struct work *without;

	(void)work;
	ck_assert_int_eq(work_new(&options, &without), 0);
	outcome = command(without, &says);
	ck_assert_failed(&outcome, "spawn", false);
	ck_assert_ptr_nonnull(strstr(outcome.message, options.supervisor));
	work_free(without);
}

enum { COMMANDS = 100 };

static void run_many(struct work *work)
{
	struct allowed says = ALLOW_SH("echo out");
	struct attempted many[COMMANDS];

	says.def.args = says.args;
	for (int i = 0; i < COMMANDS; i++)
		attempt_start(&many[i], work, &no_input, &says.def);
	for (int i = 0; i < COMMANDS; i++) {
		attempt_await(&many[i]);
		ck_assert_output(&many[i].outcome, "out\n");
		outcome_fini(&many[i].outcome);
	}
}

START_TEST(many_commands_at_once_all_end_and_leave_nothing)
{
	trial_run(2, run_many);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("work_command");

	tcase_add_test(tcase, a_command_that_exits_with_0_succeeds_with_its_outputs_kept_apart);
	tcase_add_test(tcase, an_exit_code_other_than_0_is_a_failure_with_a_result);
	tcase_add_test(tcase, a_signal_is_a_failure_with_a_result);
	tcase_add_test(tcase, arguments_are_given_as_they_are_without_a_shell);
	tcase_add_test(tcase, the_input_is_given_whole);
	tcase_add_test(tcase, input_that_the_command_does_not_read_is_its_own_affair);
	tcase_add_test(tcase, without_input_a_command_reads_nothing);
	tcase_add_test(tcase, a_command_has_three_descriptors_and_no_other);
	tcase_add_test(tcase, a_command_has_the_environment_that_the_operator_gave_it_and_no_more);
	tcase_add_test(tcase, an_environment_that_is_too_long_for_a_packet_is_given_all_the_same);
	tcase_add_test(tcase, the_environment_of_a_command_is_in_no_argument);
	tcase_add_test(tcase, a_command_works_in_its_folder_or_in_the_root);
	tcase_add_test(tcase, a_command_starts_with_no_signal_blocked_or_ignored);
	tcase_add_test(tcase, a_command_leads_a_session_and_a_group_of_its_own);
	tcase_add_test(tcase, a_command_can_gain_no_privileges);
	tcase_add_test(tcase, a_command_has_its_own_limits);
	tcase_add_test(tcase, a_command_runs_as_its_user_and_with_nothing_of_the_daemons);
	tcase_add_test(tcase, a_limit_that_may_not_be_set_is_named);
	tcase_add_test(tcase, an_exit_code_that_is_listed_is_worth_another_attempt);
	tcase_add_test(tcase, the_memory_that_a_command_took_is_told);
	tcase_add_test(tcase, what_cannot_be_started_is_named);
	tcase_add_test(tcase, without_penstock_exec_no_command_is_started);
	tcase_add_test(tcase, a_command_that_is_no_longer_allowed_is_not_run);
	tcase_add_test(tcase, output_beyond_the_cap_is_read_and_dropped);
	tcase_add_test(tcase, of_a_long_output_the_beginning_and_the_end_are_kept);
	tcase_add_test(tcase, no_character_is_divided_where_output_is_left_out);
	tcase_add_test(tcase, output_may_be_dropped_altogether);
	tcase_add_test(tcase, many_commands_at_once_all_end_and_leave_nothing);
	return trial_run_suite("work_command", tcase);
}
