/* test_progress.c - how far a job has come: the first attempt and the latest are remembered, and copies are independent. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/job.h"
#include "unit.h"

#define START_MS INT64_C(1764000000000)

static void attempt(struct progress *progress, int64_t start_ms, const char *code)
{
	ck_assert_int_eq(progress_started(progress, start_ms), 0);
	progress_ended(progress, start_ms + 5, code, "because");
}

START_TEST(an_attempt_is_noted_when_it_starts_and_when_it_ends)
{
	CLEANUP(progress_fini) struct progress progress = {.state = JOB_RUNNING};

	ck_assert_int_eq(progress_started(&progress, START_MS), 0);
	ck_assert_uint_eq(progress.n_kept, 1);
	ck_assert_uint_eq(progress.attempts, 1);
	ck_assert_int_eq(progress.started_ms, START_MS);
	ck_assert_uint_eq(progress.kept[0].number, 1);
	ck_assert_int_eq(progress.kept[0].started_ms, START_MS);
	ck_assert_int_eq(progress.kept[0].finished_ms, 0);
	ck_assert_str_eq(progress.kept[0].code, "");

	progress_ended(&progress, START_MS + 7, "connect", "nobody there");
	ck_assert_int_eq(progress.kept[0].finished_ms, START_MS + 7);
	ck_assert_str_eq(progress.kept[0].code, "connect");
	ck_assert_str_eq(progress.kept[0].message, "nobody there");
	ck_assert_int_eq(progress.state, JOB_RUNNING);
	ck_assert_int_eq(progress.finished_ms, 0);
	ck_assert_uint_eq(progress.failures, 0);
}
END_TEST

START_TEST(the_start_of_the_first_attempt_is_the_jobs)
{
	CLEANUP(progress_fini) struct progress progress = {0};

	attempt(&progress, START_MS, "timeout");
	attempt(&progress, START_MS + 1000, "");
	ck_assert_int_eq(progress.started_ms, START_MS);
	ck_assert_int_eq(progress.kept[1].started_ms, START_MS + 1000);
	ck_assert_str_eq(progress.kept[0].code, "timeout");
	ck_assert_str_eq(progress.kept[1].code, "");
}
END_TEST

START_TEST(of_any_number_of_attempts_the_first_and_the_latest_are_kept_in_order)
{
	CLEANUP(progress_fini) struct progress progress = {0};

	for (uint32_t n = 1; n <= 1000; n++) {
		size_t kept = n < ATTEMPTS_KEPT ? n : ATTEMPTS_KEPT;

		attempt(&progress, START_MS + n, n % 2 ? "odd" : "even");
		ck_assert_uint_eq(progress.attempts, n);
		ck_assert_uint_eq(progress.n_kept, kept);
		for (size_t i = 0; i < kept; i++) {
			uint32_t number = i == 0 ? 1 : n - (uint32_t)(kept - 1 - i);
			const struct attempt *at = &progress.kept[i];

			if (at->number != number || at->started_ms != START_MS + number ||
				at->finished_ms != at->started_ms + 5 ||
				strcmp(at->code, number % 2 ? "odd" : "even") != 0)
				ck_abort_msg("after %u attempts, at %zu: %u", n, i, at->number);
		}
	}
}
END_TEST

START_TEST(an_attempt_that_takes_the_place_of_another_has_nothing_of_it)
{
	CLEANUP(progress_fini) struct progress progress = {0};

	for (int n = 0; n < ATTEMPTS_KEPT; n++)
		attempt(&progress, START_MS, "before");
	ck_assert_int_eq(progress_started(&progress, START_MS + 1), 0);
	ck_assert_str_eq(progress.kept[ATTEMPTS_KEPT - 1].code, "");
	ck_assert_str_eq(progress.kept[ATTEMPTS_KEPT - 1].message, "");
	ck_assert_int_eq(progress.kept[ATTEMPTS_KEPT - 1].finished_ms, 0);
}
END_TEST

START_TEST(an_end_without_an_attempt_is_nothing)
{
	struct progress progress = {.state = JOB_QUEUED};

	progress_ended(&progress, START_MS, "code", "message");
	ck_assert_uint_eq(progress.n_kept, 0);
	ck_assert_ptr_null(progress.kept);
	ck_assert_uint_eq(progress.attempts, 0);
}
END_TEST

START_TEST(words_that_do_not_fit_are_cut_between_characters)
{
	CLEANUP(progress_fini) struct progress progress = {0};
	char text[301];

	for (size_t i = 0; i < 300; i += 3)
		memcpy(text + i, "\xe4\xb8\xad", 4);
	ck_assert_int_eq(progress_started(&progress, START_MS), 0);
	progress_ended(&progress, START_MS, text, text);
	ck_assert_uint_eq(strlen(progress.kept[0].code), 30);
	ck_assert_uint_eq(strlen(progress.kept[0].message), 198);
}
END_TEST

START_TEST(a_copy_is_its_own)
{
	CLEANUP(progress_fini) struct progress progress = {.state = JOB_RUNNING, .failures = 3};
	CLEANUP(progress_fini) struct progress copy = {0};

	attempt(&progress, START_MS, "first");
	attempt(&progress, START_MS + 1, "second");
	ck_assert_int_eq(progress_copy(&copy, &progress), 0);
	ck_assert_ptr_ne(copy.kept, progress.kept);
	ck_assert_uint_eq(copy.n_kept, 2);
	ck_assert_mem_eq(copy.kept, progress.kept, 2 * sizeof(*copy.kept));
	ck_assert_int_eq(copy.state, JOB_RUNNING);
	ck_assert_uint_eq(copy.failures, 3);

	attempt(&progress, START_MS + 2, "third");
	ck_assert_uint_eq(copy.n_kept, 2);
	progress_fini(&progress);
	ck_assert_str_eq(copy.kept[1].code, "second");
	attempt(&copy, START_MS + 3, "other");
	ck_assert_uint_eq(copy.attempts, 3);
	ck_assert_uint_eq(copy.kept[2].number, 3);
}
END_TEST

START_TEST(a_copy_of_what_has_not_begun_owns_nothing)
{
	struct progress progress = {.state = JOB_SCHEDULED, .next_run_at_ms = START_MS}, copy;

	ck_assert_int_eq(progress_copy(&copy, &progress), 0);
	ck_assert_ptr_null(copy.kept);
	ck_assert_int_eq(copy.next_run_at_ms, START_MS);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("progress");

	tcase_add_test(tcase, an_attempt_is_noted_when_it_starts_and_when_it_ends);
	tcase_add_test(tcase, the_start_of_the_first_attempt_is_the_jobs);
	tcase_add_test(tcase, of_any_number_of_attempts_the_first_and_the_latest_are_kept_in_order);
	tcase_add_test(tcase, an_attempt_that_takes_the_place_of_another_has_nothing_of_it);
	tcase_add_test(tcase, an_end_without_an_attempt_is_nothing);
	tcase_add_test(tcase, words_that_do_not_fit_are_cut_between_characters);
	tcase_add_test(tcase, a_copy_is_its_own);
	tcase_add_test(tcase, a_copy_of_what_has_not_begun_owns_nothing);
	return unit_run("progress", tcase);
}
