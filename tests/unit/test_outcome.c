/* test_outcome.c - what an attempt came to: its words, its cuts, and what it owns. */
#include "core/outcome.h"

#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

START_TEST(every_end_has_its_word)
{
	static const char *const words[OUTCOME_ENDS] = {"succeeded", "failed", "timeout", "cancelled"};

	for (enum outcome_end end = 0; end < OUTCOME_ENDS; end++)
		ck_assert_str_eq(outcome_end_name(end), words[end]);
}
END_TEST

START_TEST(an_empty_outcome_is_a_success_and_owns_nothing)
{
	struct outcome outcome = {0};

	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	outcome_fini(&outcome);
	outcome_fini(&outcome);
}
END_TEST

START_TEST(a_failure_says_end_code_and_message_and_changes_nothing_else)
{
	struct outcome outcome = {.retryable = true, .retry_after_ns = 5, .kind = JOB_HTTP};

	outcome_fail(&outcome, OUTCOME_TIMEOUT, "timeout", "after %d of %s", 3, "them");
	ck_assert_int_eq(outcome.end, OUTCOME_TIMEOUT);
	ck_assert_str_eq(outcome.code, "timeout");
	ck_assert_str_eq(outcome.message, "after 3 of them");
	ck_assert(outcome.retryable);
	ck_assert_int_eq(outcome.retry_after_ns, 5);
	outcome_fail(&outcome, OUTCOME_FAILED, "x", "%s", "");
	ck_assert_int_eq(outcome.end, OUTCOME_FAILED);
	ck_assert_str_eq(outcome.code, "x");
	ck_assert_str_eq(outcome.message, "");
}
END_TEST

START_TEST(words_that_do_not_fit_are_cut_between_characters)
{
	struct outcome outcome = {0};
	char text[301];

	for (size_t i = 0; i < 300; i += 3)
		memcpy(text + i, "\xe4\xb8\xad", 4);
	outcome_fail(&outcome, OUTCOME_FAILED, text, "%s", text);
	ck_assert_uint_eq(strlen(outcome.code), 30);
	ck_assert_uint_eq(strlen(outcome.message), 198);
	ck_assert_mem_eq(outcome.message, text, 198);
}
END_TEST

static struct header *two_headers(void)
{
	struct header *headers = calloc(2, sizeof(*headers));

	ck_assert_ptr_nonnull(headers);
	headers[0] = (struct header){strdup("A"), strdup("1")};
	headers[1].name = strdup("B");
	return headers;
}

/* That nothing is left, or freed twice, the sanitizer for addresses says. */
START_TEST(an_outcome_takes_its_result_with_it)
{
	struct outcome http = {.kind = JOB_HTTP, .has_result = true};
	struct outcome command = {.kind = JOB_COMMAND, .has_result = true};
	struct outcome bare = {.kind = JOB_HTTP, .has_result = true}, none = {.kind = JOB_COMMAND};

	http.result.http =
		(struct http_result){.headers = two_headers(), .n_headers = 2, .body = strdup("body")};
	command.result.command =
		(struct command_result){.stdout_data = strdup("out"), .stderr_data = strdup("err")};
	outcome_fini(&http);
	ck_assert_ptr_null(http.result.http.body);
	ck_assert(!http.has_result);
	outcome_fini(&http);
	outcome_fini(&command);
	ck_assert_ptr_null(command.result.command.stdout_data);
	outcome_fini(&bare);
	outcome_fini(&none);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("outcome");

	tcase_add_test(tcase, every_end_has_its_word);
	tcase_add_test(tcase, an_empty_outcome_is_a_success_and_owns_nothing);
	tcase_add_test(tcase, a_failure_says_end_code_and_message_and_changes_nothing_else);
	tcase_add_test(tcase, words_that_do_not_fit_are_cut_between_characters);
	tcase_add_test(tcase, an_outcome_takes_its_result_with_it);
	return unit_run("outcome", tcase);
}
