/* test_http_bulk.c - POST /jobs with several jobs in one body, as a client meets it. */
#include "http/bulk.h"
#include "http/inside.h"
#include "http_trial.h"

#define LINES "Content-Type: application/x-ndjson\r\n"
#define GOOD "{\"kind\":\"echo\",\"spec\":1}\n"
#define BAD "{\"kind\":\"dance\"}\n"

static struct answer post_lines(const char *target, const char *body)
{
	return ask("POST", target, LINES, body);
}

/* The line of an answer, and whether it has the text. */
static bool line_has(const struct answer *answer, size_t number, const char *text)
{
	CLEANUP(freep) char *line = NULL;
	const char *at = answer->body.data;

	while (number-- > 0) {
		at = strchr(at, '\n');
		ck_assert_msg(at && at[1], "there are not so many lines in %s", answer->body.data);
		at++;
	}
	line = strndup(at, strcspn(at, "\n"));
	return strstr(line, text);
}

static void ck_assert_lines(const struct answer *answer, int status, size_t n)
{
	size_t lines = 0;

	ck_assert_msg(answer->status == status, "%s%s", answer->head.data, answer->body.data);
	ck_assert_field(answer, "Content-Type", "application/x-ndjson");
	for (const char *at = answer->body.data; *at; at++)
		lines += *at == '\n';
	ck_assert_uint_eq(lines, n);
	ck_assert_int_eq(answer->body.data[answer->body.len - 1], '\n');
}

HTTP_TEST(each_line_is_a_job_and_has_its_answer_in_order, "")
{
	CLEANUP(answer_fini)
	struct answer answer = post_lines(
		"/jobs", GOOD "{\"kind\":\"sleep\",\"tenant\":\"acme\",\"spec\":{\"for\":\"1ms\"}}\r\n" GOOD);
	CLEANUP(freep) char *id = member(&answer, "id");
	CLEANUP(answer_fini) struct answer result = ask_for("GET", "/results/%s?wait=60s", id, "");

	ck_assert_lines(&answer, 200, 3);
	ck_assert(line_has(&answer, 0, "\"kind\":\"echo\""));
	ck_assert(line_has(&answer, 1, "\"kind\":\"sleep\",\"tenant\":\"acme\""));
	ck_assert(line_has(&answer, 2, "\"state\":\"queued\""));
	ck_assert_field(&answer, "Location", NULL);
	ck_assert_int_eq(result.status, 200);
}

HTTP_TEST(empty_lines_are_passed_over_and_the_last_needs_no_end, "")
{
	CLEANUP(answer_fini)
	struct answer answer = post_lines("/jobs", "\n \t\r\n" GOOD "\n\n{\"kind\":\"echo\"}");

	ck_assert_lines(&answer, 200, 2);
}

HTTP_TEST(a_bad_line_spoils_only_itself, "json-depth-max = 8\nbody-max = 1KiB\n")
{
	CLEANUP(buf_fini) struct buf body = {0};
	struct answer answer;

	buf_addf(&body, BAD GOOD "{\n[[[[[[[[[[]]]]]]]]]]\n{\"kind\":\"echo\",\"spec\":\"%1100s\"}\n" GOOD,
		"x");
	answer = post_lines("/jobs?atomic=false", body.data);
	ck_assert_lines(&answer, 200, 6);
	ck_assert(line_has(&answer, 0, "\"status\":400") && line_has(&answer, 0, "\"pointer\":\"/kind\""));
	ck_assert(line_has(&answer, 1, "\"id\":\""));
	ck_assert(line_has(&answer, 2, "\"code\":\"not-json\""));
	ck_assert(line_has(&answer, 3, "\"code\":\"not-json\""));
	ck_assert(line_has(&answer, 4, "\"status\":413"));
	ck_assert(line_has(&answer, 5, "\"id\":\""));
	answer_fini(&answer);
}

HTTP_TEST(a_line_may_be_nested_as_deep_as_a_job, "json-depth-max = 256\n")
{
	CLEANUP(buf_fini) struct buf body = {0};
	struct answer answer;

	for (int deep = 255; deep <= 256; deep++) { /* the job itself is one more */
		buf_addf(&body, "{\"kind\":\"echo\",\"spec\":");
		for (int i = 0; i < deep; i++)
			buf_add(&body, "[", 1);
		for (int i = 0; i < deep; i++)
			buf_add(&body, "]", 1);
		buf_addf(&body, "}\n");
	}
	answer = post_lines("/jobs", body.data);
	ck_assert_lines(&answer, 200, 2);
	ck_assert(line_has(&answer, 0, "\"id\":\""));
	ck_assert(line_has(&answer, 1, "\"code\":\"not-json\""));
	answer_fini(&answer);
}

HTTP_TEST(all_or_none_is_refused_with_what_is_wrong_and_for_whose_sake, "tenant full { max-queued = 1 }\n")
{
	struct answer answer = post_lines("/jobs?atomic=true", GOOD BAD GOOD);

	ck_assert_lines(&answer, 400, 3);
	ck_assert(line_has(&answer, 0, "\"status\":424") && line_has(&answer, 0, "\"code\":\"not-taken\""));
	ck_assert(line_has(&answer, 1, "\"code\":\"bad-field\""));
	ck_assert(line_has(&answer, 2, "\"code\":\"not-taken\""));
	answer_fini(&answer);
	answer = post_lines("/jobs?atomic=true", GOOD
		"{\"kind\":\"echo\",\"tenant\":\"full\",\"delay\":\"1h\"}\n{\"kind\":\"echo\",\"tenant\":\"full\"}\n");
	ck_assert_lines(&answer, 429, 3);
	ck_assert_field(&answer, "Retry-After", "1");
	ck_assert(line_has(&answer, 1, "\"code\":\"not-taken\""));
	ck_assert(line_has(&answer, 2, "\"code\":\"backlog-full\""));
	answer_fini(&answer);
	answer = get("/jobs");
	ck_assert_str_eq(answer.body.data, "{\"jobs\":[],\"next_cursor\":null}");
	answer_fini(&answer);
	answer = post_lines("/jobs?atomic=true", GOOD GOOD);
	ck_assert_lines(&answer, 200, 2);
	answer_fini(&answer);
}

HTTP_TEST(what_is_for_one_job_is_refused_with_several, "")
{
	ck_refused(ask("POST", "/jobs", LINES "Idempotency-Key: k\r\n", GOOD), 400, "bad-request");
	ck_refused(ask("POST", "/jobs", LINES "Prefer: wait=1\r\n", GOOD), 400, "bad-request");
	ck_refused(ask("POST", "/jobs", LINES "Content-Encoding: gzip\r\n", GOOD), 415,
		"unsupported-media-type");
	ck_refused(post_lines("/jobs?atomic=yes", GOOD), 400, "bad-request");
	ck_refused(post_lines("/jobs", ""), 400, "not-json");
	ck_refused(post_lines("/jobs", "\n\n"), 400, "not-json");
	ck_refused(ask("POST", "/jobs", "Content-Type: application/x-ndjson; charset=latin1\r\n", GOOD), 415,
		"unsupported-media-type");
}

HTTP_TEST(too_many_lines_are_refused_as_a_whole, "bulk-max = 3\n")
{
	struct answer answer = post_lines("/jobs", GOOD "\n" GOOD GOOD);

	ck_assert_lines(&answer, 200, 3);
	answer_fini(&answer);
	ck_refused(post_lines("/jobs", GOOD GOOD GOOD GOOD), 413, "too-large");
	ck_refused(post_lines("/jobs?atomic=true", GOOD GOOD GOOD GOOD), 413, "too-large");
}

/* A body of so many bytes, all of it one line. */
static struct answer post_bytes(size_t bytes, bool chunked)
{
	CLEANUP(freep) char *body = malloc(bytes + 1);
	int fd = dial();
	struct answer answer;

	memset(body, ' ', bytes);
	memcpy(body, GOOD, strlen(GOOD) - 1);
	body[bytes] = 0;
	say(fd, "POST /jobs HTTP/1.1\r\nHost: here\r\n" LINES);
	if (chunked)
		say(fd, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n", bytes, body);
	else
		say(fd, "Content-Length: %zu\r\n\r\n%s", bytes, body);
	answer = listen_to(fd);
	close(fd);
	return answer;
}

HTTP_TEST(a_body_of_several_jobs_has_a_limit_of_its_own, "body-max = 1KiB\nbulk-bytes-max = 4KiB\n")
{
	for (int chunked = 0; chunked < 2; chunked++) {
		struct answer answer = post_bytes(4096, chunked);

		ck_assert_lines(&answer, 200, 1);
		ck_assert(line_has(&answer, 0, "too-large")); /* as one job it is */
		answer_fini(&answer);
		ck_refused(post_bytes(4097, chunked), 413, "too-large");
	}
}

START_TEST(bodies_of_several_jobs_have_a_limit_together)
{
	struct conf *conf = load_apart("bulk-bytes-max = 1KiB\n");
	struct http http = {.conf = conf, .bulk_lock = PTHREAD_MUTEX_INITIALIZER};
	struct server server = {.http = &http};
	struct request *requests = calloc(5, sizeof *requests);

	for (size_t i = 0; i < 5; i++)
		requests[i].server = &server;
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(bulk_count(&requests[i], 1000), 0);
		ck_assert_int_eq(bulk_count(&requests[i], 24), 0);
	}
	ck_assert_int_eq(bulk_count(&requests[4], 1), -ENOMEM);
	ck_assert_str_eq(requests[4].problem.code, PROBLEM_MEMORY);
	ck_assert_int_gt(requests[4].problem.retry_after_ns, 0);
	bulk_end(&requests[2]);
	bulk_end(&requests[2]);
	ck_assert_int_eq(bulk_count(&requests[4], 1024), 0);
	ck_assert_int_eq(bulk_count(&requests[2], 1), -ENOMEM);
	for (size_t i = 0; i < 5; i++)
		bulk_end(&requests[i]);
	ck_assert_uint_eq(http.bulk_bytes, 0);
	free(requests);
	conf_unref(conf);
}
END_TEST

HTTP_TEST(a_drain_refuses_them_as_a_whole, "")
{
	gate_drain(served.gate);
	ck_refused(post_lines("/jobs", GOOD GOOD), 503, "draining");
}

int main(void)
{
	TCase *tcase = tcase_create("http_bulk");

	tcase_add_http_test(tcase, each_line_is_a_job_and_has_its_answer_in_order);
	tcase_add_http_test(tcase, empty_lines_are_passed_over_and_the_last_needs_no_end);
	tcase_add_http_test(tcase, a_bad_line_spoils_only_itself);
	tcase_add_http_test(tcase, a_line_may_be_nested_as_deep_as_a_job);
	tcase_add_http_test(tcase, all_or_none_is_refused_with_what_is_wrong_and_for_whose_sake);
	tcase_add_http_test(tcase, what_is_for_one_job_is_refused_with_several);
	tcase_add_http_test(tcase, too_many_lines_are_refused_as_a_whole);
	tcase_add_http_test(tcase, a_body_of_several_jobs_has_a_limit_of_its_own);
	tcase_add_test(tcase, bodies_of_several_jobs_have_a_limit_together);
	tcase_add_http_test(tcase, a_drain_refuses_them_as_a_whole);
	return http_run_suite("http_bulk", tcase);
}
