/* test_gate_store.c - the gate over a store that fails for a while, or for good. */
#define UNIT_FORKS 1
#include "gate_trial.h"

/* Wait until no worker has anything to do; then what the last attempt came to is on its way to the store. */
static void await_idle_workers(struct gate *gate)
{
	while (gate_running(gate) > 0)
		pen_yield();
}

GATE_TEST(what_is_tried_again_does_not_undo_what_came_after_it, "")
{
	CLEANUP(job_unrefp) struct job *job = long_job("acme");
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct called called;

	commits_hold();
	call_begin(&called, submit_called, gate, job);
	commit_await();
	commit_give(0);
	ck_assert_int_eq(call_await(&called), 0);
	ck_assert_uint_eq(commit_await(), 1); /* that it runs */
	call_begin(&called, cancel_called, gate, job);
	await_idle_workers(gate);
	commits_free(-EIO);
	ck_assert_int_eq(call_await(&called), 0);
	just_ends(gate, job_ref(job), JOB_CANCELLED);
	/* this one is behind all that is tried again */
	just_ends(gate, submit(gate, quick_job("acme")), JOB_SUCCEEDED);
	ck_assert_int_eq(store_read(with.store, &job->id, &record), 0);
	ck_assert_int_eq(record.progress.state, JOB_CANCELLED);
	ck_assert_ptr_nonnull(record.result);
}

/* It is cancelled, but not on record, of which the client is told. */
static void cancel_fails(struct gate *gate, const struct job *job)
{
	struct problem problem = {0};
	enum job_state state;

	ck_assert_int_eq(gate_cancel(gate, &job->id, &state, &problem), -EIO);
	ck_assert_str_eq(problem.code, PROBLEM_STORE);
	ck_assert_int_gt(problem.retry_after_ns, 0);
}

/* What a crash must not undo is told only then, be it that it has ended already. */
GATE_TEST(a_cancellation_is_told_when_it_is_on_record, "")
{
	struct job *waits = submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"1h\"}"));
	struct job *runs = submit_running(gate, "acme");
	struct called first, again, other;

	commits_hold();
	call_begin(&first, cancel_called, gate, waits);
	commit_await();
	call_begin(&again, cancel_called, gate, waits);
	call_begin(&other, cancel_called, gate, runs);
	await_idle_workers(gate);
	ck_assert_int_eq(state_of(gate, waits), JOB_SCHEDULED);
	ck_assert_int_eq(state_of(gate, runs), JOB_RUNNING);
	ck_assert(!first.back && !again.back && !other.back);
	commit_give(0);
	ck_assert_int_eq(call_await(&first), 0);
	ck_assert_int_eq(first.state, JOB_CANCELLED);
	ck_assert_int_eq(call_await(&again), -EALREADY);
	commit_await();
	ck_assert(!other.back);
	commits_free(0);
	ck_assert_int_eq(call_await(&other), 0);
	ck_assert_int_eq(other.state, JOB_CANCELLING);
	just_ends(gate, waits, JOB_CANCELLED);
	just_ends(gate, runs, JOB_CANCELLED);
}

GATE_TEST(an_end_that_the_store_does_not_take_is_told_when_it_does, "")
{
	struct job *job = submit_running(gate, "acme");
	struct problem problem = {0};
	struct gate_stats stats;

	told.error = -ENOSPC;
	cancel_fails(gate, job);
	do {
		pen_yield();
		gate_stats(gate, &stats);
	} while (stats.store_errors[STATS_STORE_FINISH] == 0);
	ck_assert_int_eq(gate_ready(gate, &problem), -EIO);
	ck_assert_str_eq(problem.code, PROBLEM_STORE);
	ck_assert_int_eq(state_of(gate, job), JOB_RUNNING); /* as it may be once more after a crash */
	told.error = 0;
	just_ends(gate, job, JOB_CANCELLED);
	ck_assert_int_eq(gate_ready(gate, NULL), 0);
}

static int stop_with_a_store_that_takes_nothing(void *arg)
{
	struct gate *gate = gate_begin("");
	struct job *job = submit_running(gate, "acme");
	struct job *waiting = submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"1h\"}"));
	struct pen_ctx *soon;

	(void)arg;
	told.error = -EIO;
	gate_drain(gate);
	cancel_fails(gate, job);
	await_idle_workers(gate);
	ck_assert_int_eq(pen_ctx_with_timeout(&soon, NULL, PEN_MS), 0);
	ck_assert_int_eq(gate_drained(soon, gate), -ETIMEDOUT);
	gate_stop(gate);
	store_close(with.store);
	pen_ctx_unref(soon);
	pen_ctx_unrefp(&with.ctx);
	conf_unref(with.conf);
	job_unref(job);
	job_unref(waiting);
	return 0;
}

START_TEST(a_store_that_takes_nothing_any_more_does_not_keep_the_gate_from_stopping)
{
	struct pen_run_options options = {.loops = (size_t)_i + 1, .on_leak = gate_trial_leak};

	ck_assert_int_eq(pen_run(&options, stop_with_a_store_that_takes_nothing, NULL), 0);
}
END_TEST

/* In one way whatever it came to: the words say why there is no result, and whoever is to be called hears them. */
GATE_TEST(a_result_that_the_store_has_no_room_for_is_left_out_and_the_job_has_failed, "")
{
	CLEANUP(result_unrefp) struct result *result = NULL;
	CLEANUP(freep) char *filler = calloc(1, 20001);
	const struct store_query query = {.kind = JOB_HTTP, .below = STORE_NEWEST, .jobs_max = 10};
	CLEANUP(store_page_fini) struct store_page page = {0};
	struct gate_stats stats;

	told.end_max = 10000;
	memset(filler, 'x', 20000);
	result = ends(gate,
		submit(gate, job_as("{\"kind\":\"echo\",\"spec\":\"%s\",\"callback\":{\"url\":"
				    "\"http://callback.invalid/\"}}",
				     filler)),
		JOB_FAILED);
	ck_assert_ptr_nonnull(strstr(result->body, "\"code\":\"result-too-large\""));
	ck_assert_ptr_nonnull(strstr(result->body, "\"result\":null"));
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_FINISH], 1);
	ck_assert_uint_eq(stats.finished[JOB_ECHO][JOB_FAILED], 1);
	ck_assert_int_eq(gate_ready(gate, NULL), 0);
	ck_assert_int_eq(store_list(with.store, &query, &page), 0);
	ck_assert_uint_eq(page.n, 1);
	ck_assert_mem_eq(page.records[0].job->spec.http.body, result->body, result->body_bytes);
}

GATE_TEST(a_list_is_what_is_on_record_or_why_it_cannot_be_had, "")
{
	const struct store_query query = {.kind = JOB_KINDS, .below = STORE_NEWEST, .jobs_max = 10};
	struct job *job = submit_running(gate, "acme");
	CLEANUP(store_page_fini) struct store_page page = {0};
	struct problem problem = {0};
	const struct uuid nobody = {0};
	struct store_record record;
	struct gate_stats stats;

	ck_assert_int_eq(gate_look(gate, &nobody, &record, &problem), -ENOENT);
	ck_assert_int_eq(gate_list(gate, &query, &page, &problem), 0);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_READ], 0);
	ck_assert_uint_eq(page.n, 1);
	ck_assert_int_eq(page.records[0].progress.state, JOB_RUNNING);
	told.error = -EIO;
	ck_assert_int_eq(gate_list(gate, &query, &page, &problem), -EIO);
	ck_assert_str_eq(problem.code, PROBLEM_STORE);
	told.error = 0;
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_READ], 1);
	cancel_running(gate, job);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_store");

	tcase_add_gate_test(tcase, what_is_tried_again_does_not_undo_what_came_after_it);
	tcase_add_gate_test(tcase, a_cancellation_is_told_when_it_is_on_record);
	tcase_add_gate_test(tcase, an_end_that_the_store_does_not_take_is_told_when_it_does);
	tcase_add_gate_test(tcase, a_store_that_takes_nothing_any_more_does_not_keep_the_gate_from_stopping);
	tcase_add_gate_test(
		tcase, a_result_that_the_store_has_no_room_for_is_left_out_and_the_job_has_failed);
	tcase_add_gate_test(tcase, a_list_is_what_is_on_record_or_why_it_cannot_be_had);
	return gate_run_suite("gate_store", tcase);
}
