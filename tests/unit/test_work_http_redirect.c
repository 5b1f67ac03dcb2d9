/* test_work_http_redirect.c - http jobs that are sent on: how far, with what, and where not. */
#include "network_stand_in.h"
#include "work_http.h"

/* A call that follows up to `redirects`, to a path that answers with this status and sends it on to `location`. */
static struct job *call_on(const struct http_server *server, unsigned redirects, int status,
	const char *location, const char *more)
{
	struct job *job =
		call_url("http://127.0.0.1:%d/status/%d?Location:%s%s", server->port, status, location, more);

	job->spec.http.redirects = redirects;
	return job;
}

static struct job *with_secrets(struct job *job)
{
	call_method(job, "POST");
	call_body(job, "the body");
	call_header(job, "Authorization", "Bearer secret");
	call_header(job, "X-Api-Key", "secret");
	call_header(job, "Cookie", "secret");
	call_header(job, "Content-Type", "text/plain");
	call_header(job, "Accept-Language", "de");
	return job;
}

static bool asked(const struct outcome *outcome, const char *text)
{
	ck_assert_msg(outcome->end == OUTCOME_SUCCEEDED, "%s: %s", outcome->code, outcome->message);
	ck_assert_str_eq(outcome->code, ""); /* of a redirect */
	return strstr(outcome->result.http.body, text);
}

SERVED_TRIAL(a_redirect_is_followed_as_often_as_the_job_allows)
{
	static const char *const chain = "/status/302?Location:/status/307?Location:/echo";
	CLEANUP(outcome_fini) struct outcome good = call_run(work, call_on(server, 3, 301, chain, ""));
	CLEANUP(outcome_fini) struct outcome many = call_run(work, call_on(server, 2, 301, chain, ""));

	ck_assert(asked(&good, "GET /echo HTTP/1.1\r\n"));
	ck_assert_failed(&many, "too-many-redirects", false);
	ck_assert_int_eq(many.result.http.status, 307);
	ck_assert_int_eq((int)pen_counter_read(&server->accepted), 1);
}

SERVED_TRIAL(a_redirect_that_is_no_redirect_is_an_answer)
{
	CLEANUP(outcome_fini) struct outcome none = call_run(work, call_on(server, 0, 302, "/echo", ""));
	CLEANUP(outcome_fini) struct outcome other = call_run(work, call_on(server, 5, 300, "/echo", ""));
	CLEANUP(outcome_fini) struct outcome nowhere = {0}, wanted = {0};
	struct job *job = call(server, "/status/302"), *ok = call_on(server, 5, 302, "/echo", "");

	job->spec.http.redirects = 5;
	nowhere = call_run(work, job);
	ok->spec.http.ok = calloc(1, sizeof(int));
	ok->spec.http.ok[ok->spec.http.n_ok++] = 302;
	wanted = call_run(work, ok);
	ck_assert_failed(&none, "http-status", false);
	ck_assert_failed(&other, "http-status", false);
	ck_assert_failed(&nowhere, "http-status", false);
	ck_assert_int_eq(wanted.end, OUTCOME_SUCCEEDED);
	ck_assert_int_eq(wanted.result.http.status, 302);
}

SERVED_TRIAL(the_method_and_the_body_are_kept_or_not_by_the_status)
{
	static const struct {
		int status;
		const char *method, *then;
		bool has_body;
	} rules[] = {
		{301, "POST",   "GET",    false},
		{302, "POST",   "GET",    false},
		{303, "POST",   "GET",    false},
		{307, "POST",   "POST",   true },
		{308, "POST",   "POST",   true },
		{301, "PUT",    "PUT",    true },
		{302, "DELETE", "DELETE", true },
		{303, "PUT",    "GET",    false},
		{307, "PATCH",  "PATCH",  true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		CLEANUP(outcome_fini) struct outcome outcome = {0};
		struct job *job = with_secrets(call_on(server, 1, rules[i].status, "/echo", ""));
		char line[32];

		call_method(job, rules[i].method);
		outcome = call_run(work, job);
		snprintf(line, sizeof line, "%s /echo HTTP/1.1\r\n", rules[i].then);
		ck_assert_msg(asked(&outcome, line), "%d: %s", rules[i].status, outcome.result.http.body);
		ck_assert(asked(&outcome, "the body") == rules[i].has_body);
		ck_assert(asked(&outcome, "Content-Type: text/plain") == rules[i].has_body);
		ck_assert(asked(&outcome, "Authorization: Bearer secret"));
		ck_assert(asked(&outcome, "X-Api-Key: secret"));
		ck_assert(asked(&outcome, "Accept-Language: de"));
	}
}

SERVED_TRIAL(nothing_that_may_be_a_secret_is_sent_to_another_origin_nor_after_it)
{
	struct http_server *other = http_server_start();
	char direct[128], back[192], user[128];
	const char *const where[] = {direct, back, user};

	snprintf(direct, sizeof direct, "http://127.0.0.1:%d/echo", other->port);
	snprintf(back, sizeof back, "http://127.0.0.1:%d/status/307?Location:http://127.0.0.1:%d/echo",
		other->port, server->port);
	snprintf(user, sizeof user, "http://localhost:%d/echo", server->port); /* another name of the same */
	for (size_t i = 0; i < ARRAY_LEN(where); i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome = call_run(work, with_secrets(call_on(server, 2, 308, where[i], "")));

		ck_assert(asked(&outcome, "POST /echo HTTP/1.1\r\n"));
		ck_assert(!asked(&outcome, "secret"));
		ck_assert(asked(&outcome, "the body"));
		ck_assert(asked(&outcome, "Content-Type: text/plain"));
		ck_assert(asked(&outcome, "Accept-Language: de"));
	}
	http_server_stop(other);
}

SERVED_TRIAL(credentials_of_a_url_go_no_further_than_its_origin)
{
	struct http_server *other = http_server_start();
	CLEANUP(outcome_fini) struct outcome here = {0}, there = {0};
	struct job *same = call_url("http://me:pass@127.0.0.1:%d/status/302?Location:/echo", server->port),
		   *away = call_url(
			   "http://me:pass@127.0.0.1:%d/status/302?Location:http://127.0.0.1:%d/echo",
			   server->port, other->port);

	same->spec.http.redirects = away->spec.http.redirects = 1;
	here = call_run(work, same);
	there = call_run(work, away);
	ck_assert(asked(&here, "Authorization: Basic"));
	ck_assert(!asked(&there, "Authorization"));
	http_server_stop(other);
}

/* From a server that may be called, step by step, to what may not. */
SERVED_TRIAL(no_chain_of_redirects_leads_to_what_may_not_be_called)
{
	static const struct {
		const char *location, *code;
	} bad[] = {
		{"http://10.0.0.1/",				      "blocked-address"},
		{"http://169.254.169.254/latest/meta-data/",              "blocked-address"},
		{"//10.0.0.1/",					   "blocked-address"},
		{"http://0xa.1/",					 "blocked-address"},
		{"http://[::ffff:10.0.0.1]/",                             "blocked-address"},
		{"http://private.test/",                                  "blocked-address"},
		{"https://metadata.test/",                                "blocked-address"},
		{"http://public.test:25/",                                "blocked-port"   },
		{"http://public.test/",                                   "connect"        }, /* which is open */
		{"/status/302?Location:/status/302?Location://10.0.0.1/", "blocked-address"},
		{"file:///etc/passwd",                                    "bad-redirect"   },
		{"gopher://127.0.0.1/",                                   "bad-redirect"   },
		{"ftp://public.test/",                                    "bad-redirect"   },
		{"javascript:alert(1)",                                   "bad-redirect"   },
		{"http://[::1",					   "bad-redirect"   },
		{"http://127.0.0.1:99999/",                               "bad-redirect"   },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome = call_run(work, call_on(server, 5, 302, bad[i].location, ""));

		ck_assert_msg(strcmp(outcome.code, bad[i].code) == 0, "%s: %s: %s", bad[i].location,
			outcome.code, outcome.message);
		ck_assert_ptr_null(strstr(take_connects(), "10.0.0.1"));
	}
}

SERVED_TRIAL(a_host_that_is_open_sends_nobody_to_one_that_is_not)
{
	char *hosts[] = {(char *)"good.test", NULL};
	const struct guard named = {.hosts = hosts}, none = {0};
	const struct work_terms terms = {.guard = &named, .tenant_guard = &none};
	struct job *job = call_url("http://good.test:%d/status/302?Location:http://loopback.test:%d/echo",
		server->port, server->port);
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	job->spec.http.redirects = 1;
	work_run(NULL, work, job, &terms, &outcome);
	job_unref(job);
	ck_assert_failed(&outcome, "blocked-address", false);
	ck_assert_str_eq(take_connects(), "127.0.0.1"); /* the first */
}

int main(void)
{
	TCase *tcase = tcase_create("work_http_redirect");

	tcase_add_test(tcase, a_redirect_is_followed_as_often_as_the_job_allows);
	tcase_add_test(tcase, a_redirect_that_is_no_redirect_is_an_answer);
	tcase_add_test(tcase, the_method_and_the_body_are_kept_or_not_by_the_status);
	tcase_add_test(tcase, nothing_that_may_be_a_secret_is_sent_to_another_origin_nor_after_it);
	tcase_add_test(tcase, credentials_of_a_url_go_no_further_than_its_origin);
	tcase_add_test(tcase, no_chain_of_redirects_leads_to_what_may_not_be_called);
	tcase_add_test(tcase, a_host_that_is_open_sends_nobody_to_one_that_is_not);
	return trial_run_suite("work_http_redirect", tcase);
}
