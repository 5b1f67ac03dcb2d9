/* test_overflow.c - what is said when a task overflows its stack; and that no signal is touched unless that was asked for. */
#define UNIT_FORKS 1
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "lib/fiber.h"

enum { STACK_BYTES = 64 << 10, OWN_HANDLER = 7, SAID_MOST = 4096 };

/* How a process came to its end, and what it said on stderr. */
struct end {
	int status;
	char said[SAID_MOST];
};

static struct end end_of(void (*fn)(void))
{
	struct end end = {0};
	size_t n = 0;
	ssize_t more;
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0});
		dup2(ends[1], STDERR_FILENO);
		fn();
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_gt(pid, 0);
	close(ends[1]);
	while (n < SAID_MOST - 1 && (more = read(ends[0], end.said + n, SAID_MOST - 1 - n)) > 0)
		n += (size_t)more;
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &end.status, 0), pid);
	return end;
}

static void assert_killed(const struct end *end, const char *said)
{
	ck_assert_msg(WIFSIGNALED(end->status), "status %x", end->status);
	ck_assert_int_eq(WTERMSIG(end->status), SIGSEGV);
	ck_assert_str_eq(end->said, said);
}

/* No tail call, no frame larger than the guard. */
static __attribute__((noinline)) unsigned recurse(volatile unsigned depth)
{
	volatile char frame[512];

	if (depth == UINT32_MAX)
		return 0;
	frame[depth % sizeof frame] = 1;
	return recurse(depth + 1) + (unsigned)frame[0];
}

static void deep_task(void *arg)
{
	(void)arg;
	recurse(0);
}

static void wild_task(void *arg)
{
	volatile uintptr_t nowhere = 64;

	(void)arg;
	*(volatile int *)nowhere = 1;
}

static void sent_task(void *arg)
{
	(void)arg;
	kill(getpid(), SIGSEGV);
	pause();
}

static void (*task)(void *arg);
static size_t loop;

static int start(void *arg)
{
	if (task && pen_go_on_named(loop, "digger", task, arg) < 0)
		_exit(EXIT_FAILURE);
	return 0;
}

static void run(bool tell_overflow)
{
	struct pen_run_options options = {
		.loops = 2, .stack_bytes = STACK_BYTES, .tell_overflow = tell_overflow};

	if (pen_run(&options, start, NULL) != 0)
		_exit(EXIT_FAILURE);
}

static void run_told(void)
{
	run(true);
}

static void run_untold(void)
{
	run(false);
}

static int recurse_at_once(void *arg)
{
	(void)arg;
	return (int)recurse(0);
}

static void overflow_main(void)
{
	struct pen_run_options options = {.loops = 1, .stack_bytes = STACK_BYTES, .tell_overflow = true};

	pen_run(&options, recurse_at_once, NULL);
}

START_TEST(an_overflow_names_the_task_on_whatever_loop_and_ends_by_its_signal)
{
	struct end end;

	task = deep_task;
	loop = (size_t)_i;
	end = end_of(run_told);
	assert_killed(&end, "penstock: task digger overflowed its stack of 65536 bytes\n");
}
END_TEST

START_TEST(the_first_task_is_called_main)
{
	struct end end = end_of(overflow_main);

	assert_killed(&end, "penstock: task main overflowed its stack of 65536 bytes\n");
}
END_TEST

START_TEST(without_the_option_an_overflow_ends_as_ever)
{
	struct end end;

	task = deep_task;
	end = end_of(run_untold);
	assert_killed(&end, "");
}
END_TEST

START_TEST(a_wild_pointer_is_no_overflow)
{
	struct end end;

	task = wild_task;
	loop = (size_t)_i;
	end = end_of(run_told);
	assert_killed(&end, "");
}
END_TEST

START_TEST(a_signal_that_was_sent_is_no_overflow_and_ends_all_the_same)
{
	struct end end;

	task = sent_task;
	end = end_of(run_told);
	assert_killed(&end, "");
}
END_TEST

static void leave_by_own_handler(int signal)
{
	(void)signal;
	_exit(OWN_HANDLER);
}

static void take_the_signal(void *arg)
{
	(void)arg;
	signal(SIGSEGV, leave_by_own_handler);
}

static void run_with_own_handler(void)
{
	take_the_signal(NULL);
	run(true);
}

START_TEST(a_programs_own_handler_is_left_alone)
{
	struct end end;

	task = wild_task;
	end = end_of(run_with_own_handler);
	ck_assert_int_eq(WEXITSTATUS(end.status), OWN_HANDLER);
	ck_assert_str_eq(end.said, "");
}
END_TEST

#define SA_RESTORER 0x04000000 /* the C library's own, in whatever it has set once */

/* Every disposition there is; those of the C library's own cannot be asked for and stay zero. */
struct dispositions {
	void *handler[NSIG];
	int flags[NSIG];
};

static struct dispositions dispositions(void)
{
	struct dispositions all = {0};

	for (int i = 1; i < NSIG; i++) {
		struct sigaction action;

		if (sigaction(i, NULL, &action) < 0)
			continue;
		all.handler[i] = (void *)(uintptr_t)action.sa_handler;
		all.flags[i] = action.sa_flags & ~SA_RESTORER;
	}
	return all;
}

static struct dispositions before;
static sigset_t mask_before;

static void assert_no_signal_was_touched(void)
{
	struct dispositions now = dispositions();
	sigset_t mask = {0};

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	ck_assert_mem_eq(&mask, &mask_before, sizeof mask);
	for (int i = 1; i < NSIG; i++) {
		ck_assert_msg(now.handler[i] == before.handler[i], "the handler of signal %d changed", i);
		ck_assert_msg(now.flags[i] == before.flags[i], "the flags of signal %d changed", i);
	}
}

static int look_inside(void *arg)
{
	(void)arg;
	assert_no_signal_was_touched();
	return 0;
}

START_TEST(without_the_option_no_signal_is_touched_during_a_run_nor_after)
{
	struct pen_run_options options = {.loops = 2};
	stack_t stack;

	before = dispositions();
	pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
	ck_assert_int_eq(pen_run(&options, look_inside, NULL), 0);
	assert_no_signal_was_touched();
	ck_assert_int_eq(sigaltstack(NULL, &stack), 0);
}
END_TEST

START_TEST(with_the_option_all_is_as_before_after_the_run)
{
	static char memory[64 << 10];
	stack_t mine = {.ss_sp = memory, .ss_size = sizeof memory}, stack;

	before = dispositions();
	pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
	ck_assert_int_eq(sigaltstack(&mine, NULL), 0);
	task = NULL;
	run(true);
	run(true);
	assert_no_signal_was_touched();
	ck_assert_int_eq(sigaltstack(NULL, &stack), 0);
	ck_assert_ptr_eq(stack.ss_sp, memory);
	ck_assert_uint_eq(stack.ss_size, sizeof memory);
}
END_TEST

START_TEST(a_handler_set_during_the_run_stays)
{
	struct sigaction action;

	task = take_the_signal;
	run(true);
	ck_assert_int_eq(sigaction(SIGSEGV, NULL, &action), 0);
	ck_assert_ptr_eq((void *)(uintptr_t)action.sa_handler, (void *)(uintptr_t)leave_by_own_handler);
}
END_TEST

int main(void)
{
	TCase *tcase;

#if defined(PEN__ASAN) || defined(PEN__TSAN)
	printf("1..0 # SKIP a sanitizer takes SIGSEGV itself\n");
	return EXIT_SUCCESS;
#endif
	tcase = tcase_create("overflow");
	tcase_add_loop_test(tcase, an_overflow_names_the_task_on_whatever_loop_and_ends_by_its_signal, 0, 2);
	tcase_add_test(tcase, the_first_task_is_called_main);
	tcase_add_test(tcase, without_the_option_an_overflow_ends_as_ever);
	tcase_add_loop_test(tcase, a_wild_pointer_is_no_overflow, 0, 2);
	tcase_add_test(tcase, a_signal_that_was_sent_is_no_overflow_and_ends_all_the_same);
	tcase_add_test(tcase, a_programs_own_handler_is_left_alone);
	tcase_add_test(tcase, without_the_option_no_signal_is_touched_during_a_run_nor_after);
	tcase_add_test(tcase, with_the_option_all_is_as_before_after_the_run);
	tcase_add_test(tcase, a_handler_set_during_the_run_stays);
	return crew_run_suite("overflow", tcase);
}
