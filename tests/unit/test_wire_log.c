/* test_wire_log.c - the lines of a log: as they are written, and read back by the client; and outputs out of a result. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"
#include "wire/log.h"

static const struct {
	struct log_record record;
	const char *line;
} lines[] = {
	{{.what = LOG_ATTEMPT, .at_ms = 1000, .attempt = 2},
         "{\"at\":\"1970-01-01T00:00:01.000Z\",\"attempt\":2}\n"                                                            },
	{{.what = LOG_OUTPUT, .at_ms = 1000, .output = OUTPUT_STDERR, .data = "a\"\n", .bytes = 3},
         "{\"at\":\"1970-01-01T00:00:01.000Z\",\"stream\":\"stderr\",\"text\":\"a\\\"\\n\"}\n"                              },
	{{.what = LOG_OUTPUT, .output = OUTPUT_STDOUT, .data = "\xff", .bytes = 1},
         "{\"stream\":\"stdout\",\"base64\":\"/w==\"}\n"								    },
	{{.what = LOG_MISSED, .missed = 7},							 "{\"missed\":7}\n"      },
	{{.what = LOG_MISSED, .output = OUTPUT_STDERR, .missed = 7},
         "{\"stream\":\"stderr\",\"missed\":7}\n"									   },
	{{.what = LOG_END, .state = JOB_FAILED},						    "{\"end\":\"failed\"}\n"},
};

START_TEST(a_record_is_a_line_and_is_read_back)
{
	const struct log_record *record = &lines[_i].record;
	CLEANUP(buf_fini) struct buf line = {0};
	CLEANUP(freep) char *data = NULL;
	struct log_record back;

	ck_assert_int_eq(wire_write_log(&line, record), 0);
	ck_assert_str_eq(line.data, lines[_i].line);
	ck_assert_int_eq(wire_read_log(line.data, line.len - 1, &back, &data), 0);
	ck_assert_int_eq(back.what, record->what);
	ck_assert_int_eq(back.output, record->output);
	ck_assert_uint_eq(back.attempt, record->attempt);
	ck_assert_uint_eq(back.missed, record->missed);
	ck_assert_uint_eq(back.bytes, record->bytes);
	if (record->bytes)
		ck_assert_mem_eq(back.data, record->data, record->bytes);
	if (record->what == LOG_END)
		ck_assert_int_eq(back.state, record->state);
}
END_TEST

START_TEST(what_a_later_server_may_say_is_passed_over_and_what_is_no_json_is_not)
{
	static const char later[] = "{\"weather\":\"fine\",\"stream\":\"stdnew\"}", bad[] = "{\"end\":";
	struct log_record record;
	char *data = NULL;

	ck_assert_int_eq(wire_read_log(later, strlen(later), &record, &data), 0);
	ck_assert_int_eq(record.what, LOG_OUTPUT);
	ck_assert_uint_eq(record.bytes, 0);
	ck_assert_int_eq(wire_read_log(bad, strlen(bad), &record, &data), -EINVAL);
	ck_assert_ptr_null(data);
}
END_TEST

START_TEST(the_outputs_of_a_result_are_read_back_with_what_is_left_out)
{
	static const char document[] =
		"{\"id\":\"x\",\"result\":{\"exit_code\":0,\"stdout_base64\":\"/w==\","
		"\"stderr\":\"ab\",\"stderr_omitted\":{\"at\":1,\"bytes\":9}},\"error\":null}";
	CLEANUP(outcome_fini) struct outcome outcome = {0};
	const struct command_result *command = &outcome.result.command;

	ck_assert_int_eq(wire_read_outputs(document, strlen(document), &outcome), 0);
	ck_assert(outcome.has_result);
	ck_assert_uint_eq(command->stdout_bytes, 1);
	ck_assert_str_eq(command->stdout_data, "\xff");
	ck_assert_uint_eq(command->stdout_omitted.bytes, 0);
	ck_assert_str_eq(command->stderr_data, "ab");
	ck_assert_uint_eq(command->stderr_omitted.at, 1);
	ck_assert_uint_eq(command->stderr_omitted.bytes, 9);
}
END_TEST

START_TEST(a_job_that_never_ran_has_no_outputs)
{
	static const char document[] = "{\"id\":\"x\",\"result\":null,\"error\":{\"code\":\"cancelled\"}}";
	struct outcome outcome = {0};

	ck_assert_int_eq(wire_read_outputs(document, strlen(document), &outcome), 0);
	ck_assert(!outcome.has_result);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_log");

	tcase_add_loop_test(tcase, a_record_is_a_line_and_is_read_back, 0, (int)ARRAY_LEN(lines));
	tcase_add_test(tcase, what_a_later_server_may_say_is_passed_over_and_what_is_no_json_is_not);
	tcase_add_test(tcase, the_outputs_of_a_result_are_read_back_with_what_is_left_out);
	tcase_add_test(tcase, a_job_that_never_ran_has_no_outputs);
	return unit_run("wire_log", tcase);
}
