/* test_http_results.c - GET /results/{id}: at once, waited for, known to the client already, gone. */
#include "http_trial.h"

#define LONG "{\"kind\":\"sleep\",\"spec\":{\"for\":\"1h\"},\"timeout\":\"1h\"}"

/* The id of a job that has ended, for the caller to free. */
static char *submit_and_await(void)
{
	char *id = submit_job("{\"kind\":\"echo\",\"spec\":{\"a\":1}}");

	ck_ok(ask_for("GET", "/results/%s?wait=60s", id, ""));
	return id;
}

HTTP_TEST(a_result_is_there_when_its_job_has_ended, "")
{
	CLEANUP(freep) char *id = submit_and_await();
	CLEANUP(answer_fini) struct answer answer = ask_for("GET", "/results/%s", id, "");

	ck_assert_int_eq(answer.status, 200);
	ck_assert_field(&answer, "Content-Type", "application/json");
	ck_assert_field(&answer, "Retry-After", NULL);
	ck_assert_member(&answer, "id", id);
	ck_assert_member(&answer, "state", "succeeded");
	ck_assert_ptr_nonnull(
		strstr(answer.body.data, "\"attempts\":1,\"result\":{\"a\":1},\"error\":null,"));
}

HTTP_TEST(a_job_that_has_not_ended_is_accepted_and_asked_for_later, "")
{
	CLEANUP(freep) char *id = submit_job(LONG);
	static const char *const targets[] = {
		"/results/%s", "/results/%s?wait=0s", "/results/%s?wait=1ms", "/results/%s?wait=%%31ms"};

	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		CLEANUP(answer_fini) struct answer answer = ask_for("GET", targets[i], id, "");

		ck_assert_int_eq(answer.status, 202);
		ck_assert_field(&answer, "Retry-After", "1");
		ck_assert_field(&answer, "ETag", NULL);
		ck_assert_member(&answer, "state", "running");
	}
}

HTTP_TEST(a_wait_is_a_duration, "wait-max = 1ms\n")
{
	CLEANUP(freep) char *id = submit_job(LONG);
	static const char *const bad[] = {"/results/%s?wait=", "/results/%s?wait", "/results/%s?wait=5",
		"/results/%s?wait=-1s", "/results/%s?wait=1s%%00", "/results/%s?wait=1s&wait=2s",
		"/results/%s?wait=99999999999999999999d", "/results/%s?weight=1s"};
	CLEANUP(answer_fini) struct answer longest = ask_for("GET", "/results/%s?wait=7d", id, "");

	ck_assert_int_eq(longest.status, 202);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_refused(ask_for("GET", bad[i], id, ""), 400, "bad-request");
}

HTTP_TEST(many_wait_for_one_result_and_all_get_it, "")
{
	CLEANUP(freep) char *id = submit_job("{\"kind\":\"sleep\",\"spec\":{\"for\":\"100ms\"}}");
	int fds[50];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial();
		say(fds[i], "GET /results/%s?wait=60s HTTP/1.1\r\nHost: here\r\n\r\n", id);
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		ck_ok(listen_to(fds[i]));
		close(fds[i]);
	}
}

HTTP_TEST(who_hangs_up_while_waiting_hinders_nobody, "wait-max = 100ms\n")
{
	CLEANUP(freep) char *id = submit_job(LONG);

	for (int i = 0; i < 20; i++) {
		int fd = dial();

		say(fd, "GET /results/%s?wait=60s HTTP/1.1\r\nHost: here\r\n\r\n", id);
		close(fd);
	}
	for (int i = 0; i < 2; i++) {
		CLEANUP(answer_fini) struct answer answer = ask_for("GET", "/results/%s?wait=60s", id, "");

		ck_assert_int_eq(answer.status, 202);
	}
}

static int status_if_none_match(const char *id, const char *format, const char *etag)
{
	CLEANUP(answer_fini) struct answer answer = {0};
	CLEANUP(freep) char *now = NULL;
	char fields[512];

	snprintf(fields, sizeof(fields), format, etag);
	answer = ask_for("GET", "/results/%s", id, fields);
	now = field(&answer, "ETag");
	ck_assert_str_eq(now, etag);
	return answer.status;
}

HTTP_TEST(who_has_the_document_already_is_not_sent_it, "")
{
	CLEANUP(freep) char *id = submit_and_await();
	CLEANUP(answer_fini) struct answer answer = ask_for("GET", "/results/%s", id, "");
	CLEANUP(freep) char *etag = field(&answer, "ETag");
	static const char *const has[] = {"If-None-Match: %s\r\n", "If-None-Match: W/%s\r\n",
		"If-None-Match: *\r\n", "If-None-Match: \"a\", %s,W/\"b\"\r\n",
		"if-none-match: \"a\" ,,%s\r\n", "If-None-Match: \"a\"\r\nIf-None-Match: %s\r\n"};
	static const char *const has_not[] = {"If-None-Match: \"a\"\r\n", "If-None-Match:\r\n",
		"If-None-Match: \"*\"\r\n", "If-Match: %s\r\n"};

	ck_assert_int_eq(etag[0], '"');
	for (size_t i = 0; i < ARRAY_LEN(has); i++)
		ck_assert_msg(status_if_none_match(id, has[i], etag) == 304, "%s", has[i]);
	for (size_t i = 0; i < ARRAY_LEN(has_not); i++)
		ck_assert_msg(status_if_none_match(id, has_not[i], etag) == 200, "%s", has_not[i]);
}

HTTP_TEST(a_connection_goes_on_after_a_document_that_was_not_sent, "")
{
	CLEANUP(freep) char *id = submit_and_await();
	int fd = dial();

	for (int i = 0; i < 3; i++) {
		struct answer answer;

		say(fd, "GET /results/%s HTTP/1.1\r\nHost: here\r\nIf-None-Match: *\r\n\r\n", id);
		answer = listen_to(fd);
		ck_assert_int_eq(answer.status, 304);
		answer_fini(&answer);
	}
	close(fd);
}

HTTP_TEST(a_result_that_retention_has_taken_is_gone, "retention-jobs = 0\ncache-bytes = 0\n")
{
	CLEANUP(freep) char *id = submit_job("{\"kind\":\"echo\",\"spec\":1}");
	CLEANUP(answer_fini) struct answer first = ask_for("GET", "/results/%s?wait=60s", id, "");

	ck_assert(first.status == 200 || first.status == 410); /* as it may be gone before it is asked for */
	ck_refused(ask_for("GET", "/results/%s", id, ""), 410, "result-expired");
	ck_refused(ask_for("GET", "/jobs/%s", id, ""), 410, "result-expired");
	ck_refused(ask_for("DELETE", "/jobs/%s", id, ""), 410, "result-expired");
}

int main(void)
{
	TCase *tcase = tcase_create("http_results");

	tcase_add_http_test(tcase, a_result_is_there_when_its_job_has_ended);
	tcase_add_http_test(tcase, a_job_that_has_not_ended_is_accepted_and_asked_for_later);
	tcase_add_http_test(tcase, a_wait_is_a_duration);
	tcase_add_http_test(tcase, many_wait_for_one_result_and_all_get_it);
	tcase_add_http_test(tcase, who_hangs_up_while_waiting_hinders_nobody);
	tcase_add_http_test(tcase, who_has_the_document_already_is_not_sent_it);
	tcase_add_http_test(tcase, a_connection_goes_on_after_a_document_that_was_not_sent);
	tcase_add_http_test(tcase, a_result_that_retention_has_taken_is_gone);
	return http_run_suite("http_results", tcase);
}
