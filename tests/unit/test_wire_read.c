/* test_wire_read.c - reading submitted jobs: what each member means, and where each kind of nonsense is refused. */
#include <penstock/base.h>

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/wire.h"

#define NOW_MS INT64_C(1764000000000)
#define DAY_MS INT64_C(86400000)

static const struct wire_limits limits = {.depth_max = 64, .timeout_max_ns = 3600 * PEN_SECOND};

static int read_bytes(const char *text, size_t bytes, struct job **ret_job, struct problem *reterr)
{
	return wire_read_job(text, bytes, &limits, NOW_MS, ret_job, reterr);
}

/* A job that must be good. */
static struct job *good(const char *text)
{
	struct problem problem = {0};
	struct job *job = NULL;
	int r = read_bytes(text, strlen(text), &job, &problem);

	ck_assert_msg(r == 0, "%s: %s %s", text, problem.field, problem.message);
	ck_assert_ptr_nonnull(job);
	return job;
}

/* One that must be refused; gives why. */
static struct problem refused_bytes(const char *text, size_t bytes)
{
	struct job *const untouched = (struct job *)&limits;
	struct job *job = untouched;
	struct problem problem = {0};
	int r = read_bytes(text, bytes, &job, &problem);

	ck_assert_msg(r == -EINVAL, "%.200s: %d", text, r);
	ck_assert_ptr_eq(job, untouched);
	ck_assert_ptr_nonnull(problem.code);
	ck_assert_uint_gt(strlen(problem.message), 0);
	return problem;
}

static struct problem refused(const char *text)
{
	return refused_bytes(text, strlen(text));
}

START_TEST(only_a_kind_is_needed_and_the_rest_has_defaults)
{
	CLEANUP(job_unrefp) struct job *job = good("{\"kind\":\"echo\"}");

	ck_assert_int_eq(job->kind, JOB_ECHO);
	ck_assert_str_eq(job->tenant, "default");
	ck_assert_int_eq(job->priority, 5);
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
	struct job *job = good("{\"kind\":\"sleep\",\"tenant\":\"acme-2.x_\",\"priority\":9,\"delay\":\"10s\","
			       "\"timeout\":\"1h\",\"expires_in\":\"2h\",\"retry\":{\"max_attempts\":1000,"
			       "\"min\":\"250ms\",\"max\":\"5m\"},\"spec\":{\"for\":\"24h\"},"
			       "\"labels\":{\"order\":\"17\"},\"callback\":null}");

	ck_assert_int_eq(job->kind, JOB_SLEEP);
	ck_assert_str_eq(job->tenant, "acme-2.x_");
	ck_assert_int_eq(job->priority, 9);
	ck_assert_int_eq(job->run_at_ms, NOW_MS + 10000);
	ck_assert_int_eq(job->timeout_ns, 3600 * PEN_SECOND);
	ck_assert_int_eq(job->expires_at_ms, NOW_MS + 7200000);
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
		{"2025-11-24T16:00:00.5Z",    1764000000500              },
		{"2025-11-24T17:00:00+01:00", 1764000000000              },
		{"1999-12-31T23:59:59Z",      946684799000               },
		{"1970-01-01T00:00:00Z",      0                          },
		{"1970-01-01T00:00:00+01:00", 0                          },
		{"2035-12-02T16:00:00Z",      NOW_MS + 3660 * DAY_MS     },
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
		{"{}",                            PEN_SECOND,        3600 * PEN_SECOND },
		{"{\"min\":\"2h\"}",              7200 * PEN_SECOND, 7200 * PEN_SECOND },
		{"{\"min\":\"5s\"}",              5 * PEN_SECOND,    3600 * PEN_SECOND },
		{"{\"max\":\"500ms\"}",           500 * PEN_MS,      500 * PEN_MS      },
		{"{\"max\":\"1d\"}",              PEN_SECOND,        86400 * PEN_SECOND},
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
		{"null",                                     "null"                                },
		{"true",                                     "true"                                },
		{"0.10",                                     "0.10"                                },
		{"-1.5E+3",                                  "-1.5E+3"                             },
		{"9223372036854775807",                      "9223372036854775807"                 },
		{"\"a \\u00e9\\/ \\\"} b\"",                 "\"a \\u00e9\\/ \\\"} b\""            },
		{" [ 1 , { \"b\" : [ ] , \"a\" : { } } ] ",  "[1,{\"b\":[],\"a\":{}}]"             },
		{"{\"spec\":{\"x\":1},\"kind\":\"]\"}",      "{\"spec\":{\"x\":1},\"kind\":\"]\"}" },
		{"\"\xf0\x9f\x8e\x89\"",                     "\"\xf0\x9f\x8e\x89\""                },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		char body[256];

		snprintf(body, sizeof(body), "{\"labels\":{\"spec\":\"no\"},\n\t\"\\u0073pec\" : %s , \"kind\":\"echo\"}\r\n",
			cases[i][0]);
		job = good(body);
		ck_assert_str_eq(job->spec.echo.json, cases[i][1]);
	}
}
END_TEST

START_TEST(the_request_is_kept_whole_in_its_order_without_spaces)
{
	CLEANUP(job_unrefp)
	struct job *job = good(" { \"spec\" : [ 1.0 , \"a b\" ] ,\n \"kind\" : \"echo\" , \"labels\" : { } } ");

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
}
END_TEST

START_TEST(http_takes_all_its_members)
{
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"http\",\"spec\":{\"method\":\"PUT\",\"url\":\"https://u:p@[::1]/\","
			       "\"headers\":{\"X-A\":\"1\",\"Host\":\"b\",\"X-Empty\":\"\"},\"body\":\"h\xc3\xa9\",\"ok\":[200,404,599],\"sign\":null}}");
	const struct http_spec *http = &job->spec.http;

	ck_assert_str_eq(http->method, "PUT");
	ck_assert_uint_eq(http->n_headers, 3);
	ck_assert_str_eq(http->headers[1].name, "Host");
	ck_assert_str_eq(http->headers[1].value, "b");
	ck_assert_uint_eq(http->body_bytes, 3);
	ck_assert_str_eq(http->body, "h\xc3\xa9");
	ck_assert_uint_eq(http->n_ok, 3);
	ck_assert_int_eq(http->ok[2], 599);
}
END_TEST

START_TEST(an_http_body_makes_it_a_post_in_each_of_its_forms)
{
	static const struct {
		const char *member, *body;
		size_t bytes;
		const char *type; /* of the header that was added */
	} cases[] = {
		{"\"body\":\"\"",                         "",              0,  NULL              },
		{"\"body\":\"a\\nb\"",                    "a\nb",          3,  NULL              },
		{"\"body_base64\":\"\"",                  "",              0,  NULL              },
		{"\"body_base64\":\"AAEC/w==\"",          "\0\1\2\xff",    4,  NULL              },
		{"\"json\":{ \"a\": [1.0, null] }",       "{\"a\":[1.0,null]}", 16, "application/json"},
		{"\"json\":null",                         "null",          4,  "application/json"},
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
	struct job *job = good("{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"json\":1,\"method\":\"GET\","
			       "\"headers\":{\"content-type\":\"text/x\"}}}");

	ck_assert_str_eq(job->spec.http.method, "GET");
	ck_assert_uint_eq(job->spec.http.n_headers, 1);
	ck_assert_str_eq(job->spec.http.headers[0].value, "text/x");
}
END_TEST

START_TEST(every_kind_of_url_that_can_be_called_is_taken)
{
	static const char *const urls[] = {
		"http://h",
		"HTTPS://h",
		"http://h:1/",
		"http://h:65535?q",
		"http://h:/",
		"http://[::1]",
		"http://[fe80::1%25eth0]:80/",
		"http://user@h/",
		"http://user:p@ss:word@h:8080/",
		"http://h/a@b:c",
		"http://h?a@b",
		"http://b\xc3\xbc" "cher.example/\xc3\xa9",
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		CLEANUP(job_unrefp) struct job *job = NULL;
		char body[128];

		snprintf(body, sizeof(body), "{\"kind\":\"http\",\"spec\":{\"url\":\"%s\"}}", urls[i]);
		job = good(body);
		ck_assert_str_eq(job->spec.http.url, urls[i]);
	}
}
END_TEST

START_TEST(command_arguments_become_text_as_they_were_written)
{
	static const char *const values[] = {"a \" b", "1", "-0.10", "1e3", "true", "false", ""};
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"command\",\"spec\":{\"command\":\"render\",\"args\":{\"z\":\"a \\\" b\","
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

#define ECHO(members) "{\"kind\":\"echo\"," members "}"
#define SLEEP(spec) "{\"kind\":\"sleep\",\"spec\":" spec "}"
#define HTTP(members) "{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\"" members "}}"
#define URL(url) "{\"kind\":\"http\",\"spec\":{\"url\":\"" url "\"}}"
#define COMMAND(members) "{\"kind\":\"command\",\"spec\":{\"command\":\"c\"" members "}}"

/* Well-formed JSON that is no job, and where. */
static const char *const bad_members[][2] = {
	{"[]", ""},
	{"[{\"kind\":\"echo\"}]", ""},
	{"{}", "/kind"},
	{"{\"spec\":{}}", "/kind"},
	{"{\"kind\":null}", "/kind"},
	{"{\"kind\":1}", "/kind"},
	{"{\"kind\":true}", "/kind"},
	{"{\"kind\":[\"echo\"]}", "/kind"},
	{"{\"kind\":{}}", "/kind"},
	{"{\"kind\":\"\"}", "/kind"},
	{"{\"kind\":\"Echo\"}", "/kind"},
	{"{\"kind\":\"group\"}", "/kind"},
	{"{\"kind\":\"unheard-of\"}", "/kind"},
	{"{\"Kind\":\"echo\"}", "/Kind"},
	{ECHO("\"x\":1"), "/x"},
	{ECHO("\"\":1"), "/"},
	{ECHO("\"a/b~c\":1"), "/a~1b~0c"},
	{ECHO("\"\xc3\xa9\":1"), "/\xc3\xa9"},
	{ECHO("\"id\":\"mine\""), "/id"},
	{ECHO("\"tenant\":null"), "/tenant"},
	{ECHO("\"tenant\":1"), "/tenant"},
	{ECHO("\"tenant\":[]"), "/tenant"},
	{ECHO("\"tenant\":\"\""), "/tenant"},
	{ECHO("\"tenant\":\"a b\""), "/tenant"},
	{ECHO("\"tenant\":\"-a\""), "/tenant"},
	{ECHO("\"tenant\":\"../a\""), "/tenant"},
	{ECHO("\"tenant\":\"\xc3\xa9\""), "/tenant"},
	{ECHO("\"priority\":\"5\""), "/priority"},
	{ECHO("\"priority\":-1"), "/priority"},
	{ECHO("\"priority\":10"), "/priority"},
	{ECHO("\"priority\":5.0"), "/priority"},
	{ECHO("\"priority\":9223372036854775807"), "/priority"},
	{ECHO("\"priority\":true"), "/priority"},
	{ECHO("\"priority\":null"), "/priority"},
	{ECHO("\"delay\":10"), "/delay"},
	{ECHO("\"delay\":\"\""), "/delay"},
	{ECHO("\"delay\":\"5\""), "/delay"},
	{ECHO("\"delay\":\"1y\""), "/delay"},
	{ECHO("\"delay\":\"-5s\""), "/delay"},
	{ECHO("\"delay\":\"+5s\""), "/delay"},
	{ECHO("\"delay\":\"1.5s\""), "/delay"},
	{ECHO("\"delay\":\"1e9s\""), "/delay"},
	{ECHO("\"delay\":\" 1s\""), "/delay"},
	{ECHO("\"delay\":\"1s \""), "/delay"},
	{ECHO("\"delay\":\"1h30m\""), "/delay"},
	{ECHO("\"delay\":\"s\""), "/delay"},
	{ECHO("\"delay\":\"1S\""), "/delay"},
	{ECHO("\"delay\":\"99999999999999999999s\""), "/delay"},
	{ECHO("\"delay\":\"9223372036854775807d\""), "/delay"},
	{ECHO("\"delay\":\"3661d\""), "/delay"},
	{ECHO("\"delay\":{}"), "/delay"},
	{ECHO("\"run_at\":1764000000"), "/run_at"},
	{ECHO("\"run_at\":\"\""), "/run_at"},
	{ECHO("\"run_at\":\"now\""), "/run_at"},
	{ECHO("\"run_at\":\"2025-11-24\""), "/run_at"},
	{ECHO("\"run_at\":\"2025-02-30T00:00:00Z\""), "/run_at"},
	{ECHO("\"run_at\":\"2025-11-24T08:15:42\""), "/run_at"},
	{ECHO("\"run_at\":\"2035-12-02T16:00:00.001Z\""), "/run_at"},
	{ECHO("\"run_at\":\"9999-12-31T23:59:59Z\""), "/run_at"},
	{ECHO("\"run_at\":null"), "/run_at"},
	{ECHO("\"delay\":\"1s\",\"run_at\":\"2025-11-24T16:00:00Z\""), "/run_at"},
	{ECHO("\"delay\":\"0s\",\"run_at\":\"1970-01-01T00:00:00Z\""), "/run_at"},
	{ECHO("\"timeout\":30"), "/timeout"},
	{ECHO("\"timeout\":\"0s\""), "/timeout"},
	{ECHO("\"timeout\":\"0ms\""), "/timeout"},
	{ECHO("\"timeout\":\"3601s\""), "/timeout"},
	{ECHO("\"timeout\":\"3660d\""), "/timeout"},
	{ECHO("\"timeout\":\"99999999999999999999s\""), "/timeout"},
	{ECHO("\"expires_in\":\"0s\""), "/expires_in"},
	{ECHO("\"expires_in\":\"never\""), "/expires_in"},
	{ECHO("\"expires_in\":false"), "/expires_in"},
	{ECHO("\"expires_in\":\"99999999999999999999s\""), "/expires_in"},
	{ECHO("\"retry\":5"), "/retry"},
	{ECHO("\"retry\":[]"), "/retry"},
	{ECHO("\"retry\":null"), "/retry"},
	{ECHO("\"retry\":{\"max_attempts\":0}"), "/retry/max_attempts"},
	{ECHO("\"retry\":{\"max_attempts\":1001}"), "/retry/max_attempts"},
	{ECHO("\"retry\":{\"max_attempts\":\"3\"}"), "/retry/max_attempts"},
	{ECHO("\"retry\":{\"max_attempts\":1.5}"), "/retry/max_attempts"},
	{ECHO("\"retry\":{\"min\":1}"), "/retry/min"},
	{ECHO("\"retry\":{\"min\":\"0s\"}"), "/retry/min"},
	{ECHO("\"retry\":{\"max\":\"1y\"}"), "/retry/max"},
	{ECHO("\"retry\":{\"min\":\"2s\",\"max\":\"1s\"}"), "/retry/min"},
	{ECHO("\"retry\":{\"attempts\":3}"), "/retry/attempts"},
	{ECHO("\"labels\":[]"), "/labels"},
	{ECHO("\"labels\":null"), "/labels"},
	{ECHO("\"labels\":{\"a\":1}"), "/labels/a"},
	{ECHO("\"labels\":{\"a\":null}"), "/labels/a"},
	{ECHO("\"labels\":{\"\":\"x\"}"), "/labels/"},
	{ECHO("\"labels\":{\"a/b\":{}}"), "/labels/a~1b"},
	{ECHO("\"callback\":\"http://h\""), "/callback"},
	{ECHO("\"callback\":{\"url\":\"http://h\"}"), "/callback"},
	{ECHO("\"callback\":false"), "/callback"},
	{"{\"kind\":\"sleep\"}", "/spec"},
	{SLEEP("null"), "/spec"},
	{SLEEP("\"1s\""), "/spec"},
	{SLEEP("[]"), "/spec"},
	{SLEEP("{}"), "/spec/for"},
	{SLEEP("{\"for\":1}"), "/spec/for"},
	{SLEEP("{\"for\":\"86401s\"}"), "/spec/for"},
	{SLEEP("{\"for\":\"2d\"}"), "/spec/for"},
	{SLEEP("{\"for\":\"1s\",\"then\":1}"), "/spec/then"},
	{"{\"kind\":\"http\"}", "/spec"},
	{"{\"kind\":\"http\",\"spec\":{}}", "/spec/url"},
	{"{\"kind\":\"http\",\"spec\":\"http://h\"}", "/spec"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":1}}", "/spec/url"},
	{URL(""), "/spec/url"},
	{URL("h"), "/spec/url"},
	{URL("/path"), "/spec/url"},
	{URL("//h/"), "/spec/url"},
	{URL("ftp://h/"), "/spec/url"},
	{URL("file:///etc/passwd"), "/spec/url"},
	{URL("http:/h"), "/spec/url"},
	{URL("http://"), "/spec/url"},
	{URL("http:///x"), "/spec/url"},
	{URL("http://?x"), "/spec/url"},
	{URL("http://:80/"), "/spec/url"},
	{URL("http://user@/"), "/spec/url"},
	{URL("http://user@:80/"), "/spec/url"},
	{URL("http://h:0/"), "/spec/url"},
	{URL("http://h:65536/"), "/spec/url"},
	{URL("http://h:999999999999/"), "/spec/url"},
	{URL("http://h:8o/"), "/spec/url"},
	{URL("http://[::1/"), "/spec/url"},
	{URL("http://[]/"), "/spec/url"},
	{URL("http://[::1]x/"), "/spec/url"},
	{URL("http://h/a b"), "/spec/url"},
	{URL(" http://h/"), "/spec/url"},
	{URL("http://h/\\r\\nX: y"), "/spec/url"},
	{URL("http://h/\\u007f"), "/spec/url"},
	{HTTP(",\"method\":1"), "/spec/method"},
	{HTTP(",\"method\":\"\""), "/spec/method"},
	{HTTP(",\"method\":\"GET /\""), "/spec/method"},
	{HTTP(",\"method\":\"G\\r\\nX\""), "/spec/method"},
	{HTTP(",\"method\":\"CONNECT\""), "/spec/method"},
	{HTTP(",\"method\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""), "/spec/method"},
	{HTTP(",\"headers\":[]"), "/spec/headers"},
	{HTTP(",\"headers\":{\"X\":1}"), "/spec/headers/X"},
	{HTTP(",\"headers\":{\"X\":null}"), "/spec/headers/X"},
	{HTTP(",\"headers\":{\"X\":[\"a\"]}"), "/spec/headers/X"},
	{HTTP(",\"headers\":{\"\":\"a\"}"), "/spec/headers/"},
	{HTTP(",\"headers\":{\"X Y\":\"a\"}"), "/spec/headers/X Y"},
	{HTTP(",\"headers\":{\"X:\":\"a\"}"), "/spec/headers/X:"},
	{HTTP(",\"headers\":{\"X\xc3\xa9\":\"a\"}"), "/spec/headers/X\xc3\xa9"},
	{HTTP(",\"headers\":{\"X\":\"a\\r\\nY: b\"}"), "/spec/headers/X"},
	{HTTP(",\"headers\":{\"X\":\"a\\n\"}"), "/spec/headers/X"},
	{HTTP(",\"headers\":{\"Ok\":\"1\",\"Content-Length\":\"5\"}"), "/spec/headers/Content-Length"},
	{HTTP(",\"headers\":{\"transfer-encoding\":\"chunked\"}"), "/spec/headers/transfer-encoding"},
	{HTTP(",\"headers\":{\"CONNECTION\":\"close\"}"), "/spec/headers/CONNECTION"},
	{HTTP(",\"body\":{}"), "/spec/body"},
	{HTTP(",\"body\":null"), "/spec/body"},
	{HTTP(",\"body\":\"a\",\"json\":1"), "/spec/json"},
	{HTTP(",\"body\":\"\",\"json\":null"), "/spec/json"},
	{HTTP(",\"body\":\"a\",\"body_base64\":\"\""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"\",\"json\":{}"), "/spec/json"},
	{HTTP(",\"body_base64\":1"), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"A\""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"AA\""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"AB==\""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"AA==AA==\""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"AAA \""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"AA_-\""), "/spec/body_base64"},
	{HTTP(",\"body_base64\":\"====\""), "/spec/body_base64"},
	{HTTP(",\"ok\":200"), "/spec/ok"},
	{HTTP(",\"ok\":[]"), "/spec/ok"},
	{HTTP(",\"ok\":[200,99]"), "/spec/ok/1"},
	{HTTP(",\"ok\":[600]"), "/spec/ok/0"},
	{HTTP(",\"ok\":[200,201,\"204\"]"), "/spec/ok/2"},
	{HTTP(",\"ok\":[200.0]"), "/spec/ok/0"},
	{HTTP(",\"ok\":[[200]]"), "/spec/ok/0"},
	{HTTP(",\"ok\":[4294967496]"), "/spec/ok/0"},
	{HTTP(",\"sign\":\"key\""), "/spec/sign"},
	{HTTP(",\"follow\":true"), "/spec/follow"},
	{"{\"kind\":\"command\"}", "/spec"},
	{"{\"kind\":\"command\",\"spec\":[\"ls\"]}", "/spec"},
	{"{\"kind\":\"command\",\"spec\":{\"args\":{}}}", "/spec/command"},
	{"{\"kind\":\"command\",\"spec\":{\"command\":\"\"}}", "/spec/command"},
	{"{\"kind\":\"command\",\"spec\":{\"command\":[\"ls\"]}}", "/spec/command"},
	{COMMAND(",\"args\":[\"-l\"]"), "/spec/args"},
	{COMMAND(",\"args\":null"), "/spec/args"},
	{COMMAND(",\"args\":{\"a\":null}"), "/spec/args/a"},
	{COMMAND(",\"args\":{\"a\":\"x\",\"b\":[1]}"), "/spec/args/b"},
	{COMMAND(",\"args\":{\"a\":{}}"), "/spec/args/a"},
	{COMMAND(",\"stdin\":1"), "/spec/stdin"},
	{COMMAND(",\"stdin\":null"), "/spec/stdin"},
	{COMMAND(",\"env\":{}"), "/spec/env"},
};

START_TEST(a_wrong_member_is_refused_with_its_pointer)
{
	const char *body = bad_members[_i][0];
	struct problem problem = refused(body);

	ck_assert_msg(strcmp(problem.field, bad_members[_i][1]) == 0, "%s: %s is not %s (%s)", body, problem.field,
		bad_members[_i][1], problem.message);
	ck_assert_str_eq(problem.code, PROBLEM_BAD_FIELD);
}
END_TEST

/* What is no JSON, and the words that say why. */
static const char *const not_json[][2] = {
	{"", "line 1"},
	{" \n ", "line 2"},
	{"null", "line 1"},
	{"5", "line 1"},
	{"\"kind\"", "line 1"},
	{"nope", "line 1"},
	{"{", "line 1"},
	{"{\"kind\":\"echo\"", "'}' expected"},
	{"{\"kind\":\"echo\"}}", "end of file expected"},
	{"{\"kind\":\"echo\"} {}", "end of file expected"},
	{"{\"kind\":\"echo\",}", "string or '}' expected"},
	{"{\n\"kind\": 'echo'}", "line 2"},
	{"{kind:\"echo\"}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":01}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":+1}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":.5}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":NaN}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":1e999}", "real number overflow"},
	{"{\"kind\":\"echo\",\"spec\":99999999999999999999}", "too big integer"},
	{"{\"kind\":\"echo\",\"spec\":-99999999999999999999}", "too big negative integer"},
	{"{\"kind\":\"echo\",\"spec\":[1,]}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":tru}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":\"\\x\"}", "invalid escape"},
	{"{\"kind\":\"echo\",\"spec\":\"\\ud800\"}", "invalid Unicode"},
	{"{\"kind\":\"echo\",\"spec\":\"\\u0000\"}", "\\u0000 is not allowed"},
	{"{\"kind\":\"echo\",\"\\u0000\":1}", "\\u0000 is not allowed"},
	{"{\"kind\":\"echo\",\"spec\":\"a\nb\"}", "unexpected newline"},
	{"{\"kind\":\"echo\",\"spec\":\"\x01\"}", "control character"},
	{"{\"kind\":\"echo\",\"spec\":\"open}", "line 1"},
	{"{\"kind\":\"echo\",\"kind\":\"echo\"}", "duplicate object key"},
	{"{\"kind\":\"echo\",\"spec\":{\"a\":1,\"\\u0061\":2}}", "duplicate object key"},
	{"\xef\xbb\xbf{\"kind\":\"echo\"}", "line 1"},
	{"{\"kind\":\"echo\",\"spec\":\"\xff\"}", "unable to decode byte 0xff"},
	{"{\"kind\":\"echo\",\"spec\":\"\xc3\"}", "unable to decode byte 0xc3"},
	{"{\"kind\":\"echo\",\"spec\":\"\xc0\xaf\"}", "unable to decode byte 0xc0"},
	{"{\"kind\":\"echo\",\"spec\":\"\xed\xa0\x80\"}", "unable to decode byte 0xed"},
	{"{\"kind\":\"echo\",\"spec\":\"\xf4\x90\x80\x80\"}", "unable to decode byte 0xf4"},
	{"{\"kind\":\"echo\",\"\xe9\":1}", "unable to decode byte 0xe9"},
};

START_TEST(what_is_no_json_is_refused_with_its_line)
{
	struct problem problem = refused(not_json[_i][0]);

	ck_assert_str_eq(problem.code, PROBLEM_NOT_JSON);
	ck_assert_str_eq(problem.field, "");
	ck_assert_msg(strstr(problem.message, not_json[_i][1]), "%s: %s", not_json[_i][0], problem.message);
}
END_TEST

START_TEST(a_nul_byte_anywhere_is_refused)
{
	static const char body[] = "{\"kind\":\"echo\",\"spec\":\"ab\"}";

	for (size_t i = 0; i < sizeof(body); i++) {
		char spoilt[sizeof(body)];

		memcpy(spoilt, body, sizeof(body));
		memmove(spoilt + i + 1, body + i, sizeof(body) - 1 - i);
		spoilt[i] = '\0';
		ck_assert_str_eq(refused_bytes(spoilt, sizeof(spoilt)).code, PROBLEM_NOT_JSON);
	}
}
END_TEST

START_TEST(every_beginning_of_a_good_body_is_refused)
{
	static const char body[] = "{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"headers\":{\"A\":\"b\\u00e9\"},"
				   "\"json\":[1.5e3,true,null]}}";

	for (size_t bytes = 0; bytes < sizeof(body) - 1; bytes++) {
		char *cut = malloc(bytes + 1); /* so that a sanitizer sees a read behind it */

		ck_assert_ptr_nonnull(cut);
		cut = realloc(cut, bytes ? bytes : 1);
		memcpy(cut, body, bytes);
		refused_bytes(cut, bytes);
		free(cut);
	}
}
END_TEST

/* {"kind":"echo","spec":[[...]]}, `depth` deep as a whole. */
static char *nested(size_t depth, char open, char close)
{
	static const char head[] = "{\"kind\":\"echo\",\"spec\":";
	const size_t head_len = sizeof(head) - 1, inner = depth - 1;
	char *body = calloc(1, head_len + 6 * inner + 8), *at = body;

	ck_assert_ptr_nonnull(body);
	at = stpcpy(at, head);
	for (size_t i = 0; i < inner; i++) {
		*at++ = open;
		if (open == '{' && i + 1 < inner)
			at = stpcpy(at, "\"a\":");
	}
	memset(at, close, inner);
	strcpy(at + inner, "}");
	return body;
}

START_TEST(arrays_and_objects_may_be_64_deep_and_no_more)
{
	static const char brackets[][2] = {"[]", "{}"};
	const char *both = brackets[_i];
	CLEANUP(freep) char *deep = nested(64, both[0], both[1]);
	CLEANUP(freep) char *too_deep = nested(65, both[0], both[1]);
	CLEANUP(job_unrefp) struct job *job = good(deep);
	struct problem problem = refused(too_deep);

	ck_assert_str_eq(problem.code, PROBLEM_NOT_JSON);
	ck_assert_ptr_nonnull(strstr(problem.message, "more than 64 deep"));
}
END_TEST

START_TEST(brackets_in_strings_are_not_deep)
{
	CLEANUP(job_unrefp)
	struct job *job = good("{\"kind\":\"echo\",\"spec\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
			       "[[[[[[[[[[[[[[[[[[[[[\\\\\"}");

	ck_assert_ptr_nonnull(job);
}
END_TEST

START_TEST(a_million_open_brackets_are_refused_at_once)
{
	const size_t bytes = 1 << 20;
	CLEANUP(freep) char *body = malloc(bytes);

	ck_assert_ptr_nonnull(body);
	memset(body, '[', bytes);
	ck_assert_ptr_nonnull(strstr(refused_bytes(body, bytes).message, "line 1, column 65:"));
}
END_TEST

/* A body with `n` members or elements between `head` and `tail`; in `each`, %zu is the number. */
static char *repeated(const char *head, const char *each, size_t n, const char *tail)
{
	struct buf body = {0};
	size_t bytes;

	buf_addf(&body, "%s", head);
	for (size_t i = 0; i < n; i++) {
		char one[64];

		snprintf(one, sizeof(one), each, i);
		buf_addf(&body, "%s%s", i ? "," : "", one);
	}
	buf_addf(&body, "%s", tail);
	ck_assert_int_eq(body.error, 0);
	return buf_take(&body, &bytes);
}

static const struct {
	const char *head, *each, *tail;
	size_t max;
	const char *pointer;
} lists[] = {
	{"{\"kind\":\"echo\",\"labels\":{", "\"k%zu\":\"v\"", "}}", 32, "/labels"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"headers\":{", "\"X-%zu\":\"v\"", "}}}", 100,
		"/spec/headers"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"ok\":[", "%zu", "]}}", 50, "/spec/ok"},
	{"{\"kind\":\"command\",\"spec\":{\"command\":\"c\",\"args\":{", "\"a%zu\":1", "}}}", 100, "/spec/args"},
};

START_TEST(a_list_has_a_limit)
{
	const char *tail = lists[_i].tail;
	CLEANUP(freep) char *most = repeated(lists[_i].head, lists[_i].each, lists[_i].max, tail);
	CLEANUP(freep) char *more = repeated(lists[_i].head, lists[_i].each, lists[_i].max + 1, tail);
	CLEANUP(freep) char *huge = repeated(lists[_i].head, lists[_i].each, 100000, tail);

	if (strcmp(lists[_i].each, "%zu") != 0) { /* the statuses 0, 1, ... are wrong in themselves */
		CLEANUP(job_unrefp) struct job *job = good(most);

		ck_assert_ptr_nonnull(job);
	} else {
		ck_assert_str_eq(refused(most).field, "/spec/ok/0");
	}
	ck_assert_str_eq(refused(more).field, lists[_i].pointer);
	ck_assert_str_eq(refused(huge).field, lists[_i].pointer);
}
END_TEST

static const struct {
	const char *head, *tail;
	size_t max;
	const char *pointer;
} strings[] = {
	{"{\"kind\":\"echo\",\"tenant\":\"", "\"}", 64, "/tenant"},
	{"{\"kind\":\"echo\",\"labels\":{\"a\":\"", "\"}}", 256, "/labels/a"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":\"http://", "\"}}", 8185, "/spec/url"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"method\":\"", "\"}}", 32, "/spec/method"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"headers\":{\"A\":\"", "\"}}}", 8192, "/spec/headers/A"},
	{"{\"kind\":\"command\",\"spec\":{\"command\":\"", "\"}}", 64, "/spec/command"},
};

static char *stretched(const char *head, size_t n, const char *tail)
{
	char *body = calloc(1, strlen(head) + n + strlen(tail) + 1), *at = body;

	ck_assert_ptr_nonnull(body);
	at = stpcpy(at, head);
	memset(at, 'a', n);
	strcpy(at + n, tail);
	return body;
}

START_TEST(a_string_has_a_limit)
{
	CLEANUP(freep) char *most = stretched(strings[_i].head, strings[_i].max, strings[_i].tail);
	CLEANUP(freep) char *more = stretched(strings[_i].head, strings[_i].max + 1, strings[_i].tail);
	CLEANUP(job_unrefp) struct job *job = good(most);

	ck_assert_str_eq(refused(more).field, strings[_i].pointer);
}
END_TEST

START_TEST(a_label_s_name_has_a_limit)
{
	CLEANUP(freep) char *most = stretched("{\"kind\":\"echo\",\"labels\":{\"", 64, "\":\"\"}}");
	CLEANUP(freep) char *more = stretched("{\"kind\":\"echo\",\"labels\":{\"", 65, "\":\"\"}}");
	CLEANUP(job_unrefp) struct job *job = good(most);

	ck_assert_mem_eq(refused(more).field, "/labels/aaaa", 12);
}
END_TEST

START_TEST(a_pointer_to_an_endless_name_is_cut)
{
	CLEANUP(freep) char *body = stretched("{\"kind\":\"echo\",\"", 100000, "\":1}");
	struct problem problem = refused(body);

	ck_assert_uint_eq(strlen(problem.field), sizeof(problem.field) - 1);
}
END_TEST

static const char *const messages[][2] = {
	{ECHO("\"prioritty\":1"), "is \"priority\" meant?"},
	{HTTP(",\"header\":{}"), "is \"headers\" meant?"},
	{ECHO("\"quite-another\":1"), "there is no such member"},
	{"{\"kind\":\"mail\"}", "one of echo, sleep, http, command"},
	{ECHO("\"priority\":10"), "between 0 and 9"},
	{ECHO("\"priority\":1.5"), "a whole number"},
	{ECHO("\"tenant\":[]"), "a string, not an array"},
	{ECHO("\"delay\":\"4000d\""), "at most 3660d"},
	{ECHO("\"timeout\":\"2h\""), "at most 1h"},
	{ECHO("\"timeout\":\"99999999999999999999s\""), "at most 1h"},
	{ECHO("\"timeout\":\"0s\""), "at least 1ms"},
	{ECHO("\"delay\":\"1y\""), "\"30s\""},
	{ECHO("\"callback\":{}"), "\"callback\" is not available yet"},
	{HTTP(",\"sign\":\"k\""), "\"sign\" is not available yet"},
	{SLEEP("{}"), "is needed"},
	{"{\"kind\":\"sleep\"}", "is needed for this kind"},
};

START_TEST(the_words_help)
{
	struct problem problem = refused(messages[_i][0]);

	ck_assert_msg(strstr(problem.message, messages[_i][1]), "%s: %s", messages[_i][0], problem.message);
}
END_TEST

START_TEST(words_may_be_left_out)
{
	struct job *job;

	ck_assert_int_eq(read_bytes("{", 1, &job, NULL), -EINVAL);
	ck_assert_int_eq(read_bytes("{}", 2, &job, NULL), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire: reading");
	TCase *tcase = tcase_create("jobs");
	SRunner *runner;
	int failed;

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
	tcase_add_test(tcase, every_kind_of_url_that_can_be_called_is_taken);
	tcase_add_test(tcase, command_arguments_become_text_as_they_were_written);
	tcase_add_test(tcase, a_command_may_have_no_arguments_and_no_input);
	tcase_add_loop_test(tcase, a_wrong_member_is_refused_with_its_pointer, 0, ARRAY_LEN(bad_members));
	tcase_add_loop_test(tcase, what_is_no_json_is_refused_with_its_line, 0, ARRAY_LEN(not_json));
	tcase_add_test(tcase, a_nul_byte_anywhere_is_refused);
	tcase_add_test(tcase, every_beginning_of_a_good_body_is_refused);
	tcase_add_loop_test(tcase, arrays_and_objects_may_be_64_deep_and_no_more, 0, 2);
	tcase_add_test(tcase, brackets_in_strings_are_not_deep);
	tcase_add_test(tcase, a_million_open_brackets_are_refused_at_once);
	tcase_add_loop_test(tcase, a_list_has_a_limit, 0, ARRAY_LEN(lists));
	tcase_add_loop_test(tcase, a_string_has_a_limit, 0, ARRAY_LEN(strings));
	tcase_add_test(tcase, a_label_s_name_has_a_limit);
	tcase_add_test(tcase, a_pointer_to_an_endless_name_is_cut);
	tcase_add_loop_test(tcase, the_words_help, 0, ARRAY_LEN(messages));
	tcase_add_test(tcase, words_may_be_left_out);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
