/* test_work_http_breaker.c - http jobs to an endpoint with which something is wrong. */
#include "log/log.h"
#include "work/endpoints.h"
#include "work/inside.h"
#include "work/outside.h"
#include "work_http.h"

/* Terms by which an endpoint is left alone for an hour after three failures. */
static struct work_terms terms_of(int64_t min_ns)
{
	struct work_terms terms = *trial_terms();

	terms.breaker = (struct breaker_rules){.failures = 3, .min_ns = min_ns, .max_ns = 3600 * PEN_SECOND};
	return terms;
}

/* The outcome's code of a call; takes the job. */
static const char *code_of(struct work *work, int64_t min_ns, struct job *job)
{
	static char code[sizeof((struct outcome *)0)->code];
	const struct work_terms terms = terms_of(min_ns);
	struct outcome outcome = {0};

	work_run(NULL, work, job, &terms, &outcome);
	job_unref(job);
	ck_assert_str_eq(outcome.put_off_ns > 0 ? "endpoint-open" : "",
		strcmp(outcome.code, "endpoint-open") ? "" : outcome.code);
	strcpy(code, outcome.code);
	outcome_fini(&outcome);
	return code;
}

static const char *call_path(struct work *work, const struct http_server *server, const char *path)
{
	return code_of(work, 3600 * PEN_SECOND, call(server, path));
}

SERVED_TRIAL(an_endpoint_that_fails_again_and_again_is_left_alone_and_no_other_is)
{
	struct http_server *other = http_server_start();
	struct endpoints_numbers numbers;
	struct job *of_another;

	for (int i = 0; i < 2; i++) {
		ck_assert_str_eq(call_path(work, server, "/status/500"), "http-status");
		ck_assert_str_eq(call_path(work, server, "/close"), "send-recv");
		ck_assert_str_eq(call_path(work, server, "/status/404"),
			"http-status"); /* which is no failure of it */
	}
	for (int i = 0; i < 5; i++) { /* as good, if the job says so */
		struct job *job = call(server, "/status/502");

		job->spec.http.ok = calloc(1, sizeof(int));
		job->spec.http.ok[job->spec.http.n_ok++] = 502;
		ck_assert_str_eq(code_of(work, 3600 * PEN_SECOND, job), "");
	}
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(call_path(work, server, "/status/502"), "http-status");
	ck_assert_str_eq(call_path(work, server, "/echo"), "endpoint-open");
	ck_assert_str_eq(code_of(work, PEN_SECOND, call_url("http://LocalHost:%d/echo", server->port)),
		""); /* another host */
	ck_assert_str_eq(call_path(work, other, "/echo"), "");
	of_another = call(server, "/echo");
	call_tenant(of_another, "another");
	ck_assert_str_eq(call_path(work, server, "/echo"), "endpoint-open");
	ck_assert_str_eq(code_of(work, PEN_SECOND, of_another), "");
	work_count(work, &numbers);
	ck_assert_uint_eq(numbers.known, 1);
	ck_assert_uint_eq(numbers.open, 1);
	ck_assert_uint_eq(numbers.openings, 1);
	ck_assert_uint_eq(numbers.put_off, 2);
	http_server_stop(other);
}

SERVED_TRIAL(an_endpoint_is_called_again_when_a_trial_went_well)
{
	struct endpoints_numbers numbers;
	const char *code;

	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(code_of(work, PEN_MS, call(server, "/status/500")), "http-status");
	do
		code = code_of(work, PEN_MS, call(server, "/echo"));
	while (strcmp(code, "endpoint-open") == 0);
	ck_assert_str_eq(code, "");
	work_count(work, &numbers);
	ck_assert_uint_eq(numbers.known, 0);
}

TRIAL(nobody_there_is_a_failure_and_what_is_not_open_to_jobs_is_none)
{
	static const struct guard shut;
	struct work_terms terms = terms_of(PEN_SECOND);
	int port, fd = http_listen(&port);

	close(fd);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(
			code_of(work, 3600 * PEN_SECOND, call_url("http://127.0.0.1:%d/", port)), "connect");
	ck_assert_str_eq(
		code_of(work, 3600 * PEN_SECOND, call_url("http://127.0.0.1:%d/", port)), "endpoint-open");
	terms.guard = &shut;
	for (int i = 0; i < 5; i++) {
		struct job *job = call_url("http://127.0.0.1:1/");
		struct outcome outcome = {0};

		work_run(NULL, work, job, &terms, &outcome);
		job_unref(job);
		ck_assert_failed(&outcome, "blocked-address", false);
	}
}

SERVED_TRIAL(an_endpoint_that_asks_to_be_left_alone_is)
{
	ck_assert_str_eq(call_path(work, server, "/status/500?Retry-After:3600"),
		"http-status"); /* not for all calls */
	ck_assert_str_eq(call_path(work, server, "/status/200?Retry-After:3600"), "");
	ck_assert_str_eq(call_path(work, server, "/status/429?Retry-After:3600"), "http-status");
	ck_assert_str_eq(call_path(work, server, "/echo"), "endpoint-open");
}

TRIAL(as_many_endpoints_as_there_may_be_are_known_and_the_latest_are)
{
	const struct breaker_rules rules = {.failures = 1, .min_ns = PEN_SECOND, .max_ns = PEN_SECOND};
	struct endpoints *endpoints;
	struct endpoints_numbers numbers;
	struct http_url url;
	const char *words;
	char tenant[32];
	bool trial;

	log_set_level(LOG_LEVEL_ERROR);
	ck_assert_int_eq(endpoints_new(&endpoints), 0);
	ck_assert_int_eq(outside_load(work->loader), 0);
	ck_assert_int_eq(http_url_read("http://h.test/", NULL, &url, &words), 0);
	for (int i = 0; i < 1030; i++) {
		snprintf(tenant, sizeof tenant, "tenant-%d", i);
		endpoints_report(endpoints, &rules, tenant, &url, false, BREAKER_FAILURE, 0);
		ck_assert_int_gt(endpoints_admit(endpoints, &rules, tenant, &url, &trial), 0);
	}
	endpoints_count(endpoints, &numbers);
	ck_assert_uint_eq(numbers.known, 1024);
	ck_assert_uint_eq(numbers.open, 1024);
	ck_assert_int_eq(endpoints_admit(endpoints, &rules, "tenant-0", &url, &trial), 0);
	http_url_fini(&url);
	endpoints_free(endpoints);
}

int main(void)
{
	TCase *tcase = tcase_create("work_http_breaker");

	tcase_add_test(tcase, an_endpoint_that_fails_again_and_again_is_left_alone_and_no_other_is);
	tcase_add_test(tcase, an_endpoint_is_called_again_when_a_trial_went_well);
	tcase_add_test(tcase, nobody_there_is_a_failure_and_what_is_not_open_to_jobs_is_none);
	tcase_add_test(tcase, an_endpoint_that_asks_to_be_left_alone_is);
	tcase_add_test(tcase, as_many_endpoints_as_there_may_be_are_known_and_the_latest_are);
	return trial_run_suite("work_http_breaker", tcase);
}
