/* test_gate_callback.c - a job's callback is accepted with its end: in one transaction, or neither is. */
#include "gate_trial.h"

#define URL "http://callback.invalid/"

static struct job *calling_back(const char *more)
{
	return job_as("{\"kind\":\"echo\",\"tenant\":\"acme\",\"spec\":[1],\"callback\":{\"url\":\"" URL
		      "\"}%s}",
		more);
}

/* The only http job on record; gives it. */
static struct job *callback_on_record(void)
{
	const struct store_query query = {.kind = JOB_HTTP, .below = STORE_NEWEST, .jobs_max = 10};
	CLEANUP(store_page_fini) struct store_page page = {0};

	ck_assert_int_eq(store_list(with.store, &query, &page), 0);
	ck_assert_uint_eq(page.n, 1);
	return job_ref(page.records[0].job);
}

GATE_TEST(an_end_puts_the_callback_on_record_with_it, "tenant acme { max-running = 1 }\n")
{
	struct job *job = submit(gate, calling_back(",\"priority\":7,\"durability\":\"relaxed\""));
	CLEANUP(job_unrefp) struct job *callback = NULL;
	CLEANUP(result_unrefp) struct result *result = ends(gate, job_ref(job), JOB_SUCCEEDED);
	struct wire_label label = {.name = "callback_of"};
	char id[UUID_TEXT];

	callback = callback_on_record();
	uuid_format(&job->id, id);
	label.value = id;
	ck_assert_str_eq(callback->tenant, "acme");
	ck_assert_int_eq(callback->priority, 7);
	ck_assert_int_eq(callback->durability, DURABILITY_RELAXED);
	ck_assert_str_eq(callback->spec.http.method, "POST");
	ck_assert_str_eq(callback->spec.http.url, URL);
	ck_assert_uint_eq(callback->spec.http.body_bytes, result->body_bytes);
	ck_assert_mem_eq(callback->spec.http.body, result->body, result->body_bytes);
	ck_assert_int_eq(wire_has_labels(callback->request, strlen(callback->request), &label, 1), 1);
	ck_assert_ptr_null(callback->callback.url);
	job_unref(job);
}

GATE_TEST(an_end_without_a_run_has_its_callback_too, "")
{
	struct job *job = submit(gate, calling_back(",\"delay\":\"1h\""));
	CLEANUP(job_unrefp) struct job *callback = NULL;

	cancel(gate, job, JOB_CANCELLED);
	callback = callback_on_record();
	ck_assert_ptr_nonnull(strstr(callback->spec.http.body, "\"cancelled\""));
	just_ends(gate, job, JOB_CANCELLED);
}

GATE_TEST(a_callback_is_owed_and_needs_no_room, "tenant acme { max-queued = 1\n max-running = 0 }\n")
{
	struct job *job = submit(gate, calling_back(",\"delay\":\"1h\""));
	struct job *next;

	cancel(gate, job, JOB_CANCELLED);
	just_ends(gate, job, JOB_CANCELLED);
	next = callback_on_record();
	submit_refused(gate, quick_job("acme"), -EAGAIN, PROBLEM_BACKLOG);
	cancel(gate, next, JOB_CANCELLED);
	just_ends(gate, next, JOB_CANCELLED);
	job_unref(submit(gate, quick_job("acme")));
}

GATE_TEST(while_the_end_cannot_be_put_on_record_there_is_no_callback_and_then_there_is_one, "")
{
	struct job *job = submit(
		gate, job_as("{\"kind\":\"sleep\",\"spec\":{\"for\":\"10ms\"},\"callback\":{\"url\":\"" URL
			     "\"}}"));
	struct gate_stats stats;

	await_state(job, JOB_RUNNING);
	told.error = -ENOSPC;
	do {
		pen_yield();
		gate_stats(gate, &stats);
	} while (stats.store_errors[STATS_STORE_FINISH] == 0);
	ck_assert_uint_eq(stats.submitted[JOB_HTTP][SUBMITTED_ACCEPTED], 0);
	told.error = 0;
	just_ends(gate, job, JOB_SUCCEEDED);
	job_unref(callback_on_record());
}

int main(void)
{
	TCase *tcase = tcase_create("gate_callback");

	tcase_add_gate_test(tcase, an_end_puts_the_callback_on_record_with_it);
	tcase_add_gate_test(tcase, an_end_without_a_run_has_its_callback_too);
	tcase_add_gate_test(tcase, a_callback_is_owed_and_needs_no_room);
	tcase_add_gate_test(
		tcase, while_the_end_cannot_be_put_on_record_there_is_no_callback_and_then_there_is_one);
	return gate_run_suite("gate_callback", tcase);
}
