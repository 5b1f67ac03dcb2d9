/* test_gate_bulk.c - many jobs in one message: each by itself, or all or none. */
#include "gate_trial.h"

enum { LINES = 5 };

/* Jobs of a tenant in lines. */
static void fill(struct gate_line *lines, size_t n, const char *tenant)
{
	for (size_t i = 0; i < n; i++)
		lines[i] = (struct gate_line){.job = quick_job(tenant)};
}

static void drop(struct gate_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		gate_line_fini(&lines[i]);
}

static void put_bad_command(struct gate_line *line)
{
	job_unref(line->job);
	line->job = job_as("{\"kind\":\"command\",\"spec\":{\"command\":\"rm\"}}");
}

static void submit_all(struct gate *gate, struct gate_line *lines, size_t n, bool atomic)
{
	struct problem problem = {0};

	ck_assert_int_eq(gate_submit_many(gate, lines, n, atomic, &problem), 0);
}

static void ck_assert_taken(const struct gate_line *line)
{
	ck_assert_int_eq(line->result, 0);
	ck_assert_ptr_null(line->problem);
	ck_assert(uuid_equal(&line->receipt.id, &line->job->id));
	ck_assert_int_eq(line->receipt.state, JOB_QUEUED);
}

static void ck_assert_refused(const struct gate_line *line, int error, const char *code)
{
	ck_assert_int_eq(line->result, error);
	if (code)
		ck_assert_str_eq(line->problem->code, code);
	else
		ck_assert_ptr_null(line->problem);
}

/* Nothing of them is left. */
static void ck_assert_never_there(struct gate *gate, const struct gate_line *lines, size_t n)
{
	struct store_record record;
	struct gate_stats stats;

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(gate_look(gate, &lines[i].job->id, &record, NULL), -ENOENT);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], 0);
	ck_assert_uint_eq(stats.tenants, 0);
}

GATE_TEST(all_are_put_on_record_in_one_transaction_and_run, "")
{
	enum { MANY = 1200 }; /* more than a group has otherwise */
	CLEANUP(freep) struct gate_line *lines = calloc(MANY, sizeof *lines);
	struct gate_stats stats;

	fill(lines, MANY, "acme");
	submit_all(gate, lines, MANY, false);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.submitted[JOB_ECHO][SUBMITTED_ACCEPTED], MANY);
	ck_assert_uint_eq((size_t)stats.store_group_jobs.sum >= MANY, 1);
	for (size_t i = 0; i < MANY; i++) {
		ck_assert_taken(&lines[i]);
		just_ends(gate, job_ref(lines[i].job), JOB_SUCCEEDED);
	}
	drop(lines, MANY);
}

struct submission {
	struct gate_line lines[LINES];
	bool atomic;
};

static struct submission together;

static void submit_many_called(struct called *called)
{
	called->result =
		gate_submit_many(called->gate, together.lines, LINES, together.atomic, &called->problem);
}

GATE_TEST(none_is_heard_of_before_all_are_on_record, "")
{
	struct store_record record;
	struct called called;

	fill(together.lines, LINES, "acme");
	commits_hold();
	call_begin(&called, submit_many_called, gate, NULL);
	ck_assert_uint_eq(commit_await(), LINES);
	ck_assert(!called.back);
	for (size_t i = 0; i < LINES; i++)
		ck_assert_int_eq(gate_look(gate, &together.lines[i].job->id, &record, NULL), -ENOENT);
	commits_free(0);
	ck_assert_int_eq(call_await(&called), 0);
	for (size_t i = 0; i < LINES; i++)
		just_ends(gate, job_ref(together.lines[i].job), JOB_SUCCEEDED);
	drop(together.lines, LINES);
}

GATE_TEST(one_that_is_refused_spoils_only_itself, "")
{
	struct gate_line lines[LINES];
	struct gate_stats stats;

	fill(lines, LINES, "acme");
	put_bad_command(&lines[0]);
	put_bad_command(&lines[3]);
	gate_line_fini(&lines[4]); /* one that was found wrong before */
	lines[4].result = -EPROTO;
	submit_all(gate, lines, LINES, false);
	ck_assert_refused(&lines[0], -EINVAL, PROBLEM_BAD_FIELD);
	ck_assert_taken(&lines[1]);
	ck_assert_taken(&lines[2]);
	ck_assert_refused(&lines[3], -EINVAL, PROBLEM_BAD_FIELD);
	ck_assert_refused(&lines[4], -EPROTO, NULL);
	just_ends(gate, job_ref(lines[1].job), JOB_SUCCEEDED);
	just_ends(gate, job_ref(lines[2].job), JOB_SUCCEEDED);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.submitted[JOB_COMMAND][SUBMITTED_REFUSED], 2);
	drop(lines, LINES);
}

GATE_TEST(all_or_none_is_none_where_one_is_refused, "tenants-max = 1\n")
{
	struct gate_line lines[LINES];
	struct gate_stats stats;

	fill(lines, LINES, "acme");
	put_bad_command(&lines[3]);
	free(lines[3].job->tenant);
	lines[3].job->tenant = strdup("acme");
	submit_all(gate, lines, LINES, true);
	for (size_t i = 0; i < LINES; i++)
		ck_assert_refused(
			&lines[i], i == 3 ? -EINVAL : -ECANCELED, i == 3 ? PROBLEM_BAD_FIELD : NULL);
	ck_assert_never_there(gate, lines, LINES);
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.submitted[JOB_ECHO][SUBMITTED_REFUSED], LINES - 1);
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	drop(lines, LINES);
}

GATE_TEST(
	the_backlog_takes_as_many_as_it_has_room_for_or_none, "tenant acme { max-queued = 3 }\nworkers = 1\n")
{
	struct job *first = submit_running(gate, "other");
	struct gate_line lines[LINES];

	fill(lines, LINES, "acme");
	submit_all(gate, lines, LINES, true);
	for (size_t i = 0; i < LINES; i++)
		ck_assert_refused(&lines[i], i < 3 ? -ECANCELED : -EAGAIN, i < 3 ? NULL : PROBLEM_BACKLOG);
	drop(lines, LINES);
	fill(lines, LINES, "acme");
	submit_all(gate, lines, LINES, false);
	for (size_t i = 0; i < 3; i++)
		ck_assert_taken(&lines[i]);
	ck_assert_refused(&lines[3], -EAGAIN, PROBLEM_BACKLOG);
	ck_assert_refused(&lines[4], -EAGAIN, PROBLEM_BACKLOG);
	cancel_running(gate, first);
	for (size_t i = 0; i < 3; i++)
		just_ends(gate, job_ref(lines[i].job), JOB_SUCCEEDED);
	drop(lines, LINES);
}

GATE_TEST(what_the_store_does_not_take_was_never_there, "")
{
	struct gate_line lines[LINES];

	fill(lines, LINES, "acme");
	told.error = -ENOSPC;
	submit_all(gate, lines, LINES, true);
	told.error = 0;
	for (size_t i = 0; i < LINES; i++)
		ck_assert_refused(&lines[i], -EIO, PROBLEM_STORE);
	ck_assert_never_there(gate, lines, LINES);
	drop(lines, LINES);
}

GATE_TEST(a_gate_that_drains_takes_none, "")
{
	struct gate_line lines[LINES];
	struct problem problem = {0};

	fill(lines, LINES, "acme");
	gate_drain(gate);
	ck_assert_int_eq(gate_submit_many(gate, lines, LINES, false, &problem), -ESHUTDOWN);
	ck_assert_str_eq(problem.code, PROBLEM_DRAINING);
	ck_assert_never_there(gate, lines, LINES);
	drop(lines, LINES);
}

GATE_TEST(one_line_or_none_is_as_good_as_many, "")
{
	struct gate_line line = {.job = quick_job("acme")};

	submit_all(gate, NULL, 0, true);
	submit_all(gate, &line, 1, true);
	ck_assert_taken(&line);
	just_ends(gate, job_ref(line.job), JOB_SUCCEEDED);
	gate_line_fini(&line);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_bulk");

	tcase_add_gate_test(tcase, all_are_put_on_record_in_one_transaction_and_run);
	tcase_add_gate_test(tcase, none_is_heard_of_before_all_are_on_record);
	tcase_add_gate_test(tcase, one_that_is_refused_spoils_only_itself);
	tcase_add_gate_test(tcase, all_or_none_is_none_where_one_is_refused);
	tcase_add_gate_test(tcase, the_backlog_takes_as_many_as_it_has_room_for_or_none);
	tcase_add_gate_test(tcase, what_the_store_does_not_take_was_never_there);
	tcase_add_gate_test(tcase, a_gate_that_drains_takes_none);
	tcase_add_gate_test(tcase, one_line_or_none_is_as_good_as_many);
	return gate_run_suite("gate_bulk", tcase);
}
