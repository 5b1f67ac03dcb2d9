/* test_gate_tenants.c - limits and pauses that are set while the gate runs: on record first, then in effect, for whoever was first. */
#include "gate_trial.h"

#define HELD "workers = 4\ntenant held { max-running = 0 }\n"

static struct tenant_view seen(struct gate *gate, const char *name)
{
	struct tenant_view view;

	ck_assert_int_eq(gate_tenant(gate, name, &view), 0);
	return view;
}

/* One limit, and no other. */
static struct tenant_change one_limit(const char *name, enum limit limit, uint32_t value)
{
	struct tenant_change change = {.what = TENANT_PUT, .name = name, .set = 1u << limit};

	limit_set(&change.limits, limit, value);
	return change;
}

static struct tenant_view changed(struct gate *gate, struct tenant_change change)
{
	struct problem problem = {0};
	struct tenant_view view;
	int r = gate_change_tenant(gate, &change, &view, &problem);

	ck_assert_msg(r == 0, "%d: %s", r, problem.message);
	return view;
}

static void change_refused(struct gate *gate, struct tenant_change change, int error, const char *code)
{
	struct problem problem = {0};
	struct tenant_view view;

	ck_assert_int_eq(gate_change_tenant(gate, &change, &view, &problem), error);
	ck_assert_str_eq(problem.code, code);
}

static struct explanation explained(struct gate *gate, const struct job *job)
{
	struct explanation explanation;

	ck_assert_int_eq(gate_explain(gate, &job->id, &explanation, NULL), 0);
	return explanation;
}

static struct tenant_change put_running;

static void change_called(struct called *called)
{
	struct tenant_view view;

	called->result = gate_change_tenant(called->gate, &put_running, &view, &called->problem);
}

GATE_TEST(a_limit_takes_effect_when_it_is_on_record_and_not_before, HELD)
{
	struct job *job = submit(gate, quick_job("held"));
	struct called called;

	put_running = one_limit("held", LIMIT_MAX_RUNNING, 1);
	commits_hold();
	call_begin(&called, change_called, gate, NULL);
	commit_await();
	ck_assert_uint_eq(seen(gate, "held").limits.max_running, 0);
	ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	ck_assert(!called.back);
	commits_free(0);
	ck_assert_int_eq(call_await(&called), 0);
	ck_assert_uint_eq(seen(gate, "held").limits.max_running, 1);
	just_ends(gate, job, JOB_SUCCEEDED);
}

GATE_TEST(a_limit_that_cannot_be_put_on_record_does_not_hold, HELD)
{
	struct job *job = submit(gate, quick_job("held"));

	told.error = -EIO;
	change_refused(gate, one_limit("held", LIMIT_MAX_RUNNING, 1), -EIO, PROBLEM_STORE);
	ck_assert_uint_eq(seen(gate, "held").limits.max_running, 0);
	told.error = 0;
	changed(gate, one_limit("held", LIMIT_MAX_RUNNING, 2));
	just_ends(gate, job, JOB_SUCCEEDED);
	told.error = -EIO;
	change_refused(
		gate, (struct tenant_change){.what = TENANT_FORGET, .name = "held"}, -EIO, PROBLEM_STORE);
	ck_assert_uint_eq(seen(gate, "held").limits.max_running, 2);
	ck_assert_int_eq(seen(gate, "held").from[LIMIT_MAX_RUNNING], FROM_API);
	told.error = 0;
}

GATE_TEST(what_is_so_already_needs_no_record, HELD)
{
	struct tenant_view view = changed(gate, one_limit("a", LIMIT_WEIGHT, 3));
	char tag[TENANT_TAG], again[TENANT_TAG];

	tenant_view_tag(&view, tag);
	told.error = -EIO;
	view = changed(gate, one_limit("a", LIMIT_WEIGHT, 3));
	tenant_view_tag(&view, again);
	ck_assert_str_eq(tag, again);
	changed(gate, (struct tenant_change){.what = TENANT_RESUME, .name = "b"});
	changed(gate, (struct tenant_change){.what = TENANT_FORGET, .name = "c"});
	told.error = 0;
}

GATE_TEST(changes_are_compared_with_what_the_one_before_them_has_left, HELD)
{
	struct tenant_view view = seen(gate, "a");
	struct tenant_change second = one_limit("a", LIMIT_WEIGHT, 9);
	char tag[TENANT_TAG];
	struct called called;

	tenant_view_tag(&view, tag);
	put_running = one_limit("a", LIMIT_MAX_RUNNING, 7);
	put_running.if_match = second.if_match = tag;
	commits_hold();
	call_begin(&called, change_called, gate, NULL);
	commit_await();
	commits_free(0);
	change_refused(gate, second, -ESTALE, PROBLEM_PRECONDITION);
	ck_assert_int_eq(call_await(&called), 0);
	ck_assert_uint_eq(seen(gate, "a").limits.weight, 1);
}

GATE_TEST(a_backlog_that_is_made_smaller_refuses_what_comes_next, "tenant a { max-running = 0 }\n")
{
	struct job *job = submit(gate, quick_job("a"));

	changed(gate, one_limit("a", LIMIT_MAX_QUEUED, 1));
	submit_refused(gate, quick_job("a"), -EAGAIN, PROBLEM_BACKLOG);
	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job, JOB_CANCELLED);
	job_unref(submit(gate, quick_job("a")));
}

GATE_TEST(a_tenant_without_jobs_is_forgotten_and_what_is_set_for_it_is_not, "tenants-max = 2\n")
{
	struct gate_stats stats;

	changed(gate, one_limit("a", LIMIT_WEIGHT, 5));
	just_ends(gate, submit(gate, quick_job("a")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.tenants, 0);
	ck_assert_uint_eq(seen(gate, "a").limits.weight, 5);
	changed(gate, (struct tenant_change){.what = TENANT_PAUSE, .name = "b"});
	change_refused(gate, one_limit("c", LIMIT_WEIGHT, 5), -EAGAIN, PROBLEM_TENANTS);
	changed(gate, one_limit("b", LIMIT_WEIGHT, 5));
	changed(gate, (struct tenant_change){.what = TENANT_FORGET, .name = "b"});
	changed(gate, one_limit("c", LIMIT_WEIGHT, 5));
}

GATE_TEST(a_pause_holds_until_its_time_by_the_walls_clock, "workers = 4\n")
{
	struct tenant_change pause = {
		.what = TENANT_PAUSE, .name = "a", .for_ns = 3600 * PEN_SECOND, .reason = "the moon"};
	struct explanation explanation;
	struct job *job;
	int64_t until_ms;

	clock_wall_set(clock_wall_ms());
	until_ms = changed(gate, pause).pause.until_ms;
	job = submit(gate, quick_job("a"));
	just_ends(gate, submit(gate, quick_job("b")), JOB_SUCCEEDED);
	explanation = explained(gate, job);
	ck_assert_str_eq(explanation.reason, "paused");
	ck_assert_int_eq(explanation.position, 1);
	clock_wall_set(until_ms - 1);
	just_ends(gate, submit(gate, quick_job("b")), JOB_SUCCEEDED);
	ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	clock_wall_set(until_ms);
	just_ends(gate, submit(gate, quick_job("b")), JOB_SUCCEEDED);
	just_ends(gate, job, JOB_SUCCEEDED);
	ck_assert(!seen(gate, "a").pause.on);
}

GATE_TEST(a_second_pause_takes_the_place_of_the_first, "workers = 4\n")
{
	struct tenant_change pause = {.what = TENANT_PAUSE, .name = "a", .for_ns = PEN_SECOND, .reason = "x"};
	struct tenant_view first, second;

	clock_wall_set(clock_wall_ms());
	first = changed(gate, pause);
	clock_wall_set(first.pause.since_ms + 500);
	pause.for_ns = 0;
	pause.reason = NULL;
	second = changed(gate, pause);
	ck_assert_int_eq(second.pause.since_ms, first.pause.since_ms);
	ck_assert_int_eq(second.pause.until_ms, 0);
	ck_assert_str_eq(second.pause.reason, "");
	clock_wall_set(first.pause.until_ms + 1);
	just_ends(gate, submit(gate, quick_job("b")), JOB_SUCCEEDED);
	ck_assert(seen(gate, "a").pause.on);
}

static void restored(struct gate *gate)
{
	struct tenant_view view = seen(gate, "set");
	struct gate_stats stats;

	ck_assert_uint_eq(view.limits.max_running, 3);
	ck_assert_int_eq(view.from[LIMIT_MAX_RUNNING], FROM_API);
	ck_assert_str_eq(view.pause.reason, "r");
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.tenants_paused, 1);
}

static void not_restored(struct gate *gate)
{
	struct gate_stats stats;

	ck_assert_uint_eq(seen(gate, "set").limits.max_running, 16);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_RECOVER], 1);
}

START_TEST(what_an_earlier_daemon_was_told_holds)
{
	told.set = "{\"max_running\":3,\"paused\":{\"since_ms\":1,\"until_ms\":0,\"reason\":\"r\"}}";
	gate_trial_run(1, (struct gate_trial){"", restored});
}
END_TEST

START_TEST(what_cannot_be_read_back_is_told_and_the_configuration_holds)
{
	told.set = "{\"max_running\":-3}";
	gate_trial_run(1, (struct gate_trial){"", not_restored});
}
END_TEST

GATE_TEST(the_position_is_told_by_priority_and_age, HELD)
{
	static const int priorities[] = {5, 5, 9, 0}, positions[] = {2, 3, 1, 4};
	struct job *jobs[ARRAY_LEN(priorities)];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(
			gate, job_as("{\"kind\":\"echo\",\"tenant\":\"held\",\"spec\":1,\"priority\":%d}",
				      priorities[i]));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		struct explanation explanation = explained(gate, jobs[i]);

		ck_assert_str_eq(explanation.reason, "tenant-limit");
		ck_assert_int_eq(explanation.position, positions[i]);
		job_unref(jobs[i]);
	}
}

GATE_TEST(when_a_job_may_start_is_told_once_something_is_known_of_its_tenant, "workers = 1\n")
{
	struct job *slow = submit_running(gate, "other"), *first = submit(gate, quick_job("a"));

	ck_assert_int_eq(explained(gate, first).start_at_ms, 0);
	ck_assert_str_eq(explained(gate, first).reason, "no-free-worker");
	cancel_running(gate, slow);
	slow = submit_running(gate, "a");
	just_ends(gate, first, JOB_SUCCEEDED);
	first = submit(gate, quick_job("a"));
	ck_assert_int_gt(explained(gate, first).start_at_ms, clock_wall_ms() - 1000);
	cancel_running(gate, slow);
	just_ends(gate, first, JOB_SUCCEEDED);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_tenants");

	tcase_add_gate_test(tcase, a_limit_takes_effect_when_it_is_on_record_and_not_before);
	tcase_add_gate_test(tcase, a_limit_that_cannot_be_put_on_record_does_not_hold);
	tcase_add_gate_test(tcase, what_is_so_already_needs_no_record);
	tcase_add_gate_test(tcase, changes_are_compared_with_what_the_one_before_them_has_left);
	tcase_add_gate_test(tcase, a_backlog_that_is_made_smaller_refuses_what_comes_next);
	tcase_add_gate_test(tcase, a_tenant_without_jobs_is_forgotten_and_what_is_set_for_it_is_not);
	tcase_add_gate_test(tcase, a_pause_holds_until_its_time_by_the_walls_clock);
	tcase_add_gate_test(tcase, a_second_pause_takes_the_place_of_the_first);
	tcase_add_test(tcase, what_an_earlier_daemon_was_told_holds);
	tcase_add_test(tcase, what_cannot_be_read_back_is_told_and_the_configuration_holds);
	tcase_add_gate_test(tcase, the_position_is_told_by_priority_and_age);
	tcase_add_gate_test(tcase, when_a_job_may_start_is_told_once_something_is_known_of_its_tenant);
	return gate_run_suite("gate_tenants", tcase);
}
