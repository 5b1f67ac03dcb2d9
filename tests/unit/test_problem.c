/* test_problem.c - an error with words: all of it is set in one go, and what does not fit is cut cleanly. */
#include "base/problem.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

START_TEST(a_problem_says_code_field_and_message)
{
	struct problem problem = {0};

	ck_assert_int_eq(problem_set(&problem, -EINVAL, PROBLEM_BAD_FIELD, "/spec/url", "%d is %s", 7, "odd"),
		-EINVAL);
	ck_assert_str_eq(problem.code, "bad-field");
	ck_assert_str_eq(problem.field, "/spec/url");
	ck_assert_str_eq(problem.message, "7 is odd");
	ck_assert_int_eq(problem.retry_after_ns, 0);
}
END_TEST

START_TEST(a_later_problem_replaces_all_but_when_to_retry)
{
	struct problem problem = {.retry_after_ns = 5};

	problem_set(&problem, -EINVAL, PROBLEM_BAD_FIELD, "/a", "a long one");
	ck_assert_int_eq(problem_set(&problem, -EAGAIN, PROBLEM_BACKLOG, NULL, "b"), -EAGAIN);
	ck_assert_str_eq(problem.code, "backlog-full");
	ck_assert_str_eq(problem.field, "");
	ck_assert_str_eq(problem.message, "b");
	ck_assert_int_eq(problem.retry_after_ns, 5);
}
END_TEST

START_TEST(nobody_need_want_the_words)
{
	ck_assert_int_eq(problem_set(NULL, -EIO, PROBLEM_STORE, "x", "%s", "y"), -EIO);
}
END_TEST

START_TEST(words_that_do_not_fit_are_cut_between_characters)
{
	struct problem problem = {0};
	char text[1025];

	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 3);
	problem_set(&problem, -EINVAL, PROBLEM_BAD_FIELD, text, "%s", text);
	ck_assert_uint_eq(strlen(problem.field), sizeof(problem.field) - 2);
	ck_assert_uint_eq(strlen(problem.message), sizeof(problem.message) - 2);
	ck_assert_mem_eq(problem.field, text, sizeof(problem.field) - 2);
	ck_assert_mem_eq(problem.message, text, sizeof(problem.message) - 2);
	problem_set(&problem, -EINVAL, PROBLEM_BAD_FIELD, text, "x%s", text);
	ck_assert_uint_eq(strlen(problem.message), sizeof(problem.message) - 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("problem");

	tcase_add_test(tcase, a_problem_says_code_field_and_message);
	tcase_add_test(tcase, a_later_problem_replaces_all_but_when_to_retry);
	tcase_add_test(tcase, nobody_need_want_the_words);
	tcase_add_test(tcase, words_that_do_not_fit_are_cut_between_characters);
	return unit_run("problem", tcase);
}
