/* test_wire_write.c - the documents clients see, letter by letter. */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"
#include "wire_submit.h"

#define ID "019ab5ba-0000-7000-8000-0123456789ab"
#define CREATED "2025-11-24T16:00:00.000Z"

/* A good job whose id is always ID. */
static struct job *known(const char *text)
{
	struct job *job = good(text);

	ck_assert_int_eq(uuid_parse(ID, &job->id), 0);
	return job;
}

static const char *document(const struct buf *buf)
{
	json_error_t error;
	json_t *json = json_loadb(buf->data, buf->len, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(json != NULL, "%s: %s", error.text, buf->data);
	json_decref(json);
	return buf->data;
}

START_TEST(the_202_of_a_job_names_it_and_where_it_is_found)
{
	CLEANUP(job_unrefp)
	struct job *job = known("{\"kind\":\"sleep\",\"tenant\":\"acme\",\"spec\":{\"for\":\"1s\"}}");
	CLEANUP(buf_fini) struct buf out = {0};

	ck_assert_int_eq(wire_write_accepted(&out, job, &job->id, JOB_SCHEDULED), 0);
	ck_assert_str_eq(document(&out),
		"{\"id\":\"" ID "\",\"state\":\"scheduled\",\"kind\":\"sleep\",\"tenant\":\"acme\","
		"\"links\":{\"self\":\"/jobs/" ID "\",\"result\":\"/results/" ID "\"}}");
}
END_TEST

START_TEST(documents_are_appended_and_the_buffer_s_limit_holds)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"echo\"}");
	CLEANUP(buf_fini) struct buf out = {0}, small = {.max = 20};

	buf_addf(&out, "[");
	ck_assert_int_eq(wire_write_accepted(&out, job, &job->id, JOB_QUEUED), 0);
	buf_addf(&out, ",");
	ck_assert_int_eq(wire_write_accepted(&out, job, &job->id, JOB_QUEUED), 0);
	buf_addf(&out, "]");
	document(&out);
	ck_assert_int_eq(wire_write_accepted(&small, job, &job->id, JOB_QUEUED), -EFBIG);
}
END_TEST

START_TEST(a_job_that_waits_has_no_times_but_its_next_run)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"echo\",\"spec\":[1.10],\"delay\":\"1s\"}");
	struct progress progress = {.state = JOB_SCHEDULED, .next_run_at_ms = NOW_MS + 1000};
	CLEANUP(buf_fini) struct buf out = {0};

	ck_assert_int_eq(wire_write_job(&out, job, &progress), 0);
	ck_assert_str_eq(document(&out),
		"{\"id\":\"" ID
		"\",\"kind\":\"echo\",\"tenant\":\"default\",\"state\":\"scheduled\",\"priority\":5,"
		"\"created_at\":\"" CREATED
		"\",\"next_run_at\":\"2025-11-24T16:00:01.000Z\",\"expires_at\":null,"
		"\"started_at\":null,\"finished_at\":null,\"attempts\":[],"
		"\"request\":{\"kind\":\"echo\",\"spec\":[1.10],\"delay\":\"1s\"},"
		"\"links\":{\"self\":\"/jobs/" ID "\",\"result\":\"/results/" ID "\"}}");
}
END_TEST

START_TEST(a_job_tells_its_labels_and_each_attempt)
{
	CLEANUP(job_unrefp)
	struct job *job = known(
		"{\"kind\":\"echo\",\"expires_in\":\"1h\",\"limit_key\":\"k\",\"labels\":{\"a\":\"\\u00e9\"}}");
	struct attempt attempts[] = {
		{1, NOW_MS,      NOW_MS + 5, "exit-code", "it said \"no\""},
		{2, NOW_MS + 10, 0,          "",          ""              },
	};
	struct progress progress = {
		.state = JOB_RUNNING,
		.attempts = 2,
		.next_run_at_ms = NOW_MS,
		.started_ms = NOW_MS,
		.expires_at_ms = job->expires_at_ms,
		.n_kept = 2,
		.kept = attempts,
	};
	CLEANUP(buf_fini) struct buf out = {0};

	ck_assert_int_eq(wire_write_job(&out, job, &progress), 0);
	ck_assert_str_eq(document(&out),
		"{\"id\":\"" ID
		"\",\"kind\":\"echo\",\"tenant\":\"default\",\"state\":\"running\",\"priority\":5,"
		"\"limit_key\":\"k\",\"labels\":{\"a\":\"\\u00e9\"},"
		"\"created_at\":\"" CREATED
		"\",\"next_run_at\":null,\"expires_at\":\"2025-11-24T17:00:00.000Z\","
		"\"started_at\":\"" CREATED "\",\"finished_at\":null,\"attempts\":["
		"{\"number\":1,\"started_at\":\"" CREATED "\",\"finished_at\":\"2025-11-24T16:00:00.005Z\","
		"\"error\":{\"code\":\"exit-code\",\"message\":\"it said \\\"no\\\"\"}},"
		"{\"number\":2,\"started_at\":\"2025-11-24T16:00:00.010Z\",\"finished_at\":null,\"error\":null}],"
		"\"request\":{\"kind\":\"echo\",\"expires_in\":\"1h\",\"limit_key\":\"k\",\"labels\":{\"a\":\"\\u00e9\"}},"
		"\"links\":{\"self\":\"/jobs/" ID "\",\"result\":\"/results/" ID "\"}}");
}
END_TEST

/* clang-format off */
static const struct {
	const char *spec, *shown;
} secrets[] = {
	{"{\"url\":\"http://h\",\"headers\":{\"Authorization\":\"Bearer x\",\"X\":\"y\"}}",
	 "{\"url\":\"http://h\",\"headers\":{\"Authorization\":\"***\",\"X\":\"y\"}}"},
	{"{\"headers\":{\"cookie\":\"a\",\"PROXY-AUTHORIZATION\":\"b\",\"x-api-key\":\"\"},\"url\":\"http://h\"}",
	 "{\"headers\":{\"cookie\":\"***\",\"PROXY-AUTHORIZATION\":\"***\",\"x-api-key\":\"***\"},\"url\":\"http://h\"}"},
	{"{\"url\":\"http://h\",\"headers\":{\"\\u0041uthorizatio\\u006e\":\"x\"}}",
	 "{\"url\":\"http://h\",\"headers\":{\"\\u0041uthorizatio\\u006e\":\"***\"}}"},
	{"{\"url\":\"http://h\",\"\\u0068eaders\":{\"Cookie\":\"x\"}}",
	 "{\"url\":\"http://h\",\"\\u0068eaders\":{\"Cookie\":\"***\"}}"},
	{"{\"url\":\"http://h\",\"headers\":{}}",
	 "{\"url\":\"http://h\",\"headers\":{}}"},
	{"{\"url\":\"https://user:pass@h:1/a@b?c\"}",
	 "{\"url\":\"https://***@h:1/a@b?c\"}"},
	{"{\"url\":\"https:\\/\\/us\\u0065r@h\\/\\u00e9\"}",
	 "{\"url\":\"https://***@h/\xc3\xa9\"}"},
	{"{\"url\":\"https:\\/\\/h\\/a@b\"}",
	 "{\"url\":\"https:\\/\\/h\\/a@b\"}"},
	{"{\"json\":{\"headers\":{\"Cookie\":\"shown\"}},\"url\":\"http://h\"}",
	 "{\"json\":{\"headers\":{\"Cookie\":\"shown\"}},\"url\":\"http://h\"}"},
};
/* clang-format on */

START_TEST(credentials_of_an_http_job_are_not_shown_again)
{
	CLEANUP(buf_fini) struct buf body = {0}, out = {0}, want = {0};
	CLEANUP(job_unrefp) struct job *job = NULL;
	const struct progress progress = {0};

	buf_addf(&body, "{\"kind\":\"http\",\"spec\":%s,\"labels\":{\"headers\":\"Cookie\"}}",
		secrets[_i].spec);
	buf_addf(&want, "\"request\":{\"kind\":\"http\",\"spec\":%s,\"labels\":{\"headers\":\"Cookie\"}}",
		secrets[_i].shown);
	job = good(body.data);
	ck_assert_int_eq(wire_write_job(&out, job, &progress), 0);
	ck_assert_msg(strstr(document(&out), want.data), "%s is not in %s", want.data, out.data);
}
END_TEST

START_TEST(the_kept_request_still_has_its_credentials)
{
	CLEANUP(job_unrefp)
	struct job *job =
		good("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"headers\":{\"Cookie\":\"c=1\"}}}");

	ck_assert_ptr_nonnull(strstr(job->request, "c=1"));
	ck_assert_str_eq(job->spec.http.headers[0].value, "c=1");
}
END_TEST

static const struct progress done = {
	.state = JOB_SUCCEEDED,
	.attempts = 2,
	.started_ms = NOW_MS + 1,
	.finished_ms = NOW_MS + 2,
};

/* The document of an ended job, as text that the caller frees. */
static char *result_of(const struct job *job, const struct progress *progress, const struct outcome *outcome)
{
	CLEANUP(result_unrefp) struct result *result = NULL;

	ck_assert_int_eq(wire_make_result(job, progress, outcome, &result), 0);
	ck_assert(uuid_equal(&result->id, &job->id));
	ck_assert_int_eq(result->state, progress->state);
	ck_assert_int_eq(result->finished_ms, progress->finished_ms);
	ck_assert_uint_eq(result->body_bytes, strlen(result->body));
	document(&(struct buf){.data = result->body, .len = result->body_bytes});
	return strdup(result->body);
}

#define HEAD(kind, state, attempts) \
	"{\"id\":\"" ID "\",\"kind\":\"" kind "\",\"tenant\":\"default\",\"state\":\"" state \
	"\",\"attempts\":" attempts ",\"result\":"
#define TAIL \
	",\"created_at\":\"" CREATED "\",\"started_at\":\"2025-11-24T16:00:00.001Z\"," \
	"\"finished_at\":\"2025-11-24T16:00:00.002Z\"}"

START_TEST(an_echo_s_result_is_its_spec)
{
	CLEANUP(job_unrefp)
	struct job *job = known("{\"kind\":\"echo\",\"spec\":{\"a\": [0.10, \"\xf0\x9f\x8e\x89\"]}}");
	CLEANUP(freep) char *text = result_of(job, &done, NULL);

	ck_assert_str_eq(text,
		HEAD("echo", "succeeded", "2") "{\"a\":[0.10,\"\xf0\x9f\x8e\x89\"]},\"error\":null" TAIL);
}
END_TEST

START_TEST(a_sleep_tells_how_long_it_slept)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"sleep\",\"spec\":{\"for\":\"1500ms\"}}");
	struct outcome outcome = {.end = OUTCOME_SUCCEEDED, .kind = JOB_SLEEP};
	CLEANUP(freep) char *text = result_of(job, &done, &outcome);

	ck_assert_str_eq(text, HEAD("sleep", "succeeded", "2") "{\"slept\":\"1500ms\"},\"error\":null" TAIL);
}
END_TEST

START_TEST(an_http_result_has_all_of_the_answer)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\"}}");
	struct header headers[] = {
		{"Content-Type", "text/plain"},
		{"Set-Cookie",   "a=1"       },
		{"X-Latin",      "caf\xe9"   },
		{"set-cookie",   "b=\"2\""   },
		{"Set-Cookie",   ""          },
	};
	struct outcome outcome = {
		.end = OUTCOME_SUCCEEDED,
		.kind = JOB_HTTP,
		.has_result = true,
		.result.http = {.status = 200,
				.headers = headers,
				.n_headers = ARRAY_LEN(headers),
				.body = "h\xc3\xa9\n",
				.body_bytes = 4,
				.dns_us = 1,
				.connect_us = 1500,
				.first_byte_us = 12345,
				.total_us = 3000000},
	};
	CLEANUP(freep) char *text = result_of(job, &done, &outcome);

	ck_assert_str_eq(text,
		HEAD("http", "succeeded",
			"2") "{\"status\":200,\"headers\":{\"Content-Type\":\"text/plain\","
			     "\"Set-Cookie\":\"a=1, b=\\\"2\\\", \",\"X-Latin\":\"caf\xef\xbf\xbd\"},\"body\":\"h\xc3\xa9\\n\","
			     "\"truncated\":false,\"timing\":{\"dns\":0.001,\"connect\":1.500,\"tls\":0.000,"
			     "\"first_byte\":12.345,\"total\":3000.000}},\"error\":null" TAIL);
}
END_TEST

START_TEST(a_body_that_is_no_text_comes_as_base64)
{
	static const struct {
		const char *body;
		size_t bytes;
		const char *member;
	} cases[] = {
		{NULL,                  0, "\"body\":\"\""                              },
		{"a\0b",                3, "\"body_base64\":\"YQBi\""                   },
		{"\xff",                1, "\"body_base64\":\"/w==\""                   },
		{"caf\xe9",             4, "\"body_base64\":\"Y2Fm6Q==\""               },
		{"h\xc3",               2, "\"body_base64\":\"aMM=\""                   },
		{"\x01\x1f\x7f\"\\/\b", 7, "\"body\":\"\\u0001\\u001f\x7f\\\"\\\\/\\b\""},
	};
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\"}}");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome outcome = {
			.kind = JOB_HTTP,
			.has_result = true,
			.result.http = {.body = (char *)cases[i].body,
					.body_bytes = cases[i].bytes,
					.truncated = true},
		};
		CLEANUP(freep) char *text = result_of(job, &done, &outcome);

		ck_assert_msg(strstr(text, cases[i].member), "%s is not in %s", cases[i].member, text);
		ck_assert_ptr_nonnull(strstr(text, "\"truncated\":true"));
	}
}
END_TEST

START_TEST(a_flood_of_headers_is_cut_and_called_truncated)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\"}}");
	struct header headers[1000];
	char names[ARRAY_LEN(headers)][8];
	struct outcome outcome = {
		.kind = JOB_HTTP,
		.has_result = true,
		.result.http = {.headers = headers, .n_headers = ARRAY_LEN(headers)},
	};
	CLEANUP(freep) char *text = NULL;

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		snprintf(names[i], sizeof(names[i]), "x%zu", i);
		headers[i] = (struct header){names[i], "v"};
	}
	text = result_of(job, &done, &outcome);
	ck_assert_ptr_nonnull(strstr(text, "\"x255\":"));
	ck_assert_ptr_null(strstr(text, "\"x256\":"));
	ck_assert_ptr_nonnull(strstr(text, "\"truncated\":true"));
}
END_TEST

START_TEST(a_command_result_has_all_of_the_process)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"command\",\"spec\":{\"command\":\"c\"}}");
	struct outcome outcome = {
		.end = OUTCOME_SUCCEEDED,
		.kind = JOB_COMMAND,
		.has_result = true,
		.result.command = {.exit_code = 0,
				   .stdout_data = "out\n",
				   .stdout_bytes = 4,
				   .stderr_data = "\x80",
				   .stderr_bytes = 1,
				   .user_us = 1234,
				   .system_us = 5},
	};
	CLEANUP(freep) char *text = result_of(job, &done, &outcome);

	ck_assert_str_eq(text,
		HEAD("command", "succeeded",
			"2") "{\"exit_code\":0,\"signal\":null,\"stdout\":\"out\\n\","
			     "\"stderr_base64\":\"gA==\",\"truncated\":false,"
			     "\"rusage\":{\"user_ms\":1.234,\"system_ms\":0.005,\"max_resident_bytes\":0}},\"error\":null" TAIL);
}
END_TEST

START_TEST(a_command_result_has_what_its_control_group_knows)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"command\",\"spec\":{\"command\":\"c\"}}");
	struct outcome outcome = {.end = OUTCOME_SUCCEEDED, .kind = JOB_COMMAND, .has_result = true};
	struct cgroup_usage *usage = &outcome.result.command.cgroup;
	CLEANUP(freep) char *bare = NULL, *all = NULL;

	*usage = (struct cgroup_usage){true, 1234, 5, -1, -1};
	bare = result_of(job, &done, &outcome);
	ck_assert_ptr_nonnull(
		strstr(bare, "},\"cgroup\":{\"user_ms\":1.234,\"system_ms\":0.005}},\"error\""));
	usage->memory_peak_bytes = 1 << 20;
	usage->processes_peak = 0;
	all = result_of(job, &done, &outcome);
	ck_assert_ptr_nonnull(
		strstr(all, "\"system_ms\":0.005,\"memory_peak_bytes\":1048576,\"processes_peak\":0}},"));
}
END_TEST

START_TEST(a_signal_is_told_by_name)
{
	static const struct {
		int number;
		const char *member;
	} cases[] = {
		{SIGTERM, "\"exit_code\":-1,\"signal\":\"TERM\""},
		{SIGKILL, "\"exit_code\":-1,\"signal\":\"KILL\""},
		{SIGSEGV, "\"exit_code\":-1,\"signal\":\"SEGV\""},
		{60,      "\"exit_code\":-1,\"signal\":\"60\""  },
	};
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"command\",\"spec\":{\"command\":\"c\"}}");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome outcome = {
			.kind = JOB_COMMAND,
			.has_result = true,
			.result.command = {.exit_code = -1, .signal = cases[i].number},
		};
		CLEANUP(freep) char *text = result_of(job, &done, &outcome);

		ck_assert_msg(strstr(text, cases[i].member), "%s is not in %s", cases[i].member, text);
	}
}
END_TEST

START_TEST(a_failed_attempt_leaves_its_error_and_what_it_got)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\"}}");
	struct progress failed = done;
	struct outcome outcome = {.kind = JOB_HTTP, .has_result = true, .result.http = {.status = 500}};
	CLEANUP(freep) char *text = NULL;

	failed.state = JOB_FAILED;
	outcome_fail(&outcome, OUTCOME_FAILED, "http-status", "the server answered 500");
	text = result_of(job, &failed, &outcome);
	ck_assert_ptr_nonnull(strstr(text, "\"result\":{\"status\":500,"));
	ck_assert_ptr_nonnull(
		strstr(text, "\"error\":{\"code\":\"http-status\",\"message\":\"the server answered 500\"}"));
}
END_TEST

/* How a job may end without success, and what is said then. */
static const struct {
	enum job_state state;
	const char *outcome_code, *kept_code;
	const char *error;
} ends[] = {
	{JOB_FAILED,    "connect", "connect", "{\"code\":\"connect\",\"message\":\"of the outcome\"}"},
	{JOB_FAILED,    NULL,      "connect", "{\"code\":\"connect\",\"message\":\"of the attempt\"}"},
	{JOB_FAILED,    NULL,      NULL,      "{\"code\":\"failed\","                                },
	{JOB_CANCELLED, NULL,      NULL,      "{\"code\":\"cancelled\","                             },
	{JOB_CANCELLED, "connect", "connect", "{\"code\":\"cancelled\","                             },
	{JOB_EXPIRED,   NULL,      NULL,      "{\"code\":\"expired\","                               },
	{JOB_EXPIRED,   "connect", "connect", "{\"code\":\"expired\","                               },
};

START_TEST(each_end_without_success_has_a_null_result_and_an_error)
{
	CLEANUP(job_unrefp) struct job *job = known("{\"kind\":\"echo\",\"spec\":1}");
	struct progress progress = {.state = ends[_i].state, .finished_ms = NOW_MS};
	struct attempt attempt = {.message = "of the attempt"};
	struct outcome outcome = {.kind = JOB_ECHO};
	CLEANUP(freep) char *text = NULL;

	if (ends[_i].outcome_code)
		outcome_fail(&outcome, OUTCOME_FAILED, ends[_i].outcome_code, "of the outcome");
	if (ends[_i].kept_code) {
		strcpy(attempt.code, ends[_i].kept_code);
		progress.kept = &attempt;
		progress.n_kept = 1;
	}
	text = result_of(job, &progress, ends[_i].outcome_code ? &outcome : NULL);
	ck_assert_ptr_nonnull(strstr(text, "\"result\":null,\"error\":"));
	ck_assert_msg(strstr(text, ends[_i].error), "%s is not in %s", ends[_i].error, text);
	ck_assert_ptr_nonnull(strstr(text, "\"started_at\":null"));
}
END_TEST

START_TEST(a_problem_is_a_document_by_rfc_9457)
{
	struct problem problem = {0};
	CLEANUP(buf_fini) struct buf out = {0};

	problem_set(&problem, -EINVAL, PROBLEM_BAD_FIELD, "/spec/a~1b", "must be \"x\"");
	ck_assert_int_eq(wire_problem_status(&problem), 400);
	ck_assert_int_eq(wire_write_problem(&out, &problem, "/jobs", "r-1"), 0);
	ck_assert_str_eq(document(&out),
		"{\"type\":\"urn:penstock:problem:bad-field\",\"title\":\"A member of the body is wrong\",\"status\":400,"
		"\"detail\":\"must be \\\"x\\\"\",\"instance\":\"/jobs\",\"code\":\"bad-field\",\"request_id\":\"r-1\","
		"\"errors\":[{\"pointer\":\"/spec/a~1b\",\"detail\":\"must be \\\"x\\\"\"}]}");
}
END_TEST

START_TEST(a_problem_without_a_field_or_a_request_has_fewer_members)
{
	struct problem problem = {0};
	CLEANUP(buf_fini) struct buf out = {0};

	problem_set(&problem, -EIO, PROBLEM_STORE, NULL, "no room on the device");
	ck_assert_int_eq(wire_write_problem(&out, &problem, NULL, NULL), 0);
	ck_assert_str_eq(document(&out),
		"{\"type\":\"urn:penstock:problem:store-unavailable\",\"title\":\"The store cannot be used\",\"status\":503,"
		"\"detail\":\"no room on the device\",\"code\":\"store-unavailable\"}");
}
END_TEST

START_TEST(each_code_has_its_status)
{
	static const struct {
		const char *code;
		int status;
	} cases[] = {
		{PROBLEM_NOT_JSON,      400},
		{PROBLEM_BAD_FIELD,     400},
		{PROBLEM_BAD_REQUEST,   400},
		{PROBLEM_NOT_FOUND,     404},
		{PROBLEM_NO_SUCH_JOB,   404},
		{PROBLEM_METHOD,        405},
		{PROBLEM_TIMEOUT,       408},
		{PROBLEM_FINISHED,      409},
		{PROBLEM_EXPIRED,       410},
		{PROBLEM_TOO_LARGE,     413},
		{PROBLEM_NOT_JSON_TYPE, 415},
		{PROBLEM_BACKLOG,       429},
		{PROBLEM_HEADER,        431},
		{PROBLEM_KEY_IN_FLIGHT, 409},
		{PROBLEM_TENANTS,       429},
		{PROBLEM_LIMIT_KEY,     429},
		{PROBLEM_MEMORY,        503},
		{PROBLEM_DRAINING,      503},
		{PROBLEM_STORE,         503},
		{PROBLEM_INTERNAL,      500},
		{"never heard of",      500},
		{NULL,                  500},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct problem problem = {.code = cases[i].code};

		ck_assert_int_eq(wire_problem_status(&problem), cases[i].status);
	}
}
END_TEST

START_TEST(a_member_is_read_for_the_client)
{
	static const struct {
		const char *text, *value;
		int result;
	} cases[] = {
		{"{\"id\":\"abc\",\"x\":1}", "abc",     0      },
		{"{\"id\":\"1234567\"}",     "1234567", 0      },
		{"{\"id\":\"12345678\"}",    "same",    -EINVAL},
		{"{\"x\":1}",                "",        0      },
		{"{\"id\":null}",            "",        0      },
		{"{\"id\":5}",               "",        0      },
		{"[]",		       "same",    -EINVAL},
		{"{\"id\":",                 "same",    -EINVAL},
		{"",			 "same",    -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char value[8] = "same";
		const char *text = cases[i].text;

		ck_assert_int_eq(
			wire_read_member(text, strlen(text), "id", value, sizeof(value)), cases[i].result);
		ck_assert_str_eq(value, cases[i].value);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_write");

	tcase_add_test(tcase, the_202_of_a_job_names_it_and_where_it_is_found);
	tcase_add_test(tcase, documents_are_appended_and_the_buffer_s_limit_holds);
	tcase_add_test(tcase, a_job_that_waits_has_no_times_but_its_next_run);
	tcase_add_test(tcase, a_job_tells_its_labels_and_each_attempt);
	tcase_add_loop_test(tcase, credentials_of_an_http_job_are_not_shown_again, 0, ARRAY_LEN(secrets));
	tcase_add_test(tcase, the_kept_request_still_has_its_credentials);
	tcase_add_test(tcase, an_echo_s_result_is_its_spec);
	tcase_add_test(tcase, a_sleep_tells_how_long_it_slept);
	tcase_add_test(tcase, an_http_result_has_all_of_the_answer);
	tcase_add_test(tcase, a_body_that_is_no_text_comes_as_base64);
	tcase_add_test(tcase, a_flood_of_headers_is_cut_and_called_truncated);
	tcase_add_test(tcase, a_command_result_has_all_of_the_process);
	tcase_add_test(tcase, a_command_result_has_what_its_control_group_knows);
	tcase_add_test(tcase, a_signal_is_told_by_name);
	tcase_add_test(tcase, a_failed_attempt_leaves_its_error_and_what_it_got);
	tcase_add_loop_test(
		tcase, each_end_without_success_has_a_null_result_and_an_error, 0, ARRAY_LEN(ends));
	tcase_add_test(tcase, a_problem_is_a_document_by_rfc_9457);
	tcase_add_test(tcase, a_problem_without_a_field_or_a_request_has_fewer_members);
	tcase_add_test(tcase, each_code_has_its_status);
	tcase_add_test(tcase, a_member_is_read_for_the_client);
	return unit_run("wire_write", tcase);
}
