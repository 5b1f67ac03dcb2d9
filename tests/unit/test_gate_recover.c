/* test_gate_recover.c - the jobs of an earlier run: put back where they were, and none for ever. */
#define UNIT_FORKS 1
#include "gate_trial.h"

/* One that the store will give; the test keeps `job`. */
static struct progress *on_record(struct job *job, enum job_state state)
{
	struct store_record *record = &told.unfinished[told.n_unfinished++];

	job->sequence = told.n_unfinished;
	record->job = job_ref(job);
	record->progress.state = state;
	record->progress.expires_at_ms = job->expires_at_ms;
	return &record->progress;
}

/* An attempt under way when the earlier run ended, which had lost some before. */
static void running_on_record(struct job *job, enum job_state state, uint32_t crashes)
{
	struct progress *progress = on_record(job, state);

	for (uint32_t i = 0; i <= crashes; i++)
		ck_assert_int_eq(progress_started(progress, clock_wall_ms()), 0);
	progress->crashes = crashes;
}

struct recovery_trial {
	const char *conf;
	void (*before)(void);
	void (*after)(struct gate *gate);
};

static struct job *jobs[8];

static int recovery_main(void *arg)
{
	const struct recovery_trial *trial = arg;
	struct gate *gate;

	trial->before();
	gate = gate_begin(trial->conf);
	trial->after(gate);
	gate_end(gate);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		job_unref(jobs[i]);
	for (size_t i = 0; i < told.n_unfinished; i++)
		store_record_fini(&told.unfinished[i]);
	return 0;
}

static void recovery_run(size_t loops, struct recovery_trial trial)
{
	struct pen_run_options options = {.loops = loops, .on_leak = gate_trial_leak};

	ck_assert_int_eq(pen_run(&options, recovery_main, &trial), 0);
	clock_wall_set(0);
}

#define RECOVERY_TEST(name, text, before) \
	static void name##_body(struct gate *gate); \
	START_TEST(name) \
	{ \
		recovery_run((size_t)_i + 1, (struct recovery_trial){text, before, name##_body}); \
	} \
	END_TEST \
	static void name##_body(struct gate *gate)

static void three_queued(void)
{
	for (size_t i = 0; i < 3; i++) {
		jobs[i] = quick_job("acme");
		on_record(jobs[i], JOB_QUEUED);
	}
}

RECOVERY_TEST(queued_jobs_run_in_their_order_without_being_asked_for, "workers = 1", three_queued)
{
	for (size_t i = 0; i < 3; i++) {
		struct told_record record;

		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
		ck_assert(uuid_equal(&record.id, &jobs[i]->id));
		ck_assert_int_eq(record.state, JOB_RUNNING);
		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
		ck_assert_int_eq(record.state, JOB_SUCCEEDED);
	}
	ck_assert_int_eq(gate_ready(gate, NULL), 0);
}

RECOVERY_TEST(what_a_drain_finds_on_record_is_left_there_and_takes_no_memory, "", three_queued)
{
	struct gate_stats stats;

	gate_drain(gate);
	ck_assert_int_eq(gate_drained(NULL, gate), 0);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 3);
	ck_assert_uint_eq(told.scans[STORE_READY], 0);
}

static void one_scheduled_one_expired(void)
{
	jobs[0] = quick_job("acme");
	on_record(jobs[0], JOB_SCHEDULED)->next_run_at_ms = clock_wall_ms() + 3600000;
	jobs[1] = job_as("{\"kind\":\"echo\",\"spec\":1,\"expires_in\":\"1ms\"}");
	on_record(jobs[1], JOB_SCHEDULED)->next_run_at_ms = clock_wall_ms() + 3600000;
}

RECOVERY_TEST(scheduled_jobs_wait_for_their_time_no_longer_than_they_may, "", one_scheduled_one_expired)
{
	just_ends(gate, job_ref(jobs[1]), JOB_EXPIRED);
	ck_assert_int_eq(state_of(gate, jobs[0]), JOB_SCHEDULED);
	cancel(gate, jobs[0], JOB_CANCELLED);
}

/* One ran, and one came after it. */
static void two_of_a_limit_key(void)
{
	for (size_t i = 0; i < 2; i++)
		jobs[i] = job_as(
			"{\"kind\":\"sleep\",\"tenant\":\"acme\",\"limit_key\":\"k\",\"spec\":{\"for\":\"1h\"},"
			"\"timeout\":\"1h\"}");
	running_on_record(jobs[0], JOB_RUNNING, 0);
	on_record(jobs[1], JOB_QUEUED);
}

RECOVERY_TEST(a_limit_key_is_counted_anew_from_what_runs, "", two_of_a_limit_key)
{
	struct gate_stats stats;

	await_state(jobs[0], JOB_RUNNING);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_RUNNING], 1);
	ck_assert_int_eq(state_of(gate, jobs[1]), JOB_QUEUED);
	cancel_running(gate, job_ref(jobs[0]));
	await_state(jobs[1], JOB_RUNNING);
	cancel_running(gate, job_ref(jobs[1]));
}

static void one_running(void)
{
	jobs[0] = long_job("acme");
	running_on_record(jobs[0], JOB_RUNNING, 0);
}

RECOVERY_TEST(a_running_job_has_crashed_once_and_runs_again, "", one_running)
{
	CLEANUP(store_record_fini) struct store_record record = {0};

	ck_assert_int_eq(next_record(jobs[0]).state, JOB_QUEUED);
	ck_assert_int_eq(next_record(jobs[0]).state, JOB_RUNNING);
	record = looked_at(gate, jobs[0]);
	ck_assert_uint_eq(record.progress.attempts, 2);
	ck_assert_uint_eq(record.progress.crashes, 1);
	ck_assert_uint_eq(record.progress.failures, 0);
	ck_assert_str_eq(record.progress.kept[0].code, "crashed");
	ck_assert_int_gt(record.progress.kept[0].finished_ms, 0);
	cancel(gate, jobs[0], JOB_CANCELLING);
	just_ends(gate, job_ref(jobs[0]), JOB_CANCELLED);
}

static void one_poisonous_one_cancelled(void)
{
	jobs[0] = long_job("acme");
	running_on_record(jobs[0], JOB_RUNNING, 2);
	jobs[1] = long_job("acme");
	running_on_record(jobs[1], JOB_CANCELLING, 0);
}

RECOVERY_TEST(the_last_crash_of_crash_limit_is_a_failure_and_one_being_cancelled_is_cancelled,
	"crash-limit = 3", one_poisonous_one_cancelled)
{
	struct result *result = ends(gate, job_ref(jobs[0]), JOB_FAILED);

	ck_assert_ptr_nonnull(strstr(result->body, "\"code\":\"crash-loop\""));
	ck_assert_ptr_nonnull(strstr(result->body, "\"attempts\":3"));
	result_unref(result);
	just_ends(gate, job_ref(jobs[1]), JOB_CANCELLED);
	ck_assert_uint_eq(gate_running(gate), 0);
}

static void one_cancelled_and_commits_held(void)
{
	jobs[0] = long_job("acme");
	running_on_record(jobs[0], JOB_CANCELLING, 0);
	commits_hold();
}

RECOVERY_TEST(
	what_an_earlier_daemon_has_told_of_a_cancellation_is_still_told, "", one_cancelled_and_commits_held)
{
	commit_await();
	ck_assert_int_eq(state_of(gate, jobs[0]), JOB_CANCELLING);
	commits_free(0);
	just_ends(gate, job_ref(jobs[0]), JOB_CANCELLED);
}

static void one_queued_and_commits_held(void)
{
	commits_hold();
	jobs[0] = quick_job("acme");
	on_record(jobs[0], JOB_QUEUED);
}

RECOVERY_TEST(a_job_of_an_earlier_run_starts_only_once_that_is_on_record, "", one_queued_and_commits_held)
{
	struct store_record record;

	ck_assert_uint_eq(commit_await(), 1);
	for (int i = 0; i < 100; i++)
		pen_yield(); /* a worker would be done by now */
	record = looked_at(gate, jobs[0]);
	ck_assert_int_eq(record.progress.state, JOB_RUNNING);
	ck_assert_int_eq(record.progress.kept[0].finished_ms, 0);
	store_record_fini(&record);
	commits_free(0);
	just_ends(gate, job_ref(jobs[0]), JOB_SUCCEEDED);
}

/* Without a job. */
static void damaged_on_record(enum job_state state)
{
	told.unfinished[told.n_unfinished++].progress.state = state;
}

static void one_queued_some_damaged(void)
{
	jobs[0] = quick_job("acme");
	on_record(jobs[0], JOB_QUEUED);
	damaged_on_record(JOB_QUEUED);
	damaged_on_record(JOB_SCHEDULED);
	damaged_on_record(JOB_SCHEDULED);
	damaged_on_record(JOB_RUNNING);
}

RECOVERY_TEST(what_cannot_be_read_back_is_counted_once_and_not_as_waiting_and_the_others_go_on, "",
	one_queued_some_damaged)
{
	struct gate_audit audit;
	struct gate_stats stats;

	just_ends(gate, job_ref(jobs[0]), JOB_SUCCEEDED);
	do {
		pen_yield();
		gate_stats(gate, &stats);
	} while (stats.jobs[JOB_QUEUED] + stats.jobs[JOB_SCHEDULED] + stats.jobs[JOB_RUNNING] > 0);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_RECOVER], 4);
	ck_assert_uint_eq(stats.slots_reconciled, 0);
	ck_assert_int_eq(gate_audit(gate, &audit), 0); /* which knows that they are there */
	ck_assert_uint_eq(audit.differences, 0);
	ck_assert_uint_eq(audit.jobs, 0);
}

/* As where an index has more than there is. */
static void two_that_no_list_has(void)
{
	damaged_on_record(JOB_QUEUED);
	damaged_on_record(JOB_SCHEDULED);
	told.given[0] = told.given[1] = true;
}

RECOVERY_TEST(what_was_counted_and_is_not_there_is_counted_no_longer, "", two_that_no_list_has)
{
	struct gate_stats stats;

	do {
		pen_yield();
		gate_stats(gate, &stats);
	} while (stats.jobs[JOB_QUEUED] + stats.jobs[JOB_SCHEDULED] > 0);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_RECOVER], 2);
	ck_assert_uint_eq(stats.tenants, 0);
}

static void one_expired_and_commits_held(void)
{
	commits_hold();
	jobs[0] = job_as("{\"kind\":\"echo\",\"spec\":1,\"expires_in\":\"1ms\"}");
	on_record(jobs[0], JOB_QUEUED);
	clock_wall_set(jobs[0]->expires_at_ms);
}

/* Nothing would keep its tenant meanwhile. */
RECOVERY_TEST(a_line_is_not_read_on_when_what_was_away_has_come_another_way, "", one_expired_and_commits_held)
{
	ck_assert_uint_eq(commit_await(), 1); /* its end */
	for (int i = 0; i < 100; i++)
		pen_yield(); /* a load would be back by now */
	ck_assert_uint_eq(told.scans[STORE_EXPIRING], 1);
	ck_assert_uint_eq(told.scans[STORE_READY], 0);
	commits_free(0);
	just_ends(gate, job_ref(jobs[0]), JOB_EXPIRED);
}

static void nothing(void)
{
	told.n_unfinished = 0;
}

RECOVERY_TEST(an_end_that_the_store_refuses_is_counted_and_not_tried_again, "", nothing)
{
	struct gate_stats stats;

	jobs[0] = submit(gate, long_job("acme"));
	await_state(jobs[0], JOB_RUNNING);
	told.refuses_ends = true;
	cancel(gate, jobs[0], JOB_CANCELLING);
	do {
		pen_yield();
		gate_stats(gate, &stats);
	} while (stats.finishes_refused == 0);
	ck_assert_uint_eq(stats.finishes_refused, 1);
	ck_assert_uint_eq(stats.store_errors[STATS_STORE_FINISH], 0);
	ck_assert_uint_eq(stats.jobs[JOB_CANCELLING], 0);
	ck_assert_int_eq(gate_ready(gate, NULL), 0);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_recover");

	tcase_add_gate_test(tcase, queued_jobs_run_in_their_order_without_being_asked_for);
	tcase_add_gate_test(tcase, what_a_drain_finds_on_record_is_left_there_and_takes_no_memory);
	tcase_add_gate_test(tcase, scheduled_jobs_wait_for_their_time_no_longer_than_they_may);
	tcase_add_gate_test(tcase, a_limit_key_is_counted_anew_from_what_runs);
	tcase_add_gate_test(tcase, a_running_job_has_crashed_once_and_runs_again);
	tcase_add_gate_test(
		tcase, the_last_crash_of_crash_limit_is_a_failure_and_one_being_cancelled_is_cancelled);
	tcase_add_gate_test(tcase, what_an_earlier_daemon_has_told_of_a_cancellation_is_still_told);
	tcase_add_gate_test(tcase, a_job_of_an_earlier_run_starts_only_once_that_is_on_record);
	tcase_add_gate_test(
		tcase, what_cannot_be_read_back_is_counted_once_and_not_as_waiting_and_the_others_go_on);
	tcase_add_gate_test(tcase, what_was_counted_and_is_not_there_is_counted_no_longer);
	tcase_add_gate_test(tcase, a_line_is_not_read_on_when_what_was_away_has_come_another_way);
	tcase_add_gate_test(tcase, an_end_that_the_store_refuses_is_counted_and_not_tried_again);
	return gate_run_suite("gate_recover", tcase);
}
