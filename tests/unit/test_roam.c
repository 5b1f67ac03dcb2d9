/* test_roam.c - a task that roams: what takes it to another loop, what holds it, and what goes with it. */
#define UNIT_FORKS 1
#include <errno.h>
#include <fcntl.h>
#include <penstock/chan.h>
#include <penstock/io.h>
#include <penstock/mutex.h>
#include <penstock/select.h>
#include <penstock/sem.h>
#include <penstock/task.h>
#include <unistd.h>

#include "crew.h"

enum { ROUNDS = 100, HERE = 0, THERE = 1, MINE = 42 };

/* One who waits, begun on loop THERE, and all that it may wait for. */
static struct trial {
	void (*wait)(struct trial *trial);
	struct pen_chan *chan;
	struct pen_sem *sem;
	struct pen_mutex *mutex;
	struct pen_waitgroup *wg, *done;
	struct pen_ctx *ctx;
	int fds[2];
	size_t woke_up_on;
	int result;
} t;

static void trial_init(void)
{
	t = (struct trial){
		.chan = pen_chan_new(0, 0),
		.sem = pen_sem_new(1),
		.mutex = pen_mutex_new(),
		.wg = pen_waitgroup_new(),
		.done = pen_waitgroup_new(),
	};
	ck_assert_int_eq(pen_ctx_with_cancel(&t.ctx, NULL), 0);
	ck_assert_int_eq(pipe2(t.fds, O_CLOEXEC | O_NONBLOCK), 0);
}

static void trial_fini(void)
{
	pen_chan_free(t.chan);
	pen_sem_free(t.sem);
	pen_mutex_free(t.mutex);
	pen_waitgroup_free(t.wg);
	pen_waitgroup_free(t.done);
	pen_ctx_unref(t.ctx);
	close(t.fds[0]);
	close(t.fds[1]);
}

static void waiter(void *arg)
{
	(void)arg;
	ck_assert_uint_eq(pen_loop_self(), THERE);
	t.wait(&t);
	t.woke_up_on = pen_loop_self();
	pen_waitgroup_done(t.done);
}

static void nothing(void *arg)
{
	pen_waitgroup_done(arg);
}

/* Return when all that was ready on loop THERE has parked and left its stack: a task behind them has run. */
static void let_them_park(void)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();

	pen_waitgroup_add(wg, 1);
	ck_assert_int_eq(pen_go_on(THERE, nothing, wg), 0);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	pen_waitgroup_free(wg);
}

static void start_and_let_it_park(void (*wait)(struct trial *trial))
{
	t.wait = wait;
	pen_waitgroup_add(t.done, 1);
	ck_assert_int_eq(pen_go_roam(THERE, waiter, NULL), 0);
	let_them_park();
}

static void join(void)
{
	ck_assert_int_eq(pen_waitgroup_wait(NULL, t.done), 0);
}

static void recv(struct trial *trial)
{
	ck_assert_int_eq(pen_chan_recv(NULL, trial->chan, NULL), 0);
}

static void send(struct trial *trial)
{
	ck_assert_int_eq(pen_chan_send(NULL, trial->chan, NULL), 0);
}

static void select_until(struct trial *trial, int64_t deadline_ns)
{
	struct pen_case cases[] = {PEN_CASE_RECV(trial->chan, NULL)};

	ck_assert_int_eq(pen_select_until(NULL, cases, 1, PEN_SELECT_FAIR, deadline_ns), 0);
}

static void select_one(struct trial *trial)
{
	select_until(trial, PEN_NEVER);
}

static void acquire(struct trial *trial)
{
	ck_assert_int_eq(pen_sem_acquire(NULL, trial->sem, 1), 0);
	pen_sem_release(trial->sem, 1);
}

static void lock(struct trial *trial)
{
	ck_assert_int_eq(pen_mutex_lock(NULL, trial->mutex), 0);
	pen_mutex_unlock(trial->mutex);
}

static void join_group(struct trial *trial)
{
	ck_assert_int_eq(pen_waitgroup_wait(NULL, trial->wg), 0);
}

static void recv_under_ctx(struct trial *trial)
{
	ck_assert_int_eq(pen_chan_recv(trial->ctx, trial->chan, NULL), -ECANCELED);
}

static void release(struct trial *trial)
{
	pen_sem_release(trial->sem, 1);
}

static void unlock(struct trial *trial)
{
	pen_mutex_unlock(trial->mutex);
}

static void end_group(struct trial *trial)
{
	pen_waitgroup_done(trial->wg);
}

static void cancel(struct trial *trial)
{
	pen_ctx_cancel(trial->ctx, NULL);
}

static const struct way {
	void (*wait)(struct trial *trial);
	void (*wake)(struct trial *trial);
} ways[] = {
	{recv,           send     },
	{send,           recv     },
	{select_one,     send     },
	{acquire,        release  },
	{lock,           unlock   },
	{join_group,     end_group},
	{recv_under_ctx, cancel   },
};

static int wake(void *arg)
{
	const struct way *way = arg;

	trial_init();
	ck_assert_int_eq(pen_sem_acquire(NULL, t.sem, 1), 0);
	ck_assert_int_eq(pen_mutex_lock(NULL, t.mutex), 0);
	pen_waitgroup_add(t.wg, 1);
	start_and_let_it_park(way->wait);
	way->wake(&t);
	join();
	ck_assert_uint_eq(t.woke_up_on, HERE);
	if (way->wake != release)
		release(&t);
	if (way->wake != unlock)
		unlock(&t);
	trial_fini();
	return 0;
}

/* In a runtime of two loops, in which all tasks must end. */
static void run(int (*fn)(void *arg), const void *arg)
{
	struct pen_run_options options = {.loops = 2, .on_leak = crew_leak};

	ck_assert_int_eq(pen_run(&options, fn, (void *)arg), 0);
}

START_TEST(one_that_roams_goes_to_the_loop_of_who_wakes_it_whatever_it_waits_for)
{
	run(wake, &ways[_i]);
}
END_TEST

static void wait_in_turn(struct trial *trial)
{
	for (int i = 0; i < ROUNDS; i++) {
		recv(trial);
		ck_assert_uint_eq(pen_loop_self(), HERE);
	}
}

static int wake_in_turn(void *arg)
{
	(void)arg;
	trial_init();
	start_and_let_it_park(wait_in_turn);
	for (int i = 0; i < ROUNDS; i++)
		send(&t);
	join();
	trial_fini();
	return 0;
}

START_TEST(those_who_hand_each_other_values_stay_on_one_loop_from_then_on)
{
	run(wake_in_turn, NULL);
}
END_TEST

static int wake_behind_another(void *arg)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();

	(void)arg;
	trial_init();
	start_and_let_it_park(recv);
	pen_waitgroup_add(wg, 1);
	ck_assert_int_eq(pen_go(nothing, wg), 0);
	send(&t);
	join();
	ck_assert_uint_eq(t.woke_up_on, THERE);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	pen_waitgroup_free(wg);
	trial_fini();
	return 0;
}

START_TEST(it_does_not_go_where_others_are_ready)
{
	run(wake_behind_another, NULL);
}
END_TEST

static void select_with_a_deadline(struct trial *trial)
{
	select_until(trial, pen_now_ns() + 600 * PEN_SECOND);
}

static int wake_before_the_deadline(void *arg)
{
	(void)arg;
	trial_init();
	start_and_let_it_park(select_with_a_deadline);
	send(&t);
	join();
	ck_assert_uint_eq(t.woke_up_on, THERE);
	trial_fini();
	return 0;
}

START_TEST(one_whose_wait_has_a_deadline_stays_with_its_timer)
{
	run(wake_before_the_deadline, NULL);
}
END_TEST

static void wait_for_descriptor(struct trial *trial)
{
	ck_assert_int_eq(pen_io_wait(trial->ctx, trial->fds[0], PEN_IO_READ), -ECANCELED);
}

static int cancel_io(void *arg)
{
	(void)arg;
	trial_init();
	start_and_let_it_park(wait_for_descriptor);
	cancel(&t);
	join();
	ck_assert_uint_eq(t.woke_up_on, THERE);
	trial_fini();
	return 0;
}

START_TEST(one_that_waits_for_a_descriptor_stays_with_its_poller)
{
	run(cancel_io, NULL);
}
END_TEST

static void *send_in_a_thread(void *arg)
{
	send(arg);
	return NULL;
}

static int wake_from_a_thread(void *arg)
{
	pthread_t thread;

	(void)arg;
	trial_init();
	start_and_let_it_park(recv);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_in_a_thread, &t), 0);
	join();
	pthread_join(thread, NULL);
	ck_assert_uint_eq(t.woke_up_on, THERE);
	trial_fini();
	return 0;
}

START_TEST(one_that_a_thread_wakes_is_where_it_was)
{
	run(wake_from_a_thread, NULL);
}
END_TEST

static int wake_one_that_stays(void *arg)
{
	(void)arg;
	trial_init();
	t.wait = recv;
	pen_waitgroup_add(t.done, 1);
	ck_assert_int_eq(pen_go_on(THERE, waiter, NULL), 0);
	let_them_park();
	send(&t);
	join();
	ck_assert_uint_eq(t.woke_up_on, THERE);
	trial_fini();
	return 0;
}

START_TEST(one_that_was_not_started_to_roam_does_not)
{
	run(wake_one_that_stays, NULL);
}
END_TEST

/* Not inlined: whoever is inlined knows where errno was before. */
__attribute__((noinline)) static void put_errno(int value)
{
	errno = value;
}

__attribute__((noinline)) static int get_errno(void)
{
	return errno;
}

static void keep_errno(struct trial *trial)
{
	put_errno(MINE);
	recv(trial);
	trial->result = get_errno();
}

static int wake_with_another_errno(void *arg)
{
	(void)arg;
	trial_init();
	start_and_let_it_park(keep_errno);
	put_errno(MINE + 1);
	send(&t);
	join();
	ck_assert_uint_eq(t.woke_up_on, HERE);
	ck_assert_int_eq(t.result, MINE);
	ck_assert_int_eq(get_errno(), MINE + 1);
	trial_fini();
	return 0;
}

START_TEST(errno_goes_along)
{
	run(wake_with_another_errno, NULL);
}
END_TEST

static int tasks_told;

static void tell(const char *task, void *arg)
{
	(void)arg;
	ck_assert_str_eq(task, "waiter");
	tasks_told++;
}

static void recv_twice(struct trial *trial)
{
	recv(trial);
	recv(trial);
}

static int leave_two(void *arg)
{
	(void)arg;
	trial_init();
	start_and_let_it_park(recv_twice);
	send(&t);
	start_and_let_it_park(recv);
	return 0;
}

START_TEST(those_still_parked_at_the_end_are_told_wherever_they_are)
{
	struct pen_run_options options = {.loops = 2, .on_leak = tell};

	ck_assert_int_eq(pen_run(&options, leave_two, NULL), 0);
	ck_assert_int_eq(tasks_told, 2);
}
END_TEST

static void end(void *arg)
{
	pen_waitgroup_done(arg);
}

static int start_many(void *arg)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();

	(void)arg;
	pen_waitgroup_add(wg, 2 * ROUNDS);
	for (size_t i = 0; i < 2 * ROUNDS; i++)
		ck_assert_int_eq(pen_go_roam(i % 2, end, wg), 0);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, wg), 0);
	pen_waitgroup_free(wg);
	ck_assert_int_eq(pen_go_roam(2, end, NULL), -EINVAL);
	return 0;
}

START_TEST(many_begin_and_end_on_all_loops_and_there_is_none_beyond)
{
	run(start_many, NULL);
	ck_assert_int_eq(pen_go_roam(0, end, NULL), -ESRCH);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("roam");

	tcase_add_loop_test(tcase, one_that_roams_goes_to_the_loop_of_who_wakes_it_whatever_it_waits_for, 0,
		sizeof ways / sizeof ways[0]);
	tcase_add_test(tcase, those_who_hand_each_other_values_stay_on_one_loop_from_then_on);
	tcase_add_test(tcase, it_does_not_go_where_others_are_ready);
	tcase_add_test(tcase, one_whose_wait_has_a_deadline_stays_with_its_timer);
	tcase_add_test(tcase, one_that_waits_for_a_descriptor_stays_with_its_poller);
	tcase_add_test(tcase, one_that_a_thread_wakes_is_where_it_was);
	tcase_add_test(tcase, one_that_was_not_started_to_roam_does_not);
	tcase_add_test(tcase, errno_goes_along);
	tcase_add_test(tcase, those_still_parked_at_the_end_are_told_wherever_they_are);
	tcase_add_test(tcase, many_begin_and_end_on_all_loops_and_there_is_none_beyond);
	return crew_run_suite("roam", tcase);
}
