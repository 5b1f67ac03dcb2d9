/* test_work_echo.c - the kind that does nothing, and what holds for attempts of every kind. */
#include "work_trial.h"

static const struct job echo = {.kind = JOB_ECHO, .spec.echo.json = (char *)"{\"a\":1}"};

TRIAL(an_echo_succeeds_and_has_no_result_of_its_own)
{
	struct outcome outcome = {0};

	work_run(NULL, work, &echo, trial_terms(), &outcome);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert_int_eq(outcome.kind, JOB_ECHO);
	ck_assert(!outcome.has_result);
	ck_assert_str_eq(outcome.code, "");
}

TRIAL(an_attempt_whose_context_was_cancelled_before_is_not_begun)
{
	struct outcome outcome = {0};
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	pen_ctx_cancel(ctx, "shutdown");
	work_run(ctx, work, &echo, trial_terms(), &outcome);
	ck_assert_cancelled(&outcome, "shutdown");
	pen_ctx_unref(ctx);
}

TRIAL(an_attempt_whose_time_was_over_before_is_not_begun)
{
	struct outcome outcome = {0};
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_timeout(&ctx, NULL, 0), 0);
	work_run(ctx, work, &echo, trial_terms(), &outcome);
	ck_assert_timeout(&outcome);
	pen_ctx_unref(ctx);
}

static void nothing(struct work *work)
{
	ck_assert_ptr_nonnull(work);
}

START_TEST(a_work_that_did_nothing_leaves_nothing)
{
	trial_run(2, nothing);
	work_free(NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("work_echo");

	tcase_add_test(tcase, an_echo_succeeds_and_has_no_result_of_its_own);
	tcase_add_test(tcase, an_attempt_whose_context_was_cancelled_before_is_not_begun);
	tcase_add_test(tcase, an_attempt_whose_time_was_over_before_is_not_begun);
	tcase_add_test(tcase, a_work_that_did_nothing_leaves_nothing);
	return trial_run_suite("work_echo", tcase);
}
