/* test_work_http_ends.c - attempts of http jobs that come to no answer: broken off from here, or failed over there. */
#include <netdb.h>
#include <sys/resource.h>

#include "work/inside.h"
#include "work/outside.h"
#include "work_http.h"

/*
 * libcurl resolves names by this, in a thread of its own.  One name gets its answer only once a test lets it, and none is ever
 * found; the servers are called by address.
 */
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_news = PTHREAD_COND_INITIALIZER;
static bool resolver_asked, resolver_may_answer;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)service;
	(void)hints;
	(void)ret;
	if (strcmp(name, "slow.test") == 0) {
		pthread_mutex_lock(&resolver_lock);
		resolver_asked = true;
		pthread_cond_broadcast(&resolver_news);
		while (!resolver_may_answer)
			pthread_cond_wait(&resolver_news, &resolver_lock);
		pthread_mutex_unlock(&resolver_lock);
	}
	return EAI_NONAME;
}

static CURL *no_handle(void)
{
	return NULL;
}

static bool is_resolver_asked(void)
{
	bool asked;

	pthread_mutex_lock(&resolver_lock);
	asked = resolver_asked;
	pthread_mutex_unlock(&resolver_lock);
	return asked;
}

static void let_resolver_answer(void)
{
	pthread_mutex_lock(&resolver_lock);
	resolver_may_answer = true;
	pthread_cond_broadcast(&resolver_news);
	pthread_mutex_unlock(&resolver_lock);
}

static struct outcome call_until(struct work *work, struct job *job, int64_t timeout_ns)
{
	struct outcome outcome = {0};
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_timeout(&ctx, NULL, timeout_ns), 0);
	work_run(ctx, work, job, trial_terms(), &outcome);
	pen_ctx_unref(ctx);
	job_unref(job);
	return outcome;
}

static void ck_assert_no_result(const struct outcome *outcome)
{
	ck_assert(!outcome->has_result);
	ck_assert_ptr_null(outcome->result.http.headers);
	ck_assert_ptr_null(outcome->result.http.body);
}

SERVED_TRIAL(a_call_that_is_cancelled_hangs_up)
{
	struct job *job = call(server, "/silence");
	struct attempted attempted;

	attempt_start(&attempted, work, job, NULL);
	ck_assert_int_eq(pen_chan_recv(NULL, server->asked, NULL), 0);
	pen_ctx_cancel(attempted.ctx, "cancelled");
	attempt_await(&attempted);
	ck_assert_cancelled(&attempted.outcome, "cancelled");
	ck_assert(!attempted.outcome.retryable);
	ck_assert_no_result(&attempted.outcome);
	ck_assert_int_eq(pen_chan_recv(NULL, server->hung_up, NULL), 0);
	job_unref(job);
}

SERVED_TRIAL(a_call_that_is_not_answered_in_time_hangs_up_and_is_worth_another_try)
{
	struct outcome outcome = call_until(work, call(server, "/silence"), 50 * PEN_MS);

	ck_assert_timeout(&outcome);
	ck_assert(outcome.retryable);
	ck_assert_no_result(&outcome);
}

SERVED_TRIAL(a_call_whose_time_is_over_before_it_began_is_worth_another_try)
{
	struct outcome outcome = call_until(work, call(server, "/echo"), 0);

	ck_assert_timeout(&outcome);
	ck_assert(outcome.retryable);
	ck_assert_no_result(&outcome);
}

SERVED_TRIAL(a_call_is_made_after_others_were_broken_off)
{
	for (int i = 0; i < 5; i++) {
		CLEANUP(outcome_fini) struct outcome good = {0};
		struct outcome late = call_until(work, call(server, "/silence"), PEN_MS);

		ck_assert_timeout(&late);
		good = call_run(work, call(server, "/echo"));
		ck_assert_int_eq(good.end, OUTCOME_SUCCEEDED);
	}
}

TRIAL(a_name_that_takes_long_to_resolve_holds_up_neither_the_end_nor_others)
{
	struct job *job = call_url("http://slow.test/");
	struct attempted attempted;

	attempt_start(&attempted, work, job, NULL);
	while (!is_resolver_asked())
		pen_yield();
	pen_ctx_cancel(attempted.ctx, "cancelled");
	attempt_await(&attempted);
	ck_assert_cancelled(&attempted.outcome, "cancelled");
	let_resolver_answer();
	job_unref(job);
}

TRIAL(a_name_that_is_not_found_may_be_found_later)
{
	struct outcome outcome = call_run(work, call_url("http://nowhere.test/"));

	ck_assert_failed(&outcome, "resolve", true);
	ck_assert_ptr_nonnull(strstr(outcome.message, "nowhere.test"));
	ck_assert_no_result(&outcome);
}

TRIAL(without_memory_for_a_handle_nothing_is_asked_and_it_is_tried_again)
{
	struct outcome outcome;

	ck_assert_int_eq(outside_load(work->loader), 0);
	curl_easy_init = no_handle;
	outcome = call_run(work, call_url("http://127.0.0.1/"));
	ck_assert_failed(&outcome, "out-of-memory", true);
	ck_assert_no_result(&outcome);
}

TRIAL(a_server_that_is_not_there_may_come)
{
	struct outcome outcome;
	int port;

	close(http_listen(&port));
	outcome = call_run(work, call_url("http://127.0.0.1:%d/", port));
	ck_assert_failed(&outcome, "connect", true);
	ck_assert_ptr_nonnull(strstr(outcome.message, "127.0.0.1"));
	ck_assert_no_result(&outcome);
}

static void check_failure(struct work *work, const struct http_server *server, const char *path,
	const char *code, bool retryable)
{
	struct outcome outcome = call_run(work, call(server, path));

	ck_assert_failed(&outcome, code, retryable);
	ck_assert_no_result(&outcome);
}

SERVED_TRIAL(an_answer_that_is_none_is_a_failure_with_a_name)
{
	check_failure(work, server, "/close", "send-recv", true);
	check_failure(work, server, "/cut-head", "send-recv", true);
	check_failure(work, server, "/cut", "send-recv", true);
	check_failure(work, server, "/not-http", "protocol", false);
	check_failure(work, server, "/endless-headers", "protocol", false);
}

SERVED_TRIAL(a_server_without_tls_is_a_tls_failure)
{
	struct outcome outcome = call_run(work, call_url("https://127.0.0.1:%d/echo", server->port));

	ck_assert_failed(&outcome, "tls", true);
}

TRIAL(what_is_no_url_of_the_web_is_not_tried_again)
{
	static const struct {
		const char *url, *code;
	} bad[] = {
		{"",			"bad-url" },
		{"http://",                 "bad-url" },
		{"http://[::1/",            "bad-url" },
		{"http://127.0.0.1:99999/", "bad-url" },
		{"ftp://127.0.0.1/",        "protocol"},
		{"file:///etc/hostname",    "protocol"},
		{"gopher://127.0.0.1/",     "protocol"},
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct outcome outcome = call_run(work, call_url("%s", bad[i].url));

		ck_assert_failed(&outcome, bad[i].code, false);
	}
}

TRIAL(a_password_in_a_url_is_told_to_nobody)
{
	static const char *const urls[] = {
		"http://me:pass/word@127.0.0.1:1/",
		"http://me:password@127.0.0.1:1/",
		"http://password#@127.0.0.1:1/",
		"http://me:password@127.0.0.1:password/",
		"password://me@127.0.0.1/",
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct outcome outcome = call_run(work, call_url("%s", urls[i]));

		ck_assert_int_eq(outcome.end, OUTCOME_FAILED);
		ck_assert_msg(!strstr(outcome.message, "pass"), "%s", outcome.message);
	}
}

SERVED_TRIAL(what_would_begin_a_line_of_its_own_is_never_sent)
{
	static const struct {
		const char *method, *name, *value;
	} bad[] = {
		{"GET / HTTP/1.1\r\nX: y", "X-Name",     "value"          },
		{"",		       "X-Name",     "value"          },
		{"GET",                    "X-A\r\nX-B", "value"          },
		{"GET",                    "X-Name: a",  "value"          },
		{"GET",                    "",           "value"          },
		{"GET",                    "X-Name",     "value\r\nX-B: c"},
		{"GET",                    "X-Name",     "value\n"        },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct job *job = call(server, "/echo");
		struct outcome outcome;

		call_method(job, bad[i].method);
		call_header(job, bad[i].name, bad[i].value);
		outcome = call_run(work, job);
		ck_assert_failed(&outcome, "bad-request", false);
	}
	ck_assert_uint_eq(pen_counter_read(&server->accepted), 0);
}

/* More than one multi handle takes, so that the loop must open another. */
enum { MANY = 1100 };

static void cancel_many(struct work *work)
{
	struct http_server *server = http_server_start();
	struct attempted *many = calloc(MANY, sizeof(*many));
	struct job *job = call(server, "/silence");

	for (int i = 0; i < MANY; i++)
		attempt_start(&many[i], work, job, NULL);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(pen_chan_recv(NULL, server->asked, NULL), 0);
	for (int i = 0; i < MANY; i++)
		pen_ctx_cancel(many[i].ctx, "shutdown");
	for (int i = 0; i < MANY; i++) {
		attempt_await(&many[i]);
		ck_assert_cancelled(&many[i].outcome, "shutdown");
	}
	job_unref(job);
	free(many);
	http_server_stop(server);
}

START_TEST(many_calls_in_flight_are_all_broken_off_by_a_shutdown)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	ck_assert_uint_gt(limit.rlim_cur, 3 * MANY);
	trial_run(1, cancel_many);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("work_http_ends");

	tcase_add_test(tcase, a_call_that_is_cancelled_hangs_up);
	tcase_add_test(tcase, a_call_that_is_not_answered_in_time_hangs_up_and_is_worth_another_try);
	tcase_add_test(tcase, a_call_whose_time_is_over_before_it_began_is_worth_another_try);
	tcase_add_test(tcase, a_call_is_made_after_others_were_broken_off);
	tcase_add_test(tcase, a_name_that_takes_long_to_resolve_holds_up_neither_the_end_nor_others);
	tcase_add_test(tcase, a_name_that_is_not_found_may_be_found_later);
	tcase_add_test(tcase, without_memory_for_a_handle_nothing_is_asked_and_it_is_tried_again);
	tcase_add_test(tcase, a_server_that_is_not_there_may_come);
	tcase_add_test(tcase, an_answer_that_is_none_is_a_failure_with_a_name);
	tcase_add_test(tcase, a_server_without_tls_is_a_tls_failure);
	tcase_add_test(tcase, what_is_no_url_of_the_web_is_not_tried_again);
	tcase_add_test(tcase, a_password_in_a_url_is_told_to_nobody);
	tcase_add_test(tcase, what_would_begin_a_line_of_its_own_is_never_sent);
	tcase_add_test(tcase, many_calls_in_flight_are_all_broken_off_by_a_shutdown);
	return trial_run_suite("work_http_ends", tcase);
}
