/* test_http_jobs.c - POST /jobs, GET and DELETE /jobs/{id}, as a client meets them. */
#include "http_trial.h"

#define ECHO "{\"kind\":\"echo\",\"spec\":{\"a\":1}}"
#define LONG "{\"kind\":\"sleep\",\"tenant\":\"acme\",\"spec\":{\"for\":\"1h\"},\"timeout\":\"1h\"}"
#define UNKNOWN "01a21405-149f-73f7-beaa-987f16199c49"

HTTP_TEST(an_accepted_job_is_told_with_its_place, "")
{
	CLEANUP(answer_fini) struct answer answer = post(ECHO);
	CLEANUP(freep) char *id = member(&answer, "id");
	char place[64];

	ck_assert_int_eq(answer.status, 202);
	ck_assert_field(&answer, "Content-Type", "application/json");
	snprintf(place, sizeof(place), "/jobs/%s", id);
	ck_assert_field(&answer, "Location", place);
	ck_assert_member(&answer, "self", place);
	snprintf(place, sizeof(place), "/results/%s", id);
	ck_assert_member(&answer, "result", place);
	ck_assert_member(&answer, "state", "queued");
	ck_assert_member(&answer, "kind", "echo");
	ck_assert_member(&answer, "tenant", "default");
}

HTTP_TEST(a_job_is_shown_with_its_request_and_its_attempts, "")
{
	CLEANUP(freep) char *id = submit_job(LONG);
	CLEANUP(answer_fini) struct answer answer = ask_for("GET", "/jobs/%s", id, "");

	ck_assert_int_eq(answer.status, 200);
	ck_assert_member(&answer, "id", id);
	ck_assert_member(&answer, "tenant", "acme");
	ck_assert_ptr_nonnull(strstr(answer.body.data, "\"request\":{"));
	ck_assert_ptr_nonnull(strstr(answer.body.data, "\"attempts\":["));
}

HTTP_TEST(who_prefers_to_wait_gets_the_result_if_it_ends_in_time, "")
{
	CLEANUP(answer_fini) struct answer answer = ask("POST", "/jobs", JSON "Prefer: wait=60\r\n", ECHO);

	ck_assert_int_eq(answer.status, 200);
	ck_assert_field(&answer, "Preference-Applied", "wait=60");
	ck_assert_member(&answer, "state", "succeeded");
	ck_assert_ptr_nonnull(strstr(answer.body.data, "\"result\":{\"a\":1}"));
}

HTTP_TEST(who_prefers_to_wait_is_told_how_it_stands_when_it_does_not_end, "wait-max = 10ms\n")
{
	CLEANUP(answer_fini)
	struct answer answer =
		ask("POST", "/jobs", JSON "prefer: respond-async, wait=\"99999999999\"\r\n", LONG);

	ck_assert_int_eq(answer.status, 202);
	ck_assert_field(&answer, "Preference-Applied", NULL);
	ck_assert_member(&answer, "state", "running");
}

HTTP_TEST(a_waiting_job_is_cancelled_at_once, "")
{
	CLEANUP(freep) char *id = submit_job("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"1h\"}");
	CLEANUP(answer_fini) struct answer cancelled = ask_for("DELETE", "/jobs/%s", id, "");
	CLEANUP(answer_fini) struct answer result = ask_for("GET", "/results/%s?wait=60s", id, "");
	char place[64];

	ck_assert_int_eq(cancelled.status, 202);
	ck_assert_member(&cancelled, "state", "cancelled");
	snprintf(place, sizeof(place), "/jobs/%s", id);
	ck_assert_field(&cancelled, "Location", place);
	ck_assert_int_eq(result.status, 200);
	ck_assert_member(&result, "state", "cancelled");
	ck_refused(ask_for("DELETE", "/jobs/%s", id, ""), 409, "already-finished");
	ck_refused(ask_for("POST", "/jobs/%s:cancel", id, ""), 409, "already-finished");
}

/* The gate starts what may run in the turn in which it is accepted. */
static char *submit_running(void)
{
	CLEANUP(answer_fini) struct answer answer = ask("POST", "/jobs", JSON "Prefer: wait=1\r\n", LONG);

	ck_assert_member(&answer, "state", "running");
	return member(&answer, "id");
}

HTTP_TEST(a_running_job_is_told_to_end, "wait-max = 1ms\n")
{
	CLEANUP(freep) char *id = submit_running();
	CLEANUP(answer_fini) struct answer cancelled = ask_for("POST", "/jobs/%s:cancel", id, "");

	ck_assert_int_eq(cancelled.status, 202);
	ck_assert_member(&cancelled, "state", "cancelling");
}

HTTP_TEST(an_id_that_nobody_was_given_is_not_found, "")
{
	static const char *const ids[] = {UNKNOWN, "x", "01a21405149f73f7beaa987f16199c49", "%20", "%c3%a9",
		"01a21405-149f-73f7-beaa-987f16199c4g"};

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		ck_refused(ask_for("GET", "/jobs/%s", ids[i], ""), 404, "no-such-job");
		ck_refused(ask_for("DELETE", "/jobs/%s", ids[i], ""), 404, "no-such-job");
		ck_refused(ask_for("GET", "/results/%s", ids[i], ""), 404, "no-such-job");
		ck_refused(ask_for("GET", "/results/%s?wait=1h", ids[i], ""), 404, "no-such-job");
	}
}

HTTP_TEST(what_is_no_job_is_refused_with_what_is_wrong, "")
{
	CLEANUP(answer_fini)
	struct answer answer = post("{\"kind\":\"sleep\",\"spec\":{\"for\":\"forever\"}}");

	ck_assert_problem(&answer, 400, "bad-field");
	ck_assert_member(&answer, "pointer", "/spec/for");
	ck_assert_member(&answer, "instance", "/jobs");
	ck_refused(post(""), 400, "not-json");
	ck_refused(post("{"), 400, "not-json");
	ck_refused(post("[]"), 400, "bad-field");
	ck_refused(post("{\"kind\":\"dance\"}"), 400, "bad-field");
}

HTTP_TEST(a_body_that_is_not_json_by_its_type_is_refused, "")
{
	static const char *const bad[] = {"", "Content-Type: text/plain\r\n",
		"Content-Type: application/jsonx\r\n", "Content-Type: application/json; charset=latin1\r\n",
		"Content-Type: application/x-ndjsons\r\n", JSON "Content-Encoding: gzip\r\n"};
	static const char *const good[] = {JSON, "content-type: Application/JSON;charset=\"UTF-8\"\r\n",
		"Content-Type: application/json ; charset=utf-8\r\n"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_refused(ask("POST", "/jobs", bad[i], ECHO), 415, "unsupported-media-type");
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		CLEANUP(answer_fini) struct answer answer = ask("POST", "/jobs", good[i], ECHO);

		ck_assert_int_eq(answer.status, 202);
	}
}

#define OTHER "{\"kind\":\"echo\",\"spec\":\"other\"}"

HTTP_TEST(a_key_gives_the_first_answer_again_and_is_refused_for_another_job, "")
{
	CLEANUP(answer_fini)
	struct answer first = ask("POST", "/jobs", JSON "Idempotency-Key: k 1\r\n", ECHO);
	CLEANUP(answer_fini)
	struct answer again = ask("POST", "/jobs", JSON "Idempotency-Key: k 1\r\n", ECHO);

	ck_assert_int_eq(first.status, 202);
	ck_assert_field(&first, "Idempotent-Replayed", NULL);
	ck_assert_int_eq(again.status, 202);
	ck_assert_field(&again, "Idempotent-Replayed", "true");
	ck_assert_str_eq(again.body.data, first.body.data);
	ck_refused(
		ask("POST", "/jobs", JSON "Idempotency-Key: k 1\r\n", OTHER), 422, "idempotency-key-reused");
	ck_refused(ask("POST", "/jobs", JSON "Idempotency-Key: \xc3\xa9\r\n", ECHO), 400, "bad-request");
}

HTTP_TEST(a_full_backlog_says_when_to_come_back,
	"tenant acme { max-running = 1 max-queued = 1 }\nwait-max = 1ms\n")
{
	CLEANUP(freep) char *running = submit_running(), *waiting = submit_job(LONG);
	CLEANUP(answer_fini) struct answer refused = post(LONG);

	ck_assert_problem(&refused, 429, "backlog-full");
	ck_assert_field(&refused, "Retry-After", "1");
}

HTTP_TEST(during_the_drain_jobs_are_refused_and_looked_at, "")
{
	CLEANUP(freep) char *id = submit_job(LONG);
	CLEANUP(answer_fini) struct answer refused = {0}, look = {0}, ready = {0};

	gate_drain(served.gate);
	refused = post(ECHO);
	ck_assert_problem(&refused, 503, "draining");
	ck_assert_field(&refused, "Retry-After", "5");
	look = ask_for("GET", "/jobs/%s", id, "");
	ck_assert_int_eq(look.status, 200);
	ready = get("/readyz");
	ck_assert_problem(&ready, 503, "draining");
	ck_ok(get("/healthz"));
}

int main(void)
{
	TCase *tcase = tcase_create("http_jobs");

	tcase_add_http_test(tcase, an_accepted_job_is_told_with_its_place);
	tcase_add_http_test(tcase, a_job_is_shown_with_its_request_and_its_attempts);
	tcase_add_http_test(tcase, who_prefers_to_wait_gets_the_result_if_it_ends_in_time);
	tcase_add_http_test(tcase, who_prefers_to_wait_is_told_how_it_stands_when_it_does_not_end);
	tcase_add_http_test(tcase, a_waiting_job_is_cancelled_at_once);
	tcase_add_http_test(tcase, a_running_job_is_told_to_end);
	tcase_add_http_test(tcase, an_id_that_nobody_was_given_is_not_found);
	tcase_add_http_test(tcase, what_is_no_job_is_refused_with_what_is_wrong);
	tcase_add_http_test(tcase, a_body_that_is_not_json_by_its_type_is_refused);
	tcase_add_http_test(tcase, a_key_gives_the_first_answer_again_and_is_refused_for_another_job);
	tcase_add_http_test(tcase, a_full_backlog_says_when_to_come_back);
	tcase_add_http_test(tcase, during_the_drain_jobs_are_refused_and_looked_at);
	return http_run_suite("http_jobs", tcase);
}
