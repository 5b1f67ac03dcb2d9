/* test_wire_refuse.c - jobs that are none: where each kind of nonsense is refused, and in which words. */
#include <stdio.h>

#include "crew.h"
#include "unit.h"
#include "wire_submit.h"

#define ECHO(members) "{\"kind\":\"echo\"," members "}"
#define SLEEP(spec) "{\"kind\":\"sleep\",\"spec\":" spec "}"
#define HTTP(members) "{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\"" members "}}"
#define URL(url) "{\"kind\":\"http\",\"spec\":{\"url\":\"" url "\"}}"
#define COMMAND(members) "{\"kind\":\"command\",\"spec\":{\"command\":\"c\"" members "}}"

/* Well-formed JSON that is no job, and where. */
/* clang-format off */
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
	{ECHO("\"limit_key\":1"), "/limit_key"},
	{ECHO("\"limit_key\":null"), "/limit_key"},
	{ECHO("\"limit_key\":\"\""), "/limit_key"},
	{ECHO("\"slots\":0"), "/slots"},
	{ECHO("\"slots\":65537"), "/slots"},
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
	{ECHO("\"durability\":\"lax\""), "/durability"},
	{ECHO("\"durability\":true"), "/durability"},
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
	{ECHO("\"callback\":{}"), "/callback/url"},
	{ECHO("\"callback\":{\"url\":\"ftp://h\"}"), "/callback/url"},
	{ECHO("\"callback\":{\"url\":\"http://h\",\"sign\":null}"), "/callback/sign"},
	{ECHO("\"callback\":{\"url\":\"http://h\",\"method\":\"PUT\"}"), "/callback/method"},
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
	{HTTP(",\"result_max\":0"), "/spec/result_max"},
	{HTTP(",\"result_max\":65537"), "/spec/result_max"},
	{HTTP(",\"result_max\":\"1KiB\""), "/spec/result_max"},
	{"{\"kind\":\"echo\",\"traceparent\":\"00-1-2-3\"}", "/traceparent"},
	{"{\"kind\":\"echo\",\"tracestate\":\"a=b\"}", "/tracestate"},
	{"{\"kind\":\"echo\",\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\",\"tracestate\":\"\\n\"}", "/tracestate"},
	{HTTP(",\"redirects\":6"), "/spec/redirects"},
	{HTTP(",\"redirects\":-1"), "/spec/redirects"},
	{HTTP(",\"redirects\":true"), "/spec/redirects"},
	{HTTP(",\"ok\":[[200]]"), "/spec/ok/0"},
	{HTTP(",\"ok\":[4294967496]"), "/spec/ok/0"},
	{HTTP(",\"sign\":\"\""), "/spec/sign"},
	{HTTP(",\"sign\":1"), "/spec/sign"},
	{HTTP(",\"sign\":\"k\",\"headers\":{\"Webhook-Id\":\"x\"}"), "/spec/headers"},
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
/* clang-format on */

START_TEST(a_wrong_member_is_refused_with_its_pointer)
{
	const char *body = bad_members[_i][0];
	struct problem problem = refused(body);

	ck_assert_msg(strcmp(problem.field, bad_members[_i][1]) == 0, "%s: %s is not %s (%s)", body,
		problem.field, bad_members[_i][1], problem.message);
	ck_assert_str_eq(problem.code, PROBLEM_BAD_FIELD);
}
END_TEST

/* What is no JSON, and the words that say why. */
/* clang-format off */
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
	{"{\"kind\":\"echo\",\"\\u0000\":1}", "NUL byte in object key"},
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
/* clang-format on */

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
	static const char body[] =
		"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"headers\":{\"A\":\"b\\u00e9\"},"
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

/* However deep the configuration lets it be, it fits into a task's stack. */
TASK_TEST(a_task_reads_the_deepest_json_there_may_be)
{
	const struct wire_limits deep_limits = {.depth_max = SIZE_MAX, .timeout_max_ns = PEN_SECOND};
	CLEANUP(freep) char *deep = nested(WIRE_DEPTH_MAX, '{', '}');
	CLEANUP(freep) char *too_deep = nested(WIRE_DEPTH_MAX + 1, '[', ']');
	CLEANUP(job_unrefp) struct job *job = NULL;
	struct job *none;

	ck_assert_int_eq(wire_read_job(deep, strlen(deep), &deep_limits, NOW_MS, &job, NULL), 0);
	ck_assert_int_eq(
		wire_read_job(too_deep, strlen(too_deep), &deep_limits, NOW_MS, &none, NULL), -EINVAL);
}

START_TEST(brackets_in_strings_are_not_deep)
{
	CLEANUP(job_unrefp)
	struct job *job = good(
		"{\"kind\":\"echo\",\"spec\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
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

#define HTTP_SPEC "{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\","

/* clang-format off */
static const struct {
	const char *head, *each, *tail;
	size_t max;
	const char *pointer;
} lists[] = {
	{"{\"kind\":\"echo\",\"labels\":{", "\"k%zu\":\"v\"", "}}", 32, "/labels"},
	{HTTP_SPEC "\"headers\":{", "\"X-%zu\":\"v\"", "}}}", 100, "/spec/headers"},
	{HTTP_SPEC "\"ok\":[", "2%02zu", "]}}", 50, "/spec/ok"},
	{"{\"kind\":\"command\",\"spec\":{\"command\":\"c\",\"args\":{", "\"a%zu\":1", "}}}", 100, "/spec/args"},
};
/* clang-format on */

START_TEST(a_list_has_a_limit)
{
	const char *head = lists[_i].head, *each = lists[_i].each, *tail = lists[_i].tail;
	CLEANUP(freep) char *most = repeated(head, each, lists[_i].max, tail);
	CLEANUP(freep) char *more = repeated(head, each, lists[_i].max + 1, tail);
	CLEANUP(freep) char *huge = repeated(head, each, 100000, tail);
	CLEANUP(job_unrefp) struct job *job = good(most);

	ck_assert_ptr_nonnull(job);
	ck_assert_str_eq(refused(more).field, lists[_i].pointer);
	ck_assert_str_eq(refused(huge).field, lists[_i].pointer);
}
END_TEST

/* clang-format off */
static const struct {
	const char *head, *tail;
	size_t max;
	const char *pointer;
} strings[] = {
	{"{\"kind\":\"echo\",\"tenant\":\"", "\"}", 64, "/tenant"},
	{"{\"kind\":\"echo\",\"labels\":{\"a\":\"", "\"}}", 256, "/labels/a"},
	{"{\"kind\":\"http\",\"spec\":{\"url\":\"http://", "\"}}", 8185, "/spec/url"},
	{HTTP_SPEC "\"method\":\"", "\"}}", 32, "/spec/method"},
	{HTTP_SPEC "\"headers\":{\"A\":\"", "\"}}}", 8192, "/spec/headers/A"},
	{"{\"kind\":\"command\",\"spec\":{\"command\":\"", "\"}}", 64, "/spec/command"},
};
/* clang-format on */

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

/* clang-format off */
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
	{ECHO("\"callback\":{}"), "is needed"},
	{SLEEP("{}"), "is needed"},
	{"{\"kind\":\"sleep\"}", "is needed for this kind"},
};
/* clang-format on */

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
	TCase *tcase = tcase_create("wire_refuse");

	tcase_add_loop_test(tcase, a_wrong_member_is_refused_with_its_pointer, 0, ARRAY_LEN(bad_members));
	tcase_add_loop_test(tcase, what_is_no_json_is_refused_with_its_line, 0, ARRAY_LEN(not_json));
	tcase_add_test(tcase, a_nul_byte_anywhere_is_refused);
	tcase_add_test(tcase, every_beginning_of_a_good_body_is_refused);
	tcase_add_loop_test(tcase, arrays_and_objects_may_be_64_deep_and_no_more, 0, 2);
	tcase_add_test(tcase, a_task_reads_the_deepest_json_there_may_be);
	tcase_add_test(tcase, brackets_in_strings_are_not_deep);
	tcase_add_test(tcase, a_million_open_brackets_are_refused_at_once);
	tcase_add_loop_test(tcase, a_list_has_a_limit, 0, ARRAY_LEN(lists));
	tcase_add_loop_test(tcase, a_string_has_a_limit, 0, ARRAY_LEN(strings));
	tcase_add_test(tcase, a_label_s_name_has_a_limit);
	tcase_add_test(tcase, a_pointer_to_an_endless_name_is_cut);
	tcase_add_loop_test(tcase, the_words_help, 0, ARRAY_LEN(messages));
	tcase_add_test(tcase, words_may_be_left_out);
	return unit_run("wire_refuse", tcase);
}
