/* test_gate_retry.c - ended jobs that are asked for again. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gate_trial.h"

static const char held[] = "tenant \"held\" { max-running = 0 }";

static struct problem retry_refused(struct gate *gate, const struct uuid *id, int error, const char *code)
{
	struct problem problem = {0};

	ck_assert_int_eq(gate_retry(gate, id, &problem), error);
	ck_assert_str_eq(problem.code, code);
	ck_assert_str_ne(problem.message, "");
	return problem;
}

static void retry(struct gate *gate, const struct job *job)
{
	struct problem problem = {0};
	int r = gate_retry(gate, &job->id, &problem);

	ck_assert_msg(r == 0, "%d: %s", r, problem.message);
}

/* What there is at /results/<id> now. */
static int result_now(struct gate *gate, const struct job *job)
{
	struct result *result;
	int r = gate_result(NULL, gate, &job->id, 0, &result);

	if (r == 0)
		result_unref(result);
	return r;
}

GATE_TEST(a_cancelled_job_waits_again_and_its_result_is_gone_until_it_ends, held)
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("held"));
	struct gate_stats stats;

	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	retry(gate, job);
	ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	ck_assert_int_eq(result_now(gate, job), -EINPROGRESS);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 1);
	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 0);
}

GATE_TEST(a_failed_job_has_all_its_tries_again_and_keeps_count_of_its_attempts, "")
{
	CLEANUP(job_unrefp)
	struct job *job = submit(gate,
		job_as("{\"kind\":\"http\",\"retry\":{\"max_attempts\":2,\"min\":\"1ms\",\"max\":\"1ms\"},"
		       "\"spec\":{\"url\":\"http://127.0.0.1:1/\"}}"));

	just_ends(gate, job_ref(job), JOB_FAILED);
	for (uint32_t attempts = 4; attempts <= 6; attempts += 2) {
		CLEANUP(store_record_fini) struct store_record record = {0};

		retry(gate, job);
		just_ends(gate, job_ref(job), JOB_FAILED);
		record = looked_at(gate, job);
		ck_assert_uint_eq(record.progress.attempts, attempts);
		ck_assert_uint_eq(record.progress.failures, 2);
	}
}

GATE_TEST(an_expired_job_lives_as_long_again, held)
{
	CLEANUP(job_unrefp)
	struct job *job = submit(
		gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"tenant\":\"held\",\"expires_in\":\"50ms\"}"));

	for (int i = 0; i < 2; i++) {
		just_ends(gate, job_ref(job), JOB_EXPIRED);
		retry(gate, job);
		ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	}
	just_ends(gate, job_ref(job), JOB_EXPIRED);
}

GATE_TEST(what_has_not_ended_or_has_succeeded_or_is_not_known_does_not_run_again, "")
{
	CLEANUP(job_unrefp) struct job *running = submit_running(gate, "acme");
	CLEANUP(job_unrefp) struct job *done = submit(gate, quick_job("acme"));
	struct uuid unknown;

	retry_refused(gate, &running->id, -EBUSY, PROBLEM_NOT_RETRYABLE);
	just_ends(gate, job_ref(done), JOB_SUCCEEDED);
	retry_refused(gate, &done->id, -EALREADY, PROBLEM_NOT_RETRYABLE);
	uuid_new(&unknown, clock_wall_ms());
	retry_refused(gate, &unknown, -ENOENT, PROBLEM_NO_SUCH_JOB);
	ck_assert_int_eq(result_now(gate, done), 0);
	cancel_running(gate, job_ref(running));
}

GATE_TEST(a_retry_that_cannot_be_put_on_record_leaves_the_job_as_it_was, held)
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("held"));
	struct gate_stats stats;

	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	told.error = -ENOSPC;
	ck_assert_int_gt(retry_refused(gate, &job->id, -EIO, PROBLEM_STORE).retry_after_ns, 0);
	told.error = 0;
	ck_assert_int_eq(result_now(gate, job), 0);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 0);
	retry(gate, job);
	ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	cancel(gate, job, JOB_CANCELLED);
}

/* A socket where nobody answers; once it is closed whoever waits there is refused. */
static int listen_silently(unsigned *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (void *)&address, bytes), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (void *)&address, &bytes), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* The gate has looked at it when this returns. */
static void set_clock(struct gate *gate, int64_t ms)
{
	struct gate_stats stats;

	clock_wall_set(ms);
	gate_stats(gate, &stats);
}

GATE_TEST(a_job_still_expires_whose_clock_was_past_that_while_it_ran_and_was_set_back, "")
{
	const int64_t now_ms = clock_wall_ms(), later_ms = now_ms + 2 * INT64_C(3600000);
	CLEANUP(job_unrefp) struct job *job = NULL;
	struct result *result;
	unsigned port;
	int fd = listen_silently(&port);

	set_clock(gate, now_ms);
	job = submit(gate,
		job_as("{\"kind\":\"http\",\"expires_in\":\"1h\",\"spec\":{\"url\":\"http://127.0.0.1:%u/\"}}",
			port));
	await_state(job, JOB_RUNNING);
	set_clock(gate, later_ms);
	set_clock(gate, now_ms);
	close(fd);
	await_state(job, JOB_SCHEDULED);
	set_clock(gate, later_ms);
	result = ends(gate, job_ref(job), JOB_EXPIRED);
	ck_assert_ptr_nonnull(strstr(result->body, "\"attempts\":1"));
	result_unref(result);
}

static void retry_called(struct called *called)
{
	called->result = gate_retry(called->gate, &called->job->id, &called->problem);
}

GATE_TEST(a_job_whose_retry_is_not_on_record_yet_has_still_ended, held)
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("held"));
	struct problem problem = {0};
	struct called called;
	enum job_state state;

	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	commits_hold();
	call_begin(&called, retry_called, gate, job);
	ck_assert_uint_eq(commit_await(), 1);
	ck_assert_int_eq(gate_cancel(gate, &job->id, &state, &problem), -EALREADY);
	retry_refused(gate, &job->id, -EBUSY, PROBLEM_NOT_RETRYABLE);
	commits_free(0);
	ck_assert_int_eq(call_await(&called), 0);
	cancel(gate, job, JOB_CANCELLED);
}

GATE_TEST(
	what_runs_again_needs_room_as_a_new_job_does, "tenant \"held\" { max-running = 0\n max-queued = 1 }")
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("held"));
	CLEANUP(job_unrefp) struct job *other = NULL;

	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	other = submit(gate, quick_job("held"));
	retry_refused(gate, &job->id, -EAGAIN, PROBLEM_BACKLOG);
	cancel(gate, other, JOB_CANCELLED);
	just_ends(gate, job_ref(other), JOB_CANCELLED);
	retry(gate, job);
	cancel(gate, job, JOB_CANCELLED);
}

GATE_TEST(a_daemon_that_drains_runs_nothing_again, held)
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("held"));

	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	gate_drain(gate);
	retry_refused(gate, &job->id, -ESHUTDOWN, PROBLEM_DRAINING);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_retry");

	tcase_add_gate_test(tcase, a_cancelled_job_waits_again_and_its_result_is_gone_until_it_ends);
	tcase_add_gate_test(tcase, a_failed_job_has_all_its_tries_again_and_keeps_count_of_its_attempts);
	tcase_add_gate_test(tcase, an_expired_job_lives_as_long_again);
	tcase_add_gate_test(tcase, what_has_not_ended_or_has_succeeded_or_is_not_known_does_not_run_again);
	tcase_add_gate_test(tcase, a_retry_that_cannot_be_put_on_record_leaves_the_job_as_it_was);
	tcase_add_gate_test(tcase, a_job_whose_retry_is_not_on_record_yet_has_still_ended);
	tcase_add_gate_test(tcase, what_runs_again_needs_room_as_a_new_job_does);
	tcase_add_gate_test(
		tcase, a_job_still_expires_whose_clock_was_past_that_while_it_ran_and_was_set_back);
	tcase_add_gate_test(tcase, a_daemon_that_drains_runs_nothing_again);
	return gate_run_suite("gate_retry", tcase);
}
