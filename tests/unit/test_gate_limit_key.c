/* test_gate_limit_key.c - what becomes of a job whose limit_key is full, by its tenant's policy; and after a crash. */
#include "gate_lanes.h"

#define POLICY(policy) "tenant a { key-policy = " policy " key-max-running = 2 }\n"

/* Two of the key: one runs, the other is there already. */
static void two_of_key(struct gate *gate, struct job *ret_jobs[static 2])
{
	ret_jobs[0] = submit_and_run(gate, keyed("a", "k", LONG));
	ret_jobs[1] = submit_and_run(gate, keyed("a", "k", LONG));
}

static void ck_assert_told(struct gate *gate, struct job *job, const char *code)
{
	struct result *result = ends(gate, job, JOB_CANCELLED);
	char words[64];

	snprintf(words, sizeof(words), "\"error\":{\"code\":\"%s\"", code);
	ck_assert_msg(strstr(result->body, words), "%s", result->body);
	result_unref(result);
}

GATE_TEST(a_full_key_refuses_a_job_and_then_has_room_again, POLICY("reject"))
{
	struct job *jobs[2], *later;
	struct problem problem;

	two_of_key(gate, jobs);
	problem = submit_refused(gate, keyed("a", "k", QUICK), -EAGAIN, PROBLEM_LIMIT_KEY);
	ck_assert_int_gt(problem.retry_after_ns, 0);
	just_ends(gate, submit(gate, keyed("a", "other", QUICK)), JOB_SUCCEEDED);
	just_ends(gate, submit(gate, quick_job("a")), JOB_SUCCEEDED);
	later = submit(gate, keyed("a", "k", QUICK ",\"delay\":\"1h\"")); /* it is not there before then */
	cancel_running(gate, jobs[0]);
	just_ends(gate, submit(gate, keyed("a", "k", QUICK)), JOB_SUCCEEDED);
	cancel_running(gate, jobs[1]);
	cancel(gate, later, JOB_CANCELLED);
	just_ends(gate, later, JOB_CANCELLED);
}

GATE_TEST(one_that_waits_counts_for_its_key_from_before_it_is_on_record,
	"tenant a { max-running = 1 key-policy = reject }\n")
{
	struct job *running = submit_running(gate, "a"), *waiting;
	struct called called;

	commits_hold();
	call_begin(&called, submit_called, gate, keyed("a", "k", QUICK));
	commit_await();
	submit_refused(gate, keyed("a", "k", QUICK), -EAGAIN, PROBLEM_LIMIT_KEY);
	commits_free(-EIO);
	ck_assert_int_eq(call_await(&called), -EIO);
	job_unref(called.job);
	waiting = submit(gate, keyed("a", "k", QUICK));
	submit_refused(gate, keyed("a", "k", QUICK), -EAGAIN, PROBLEM_LIMIT_KEY);
	cancel_running(gate, running);
	just_ends(gate, waiting, JOB_SUCCEEDED);
}

static struct job *with_idempotency_key(struct job *job)
{
	job->key = strdup("once");
	ck_assert_ptr_nonnull(job->key);
	return job;
}

GATE_TEST(who_repeats_the_request_of_a_job_that_fills_its_key_is_told_of_that_job, POLICY("reject"))
{
	struct job *jobs[2], *again;
	struct gate_receipt receipt;

	jobs[0] = submit_and_run(gate, with_idempotency_key(keyed("a", "k", LONG)));
	jobs[1] = submit_and_run(gate, keyed("a", "k", LONG));
	again = with_idempotency_key(keyed("a", "k", LONG));
	ck_assert_int_eq(gate_submit(gate, again, &receipt, NULL), 0);
	ck_assert(receipt.replayed && uuid_equal(&receipt.id, &jobs[0]->id));
	job_unref(again);
	cancel_running(gate, jobs[0]);
	cancel_running(gate, jobs[1]);
}

GATE_TEST(a_full_key_refuses_a_retry_too, POLICY("reject"))
{
	struct job *jobs[2], *ended = submit_and_run(gate, keyed("a", "k", LONG));
	struct problem problem = {0};

	cancel(gate, ended, JOB_CANCELLING);
	just_ends(gate, job_ref(ended), JOB_CANCELLED);
	two_of_key(gate, jobs);
	ck_assert_int_eq(gate_retry(gate, &ended->id, &problem), -EAGAIN);
	ck_assert_str_eq(problem.code, PROBLEM_LIMIT_KEY);
	cancel_running(gate, jobs[0]);
	ck_assert_int_eq(gate_retry(gate, &ended->id, &problem), 0);
	await_state(ended, JOB_RUNNING);
	cancel_running(gate, ended);
	cancel_running(gate, jobs[1]);
}

GATE_TEST(of_several_jobs_in_one_message_those_that_fit_the_key_are_taken, POLICY("reject"))
{
	struct gate_line lines[4] = {{0}};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		lines[i].job = keyed("a", "k", LONG);
	ck_assert_int_eq(gate_submit_many(gate, lines, ARRAY_LEN(lines), false, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(lines[i].result, 0);
		await_state(lines[i].job, JOB_RUNNING);
	}
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (i < 2)
			cancel_running(gate, job_ref(lines[i].job));
		else
			ck_assert_str_eq(lines[i].problem->code, PROBLEM_LIMIT_KEY);
		gate_line_fini(&lines[i]);
	}
}

GATE_TEST(the_oldest_of_a_full_key_is_cancelled_whether_it_runs_or_waits, POLICY("cancel-oldest"))
{
	struct job *jobs[2], *third, *fourth, *fifth;

	two_of_key(gate, jobs);
	third = submit(gate, keyed("a", "k", LONG));
	ck_assert_told(gate, jobs[0], "superseded");
	await_state(third, JOB_RUNNING);
	reconfigure(gate, "tenant a { key-policy = cancel-oldest key-max-running = 2 max-running = 2 }\n");
	fourth = submit(gate, keyed("a", "k", LONG)); /* waits until the second has ended */
	fifth = submit(gate, keyed("a", "k", LONG));
	ck_assert_told(gate, jobs[1], "superseded");
	ck_assert_told(gate, third, "superseded");
	cancel_running(gate, fourth);
	cancel_running(gate, fifth);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 0);
}

GATE_TEST(one_that_waits_is_superseded_without_having_run,
	"tenant a { max-running = 1 key-policy = cancel-oldest }\n")
{
	struct job *running = submit_running(gate, "a"), *jobs[3];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(gate, keyed("a", "k", QUICK));
	ck_assert_told(gate, jobs[0], "superseded");
	ck_assert_told(gate, jobs[1], "superseded");
	cancel_running(gate, running);
	just_ends(gate, jobs[2], JOB_SUCCEEDED);
}

/* Else an older one would run after those that were to replace it. */
GATE_TEST(one_that_waits_for_another_try_is_superseded, "tenant a { key-policy = cancel-oldest }\n")
{
	struct job *frail =
		submit(gate, keyed("a", "k",
				     "\"kind\":\"http\",\"spec\":{\"url\":\"http://127.0.0.1:1/\"},"
				     "\"retry\":{\"min\":\"1h\",\"max\":\"1h\"}"));

	await_state(frail, JOB_SCHEDULED);
	just_ends(gate, submit(gate, keyed("a", "k", QUICK)), JOB_SUCCEEDED);
	ck_assert_told(gate, frail, "superseded");
}

GATE_TEST(the_newest_of_a_full_key_is_on_record_as_cancelled, POLICY("cancel-newest"))
{
	struct job *jobs[2], *third;
	struct gate_stats stats;

	two_of_key(gate, jobs);
	third = submit(gate, keyed("a", "k", QUICK));
	ck_assert_told(gate, third, "limit-key-full");
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.finished[JOB_ECHO][JOB_CANCELLED], 1);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 0);
	cancel_running(gate, jobs[0]);
	just_ends(gate, submit(gate, keyed("a", "k", QUICK)), JOB_SUCCEEDED);
	cancel_running(gate, jobs[1]);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_limit_key");

	tcase_add_gate_test(tcase, a_full_key_refuses_a_job_and_then_has_room_again);
	tcase_add_gate_test(tcase, one_that_waits_counts_for_its_key_from_before_it_is_on_record);
	tcase_add_gate_test(tcase, who_repeats_the_request_of_a_job_that_fills_its_key_is_told_of_that_job);
	tcase_add_gate_test(tcase, a_full_key_refuses_a_retry_too);
	tcase_add_gate_test(tcase, of_several_jobs_in_one_message_those_that_fit_the_key_are_taken);
	tcase_add_gate_test(tcase, the_oldest_of_a_full_key_is_cancelled_whether_it_runs_or_waits);
	tcase_add_gate_test(tcase, one_that_waits_is_superseded_without_having_run);
	tcase_add_gate_test(tcase, one_that_waits_for_another_try_is_superseded);
	tcase_add_gate_test(tcase, the_newest_of_a_full_key_is_on_record_as_cancelled);
	return gate_run_suite("gate_limit_key", tcase);
}
