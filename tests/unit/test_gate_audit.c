/* test_gate_audit.c - counts that are wrong are found, told, and put right; and right ones are left alone, whatever happens meanwhile. */
#include "gate/inside.h"
#include "gate_trial.h"

enum { JOBS = 5000 }; /* more than an audit looks at in one turn */

#define HELD "workers = 4\ntenant held { max-running = 0 max-queued = 100000 }\n"

static size_t audited(struct gate *gate)
{
	struct gate_audit audit;

	ck_assert_int_eq(gate_audit(gate, &audit), 0);
	return audit.differences;
}

static uint64_t told_differences(struct gate *gate)
{
	struct gate_stats stats;

	gate_stats(gate, &stats);
	return stats.audit_differences;
}

static struct tenant *tenant_of(struct gate *gate, const char *name)
{
	struct tenant *tenant;

	HASH_FIND_STR(gate->tenants, name, tenant);
	ck_assert_ptr_nonnull(tenant);
	return tenant;
}

static struct job *later_job(const char *tenant)
{
	return job_as("{\"kind\":\"echo\",\"tenant\":\"%s\",\"spec\":1,\"delay\":\"1h\"}", tenant);
}

/* Jobs in every state in which one may be. */
struct mixture {
	struct job *queued, *later, *running;
};

static struct mixture mixed(struct gate *gate)
{
	struct mixture mixture = {
		.queued = submit(gate, quick_job("held")),
		.later = submit(gate, later_job("a")),
		.running = submit_running(gate, "a"),
	};

	return mixture;
}

static void end_mixed(struct gate *gate, struct mixture *mixture)
{
	cancel(gate, mixture->queued, JOB_CANCELLED);
	just_ends(gate, mixture->queued, JOB_CANCELLED);
	cancel(gate, mixture->later, JOB_CANCELLED);
	just_ends(gate, mixture->later, JOB_CANCELLED);
	cancel_running(gate, mixture->running);
	ck_assert_uint_eq(audited(gate), 0);
	ck_assert_uint_eq(HASH_COUNT(gate->tenants), 0);
}

static struct job *keyed_job(const char *spec)
{
	return job_as(
		"{\"kind\":\"sleep\",\"tenant\":\"a\",\"limit_key\":\"k\",\"timeout\":\"1h\",\"spec\":%s}",
		spec);
}

GATE_TEST(right_counts_are_left_alone, HELD)
{
	struct mixture mixture;

	ck_assert_uint_eq(audited(gate), 0);
	mixture = mixed(gate);
	ck_assert_uint_eq(audited(gate), 0);
	end_mixed(gate, &mixture);
	ck_assert_uint_eq(told_differences(gate), 0);
}

/* Nothing else runs while the test does not wait, so it may touch what is the gate's. */
static void spoil(size_t *count, size_t by)
{
	*count += by;
}

GATE_TEST(each_wrong_count_is_found_told_and_put_right, HELD)
{
	struct mixture mixture = mixed(gate);
	struct tenant *held = tenant_of(gate, "held"), *a = tenant_of(gate, "a");
	size_t *counts[] = {
		&held->waiting,
		&a->waiting,
		&a->entries,
		&held->queue.len,
		&held->queue.lines[5].len,
		&held->queue.away,
		&gate->running,
		&gate->underway,
		&gate->asking,
		&gate->entries_bytes,
		&gate->away,
	};
	uint64_t told_so_far = 0;

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		size_t right = *counts[i];

		for (int sign = 1; sign >= -1; sign -= 2) {
			spoil(counts[i], (size_t)sign);
			ck_assert_uint_ge(audited(gate), 1);
			ck_assert_uint_gt(told_differences(gate), told_so_far);
			told_so_far = told_differences(gate);
			ck_assert_uint_eq(*counts[i], right);
			ck_assert_uint_eq(audited(gate), 0);
		}
	}
	gate->stats.jobs[JOB_SCHEDULED] += 3;
	ck_assert_uint_eq(audited(gate), 1);
	ck_assert_uint_eq(gate->stats.jobs[JOB_SCHEDULED], 1);
	end_mixed(gate, &mixture);
}

GATE_TEST(a_slot_that_was_lost_is_given_back_and_jobs_start, "workers = 4\ntenant a { max-running = 1 }\n")
{
	struct job *later = submit(gate, later_job("a")), *job;
	struct gate_stats stats;

	ck_assert_int_eq(pen_sem_try_acquire(tenant_of(gate, "a")->slots, 1), 0);
	job = submit(gate, quick_job("a"));
	ck_assert_int_eq(state_of(gate, job), JOB_QUEUED);
	ck_assert_uint_eq(audited(gate), 1);
	just_ends(gate, job, JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.slots_reconciled, 1);
	job_unref(later);
}

GATE_TEST(a_lane_that_counts_wrong_is_put_right_and_what_waits_for_it_starts, "workers = 4\n")
{
	struct job *running = submit(gate, keyed_job("{\"for\":\"1h\"}")), *waiting;
	struct named_lane *lane = gate->lanes;
	struct tenant *a = tenant_of(gate, "a");
	size_t *counts[] = {&lane->n_members, &lane->arriving, &a->aside[LANE_KEY], &a->put_off};

	await_state(running, JOB_RUNNING);
	waiting = submit(gate, keyed_job("{\"for\":\"1ms\"}"));
	ck_assert_uint_eq(audited(gate), 0);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		size_t right = *counts[i];

		for (int sign = 1; sign >= -1; sign -= 2) {
			spoil(counts[i], (size_t)sign);
			ck_assert_uint_eq(audited(gate), 1);
			ck_assert_uint_eq(*counts[i], right);
		}
	}
	gate->stats.limited[LANE_KEY]++;
	ck_assert_uint_eq(audited(gate), 1);
	lane->lane.running++;
	cancel_running(gate, running);
	ck_assert_int_eq(state_of(gate, waiting), JOB_QUEUED);
	ck_assert_uint_eq(audited(gate), 1);
	just_ends(gate, waiting, JOB_SUCCEEDED);
	ck_assert_ptr_null(gate->lanes);
}

GATE_TEST(a_tenant_that_is_kept_by_a_wrong_count_only_goes, HELD)
{
	struct job *job = submit(gate, quick_job("held"));

	tenant_of(gate, "held")->entries++;
	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job, JOB_CANCELLED);
	ck_assert_uint_eq(HASH_COUNT(gate->tenants), 1);
	ck_assert_uint_eq(audited(gate), 1);
	ck_assert_uint_eq(HASH_COUNT(gate->tenants), 0);
}

static void audit_called(struct called *called)
{
	struct gate_audit audit;

	called->result = gate_audit(called->gate, &audit);
	called->state = audit.differences == 0 ? JOB_SUCCEEDED : JOB_FAILED;
}

/* What is between two turns of the gate. */
static void await_underway(struct gate *gate)
{
	while (!gate->audit.underway)
		pen_yield();
}

static void submit_many(struct gate *gate)
{
	struct gate_line *lines = calloc(JOBS, sizeof *lines);
	struct problem problem = {0};

	ck_assert_ptr_nonnull(lines);
	for (size_t i = 0; i < JOBS; i++)
		lines[i].job = i % 2 ? later_job("held") : quick_job("held");
	ck_assert_int_eq(gate_submit_many(gate, lines, JOBS, true, &problem), 0);
	for (size_t i = 0; i < JOBS; i++)
		gate_line_fini(&lines[i]);
	free(lines);
}

GATE_TEST(what_changes_while_an_audit_is_under_way_is_not_taken_for_a_difference, HELD)
{
	struct job *first = submit(gate, quick_job("held")), *later = submit(gate, later_job("a")),
		   *runs = submit_running(gate, "a"), *other;
	struct called called;

	submit_many(gate);
	call_begin(&called, audit_called, gate, NULL);
	await_underway(gate);
	cancel(gate, first, JOB_CANCELLED); /* which have been counted */
	cancel(gate, later, JOB_CANCELLED);
	other = submit_running(gate, "a");
	cancel_running(gate, runs);
	ck_assert_int_eq(call_await(&called), 0);
	ck_assert_int_eq(called.state, JOB_SUCCEEDED);
	ck_assert_uint_eq(gate->audit.doubts, 0);
	ck_assert_uint_eq(told_differences(gate), 0);
	cancel_running(gate, other);
	job_unref(first);
	job_unref(later);
}

GATE_TEST(the_next_to_be_looked_at_may_go_away, HELD)
{
	struct called called;
	struct entry *at;

	submit_many(gate);
	call_begin(&called, audit_called, gate, NULL);
	await_underway(gate);
	at = gate->audit.at;
	ck_assert_ptr_nonnull(at);
	audit_forget(gate, at); /* as when it goes */
	ck_assert_ptr_eq(gate->audit.at, at->hh.next);
	gate->audit.at = at;
	ck_assert_int_eq(call_await(&called), 0);
	ck_assert_uint_eq(gate->audit.doubts, 0);
}

GATE_TEST(a_wrong_count_among_many_jobs_is_found, HELD)
{
	submit_many(gate);
	tenant_of(gate, "held")->waiting -= 7;
	ck_assert_uint_eq(audited(gate), 1);
	ck_assert_uint_eq(tenant_of(gate, "held")->waiting, JOBS);
	ck_assert_uint_eq(audited(gate), 0);
}

GATE_TEST(an_audit_is_expected_while_there_are_jobs_and_once_after_that, HELD)
{
	struct job *job;

	ck_assert_int_eq(gate->audit.next_ns, 0);
	job = submit(gate, quick_job("held"));
	ck_assert_int_gt(gate->audit.next_ns, 0);
	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job, JOB_CANCELLED);
	ck_assert_int_gt(gate->audit.next_ns, 0);
	gate->audit.next_ns = 1; /* its time has come */
	just_ends(gate, submit(gate, quick_job("a")), JOB_SUCCEEDED);
	while (gate->stats.audits == 0)
		pen_yield();
	ck_assert_uint_eq(audited(gate), 0);
	ck_assert_int_eq(gate->audit.next_ns, 0);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_audit");

	tcase_add_gate_test(tcase, right_counts_are_left_alone);
	tcase_add_gate_test(tcase, each_wrong_count_is_found_told_and_put_right);
	tcase_add_gate_test(tcase, a_slot_that_was_lost_is_given_back_and_jobs_start);
	tcase_add_gate_test(tcase, a_lane_that_counts_wrong_is_put_right_and_what_waits_for_it_starts);
	tcase_add_gate_test(tcase, a_tenant_that_is_kept_by_a_wrong_count_only_goes);
	tcase_add_gate_test(tcase, what_changes_while_an_audit_is_under_way_is_not_taken_for_a_difference);
	tcase_add_gate_test(tcase, the_next_to_be_looked_at_may_go_away);
	tcase_add_gate_test(tcase, a_wrong_count_among_many_jobs_is_found);
	tcase_add_gate_test(tcase, an_audit_is_expected_while_there_are_jobs_and_once_after_that);
	return gate_run_suite("gate_audit", tcase);
}
