/* test_gate_submit.c - how jobs come to the gate, and how one that nothing stands in the way of goes through it. */
#include "gate_trial.h"

GATE_TEST(a_job_runs_and_its_result_is_on_record, "")
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("acme"));
	CLEANUP(result_unrefp) struct result *result = ends(gate, job_ref(job), JOB_SUCCEEDED);
	CLEANUP(store_record_fini) struct store_record record = {0};

	ck_assert_ptr_nonnull(strstr(result->body, "\"result\":[1]"));
	ck_assert_int_eq(store_read(with.store, &job->id, &record), 0);
	ck_assert_int_eq(record.progress.state, JOB_SUCCEEDED);
	ck_assert_uint_eq(record.progress.attempts, 1);
	ck_assert_ptr_eq(record.result, result);
}

GATE_TEST(a_job_is_accepted_once_it_is_on_record, "")
{
	struct job *job = quick_job("acme");
	struct store_record record;
	struct called called;

	commits_hold();
	call_begin(&called, submit_called, gate, job);
	ck_assert_uint_eq(commit_await(), 1);
	ck_assert(!called.back);
	ck_assert_int_eq(gate_look(gate, &job->id, &record, NULL), -ENOENT);
	ck_assert_int_eq(gate_cancel(gate, &job->id, &called.state, NULL), -ENOENT);
	commits_free(0);
	ck_assert_int_eq(call_await(&called), 0);
	ck_assert_int_eq(called.state, JOB_QUEUED);
	just_ends(gate, job, JOB_SUCCEEDED);
}

static void refuse_on_record(struct gate *gate, int error)
{
	CLEANUP(job_unrefp) struct job *job = quick_job("acme");
	struct store_record record;
	struct problem problem;

	told.error = error;
	problem = submit_refused(gate, job_ref(job), -EIO, PROBLEM_STORE);
	told.error = 0;
	ck_assert_int_gt(problem.retry_after_ns, 0);
	ck_assert_ptr_nonnull(strstr(problem.message, strerror(-error)));
	ck_assert_int_eq(gate_look(gate, &job->id, &record, NULL), -ENOENT);
}

GATE_TEST(a_job_that_the_store_refuses_was_never_there, "jobs-max = 1\ntenants-max = 1\n")
{
	struct gate_stats stats;

	refuse_on_record(gate, -ENOSPC);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 0);
	ck_assert_uint_eq(stats.tenants, 0);
	ck_assert_uint_eq(stats.submitted[JOB_ECHO][SUBMITTED_REFUSED], 1);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_ACCEPT], 1);
	ck_assert_int_eq(gate_ready(gate, NULL), 0);
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
}

/* More than the gate hears of in one turn: calls, and what comes back from the store. */
GATE_TEST(however_many_call_at_once_each_is_answered, "")
{
	enum { CALLERS = UNIT_SANITIZER ? 300 : 600 };
	CLEANUP(freep) struct called *called = calloc(CALLERS, sizeof *called);

	commits_hold();
	for (size_t i = 0; i < CALLERS; i++)
		call_begin(&called[i], submit_called, gate, quick_job("acme"));
	commit_await();
	commits_free(0);
	for (size_t i = 0; i < CALLERS; i++) {
		ck_assert_int_eq(call_await(&called[i]), 0);
		just_ends(gate, called[i].job, JOB_SUCCEEDED);
	}
}

#define HELLO "command hello { exec = /bin/echo args = {\"{who}\"} }\n"

GATE_TEST(a_command_must_be_allowed_and_fit_its_template, HELLO)
{
	struct problem problem;

	problem = submit_refused(gate, job_as("{\"kind\":\"command\",\"spec\":{\"command\":\"rm\"}}"),
		-EINVAL, PROBLEM_BAD_FIELD);
	ck_assert_str_eq(problem.field, "/spec/command");
	problem = submit_refused(gate,
		job_as("{\"kind\":\"command\",\"spec\":{\"command\":\"hello\",\"args\":{\"who\":\"-n\"}}}"),
		-EINVAL, PROBLEM_BAD_FIELD);
	ck_assert_str_eq(problem.field, "/spec/args/who");
	just_ends(gate,
		submit(gate,
			job_as("{\"kind\":\"command\",\"spec\":{\"command\":\"hello\",\"args\":{\"who\":\"me\"}}}")),
		JOB_SUCCEEDED);
}

GATE_TEST(a_job_for_later_is_scheduled_until_then, "")
{
	const int64_t now_ms = clock_wall_ms();
	struct job *job;

	clock_wall_set(now_ms);
	job = submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"10m\"}"));
	ck_assert_int_eq(state_of(gate, job), JOB_SCHEDULED);
	clock_wall_set(now_ms + 600000 - 1);
	ck_assert_int_eq(state_of(gate, job), JOB_SCHEDULED);
	ck_assert_int_eq(state_of(gate, job), JOB_SCHEDULED);
	clock_wall_set(now_ms + 600000);
	ck_assert_int_eq(gate_ready(gate, NULL), 0); /* makes it look at the clock */
	just_ends(gate, job, JOB_SUCCEEDED);
}

GATE_TEST(what_is_due_starts_though_nothing_else_happens, "")
{
	just_ends(gate, submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"20ms\"}")),
		JOB_SUCCEEDED);
}

GATE_TEST(the_clock_may_be_set_while_a_job_waits, "")
{
	struct job *job;

	clock_wall_set(clock_wall_ms());
	job = submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"10m\"}"));
	clock_wall_set(clock_wall_ms() + 600000);
	just_ends(gate, job, JOB_SUCCEEDED);
}

GATE_TEST(a_job_that_has_not_run_by_then_expires, "workers = 1\n")
{
	struct job *first = submit_running(gate, "acme");
	struct job *job;
	CLEANUP(result_unrefp) struct result *result = NULL;

	job = submit(
		gate, job_as("{\"kind\":\"echo\",\"tenant\":\"acme\",\"spec\":1,\"expires_in\":\"20ms\"}"));
	result = ends(gate, job, JOB_EXPIRED);
	ck_assert_ptr_nonnull(strstr(result->body, "\"attempts\":0"));
	ck_assert_ptr_nonnull(strstr(result->body, "\"code\":\"expired\""));
	cancel_running(gate, first);
}

GATE_TEST(a_job_that_runs_may_end_after_its_expiry, "")
{
	const int64_t now_ms = clock_wall_ms();
	struct job *job;

	clock_wall_set(now_ms);
	job = submit(gate, job_as("{\"kind\":\"sleep\",\"spec\":{\"for\":\"50ms\"},\"expires_in\":\"1m\"}"));
	await_state(job, JOB_RUNNING);
	clock_wall_set(now_ms + 3600000);
	ck_assert_int_eq(state_of(gate, job), JOB_RUNNING);
	just_ends(gate, job, JOB_SUCCEEDED);
}

GATE_TEST(nobody_has_heard_of_an_id_that_was_never_submitted, "")
{
	struct uuid id;
	struct result *result;
	struct store_record record;
	struct problem problem = {0};

	uuid_new(&id, clock_wall_ms());
	ck_assert_int_eq(gate_look(gate, &id, &record, &problem), -ENOENT);
	ck_assert_str_eq(problem.code, PROBLEM_NO_SUCH_JOB);
	ck_assert_int_eq(gate_result(NULL, gate, &id, 0, &result), -ENOENT);
	ck_assert_int_eq(gate_result(NULL, gate, &id, pen_now_ns() + NEVER_NS, &result), -ENOENT);
}

GATE_TEST(what_retention_has_taken_was_known_once, "retention = 1m\ncache-bytes = 0\n")
{
	const int64_t now_ms = clock_wall_ms();
	CLEANUP(job_unrefp) struct job *job = NULL;
	struct store_record record;
	struct result *result;
	enum job_state state;
	struct problem problem = {0};

	clock_wall_set(now_ms);
	job = submit(gate, quick_job("acme"));
	just_ends(gate, job_ref(job), JOB_SUCCEEDED);
	clock_wall_set(now_ms + 60001);
	ck_assert_int_eq(gate_look(gate, &job->id, &record, &problem), -ESTALE);
	ck_assert_str_eq(problem.code, PROBLEM_EXPIRED);
	ck_assert_int_eq(gate_cancel(gate, &job->id, &state, &problem), -ESTALE);
	ck_assert_int_eq(gate_result(NULL, gate, &job->id, 0, &result), -ESTALE);
}

GATE_TEST(who_waits_for_a_result_waits_no_longer_than_the_deadline_or_the_context, "")
{
	CLEANUP(job_unrefp) struct job *job = submit_running(gate, "acme");
	struct pen_ctx *canceled;
	struct result *result;

	ck_assert_int_eq(gate_result(NULL, gate, &job->id, 0, &result), -EINPROGRESS);
	ck_assert_int_eq(gate_result(NULL, gate, &job->id, pen_now_ns() + PEN_MS, &result), -EINPROGRESS);
	ck_assert_int_eq(pen_ctx_with_cancel(&canceled, NULL), 0);
	pen_ctx_cancel(canceled, NULL);
	ck_assert_int_eq(
		gate_result(canceled, gate, &job->id, pen_now_ns() + NEVER_NS, &result), -EINPROGRESS);
	pen_ctx_unref(canceled);
}

GATE_TEST(what_is_submitted_and_ends_is_counted, "")
{
	struct gate_stats stats;

	for (int i = 0; i < 3; i++)
		just_ends(gate, submit(gate, quick_job("acme")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.submitted[JOB_ECHO][SUBMITTED_ACCEPTED], 3);
	ck_assert_uint_eq(stats.attempts[JOB_ECHO][OUTCOME_SUCCEEDED], 3);
	ck_assert_uint_eq(stats.finished[JOB_ECHO][JOB_SUCCEEDED], 3);
	for (enum job_state state = 0; state < JOB_STATES; state++)
		ck_assert_uint_eq(stats.jobs[state], 0);
	ck_assert_uint_eq(stats.workers_busy, 0);
	ck_assert_uint_eq(stats.workers_idle, with.conf->workers);
	ck_assert_uint_eq(stats.tenants, 0);
	ck_assert_uint_eq(stats.cache_entries, 3);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_submit");

	tcase_add_gate_test(tcase, a_job_runs_and_its_result_is_on_record);
	tcase_add_gate_test(tcase, a_job_is_accepted_once_it_is_on_record);
	tcase_add_gate_test(tcase, a_job_that_the_store_refuses_was_never_there);
	tcase_add_gate_test(tcase, however_many_call_at_once_each_is_answered);
	tcase_add_gate_test(tcase, a_command_must_be_allowed_and_fit_its_template);
	tcase_add_gate_test(tcase, a_job_for_later_is_scheduled_until_then);
	tcase_add_gate_test(tcase, what_is_due_starts_though_nothing_else_happens);
	tcase_add_gate_test(tcase, the_clock_may_be_set_while_a_job_waits);
	tcase_add_gate_test(tcase, a_job_that_has_not_run_by_then_expires);
	tcase_add_gate_test(tcase, a_job_that_runs_may_end_after_its_expiry);
	tcase_add_gate_test(tcase, nobody_has_heard_of_an_id_that_was_never_submitted);
	tcase_add_gate_test(tcase, what_retention_has_taken_was_known_once);
	tcase_add_gate_test(tcase, who_waits_for_a_result_waits_no_longer_than_the_deadline_or_the_context);
	tcase_add_gate_test(tcase, what_is_submitted_and_ends_is_counted);
	return gate_run_suite("gate_submit", tcase);
}
