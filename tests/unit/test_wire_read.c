/* test_wire_read.c - reading good jobs: what each member means. */
#include <stdio.h>

#include "unit.h"
#include "wire_submit.h"

#define DAY_MS INT64_C(86400000)

START_TEST(only_a_kind_is_needed_and_the_rest_has_defaults)
{
	CLEANUP(job_unrefp) struct job *job = good("{\"kind\":\"echo\"}");

	ck_assert_int_eq(job->kind, JOB_ECHO);
	ck_assert_str_eq(job->tenant, "default");
	ck_assert_int_eq(job->priority, 5);
	ck_assert_uint_eq(job->slots, 1);
	ck_assert_int_eq(job->created_ms, NOW_MS);
	ck_assert_int_eq(uuid_time_ms(&job->id), NOW_MS);
	ck_assert_int_eq(job->run_at_ms, 0);
	ck_assert_int_eq(job->expires_at_ms, 0);
	ck_assert_int_eq(job->timeout_ns, 0);
	ck_assert_uint_eq(job->retry.max_attempts, retry_default.max_attempts);
	ck_assert_int_eq(job->retry.min_ns, retry_default.min_ns);
	ck_assert_int_eq(job->retry.max_ns, retry_default.max_ns);
	ck_assert_str_eq(job->spec.echo.json, "null");
}
END_TEST

START_TEST(each_shared_member_has_its_place)
{
	CLEANUP(job_unrefp)
	struct job *job = good(
		"{\"kind\":\"sleep\",\"tenant\":\"acme-2.x_\",\"priority\":9,\"slots\":7,\"delay\":\"10s\",\"limit_key\":\"a b\","
		"\"timeout\":\"1h\",\"expires_in\":\"2h\",\"retry\":{\"max_attempts\":1000,"
		"\"min\":\"250ms\",\"max\":\"5m\"},\"spec\":{\"for\":\"24h\"},"
		"\"durability\":\"relaxed\",\"labels\":{\"order\":\"17\"},\"callback\":null}");

	ck_assert_int_eq(job->kind, JOB_SLEEP);
	ck_assert_str_eq(job->tenant, "acme-2.x_");
	ck_assert_int_eq(job->priority, 9);
	ck_assert_str_eq(job->limit_key, "a b");
	ck_assert_uint_eq(job->slots, 7);
	ck_assert_int_eq(job->run_at_ms, NOW_MS + 10000);
	ck_assert_int_eq(job->timeout_ns, 3600 * PEN_SECOND);
	ck_assert_int_eq(job->expires_at_ms, NOW_MS + 7200000);
	ck_assert_int_eq(job->durability, DURABILITY_RELAXED);
	ck_assert_uint_eq(job->retry.max_attempts, 1000);
	ck_assert_int_eq(job->retry.min_ns, 250 * PEN_MS);
	ck_assert_int_eq(job->retry.max_ns, 300 * PEN_SECOND);
	ck_assert_int_eq(job->spec.sleep.for_ns, 86400 * PEN_SECOND);
}
END_TEST

START_TEST(run_at_is_any_time_up_to_ten_years_ahead)
{
	static const struct {
		const char *run_at;
		int64_t ms;
	} cases[] = {
		{"2025-11-24T16:00:00.5Z",    1764000000500         },
		{"2025-11-24T17:00:00+01:00", 1764000000000         },
		{"1999-12-31T23:59:59Z",      946684799000          },
		{"1970-01-01T00:00:00Z",      0                     },
		{"2035-12-02T16:00:00Z",      NOW_MS + 3660 * DAY_MS},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		char body[128];

		snprintf(body, sizeof(body), "{\"kind\":\"echo\",\"run_at\":\"%s\"}", cases[i].run_at);
		job = good(body);
		ck_assert_int_eq(job->run_at_ms, cases[i].ms);
	}
}
END_TEST

START_TEST(a_bound_of_retry_that_is_not_given_follows_the_one_that_is)
{
	static const struct {
		const char *retry;
		int64_t min_ns, max_ns;
	} cases[] = {
		{"{}",			      PEN_SECOND,        3600 * PEN_SECOND },
		{"{\"min\":\"2h\"}",                7200 * PEN_SECOND, 7200 * PEN_SECOND },
		{"{\"min\":\"5s\"}",                5 * PEN_SECOND,    3600 * PEN_SECOND },
		{"{\"max\":\"500ms\"}",             500 * PEN_MS,      500 * PEN_MS      },
		{"{\"max\":\"1d\"}",                PEN_SECOND,        86400 * PEN_SECOND},
		{"{\"min\":\"1s\",\"max\":\"1s\"}", PEN_SECOND,        PEN_SECOND        },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		char body[128];

		snprintf(body, sizeof(body), "{\"kind\":\"echo\",\"retry\":%s}", cases[i].retry);
		job = good(body);
		ck_assert_int_eq(job->retry.min_ns, cases[i].min_ns);
		ck_assert_int_eq(job->retry.max_ns, cases[i].max_ns);
	}
}
END_TEST

START_TEST(echo_keeps_its_spec_to_the_letter_but_for_spaces)
{
	static const char *const cases[][2] = {
		{"null",				    "null"			       },
		{"true",				    "true"			       },
		{"0.10",				    "0.10"			       },
		{"-1.5E+3",				 "-1.5E+3"                            },
		{"9223372036854775807",                     "9223372036854775807"                },
		{"\"a \\u00e9\\/ \\\"} b\"",                "\"a \\u00e9\\/ \\\"} b\""           },
		{" [ 1 , { \"b\" : [ ] , \"a\" : { } } ] ", "[1,{\"b\":[],\"a\":{}}]"            },
		{"{\"spec\":{\"x\":1},\"kind\":\"]\"}",     "{\"spec\":{\"x\":1},\"kind\":\"]\"}"},
		{"\"\xf0\x9f\x8e\x89\"",                    "\"\xf0\x9f\x8e\x89\""               },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		char body[256];

		snprintf(body, sizeof(body),
			"{\"labels\":{\"spec\":\"no\"},\n\t\"\\u0073pec\" : %s , \"kind\":\"echo\"}\r\n",
			cases[i][0]);
		job = good(body);
		ck_assert_str_eq(job->spec.echo.json, cases[i][1]);
	}
}
END_TEST

START_TEST(the_request_is_kept_whole_in_its_order_without_spaces)
{
	CLEANUP(job_unrefp)
	struct job *job =
		good(" { \"spec\" : [ 1.0 , \"a b\" ] ,\n \"kind\" : \"echo\" , \"labels\" : { } } ");

	ck_assert_str_eq(job->request, "{\"spec\":[1.0,\"a b\"],\"kind\":\"echo\",\"labels\":{}}");
}
END_TEST

START_TEST(http_needs_only_a_url)
{
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"http\",\"spec\":{\"url\":\"http://127.0.0.1:8080/x?y#z\"}}");
	const struct http_spec *http = &job->spec.http;

	ck_assert_str_eq(http->method, "GET");
	ck_assert_str_eq(http->url, "http://127.0.0.1:8080/x?y#z");
	ck_assert_uint_eq(http->n_headers, 0);
	ck_assert_ptr_null(http->body);
	ck_assert_uint_eq(http->n_ok, 0);
	ck_assert_uint_eq(http->redirects, 0);
}
END_TEST

START_TEST(http_takes_all_its_members)
{
	CLEANUP(job_unrefp)
	struct job *job = good(
		"{\"kind\":\"http\",\"spec\":{\"method\":\"PUT\",\"url\":\"https://u:p@[::1]/\","
		"\"headers\":{\"X-A\":\"1\",\"Host\":\"b\",\"X-Empty\":\"\"},\"body\":\"h\xc3\xa9\",\"ok\":[200,404,599],\"redirects\":5,\"result_max\":65536,\"sign\":null}}");
	const struct http_spec *http = &job->spec.http;

	ck_assert_str_eq(http->method, "PUT");
	ck_assert_uint_eq(http->n_headers, 3);
	ck_assert_str_eq(http->headers[1].name, "Host");
	ck_assert_str_eq(http->headers[1].value, "b");
	ck_assert_uint_eq(http->body_bytes, 3);
	ck_assert_str_eq(http->body, "h\xc3\xa9");
	ck_assert_uint_eq(http->n_ok, 3);
	ck_assert_int_eq(http->ok[2], 599);
	ck_assert_uint_eq(http->redirects, 5);
	ck_assert_uint_eq(http->result_max, 65536);
}
END_TEST

START_TEST(an_http_body_makes_it_a_post_in_each_of_its_forms)
{
	static const struct {
		const char *member, *body;
		size_t bytes;
		const char *type; /* of the header that was added */
	} cases[] = {
		{"\"body\":\"\"",                   "",                   0,  NULL              },
		{"\"body\":\"a\\nb\"",              "a\nb",               3,  NULL              },
		{"\"body_base64\":\"\"",            "",                   0,  NULL              },
		{"\"body_base64\":\"AAEC/w==\"",    "\0\1\2\xff",         4,  NULL              },
		{"\"json\":{ \"a\": [1.0, null] }", "{\"a\":[1.0,null]}", 16, "application/json"},
		{"\"json\":null",                   "null",               4,  "application/json"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		const struct http_spec *http;
		char body[256];

		snprintf(body, sizeof(body), "{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",%s}}",
			cases[i].member);
		job = good(body);
		http = &job->spec.http;
		ck_assert_str_eq(http->method, "POST");
		ck_assert_uint_eq(http->body_bytes, cases[i].bytes);
		ck_assert_mem_eq(http->body, cases[i].body, cases[i].bytes + 1);
		ck_assert_uint_eq(http->n_headers, cases[i].type ? 1 : 0);
		if (cases[i].type)
			ck_assert_str_eq(http->headers[0].value, cases[i].type);
	}
}
END_TEST

START_TEST(a_content_type_that_is_given_stays_and_so_does_the_method)
{
	CLEANUP(job_unrefp)
	struct job *job =
		good("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"json\":1,\"method\":\"GET\","
		     "\"headers\":{\"content-type\":\"text/x\"}}}");

	ck_assert_str_eq(job->spec.http.method, "GET");
	ck_assert_uint_eq(job->spec.http.n_headers, 1);
	ck_assert_str_eq(job->spec.http.headers[0].value, "text/x");
}
END_TEST

START_TEST(every_kind_of_url_that_can_be_called_is_taken_with_its_endpoint)
{
	static const struct {
		const char *url, *endpoint;
	} urls[] = {
		{"http://h",			       "http://h:80"                           },
		{"HTTPS://h",			      "https://h:443"                         },
		{"http://h:1/",                            "http://h:1"                            },
		{"http://H.Example:65535?q",               "http://h.example:65535"                },
		{"http://h:/",                             "http://h:80"                           },
		{"http://[::1]",                           "http://[::1]:80"                       },
		{"hTTpS://[fe80::1%25eth0]:80/",           "https://[fe80::1%25eth0]:80"           },
		{"http://user@h/",                         "http://h:80"                           },
		{"http://user:p@ss:word@h:8080/",          "http://h:8080"                         },
		{"http://h/a@b:c",                         "http://h:80"                           },
		{"http://h?a@b",                           "http://h:80"                           },
		{"http://b\xc3\xbc"
		 "cher.example/\xc3\xa9", "http://b\xc3\xbc"
			"cher.example:80"},
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		char body[128];

		snprintf(body, sizeof(body), "{\"kind\":\"http\",\"spec\":{\"url\":\"%s\"}}", urls[i].url);
		job = good(body);
		ck_assert_str_eq(job->spec.http.url, urls[i].url);
		ck_assert_str_eq(job->spec.http.endpoint, urls[i].endpoint);
	}
}
END_TEST

START_TEST(command_arguments_become_text_as_they_were_written)
{
	static const char *const values[] = {"a \" b", "1", "-0.10", "1e3", "true", "false", ""};
	CLEANUP(job_unrefp)
	struct job *job =
		good("{\"kind\":\"command\",\"spec\":{\"command\":\"render\",\"args\":{\"z\":\"a \\\" b\","
		     "\"b\":1,\"\xc3\xa9\":-0.10,\"\\u00e8\":1e3 , \"t\":true,\"f\":false,\"e\":\"\"},"
		     "\"stdin\":\"in\"}}");
	const struct command_spec *command = &job->spec.command;

	ck_assert_str_eq(command->command, "render");
	ck_assert_uint_eq(command->n_args, ARRAY_LEN(values));
	ck_assert_str_eq(command->args[0].name, "z");
	ck_assert_str_eq(command->args[3].name, "\xc3\xa8");
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		ck_assert_str_eq(command->args[i].value, values[i]);
	ck_assert_uint_eq(command->stdin_bytes, 2);
	ck_assert_str_eq(command->stdin_data, "in");
}
END_TEST

START_TEST(a_command_may_have_no_arguments_and_no_input)
{
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"command\",\"spec\":{\"command\":\"x\",\"args\":{}}}");

	ck_assert_uint_eq(job->spec.command.n_args, 0);
	ck_assert_ptr_null(job->spec.command.stdin_data);
}
END_TEST

START_TEST(a_job_is_restored_with_its_stamp_and_no_delay_anew)
{
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"sleep\",\"delay\":\"10s\",\"timeout\":\"1h\","
			       "\"expires_in\":\"2h\",\"spec\":{\"for\":\"24h\"},\"priority\":3,\"slots\":2,"
			       "\"durability\":\"sync\"}");
	CLEANUP(job_unrefp) struct job *again = NULL;
	struct job_stamp stamp = {
		.id = job->id, .sequence = 7, .created_ms = job->created_ms, .run_at_ms = 1};
	struct problem problem = {0};

	ck_assert_int_eq(wire_restore_job(job->request, strlen(job->request), &stamp, &again, &problem), 0);
	ck_assert(uuid_equal(&again->id, &job->id));
	ck_assert_str_eq(again->request, job->request);
	ck_assert_int_eq(again->created_ms, NOW_MS);
	ck_assert_int_eq(again->run_at_ms, 1);
	ck_assert_int_eq(again->expires_at_ms, job->expires_at_ms);
	ck_assert_int_eq(again->durability, DURABILITY_SYNC);
	ck_assert_uint_eq(again->sequence, 7);
	ck_assert_int_eq(again->priority, 3);
	ck_assert_uint_eq(again->slots, 2);
	ck_assert_int_eq(again->timeout_ns, 3600 * PEN_SECOND); /* whatever the most is today */
	ck_assert_int_eq(wire_restore_job("{\"kind\"", 7, &stamp, &again, &problem), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_read");

	tcase_add_test(tcase, only_a_kind_is_needed_and_the_rest_has_defaults);
	tcase_add_test(tcase, each_shared_member_has_its_place);
	tcase_add_test(tcase, run_at_is_any_time_up_to_ten_years_ahead);
	tcase_add_test(tcase, a_bound_of_retry_that_is_not_given_follows_the_one_that_is);
	tcase_add_test(tcase, echo_keeps_its_spec_to_the_letter_but_for_spaces);
	tcase_add_test(tcase, the_request_is_kept_whole_in_its_order_without_spaces);
	tcase_add_test(tcase, http_needs_only_a_url);
	tcase_add_test(tcase, http_takes_all_its_members);
	tcase_add_test(tcase, an_http_body_makes_it_a_post_in_each_of_its_forms);
	tcase_add_test(tcase, a_content_type_that_is_given_stays_and_so_does_the_method);
	tcase_add_test(tcase, every_kind_of_url_that_can_be_called_is_taken_with_its_endpoint);
	tcase_add_test(tcase, command_arguments_become_text_as_they_were_written);
	tcase_add_test(tcase, a_command_may_have_no_arguments_and_no_input);
	tcase_add_test(tcase, a_job_is_restored_with_its_stamp_and_no_delay_anew);
	return unit_run("wire_read", tcase);
}
