/* test_gate_rate.c - how often a tenant's jobs begin, how many slots they take, and how long they may run. */
#include "gate_trial.h"

/* Wait until one begins, and give its id. */
static struct uuid begins(void)
{
	struct told_record record;

	do
		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
	while (record.state != JOB_RUNNING);
	return record.id;
}

static struct job *slots_job(const char *tenant, int slots, int priority)
{
	return job_as("{\"kind\":\"sleep\",\"tenant\":\"%s\",\"slots\":%d,\"priority\":%d,"
		      "\"spec\":{\"for\":\"1h\"},\"timeout\":\"1h\"}",
		tenant, slots, priority);
}

GATE_TEST(no_more_begin_than_the_burst_and_the_others_wait, "tenant slow { rate = 1/h burst = 3 }\n")
{
	struct job *jobs[5];
	struct gate_stats stats;

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(gate, quick_job("slow"));
	for (size_t i = 0; i < 3; i++)
		just_ends(gate, jobs[i], JOB_SUCCEEDED);
	for (int i = 0; i < 8; i++)
		just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.limit_waiting, 2);
	ck_assert_uint_eq(stats.workers_busy, 0);
	for (size_t i = 3; i < ARRAY_LEN(jobs); i++) {
		ck_assert_int_eq(state_of(gate, jobs[i]), JOB_QUEUED);
		cancel(gate, jobs[i], JOB_CANCELLED);
		just_ends(gate, jobs[i], JOB_CANCELLED);
	}
}

/* The others come one by one, each when its token does. */
GATE_TEST(who_waits_for_a_token_begins_when_it_is_there, "tenant slow { rate = 100/s burst = 1 }\n")
{
	struct job *jobs[10];
	int64_t begun_ns = pen_now_ns();

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(gate, quick_job("slow"));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		just_ends(gate, jobs[i], JOB_SUCCEEDED);
	ck_assert_int_ge(pen_now_ns() - begun_ns, (int64_t)(ARRAY_LEN(jobs) - 1) * PEN_SECOND / 100);
}

GATE_TEST(
	a_tenant_that_is_done_does_not_get_its_tokens_back_by_that, "tenant slow { rate = 1/h burst = 2 }\n")
{
	struct job *third;
	struct gate_stats stats;

	for (int i = 0; i < 2; i++)
		just_ends(gate, submit(gate, quick_job("slow")), JOB_SUCCEEDED);
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.tenants, 1);
	third = submit(gate, quick_job("slow"));
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	ck_assert_int_eq(state_of(gate, third), JOB_QUEUED);
	cancel(gate, third, JOB_CANCELLED);
	just_ends(gate, third, JOB_CANCELLED);
}

static void reload(struct gate *gate, const char *text)
{
	struct conf *conf = load_apart(text);

	ck_assert_int_eq(gate_reconfigure(gate, conf), 0);
	conf_unref(conf);
}

GATE_TEST(a_rate_that_is_raised_or_taken_away_counts_at_once, "tenant slow { rate = 1/h burst = 1 }\n")
{
	struct job *waiting[3];
	struct gate_stats stats;

	just_ends(gate, submit(gate, quick_job("slow")), JOB_SUCCEEDED);
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		waiting[i] = submit(gate, quick_job("slow"));
	ck_assert_int_eq(state_of(gate, waiting[0]), JOB_QUEUED);
	reload(gate, "tenant slow { rate = 100/s burst = 1 }\n");
	just_ends(gate, waiting[0], JOB_SUCCEEDED);
	reload(gate, "");
	for (size_t i = 1; i < ARRAY_LEN(waiting); i++)
		just_ends(gate, waiting[i], JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.tenants, 0);
}

GATE_TEST(a_job_takes_as_many_slots_as_it_says, "tenant t { max-running = 3 }\n")
{
	struct job *two = submit(gate, slots_job("t", 2, 5)), *one = submit(gate, slots_job("t", 1, 5)),
		   *next;

	await_state(two, JOB_RUNNING);
	await_state(one, JOB_RUNNING);
	next = submit(gate, quick_job("t"));
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	ck_assert_int_eq(state_of(gate, next), JOB_QUEUED);
	cancel_running(gate, two);
	just_ends(gate, next, JOB_SUCCEEDED);
	cancel_running(gate, one);
}

/* One that waits for its time keeps the tenant known meanwhile. */
GATE_TEST(when_a_job_ends_all_its_slots_are_free, "tenant t { max-running = 3 }\n")
{
	struct job *later =
		submit(gate, job_as("{\"kind\":\"echo\",\"tenant\":\"t\",\"spec\":1,\"delay\":\"1h\"}"));

	for (int i = 0; i < 5; i++)
		just_ends(gate,
			submit(gate, job_as("{\"kind\":\"echo\",\"tenant\":\"t\",\"slots\":3,\"spec\":1}")),
			JOB_SUCCEEDED);
	cancel(gate, later, JOB_CANCELLED);
	just_ends(gate, later, JOB_CANCELLED);
}

/* A small one would fit meanwhile, and other tenants are not held up. */
GATE_TEST(who_waits_for_its_slots_is_not_overtaken_in_its_tenant, "tenant t { max-running = 3 }\n")
{
	struct job *running[2], *large, *small;
	struct gate_stats stats;
	struct uuid first;

	for (size_t i = 0; i < ARRAY_LEN(running); i++)
		running[i] = submit_running(gate, "t");
	large = submit(gate, slots_job("t", 3, 5));
	small = submit(gate, quick_job("t"));
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.limit_waiting, 2);
	cancel_running(gate, running[0]);
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	ck_assert_int_eq(state_of(gate, small), JOB_QUEUED);
	ck_assert_int_eq(state_of(gate, large), JOB_QUEUED);
	while (pen_chan_len(told.records) > 0)
		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &(struct told_record){0}), 0);
	cancel_running(gate, running[1]);
	first = begins();
	ck_assert(uuid_equal(&first, &large->id));
	ck_assert_int_eq(state_of(gate, small), JOB_QUEUED);
	cancel_running(gate, large);
	just_ends(gate, small, JOB_SUCCEEDED);
}

GATE_TEST(more_slots_than_its_tenant_has_are_refused,
	"tenant t { max-running = 3 }\ntenant off { max-running = 0 }\n")
{
	struct problem problem = submit_refused(gate, slots_job("t", 4, 5), -EINVAL, PROBLEM_BAD_FIELD);

	ck_assert_str_eq(problem.field, "/slots");
	submit_refused(gate, slots_job("off", 2, 5), -EINVAL, PROBLEM_BAD_FIELD);
}

GATE_TEST(one_that_has_more_slots_than_its_tenant_is_left_runs_alone, "tenant t { max-running = 3 }\n")
{
	struct job *running = submit_running(gate, "t"), *large = submit(gate, slots_job("t", 3, 5)), *small;

	reload(gate, "tenant t { max-running = 2 }\n");
	small = submit(gate, quick_job("t"));
	ck_assert_int_eq(state_of(gate, large), JOB_QUEUED);
	cancel_running(gate, running);
	await_state(large, JOB_RUNNING);
	ck_assert_int_eq(state_of(gate, small), JOB_QUEUED);
	reload(gate, "tenant t { max-running = 3 }\n"); /* it took two */
	just_ends(gate, small, JOB_SUCCEEDED);
	cancel_running(gate, large);
}

GATE_TEST(a_timeout_beyond_the_tenants_is_refused, "tenant t { timeout-max = 10s }\n")
{
	struct problem problem = submit_refused(gate, long_job("t"), -EINVAL, PROBLEM_BAD_FIELD);

	ck_assert_str_eq(problem.field, "/timeout");
}

GATE_TEST(an_attempt_has_no_longer_than_its_tenant_allows, "timeout = 1h\ntenant t { timeout-max = 5ms }\n")
{
	struct result *result = ends(gate,
		submit(gate, job_as("{\"kind\":\"sleep\",\"tenant\":\"t\",\"spec\":{\"for\":\"1h\"},"
				    "\"retry\":{\"max_attempts\":1}}")),
		JOB_FAILED);

	ck_assert_ptr_nonnull(strstr(result->body, "timeout"));
	result_unref(result);
}

GATE_TEST(a_full_backlog_tells_its_size_and_when_to_come_again,
	"tenant t { max-queued = 1 max-running = 5 rate = 1/m burst = 1 }\n")
{
	struct job *waiting;
	struct problem problem;

	just_ends(gate, submit(gate, quick_job("t")), JOB_SUCCEEDED);
	waiting = submit(gate, quick_job("t"));
	problem = submit_refused(gate, quick_job("t"), -EAGAIN, PROBLEM_BACKLOG);
	ck_assert_str_eq(problem.quota, "max-queued");
	ck_assert_uint_eq(problem.quota_size, 1);
	ck_assert_int_gt(problem.retry_after_ns, PEN_SECOND); /* there is no token for so long */
	ck_assert_int_le(problem.retry_after_ns, 60 * PEN_SECOND);
	cancel(gate, waiting, JOB_CANCELLED);
	just_ends(gate, waiting, JOB_CANCELLED);
}

/* Each millisecond of waiting is worth a step, so it is ten steps above the one that comes after it by 15. */
GATE_TEST(one_that_has_waited_goes_before_a_higher_priority, "workers = 1\ntenant t { ageing = 1ms }\n")
{
	struct job *first = submit_running(gate, "t"), *low = submit(gate, slots_job("t", 1, 0)), *high;
	struct uuid second;

	ck_assert_int_eq(pen_sleep(NULL, 15 * PEN_MS), 0);
	high = submit(gate, slots_job("t", 1, 9));
	cancel_running(gate, first);
	second = begins();
	ck_assert(uuid_equal(&second, &low->id));
	cancel(gate, high, JOB_CANCELLED);
	just_ends(gate, high, JOB_CANCELLED);
	cancel_running(gate, low);
}

static void ck_assert_waits_for_a_token(struct gate *gate)
{
	struct job *waiting = submit(gate, quick_job("t"));
	struct gate_stats stats;

	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.limit_waiting, 1);
	cancel(gate, waiting, JOB_CANCELLED);
	just_ends(gate, waiting, JOB_CANCELLED);
}

GATE_TEST(
	a_tenant_without_jobs_is_known_for_the_tokens_that_it_has_spent_and_held_to_the_rate_that_it_has_by_then,
	"tenants-max = 1\ntenant t { rate = 1/h burst = 1 }\n")
{
	struct gate_stats stats;

	just_ends(gate, submit(gate, quick_job("t")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.tenants, 1);
	submit_refused(gate, quick_job("other"), -EAGAIN, PROBLEM_TENANTS);
	ck_assert_waits_for_a_token(gate);
	reload(gate, "tenants-max = 1\ntenant t { rate = 2/h burst = 3 }\n");
	ck_assert_waits_for_a_token(gate);
	reload(gate, "tenants-max = 1\ntenant t { rate = 1000/s burst = 1 }\n");
	do /* it is forgotten when it has the token back */
		gate_stats(gate, &stats);
	while (stats.tenants > 0);
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	just_ends(gate, submit(gate, quick_job("t")), JOB_SUCCEEDED);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_rate");

	tcase_add_gate_test(tcase, no_more_begin_than_the_burst_and_the_others_wait);
	tcase_add_gate_test(tcase, who_waits_for_a_token_begins_when_it_is_there);
	tcase_add_gate_test(tcase, a_tenant_that_is_done_does_not_get_its_tokens_back_by_that);
	tcase_add_gate_test(tcase, a_rate_that_is_raised_or_taken_away_counts_at_once);
	tcase_add_gate_test(tcase, a_job_takes_as_many_slots_as_it_says);
	tcase_add_gate_test(tcase, when_a_job_ends_all_its_slots_are_free);
	tcase_add_gate_test(tcase, who_waits_for_its_slots_is_not_overtaken_in_its_tenant);
	tcase_add_gate_test(tcase, more_slots_than_its_tenant_has_are_refused);
	tcase_add_gate_test(tcase, one_that_has_more_slots_than_its_tenant_is_left_runs_alone);
	tcase_add_gate_test(tcase, a_timeout_beyond_the_tenants_is_refused);
	tcase_add_gate_test(tcase, an_attempt_has_no_longer_than_its_tenant_allows);
	tcase_add_gate_test(tcase, a_full_backlog_tells_its_size_and_when_to_come_again);
	tcase_add_gate_test(tcase, one_that_has_waited_goes_before_a_higher_priority);
	tcase_add_gate_test(tcase,
		a_tenant_without_jobs_is_known_for_the_tokens_that_it_has_spent_and_held_to_the_rate_that_it_has_by_then);
	return gate_run_suite("gate_rate", tcase);
}
