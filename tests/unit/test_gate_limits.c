/* test_gate_limits.c - how many may run and wait, of a tenant and of all; and whose turn it is. */
#include "gate_trial.h"

enum { MANY = 300 };

#define FIVE_TENANTS \
	"workers = 9\n" \
	"tenant t1 { max-running = 1 }\ntenant t2 { max-running = 2 }\ntenant t3 { max-running = 3 }\n" \
	"tenant t4 { max-running = 4 }\ntenant t5 { max-running = 5 }\n"

static struct job *job_of_many(int i)
{
	static const char *const specs[] = {
		"\"kind\":\"echo\",\"spec\":1", "\"kind\":\"sleep\",\"spec\":{\"for\":\"1ms\"}",
		"\"kind\":\"sleep\",\"spec\":{\"for\":\"0s\"},\"delay\":\"3ms\"",
		"\"kind\":\"command\",\"spec\":{\"command\":\"none\"}", /* refused */
	};

	return job_as("{\"tenant\":\"t%d\",\"priority\":%d,%s}", 1 + i % 5, i % 10, specs[i % 4]);
}

static void check_limits(void)
{
	ck_assert_uint_le(told.most, with.conf->workers);
	for (size_t i = 0; i < told.n_tenants; i++) {
		const struct told_tenant *tenant = &told.tenants[i];

		ck_assert_uint_eq(tenant->running, 0);
		ck_assert_uint_ge(tenant->most, 1);
		ck_assert_uint_le(tenant->most, conf_limits(with.conf, tenant->name)->max_running);
	}
	ck_assert_uint_eq(told.n_tenants, 5);
}

GATE_TEST(no_limit_is_exceeded_at_any_instant_and_every_job_ends, FIVE_TENANTS)
{
	struct job *jobs[MANY];
	size_t n = 0;

	for (int i = 0; i < MANY; i++) {
		if (i % 4 == 3)
			submit_refused(gate, job_of_many(i), -EINVAL, PROBLEM_BAD_FIELD);
		else
			jobs[n++] = submit(gate, job_of_many(i));
	}
	while (n > 0)
		just_ends(gate, jobs[--n], JOB_SUCCEEDED);
	check_limits();
}

GATE_TEST(
	a_tenant_at_its_limit_waits_and_holds_up_no_other, "workers = 3\ntenant small { max-running = 1 }\n")
{
	struct job *running = submit_running(gate, "small"), *waiting[4];
	struct gate_stats stats;

	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		waiting[i] = submit(gate, quick_job("small"));
	for (int i = 0; i < 8; i++)
		just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.limit_waiting, ARRAY_LEN(waiting));
	ck_assert_uint_eq(stats.workers_busy, 1);
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		ck_assert_int_eq(state_of(gate, waiting[i]), JOB_QUEUED);
	cancel_running(gate, running);
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		just_ends(gate, waiting[i], JOB_SUCCEEDED);
}

GATE_TEST(no_more_run_than_there_are_workers, "workers = 2\n")
{
	struct job *first = submit_running(gate, "a"), *second = submit_running(gate, "b");
	struct job *third = submit(gate, quick_job("c"));
	struct gate_stats stats;

	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.workers_busy, 2);
	ck_assert_uint_eq(stats.workers_idle, 0);
	ck_assert_uint_eq(stats.limit_waiting, 0); /* it is no limit of its tenant's */
	ck_assert_int_eq(state_of(gate, third), JOB_QUEUED);
	cancel_running(gate, first);
	just_ends(gate, third, JOB_SUCCEEDED);
	cancel_running(gate, second);
}

GATE_TEST(a_tenant_of_whom_none_may_run_has_its_jobs_wait, "tenant off { max-running = 0 }\n")
{
	CLEANUP(job_unrefp) struct job *job = submit(gate, quick_job("off"));

	just_ends(gate, submit(gate, quick_job("on")), JOB_SUCCEEDED);
	ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	cancel(gate, job, JOB_CANCELLED);
}

GATE_TEST(a_tenants_backlog_has_a_limit_that_running_jobs_do_not_count_for,
	"tenant small { max-running = 1 max-queued = 2 }\n")
{
	struct job *running = submit_running(gate, "small");
	struct job *queued = submit(gate, quick_job("small")), *third;
	struct job *later =
		submit(gate, job_as("{\"kind\":\"echo\",\"tenant\":\"small\",\"spec\":1,\"delay\":\"1h\"}"));
	struct problem problem = submit_refused(gate, quick_job("small"), -EAGAIN, PROBLEM_BACKLOG);

	ck_assert_int_gt(problem.retry_after_ns, 0);
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	cancel(gate, later, JOB_CANCELLED);
	just_ends(gate, later, JOB_CANCELLED);
	third = submit(gate, quick_job("small"));
	cancel_running(gate, running);
	just_ends(gate, third, JOB_SUCCEEDED);
	just_ends(gate, queued, JOB_SUCCEEDED);
}

GATE_TEST(one_that_is_not_on_record_yet_counts_for_the_backlog, "tenant small { max-queued = 1 }\n")
{
	struct called called;

	commits_hold();
	call_begin(&called, submit_called, gate, quick_job("small"));
	commit_await();
	submit_refused(gate, quick_job("small"), -EAGAIN, PROBLEM_BACKLOG);
	commits_free(-EIO);
	ck_assert_int_eq(call_await(&called), -EIO);
	job_unref(called.job);
	just_ends(gate, submit(gate, quick_job("small")), JOB_SUCCEEDED);
}

GATE_TEST(all_jobs_together_have_a_limit, "jobs-max = 2\n")
{
	struct job *first = submit_running(gate, "a");
	struct job *second = submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"1h\"}"));

	submit_refused(gate, quick_job("c"), -EAGAIN, PROBLEM_BACKLOG);
	cancel_running(gate, first);
	just_ends(gate, submit(gate, quick_job("c")), JOB_SUCCEEDED);
	job_unref(second);
}

/* Its request is there twice: as text, and as what it says. */
static struct job *large_job(size_t bytes, const char *delay)
{
	char *text = malloc(bytes + 100);
	struct job *job;

	ck_assert_ptr_nonnull(text);
	sprintf(text, "{\"kind\":\"echo\",\"delay\":\"%s\",\"spec\":\"%0*d\"}", delay, (int)bytes, 0);
	job = job_as("%s", text);
	free(text);
	return job;
}

GATE_TEST(the_memory_of_all_jobs_together_has_a_limit, "jobs-bytes-max = 1MiB\n")
{
	struct job *first = submit(gate, large_job(400 << 10, "1h"));
	struct problem problem = submit_refused(gate, large_job(400 << 10, "0s"), -EAGAIN, PROBLEM_BACKLOG);

	ck_assert_int_gt(problem.retry_after_ns, 0);
	just_ends(gate, submit(gate, quick_job("c")), JOB_SUCCEEDED);
	cancel(gate, first, JOB_CANCELLED);
	just_ends(gate, first, JOB_CANCELLED);
	just_ends(gate, submit(gate, large_job(400 << 10, "0s")), JOB_SUCCEEDED);
}

GATE_TEST(tenants_are_known_while_they_have_jobs_and_have_a_limit, "tenants-max = 1\n")
{
	struct job *job = submit_running(gate, "a");
	struct problem problem = submit_refused(gate, quick_job("b"), -EAGAIN, PROBLEM_TENANTS);
	struct gate_stats stats;

	ck_assert_int_gt(problem.retry_after_ns, 0);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.tenants, 1);
	cancel_running(gate, job);
	just_ends(gate, submit(gate, quick_job("b")), JOB_SUCCEEDED);
}

/* The jobs in the order in which they began. */
static void ck_assert_order(struct job *const *jobs, const size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct told_record record;

		do
			ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
		while (record.state != JOB_RUNNING);
		ck_assert_msg(uuid_equal(&record.id, &jobs[order[i]]->id),
			"job %zu was not the %zu. to begin", order[i], i);
	}
}

GATE_TEST(a_tenants_jobs_begin_by_priority_and_then_by_age, "workers = 1\n")
{
	static const int priorities[] = {0, 9, 5, 5, 9, 0};
	static const size_t order[] = {1, 4, 2, 3, 0, 5};
	struct job *first = submit_running(gate, "a"), *jobs[ARRAY_LEN(order)];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] =
			submit(gate, job_as("{\"kind\":\"echo\",\"tenant\":\"a\",\"spec\":1,\"priority\":%d}",
					     priorities[i]));
	cancel_running(gate, first);
	ck_assert_order(jobs, order, ARRAY_LEN(order));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		just_ends(gate, jobs[i], JOB_SUCCEEDED);
}

enum { EACH = 40 };

/* Of the first so many to begin, these are the heavy tenant's. */
static size_t count_heavy(struct job *const *heavy, size_t of)
{
	struct told_record record;
	size_t n = 0;

	while (of > 0) {
		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
		if (record.state != JOB_RUNNING)
			continue;
		of--;
		for (size_t i = 0; i < EACH; i++)
			n += uuid_equal(&record.id, &heavy[i]->id);
	}
	return n;
}

GATE_TEST(tenants_share_the_workers_by_weight_not_by_backlog, "workers = 1\ntenant heavy { weight = 3 }\n")
{
	struct job *first = submit_running(gate, "first"), *heavy[EACH], *light[EACH];
	size_t n;

	for (size_t i = 0; i < EACH; i++)
		light[i] = submit(gate, quick_job("light"));
	for (size_t i = 0; i < EACH; i++)
		heavy[i] = submit(gate, quick_job("heavy"));
	cancel_running(gate, first);
	n = count_heavy(heavy, EACH);
	ck_assert_uint_ge(n, 3 * EACH / 4 - 1);
	ck_assert_uint_le(n, 3 * EACH / 4 + 1);
	for (size_t i = 0; i < EACH; i++) {
		just_ends(gate, light[i], JOB_SUCCEEDED);
		just_ends(gate, heavy[i], JOB_SUCCEEDED);
	}
}

int main(void)
{
	TCase *tcase = tcase_create("gate_limits");

	tcase_add_gate_test(tcase, no_limit_is_exceeded_at_any_instant_and_every_job_ends);
	tcase_add_gate_test(tcase, a_tenant_at_its_limit_waits_and_holds_up_no_other);
	tcase_add_gate_test(tcase, no_more_run_than_there_are_workers);
	tcase_add_gate_test(tcase, a_tenant_of_whom_none_may_run_has_its_jobs_wait);
	tcase_add_gate_test(tcase, a_tenants_backlog_has_a_limit_that_running_jobs_do_not_count_for);
	tcase_add_gate_test(tcase, one_that_is_not_on_record_yet_counts_for_the_backlog);
	tcase_add_gate_test(tcase, all_jobs_together_have_a_limit);
	tcase_add_gate_test(tcase, the_memory_of_all_jobs_together_has_a_limit);
	tcase_add_gate_test(tcase, tenants_are_known_while_they_have_jobs_and_have_a_limit);
	tcase_add_gate_test(tcase, a_tenants_jobs_begin_by_priority_and_then_by_age);
	tcase_add_gate_test(tcase, tenants_share_the_workers_by_weight_not_by_backlog);
	return gate_run_suite("gate_limits", tcase);
}
