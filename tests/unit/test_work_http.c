/* test_work_http.c - attempts of http jobs that come to an answer: what is asked, what is kept, how it is judged. */
#include <time.h>

#include "work_http.h"

static const char *header_of(const struct outcome *outcome, const char *name)
{
	const struct http_result *result = &outcome->result.http;

	for (size_t i = 0; i < result->n_headers; i++)
		if (strcasecmp(result->headers[i].name, name) == 0)
			return result->headers[i].value;
	return NULL;
}

SERVED_TRIAL(a_call_that_is_answered_well_succeeds_with_all_of_the_answer)
{
	CLEANUP(outcome_fini) struct outcome outcome = call_run(work, call(server, "/echo"));
	const struct http_result *result = &outcome.result.http;

	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert(outcome.has_result);
	ck_assert_int_eq(result->status, 200);
	ck_assert_str_eq(header_of(&outcome, "x-server"), "tests");
	ck_assert_uint_eq(result->body_bytes, strlen(result->body));
	ck_assert(strncmp(result->body, "GET /echo HTTP/1.1\r\n", 20) == 0);
	ck_assert(!result->truncated);
	ck_assert_int_gt(result->connect_us, 0);
	ck_assert_int_ge(result->connect_us, result->dns_us);
	ck_assert_int_ge(result->first_byte_us, result->connect_us);
	ck_assert_int_ge(result->total_us, result->first_byte_us);
	ck_assert_int_eq(result->tls_us, 0);
}

SERVED_TRIAL(a_request_bears_what_the_job_says_and_little_else)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	struct job *job = call(server, "/echo?q=1");
	char want[512];

	call_method(job, "PATCH");
	call_body(job, "{\"a\":1}");
	call_header(job, "Content-Type", "application/json");
	call_header(job, "X-Empty", "");
	call_header(job, "Authorization", "Bearer abc");
	outcome = call_run(work, job);
	snprintf(want, sizeof(want),
		"PATCH /echo?q=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: penstock/%s\r\nAccept: */*\r\n"
		"Accept-Encoding: gzip\r\n"
		"Content-Type: application/json\r\nX-Empty:\r\nAuthorization: Bearer abc\r\n"
		"Content-Length: 7\r\n\r\n{\"a\":1}",
		server->port, PENSTOCK_VERSION);
	ck_assert_str_eq(outcome.result.http.body, want);
}

SERVED_TRIAL(a_body_whose_type_is_not_said_is_sent_without_a_type)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	struct job *job = call(server, "/echo");

	call_method(job, "POST");
	call_body(job, "a=b");
	outcome = call_run(work, job);
	ck_assert_ptr_nonnull(strstr(outcome.result.http.body, "\r\n\r\na=b"));
	ck_assert_ptr_null(strstr(outcome.result.http.body, "Content-Type"));
}

SERVED_TRIAL(a_long_body_is_sent_without_asking_first)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	CLEANUP(freep) char *body = calloc(1, 50001);
	struct job *job = call(server, "/echo");

	memset(body, 'x', 50000);
	call_method(job, "PUT");
	call_body(job, body);
	outcome = call_run(work, job);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert_ptr_nonnull(strstr(outcome.result.http.body, body));
	ck_assert_ptr_null(strstr(outcome.result.http.body, "Expect"));
}

static void check_method(
	struct work *work, const struct http_server *server, const char *method, const char *body)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	struct job *job = call(server, "/echo");
	char line[64];

	snprintf(line, sizeof(line), "%s /echo HTTP/1.1\r\n", method);
	call_method(job, method);
	if (body)
		call_body(job, body);
	outcome = call_run(work, job);
	ck_assert_msg(outcome.end == OUTCOME_SUCCEEDED, "%s: %s", method, outcome.message);
	ck_assert_msg(strncmp(outcome.result.http.body, line, strlen(line)) == 0, "%s: %s", method,
		outcome.result.http.body);
	ck_assert(!body || strstr(outcome.result.http.body, body));
}

SERVED_TRIAL(any_method_is_used_as_it_is_with_a_body_and_without)
{
	static const char *const methods[] = {
		"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "M-SEARCH", "get"};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		check_method(work, server, methods[i], NULL);
		check_method(work, server, methods[i], "a body of its own");
	}
}

/* The test server tells the length of a body that it does not send. */
SERVED_TRIAL(a_head_waits_for_no_body_even_if_it_sends_one)
{
	for (int with_body = 0; with_body < 2; with_body++) {
		CLEANUP(outcome_fini) struct outcome outcome = {0};
		struct job *job = call(server, "/echo");

		call_method(job, "HEAD");
		if (with_body)
			call_body(job, "unusual");
		outcome = call_run(work, job);
		ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
		ck_assert_ptr_nonnull(header_of(&outcome, "Content-Length"));
		ck_assert_uint_eq(outcome.result.http.body_bytes, 0);
	}
}

static void check_status(
	struct work *work, const struct http_server *server, int status, bool succeeds, bool retryable)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	char path[64];

	snprintf(path, sizeof(path), "/status/%d", status);
	outcome = call_run(work, call(server, path));
	ck_assert_int_eq(outcome.result.http.status, status);
	ck_assert_str_eq(outcome.result.http.body, "words");
	if (succeeds)
		ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	else
		ck_assert_failed(&outcome, "http-status", retryable);
}

SERVED_TRIAL(only_2xx_succeeds_and_what_may_pass_is_worth_another_try)
{
	static const int succeed[] = {200, 201, 299};
	static const int for_good[] = {300, 400, 401, 404, 409, 410, 422, 499, 600};
	static const int may_pass[] = {408, 425, 429, 500, 502, 503, 504, 599};

	for (size_t i = 0; i < ARRAY_LEN(succeed); i++)
		check_status(work, server, succeed[i], true, false);
	for (size_t i = 0; i < ARRAY_LEN(for_good); i++)
		check_status(work, server, for_good[i], false, false);
	for (size_t i = 0; i < ARRAY_LEN(may_pass); i++)
		check_status(work, server, may_pass[i], false, true);
}

static struct job *call_ok(const struct http_server *server, const char *path)
{
	struct job *job = call(server, path);

	job->spec.http.ok = calloc(2, sizeof(int));
	job->spec.http.ok[job->spec.http.n_ok++] = 404;
	job->spec.http.ok[job->spec.http.n_ok++] = 500;
	return job;
}

SERVED_TRIAL(a_list_of_good_statuses_is_the_whole_of_them)
{
	CLEANUP(outcome_fini) struct outcome good = call_run(work, call_ok(server, "/status/500"));
	CLEANUP(outcome_fini) struct outcome bad = call_run(work, call_ok(server, "/status/200"));

	ck_assert_int_eq(good.end, OUTCOME_SUCCEEDED);
	ck_assert_failed(&bad, "http-status", false);
}

SERVED_TRIAL(a_redirect_is_an_answer_and_is_not_followed)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = call_run(work, call(server, "/status/302?Location:+/echo"));

	ck_assert_failed(&outcome, "http-status", false);
	ck_assert_int_eq(outcome.result.http.status, 302);
	ck_assert_str_eq(header_of(&outcome, "Location"), "/echo");
}

static int64_t retry_after(struct work *work, const struct http_server *server, const char *value)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	static int n;
	struct job *job;
	char path[256];

	snprintf(path, sizeof(path), "/status/429?%s%s", value ? "Retry-After:+" : "", value ? value : "");
	job = call(server, path);
	snprintf(path, sizeof(path), "tenant-%d", n++);
	call_tenant(job, path); /* each of its own, as they are left alone after that */
	outcome = call_run(work, job);
	ck_assert_failed(&outcome, "http-status", true);
	return outcome.retry_after_ns;
}

static void http_date(int64_t from_now_s, char text[static 64])
{
	time_t when = time(NULL) + from_now_s;
	struct tm parts;

	strftime(text, 64, "%a,+%d+%b+%Y+%H:%M:%S+GMT", gmtime_r(&when, &parts));
}

SERVED_TRIAL(the_wish_of_when_to_come_back_is_heard_in_seconds_and_as_a_date_up_to_a_day)
{
	const int64_t day_ns = 24 * 3600 * PEN_SECOND;
	char later[64], too_late[64], before[64];
	int64_t by_date_ns;

	http_date(3600, later);
	http_date(30 * 24 * 3600, too_late);
	http_date(-3600, before);
	ck_assert_int_eq(retry_after(work, server, "7"), 7 * PEN_SECOND);
	by_date_ns = retry_after(work, server, later);
	ck_assert_int_gt(by_date_ns, 0);
	ck_assert_int_le(by_date_ns, 3600 * PEN_SECOND);
	ck_assert_int_eq(retry_after(work, server, "100000000"), day_ns);
	ck_assert_int_eq(retry_after(work, server, too_late), day_ns);
	ck_assert_int_eq(retry_after(work, server, before), 0);
	ck_assert_int_eq(retry_after(work, server, "0"), 0);
	ck_assert_int_eq(retry_after(work, server, "-5"), 0);
	ck_assert_int_eq(retry_after(work, server, "soon"), 0);
	ck_assert_int_eq(retry_after(work, server, "7"), 7 * PEN_SECOND);
	ck_assert_int_eq(retry_after(work, server, NULL), 0);
}

SERVED_TRIAL(a_body_is_kept_up_to_the_cap_and_the_connection_used_again)
{
	for (int i = 0; i < 3; i++) {
		CLEANUP(outcome_fini) struct outcome outcome = call_run(work, call(server, "/large"));

		ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
		ck_assert(outcome.result.http.truncated);
		ck_assert_uint_eq(outcome.result.http.body_bytes, TRIAL_BODY_MAX);
	}
	ck_assert_uint_eq(pen_counter_read(&server->accepted), 1);
}

SERVED_TRIAL(headers_are_kept_up_to_a_number)
{
	CLEANUP(outcome_fini) struct outcome outcome = call_run(work, call(server, "/many-headers"));

	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert(outcome.result.http.truncated);
	ck_assert_uint_eq(outcome.result.http.n_headers, 100);
}

SERVED_TRIAL(headers_of_interim_answers_and_folded_lines_are_not_told)
{
	CLEANUP(outcome_fini) struct outcome outcome = call_run(work, call(server, "/interim"));

	ck_assert_int_eq(outcome.result.http.status, 200);
	ck_assert_ptr_null(header_of(&outcome, "X-Interim"));
	ck_assert_str_eq(header_of(&outcome, "X-Final"), "yes");
	ck_assert_str_eq(header_of(&outcome, "X-Folded"), "a");
	ck_assert_uint_eq(outcome.result.http.n_headers, 3);
}

SERVED_TRIAL(a_proxy_of_the_environment_is_not_used)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	outcome = call_run(work, call(server, "/echo"));
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
}

SERVED_TRIAL(credentials_of_a_url_are_sent_as_a_header)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = call_run(work, call_url("http://me:secret@127.0.0.1:%d/echo", server->port));

	ck_assert_ptr_nonnull(strstr(outcome.result.http.body, "Authorization: Basic bWU6c2VjcmV0\r\n"));
}

enum { CALLERS = 50, CALLS_EACH = 20 };

struct caller {
	struct work *work;
	struct http_server *server;
	struct pen_waitgroup *calling;
};

static void call_again_and_again(void *arg)
{
	const struct caller *caller = arg;

	for (int i = 0; i < CALLS_EACH; i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome = call_run(caller->work, call(caller->server, "/echo"));

		ck_assert_msg(outcome.end == OUTCOME_SUCCEEDED, "%s: %s", outcome.code, outcome.message);
	}
	pen_waitgroup_done(caller->calling);
}

static void call_from_all_loops(struct work *work)
{
	struct caller caller = {work, http_server_start(), pen_waitgroup_new()};

	pen_waitgroup_add(caller.calling, CALLERS);
	for (size_t i = 0; i < CALLERS; i++)
		ck_assert_int_eq(pen_go_on(i % pen_loops(), call_again_and_again, &caller), 0);
	ck_assert_int_eq(pen_waitgroup_wait(NULL, caller.calling), 0);
	ck_assert_uint_le(pen_counter_read(&caller.server->accepted), CALLERS);
	http_server_stop(caller.server);
	pen_waitgroup_free(caller.calling);
}

START_TEST(calls_of_all_loops_at_once_succeed_over_no_more_connections_than_callers)
{
	trial_run(2, call_from_all_loops);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("work_http");

	tcase_add_test(tcase, a_call_that_is_answered_well_succeeds_with_all_of_the_answer);
	tcase_add_test(tcase, a_request_bears_what_the_job_says_and_little_else);
	tcase_add_test(tcase, a_body_whose_type_is_not_said_is_sent_without_a_type);
	tcase_add_test(tcase, a_long_body_is_sent_without_asking_first);
	tcase_add_test(tcase, any_method_is_used_as_it_is_with_a_body_and_without);
	tcase_add_test(tcase, a_head_waits_for_no_body_even_if_it_sends_one);
	tcase_add_test(tcase, only_2xx_succeeds_and_what_may_pass_is_worth_another_try);
	tcase_add_test(tcase, a_list_of_good_statuses_is_the_whole_of_them);
	tcase_add_test(tcase, a_redirect_is_an_answer_and_is_not_followed);
	tcase_add_test(tcase, the_wish_of_when_to_come_back_is_heard_in_seconds_and_as_a_date_up_to_a_day);
	tcase_add_test(tcase, a_body_is_kept_up_to_the_cap_and_the_connection_used_again);
	tcase_add_test(tcase, headers_are_kept_up_to_a_number);
	tcase_add_test(tcase, headers_of_interim_answers_and_folded_lines_are_not_told);
	tcase_add_test(tcase, a_proxy_of_the_environment_is_not_used);
	tcase_add_test(tcase, credentials_of_a_url_are_sent_as_a_header);
	tcase_add_test(tcase, calls_of_all_loops_at_once_succeed_over_no_more_connections_than_callers);
	return trial_run_suite("work_http", tcase);
}
