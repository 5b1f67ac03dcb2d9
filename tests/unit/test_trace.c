/* test_trace.c - W3C Trace Context: what is one, and how a job comes by it. */
#include <string.h>

#include "unit.h"
#include "wire/trace.h"
#include "wire_submit.h"

#define PARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define OTHER "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

START_TEST(a_traceparent_is_of_the_form_of_its_version_and_names_a_trace_and_a_parent)
{
	static const char *const valid[] = {PARENT, OTHER,
		"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-will-be"};
	static const char *const invalid[] = {"", "00", PARENT "-", PARENT "0", PARENT " ",
		"ff"
		"-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
		"00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
		"0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-\r\nX: y"};

	for (size_t i = 0; i < ARRAY_LEN(valid); i++)
		ck_assert_msg(trace_parent_valid(valid[i]), "%s", valid[i]);
	for (size_t i = 0; i < ARRAY_LEN(invalid); i++)
		ck_assert_msg(!trace_parent_valid(invalid[i]), "%s", invalid[i]);
}
END_TEST

START_TEST(a_job_has_the_trace_of_its_request_unless_it_names_one_and_it_is_read_back_with_it)
{
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"echo\"}"), *same = good("{\"kind\": \"echo\"}"), *back = NULL;
	CLEANUP(job_unrefp)
	struct job *own = good("{\"kind\":\"echo\",\"traceparent\":\"" OTHER "\",\"tracestate\":\"a=b\"}");
	const struct job_stamp stamp = {0};

	ck_assert_int_eq(wire_add_trace(job, PARENT, "v=\"1\\\""), 0);
	ck_assert_str_eq(job->request,
		"{\"kind\":\"echo\",\"traceparent\":\"" PARENT "\",\"tracestate\":\"v=\\\"1\\\\\\\"\"}");
	ck_assert(
		job_digest(job) == job_digest(same)); /* asked for again, in another trace, it is the same */
	ck_assert_int_eq(wire_restore_job(job->request, strlen(job->request), &stamp, &back, NULL), 0);
	ck_assert_str_eq(back->traceparent, PARENT);
	ck_assert_str_eq(back->tracestate, "v=\"1\\\"");
	ck_assert_int_eq(wire_add_trace(own, PARENT, NULL), 0);
	ck_assert_str_eq(own->traceparent, OTHER);
	ck_assert_str_eq(own->tracestate, "a=b");
}
END_TEST

START_TEST(a_trace_that_is_none_is_passed_over)
{
	char longest[TRACE_STATE_MAX + 2];
	const char *const states[] = {"", "a=\x01", "a=\xc3\xbc", longest};
	CLEANUP(job_unrefp) struct job *job = good("{\"kind\":\"echo\"}");

	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	ck_assert_int_eq(wire_add_trace(job, NULL, "a=b"), 0);
	ck_assert_int_eq(wire_add_trace(job, "00-1-2-3", "a=b"), 0);
	ck_assert_ptr_null(job->traceparent);
	ck_assert_str_eq(job->request, "{\"kind\":\"echo\"}");
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		CLEANUP(job_unrefp) struct job *without = good("{\"kind\":\"echo\"}");

		ck_assert_int_eq(wire_add_trace(without, PARENT, states[i]), 0);
		ck_assert_str_eq(without->traceparent, PARENT);
		ck_assert_ptr_null(without->tracestate);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("trace");

	tcase_add_test(tcase, a_traceparent_is_of_the_form_of_its_version_and_names_a_trace_and_a_parent);
	tcase_add_test(
		tcase, a_job_has_the_trace_of_its_request_unless_it_names_one_and_it_is_read_back_with_it);
	tcase_add_test(tcase, a_trace_that_is_none_is_passed_over);
	return unit_run("trace", tcase);
}
