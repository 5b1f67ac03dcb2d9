/* test_runtime.c - runs one after the other, in a child, beside threads; and what a program started from a task inherits. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <penstock/chan.h>
#include <penstock/select.h>
#include <penstock/sem.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "party.h"

enum { RUNS = 50, VALUES = 200, RESULT = 3, LISTED_MOST = 1024 };

/* Enough to have used the loops, a timer and a descriptor's event. */
static int do_some_work(void *arg)
{
	struct crew crew;
	struct party sender = {.chan = new_chan(0), .value = 7}, receiver = {.chan = sender.chan};

	(void)arg;
	crew_init(&crew, MIXED);
	crew_go(&crew, send_one, &sender);
	crew_go(&crew, recv_one, &receiver);
	crew_join(&crew);
	ck_assert_int_eq(receiver.value, 7);
	ck_assert_int_eq(pen_sleep(NULL, 10 * PEN_US), 0);
	pen_chan_free(sender.chan);
	return RESULT;
}

static void run_once(void)
{
	struct pen_run_options options = {.loops = 2, .on_leak = crew_leak};

	ck_assert_int_eq(pen_run(&options, do_some_work, NULL), RESULT);
	ck_assert_uint_eq(pen_loops(), 0);
	ck_assert_uint_eq(pen_tasks_alive(), 0);
}

static size_t entries_of(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

START_TEST(one_run_may_follow_another_and_leaves_neither_descriptor_nor_thread)
{
	size_t fds = entries_of("/proc/self/fd"), threads;

	run_once();
	threads = entries_of("/proc/self/task"); /* a sanitizer may have one of its own by now */
	for (int i = 1; i < RUNS; i++)
		run_once();
	ck_assert_uint_eq(entries_of("/proc/self/fd"), fds);
	ck_assert_uint_eq(entries_of("/proc/self/task"), threads);
}
END_TEST

static void *run_in_a_thread(void *arg)
{
	run_once();
	return arg;
}

START_TEST(a_run_may_be_of_any_thread_and_the_next_of_another)
{
	for (int i = 0; i < 3; i++) {
		pthread_t thread;

		ck_assert_int_eq(pthread_create(&thread, NULL, run_in_a_thread, NULL), 0);
		pthread_join(thread, NULL);
		run_once();
	}
}
END_TEST

static void assert_exit(pid_t pid, int expected)
{
	int status;

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == expected, "status %x", status);
}

/* The child has but one thread, and a run of its own. */
START_TEST(a_process_may_fork_before_a_run_and_run_in_parent_and_child)
{
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			run_once();
			_exit(RESULT);
		}
		run_once(); /* the second child inherits a library that has run */
		assert_exit(pid, RESULT);
	}
}
END_TEST

/* What a new program lists of its descriptors, one a line. */
static void list_of_child(char list[LISTED_MOST])
{
	static char *const argv[] = {"ls", "/proc/self/fd", NULL};
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int ends[2];
	size_t n = 0;
	ssize_t more;
	pid_t pid;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	ck_assert_int_eq(posix_spawnp(&pid, "ls", &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (n < LISTED_MOST - 1 && (more = read(ends[0], list + n, LISTED_MOST - 1 - n)) > 0)
		n += (size_t)more;
	list[n] = '\0';
	close(ends[0]);
	assert_exit(pid, EXIT_SUCCESS);
}

static int list_from_a_task(void *arg)
{
	ck_assert_uint_gt(entries_of("/proc/self/fd"), 4); /* the runtime has some */
	list_of_child(arg);
	return 0;
}

START_TEST(a_program_started_from_a_task_inherits_no_descriptor_of_the_runtime)
{
	struct pen_run_options options = {.loops = 2};
	char before[LISTED_MOST], inside[LISTED_MOST];

	list_of_child(before);
	ck_assert_int_eq(pen_run(&options, list_from_a_task, inside), 0);
	ck_assert_str_eq(inside, before);
}
END_TEST

static int fork_in_a_task(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid == 0) {
		execlp("true", "true", (char *)NULL);
		_exit(EXIT_FAILURE);
	}
	assert_exit(pid, EXIT_SUCCESS);
	return do_some_work(NULL);
}

START_TEST(a_task_may_fork_and_exec_and_the_runtime_goes_on)
{
	struct pen_run_options options = {.loops = 2, .on_leak = crew_leak};

	ck_assert_int_eq(pen_run(&options, fork_in_a_task, NULL), RESULT);
}
END_TEST

struct trade {
	struct pen_chan *chan, *done;
	struct pen_sem *sem;
};

static void produce(void *arg)
{
	struct trade *trade = arg;

	for (int i = 0; i < VALUES; i++) {
		ck_assert_int_eq(pen_sem_acquire(NULL, trade->sem, 1), 0);
		ck_assert_int_eq(pen_chan_send(NULL, trade->chan, &i), 0);
		pen_sem_release(trade->sem, 1);
	}
	pen_chan_close(trade->done);
}

static void consume(void *arg)
{
	struct trade *trade = arg;
	int value, got = 0;

	for (bool done = false; !done;) {
		struct pen_case cases[] = {
			PEN_CASE_RECV(trade->chan, &value), PEN_CASE_RECV(trade->done, NULL)};
		int chosen = pen_select(NULL, cases, 2, PEN_SELECT_PRIORITY);

		done = chosen == 1;
		got += chosen == 0;
	}
	ck_assert_int_eq(got, VALUES);
}

/* Neither a runtime nor a task in sight. */
START_TEST(threads_may_use_the_library_while_no_runtime_runs)
{
	static const size_t capacities[] = {0, 1, 7};
	struct trade trade = {.chan = new_chan(capacities[_i]), .done = new_chan(0), .sem = pen_sem_new(1)};
	struct crew crew;

	crew_init(&crew, THREADS);
	crew_go(&crew, consume, &trade);
	crew_go(&crew, produce, &trade);
	crew_join(&crew);
	pen_chan_free(trade.chan);
	pen_chan_free(trade.done);
	pen_sem_free(trade.sem);
}
END_TEST

static void *keep_receiving(void *arg)
{
	int value, last = -1;

	while (pen_chan_recv(NULL, arg, &value) == 0)
		last = value;
	ck_assert_int_eq(last, RUNS - 1);
	return NULL;
}

static int send_number(void *arg)
{
	struct party *party = arg;

	send_one(party);
	return party->result;
}

START_TEST(a_thread_may_wait_on_while_runs_come_and_go)
{
	struct party party = {.chan = new_chan(0)};
	struct pen_run_options options = {.loops = 1};
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, keep_receiving, party.chan), 0);
	for (party.value = 0; party.value < RUNS; party.value++)
		ck_assert_int_eq(pen_run(&options, send_number, &party), 0);
	pen_chan_close(party.chan);
	pthread_join(thread, NULL);
	pen_chan_free(party.chan);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("runtime");

	tcase_add_test(tcase, one_run_may_follow_another_and_leaves_neither_descriptor_nor_thread);
	tcase_add_test(tcase, a_run_may_be_of_any_thread_and_the_next_of_another);
	tcase_add_test(tcase, a_process_may_fork_before_a_run_and_run_in_parent_and_child);
	tcase_add_test(tcase, a_program_started_from_a_task_inherits_no_descriptor_of_the_runtime);
	tcase_add_test(tcase, a_task_may_fork_and_exec_and_the_runtime_goes_on);
	tcase_add_loop_test(tcase, threads_may_use_the_library_while_no_runtime_runs, 0, 3);
	tcase_add_test(tcase, a_thread_may_wait_on_while_runs_come_and_go);
	return crew_run_suite("runtime", tcase);
}
