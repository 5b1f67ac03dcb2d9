/* test_wire_no_memory.c - every allocation of wire may fail: it says so, and leaves nothing behind. */
#include <stdio.h>

#include "scarce.h"
#include "unit.h"
#include "wire/stats.h"
#include "wire_submit.h"

static const char *const bodies[] = {
	"{\"kind\":\"echo\",\"tenant\":\"t\",\"spec\":[1,{\"a\":\"b\"}],\"labels\":{\"x\":\"y\"}}",
	"{\"kind\":\"sleep\",\"spec\":{\"for\":\"1s\"},\"retry\":{\"min\":\"1s\"}}",
	"{\"kind\":\"http\",\"spec\":{\"url\":\"http://u@h\",\"method\":\"PUT\",\"headers\":{\"A\":\"b\",\"Cookie\":\"c\"},"
	"\"json\":{\"a\":1},\"ok\":[200]}}",
	"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"body_base64\":\"AAAA\"}}",
	"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"body\":\"text\"}}",
	"{\"kind\":\"command\",\"spec\":{\"command\":\"c\",\"args\":{\"a\":1,\"b\":\"x\"},\"stdin\":\"in\"}}",
};

static int read_body(void *arg)
{
	CLEANUP(job_unrefp) struct job *job = NULL;
	const char *text = arg;
	struct problem problem = {0};
	int r = read_bytes(text, strlen(text), &job, &problem);

	return r == -ENOMEM && strcmp(problem.code, PROBLEM_MEMORY) != 0 ? -EPROTO : r;
}

START_TEST(a_job_is_read_whole_or_not_at_all)
{
	scarce_try(read_body, (void *)bodies[_i]);
}
END_TEST

static int refuse_body(void *arg)
{
	struct problem problem = {0};
	struct job *job = NULL;
	int r = read_bytes(arg, strlen(arg), &job, &problem);

	if (job || !problem.message[0])
		return -EPROTO;
	return r == -EINVAL ? 0 : r;
}

START_TEST(a_wrong_job_is_refused_in_words_or_for_want_of_memory)
{
	scarce_try(refuse_body, "{\"kind\":\"echo\",\"spec\":1,\"unheard-of\":{}}");
	scarce_try(refuse_body, "{\"kind\":\"unheard-of\"}");
	scarce_try(refuse_body,
		"{\"kind\":\"http\",\"spec\":{\"url\":\"http://h\",\"headers\":{\"A\":\"b\",\"C:\":\"\"}}}");
}
END_TEST

static const struct progress done = {.state = JOB_SUCCEEDED, .attempts = 1, .finished_ms = NOW_MS};

static int make_result(void *arg)
{
	CLEANUP(result_unrefp) struct result *result = NULL;
	struct header headers[] = {
		{"A", "1"},
                {"a", "2"}
        };
	struct outcome outcome = {
		.kind = JOB_HTTP,
		.has_result = true,
		.result.http = {.headers = headers, .n_headers = 2, .body = "\xff", .body_bytes = 1},
	};

	return wire_make_result(arg, &done, &outcome, &result);
}

static int write_job(void *arg)
{
	CLEANUP(buf_fini) struct buf out = {0};

	return wire_write_job(&out, arg, &done);
}

static int look_for_labels(void *arg)
{
	static const struct wire_label label = {"x", "y"};
	int r = wire_has_labels(arg, strlen(arg), &label, 1);

	return r == 0 ? -EPROTO : r > 0 ? 0 : r;
}

START_TEST(labels_are_found_or_there_is_no_memory_to_look)
{
	scarce_try(look_for_labels, (void *)bodies[0]);
}
END_TEST

static int write_accepted(void *arg)
{
	CLEANUP(buf_fini) struct buf out = {0};

	return wire_write_accepted(&out, arg, &((struct job *)arg)->id, JOB_QUEUED);
}

START_TEST(a_document_is_written_whole_or_not_at_all)
{
	CLEANUP(job_unrefp) struct job *job = good(bodies[2]);

	scarce_try(make_result, job);
	scarce_try(write_job, job);
	scarce_try(write_accepted, job);
}
END_TEST

static int write_stats(void *arg)
{
	CLEANUP(buf_fini) struct buf out = {0};

	return stats_write(&out, arg, STATS_JSON);
}

START_TEST(statistics_are_written_whole_or_not_at_all)
{
	struct stats stats = {0};

	scarce_try(write_stats, &stats);
}
END_TEST

static int hide_or_fail(void *arg)
{
	CLEANUP(buf_fini) struct buf out = {0};
	int r = wire_write_job(&out, arg, &done);

	return out.data && strstr(out.data, "u@h") ? -EPROTO : r;
}

START_TEST(want_of_memory_shows_no_credentials)
{
	CLEANUP(job_unrefp) struct job *job = good(bodies[2]);

	scarce_try(hide_or_fail, job);
}
END_TEST

int main(void)
{
	TCase *tcase;

	if (scarce_is_skipped())
		return EXIT_SUCCESS;
	tcase = tcase_create("wire_no_memory");
	tcase_add_test(tcase, labels_are_found_or_there_is_no_memory_to_look);
	tcase_add_loop_test(tcase, a_job_is_read_whole_or_not_at_all, 0, ARRAY_LEN(bodies));
	tcase_add_test(tcase, a_wrong_job_is_refused_in_words_or_for_want_of_memory);
	tcase_add_test(tcase, a_document_is_written_whole_or_not_at_all);
	tcase_add_test(tcase, statistics_are_written_whole_or_not_at_all);
	tcase_add_test(tcase, want_of_memory_shows_no_credentials);
	return unit_run("wire_no_memory", tcase);
}
