/* test_wire_record.c - records as lines and back: the same to the byte; and what is no record is refused with words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"
#include "wire/record.h"
#include "wire/wire.h"

#define ID "01933f2a-7c00-7abc-8def-0123456789ab"
#define REQUEST \
	"{\"kind\":\"echo\",\"spec\":{\"a\\\"\\\\\":1.50,\"\u00fc\":[1e3,\"\\u0001\"]},\"tenant\":\"acme\"}"
#define BODY "{\"result\":\"line\\n\u2028\"}"
#define JOB \
	"\"line\":\"job\",\"id\":\"" ID \
	"\",\"created_ms\":1,\"run_at_ms\":0,\"expires_at_ms\":0,\"next_run_at_ms\":0," \
	"\"started_ms\":2,\"started\":1,\"failures\":0,\"crashes\":0,\"request\":\"{\\\"kind\\\":\\\"echo\\\"}\""
#define ATTEMPT "{\"number\":1,\"started_ms\":2,\"finished_ms\":3,\"code\":\"\""

static struct wire_record a_job(void)
{
	struct wire_record record = {
		.line = WIRE_LINE_JOB,
		.progress = {.state = JOB_FAILED,
			     .attempts = 2,
			     .failures = 4000000000u,
			     .crashes = 1,
			     .started_ms = 5,
			     .finished_ms = 1764000000001,
			     .next_run_at_ms = 6,
			     .expires_at_ms = INT64_MAX},
	};
	struct job_stamp stamp = {.created_ms = 1764000000000, .run_at_ms = 1};
	struct problem problem = {0};

	uuid_parse(ID, &stamp.id);
	ck_assert_msg(wire_restore_job(REQUEST, strlen(REQUEST), &stamp, &record.job, &problem) == 0, "%s",
		problem.message);
	ck_assert_int_eq(progress_started(&record.progress, 10), 0);
	progress_ended(&record.progress, 11, "exit", "caf\xe9 \x01");
	ck_assert_int_eq(progress_started(&record.progress, 12), 0);
	progress_ended(&record.progress, 13, "", "");
	record.result =
		result_new(&stamp.id, record.progress.state, record.progress.finished_ms, BODY, strlen(BODY));
	return record;
}

/* Write, read, write again: the same. */
static void assert_same(const struct wire_record *record)
{
	CLEANUP(buf_fini) struct buf line = {0}, again = {0};
	CLEANUP(wire_record_fini) struct wire_record read = {0};
	struct problem problem = {0};

	ck_assert_int_eq(wire_write_record(&line, record), 0);
	ck_assert_ptr_eq(strchr(line.data, '\n'), line.data + line.len - 1);
	ck_assert_msg(wire_read_record(line.data, line.len, &read, &problem) == 0, "%s %s", problem.field,
		problem.message);
	ck_assert_int_eq(read.line, record->line);
	ck_assert_int_eq(wire_write_record(&again, &read), 0);
	ck_assert_str_eq(again.data, line.data);
	if (!record->job)
		return;
	ck_assert_str_eq(read.job->request, record->job->request);
	ck_assert_mem_eq(read.progress.kept, record->progress.kept, 2 * sizeof(struct attempt));
	ck_assert_str_eq(read.result->etag, record->result->etag);
}

START_TEST(each_line_is_the_same_after_reading)
{
	struct wire_record job = a_job();
	struct wire_record key = {
		.line = WIRE_LINE_KEY,
		.key = {.tenant = "acme",
			.key = "order \"17\"",
			.state = JOB_SCHEDULED,
			.digest = UINT64_MAX - 1,
			.until_ms = 7}
        };

	assert_same(&job);
	wire_record_fini(&job);
	assert_same(&key);
	assert_same(&(struct wire_record){.line = WIRE_LINE_BEGIN, .first_ms = INT64_MAX, .last_ms = -1});
	assert_same(&(struct wire_record){.line = WIRE_LINE_END, .jobs = 1, .keys = 2, .tenants = 3});
	assert_same(&(struct wire_record){
		.line = WIRE_LINE_TENANT, .tenant = "acme", .settings = "{\"weight\":2}"});
}
END_TEST

static void assert_refused(const char *line, const char *field, const char *words)
{
	struct wire_record record = {0};
	struct problem problem = {0};

	ck_assert_msg(wire_read_record(line, strlen(line), &record, &problem) == -EINVAL, "%s", line);
	ck_assert_str_eq(problem.field, field);
	ck_assert_msg(strstr(problem.message, words) != NULL, "%s", problem.message);
	ck_assert_ptr_null(record.job);
}

START_TEST(what_is_no_record_is_refused_with_its_place)
{
	assert_refused("", "", "");
	assert_refused("[]", "/line", "must be");
	assert_refused("{}", "/line", "must be");
	assert_refused("{\"line\":\"jobs\"}", "/line", "must be");
	assert_refused("{\"line\":\"tenant\",\"tenant\":\"-\",\"settings\":\"{}\"}", "/tenant", "");
	assert_refused("{\"line\":\"tenant\",\"tenant\":\"a\",\"settings\":\"{\\\"weight\\\":0}\"}",
		"/settings", "");
	assert_refused("{\"line\":\"end\",\"jobs\":1}", "/keys", "");
	assert_refused("{\"line\":\"end\",\"jobs\":1,\"keys\":-1}", "/keys", "");
	assert_refused("{\"line\":\"begin\",\"format\":2,\"forgotten_first_ms\":1,\"forgotten_last_ms\":1}",
		"/format", "");
	assert_refused("{\"line\":\"key\",\"tenant\":\"a\",\"key\":\"k\",\"id\":\"x\",\"state\":\"queued\","
		       "\"digest\":1,\"until_ms\":1}",
		"/id", "no job");
	assert_refused("{\"line\":\"key\",\"tenant\":\"a\",\"key\":\"k\",\"id\":\"" ID
		       "\",\"state\":\"lost\","
		       "\"digest\":1,\"until_ms\":1}",
		"/state", "no such state");
}
END_TEST

START_TEST(a_job_that_does_not_fit_together_is_refused)
{
	assert_refused("{" JOB ",\"state\":\"queued\",\"finished_ms\":3,\"attempts\":[]}", "/state", "fit");
	assert_refused("{" JOB ",\"state\":\"failed\",\"finished_ms\":3,\"attempts\":[]}", "/state", "fit");
	assert_refused("{" JOB ",\"state\":\"queued\",\"finished_ms\":0,\"attempts\":[],\"result\":\"{}\"}",
		"/state", "fit");
	assert_refused("{" JOB ",\"state\":\"queued\",\"finished_ms\":0,\"attempts\":[" ATTEMPT "}]}",
		"/attempts/0/message", "missing");
	assert_refused("{" JOB ",\"state\":\"queued\",\"finished_ms\":0,\"attempts\":[" ATTEMPT
		       ",\"message_base64\":\"a\"}]}",
		"/attempts/0/message_base64", "base64");
	assert_refused("{" JOB ",\"state\":\"queued\",\"finished_ms\":0,\"attempts\":[" ATTEMPT
		       ",\"message\":\"\"},7]}",
		"/attempts/1", "");
}
END_TEST

START_TEST(a_text_that_is_too_long_for_its_place_is_refused)
{
	char line[1024], text[256];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	snprintf(line, sizeof(line),
		"{" JOB ",\"state\":\"queued\",\"finished_ms\":0,\"attempts\":[" ATTEMPT
		",\"message\":\"%s\"}]}",
		text);
	assert_refused(line, "/attempts/0/message", "too long");
	snprintf(line, sizeof(line),
		"{" JOB
		",\"state\":\"queued\",\"finished_ms\":0,\"attempts\":[{\"number\":1,\"started_ms\":2,"
		"\"finished_ms\":3,\"message\":\"\",\"code\":\"%s\"}]}",
		text);
	assert_refused(line, "/attempts/0/code", "too long");
	snprintf(line, sizeof(line),
		"{\"line\":\"key\",\"tenant\":\"%s\",\"key\":\"k\",\"id\":\"" ID
		"\",\"state\":\"queued\",\"digest\":1,\"until_ms\":1}",
		text);
	assert_refused(line, "/tenant", "");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_record");

	tcase_add_test(tcase, each_line_is_the_same_after_reading);
	tcase_add_test(tcase, what_is_no_record_is_refused_with_its_place);
	tcase_add_test(tcase, a_job_that_does_not_fit_together_is_refused);
	tcase_add_test(tcase, a_text_that_is_too_long_for_its_place_is_refused);
	return unit_run("wire_record", tcase);
}
