/* test_work_sleep.c - the kind that waits. */
#include "work_trial.h"

static const struct job nap = {.kind = JOB_SLEEP, .spec.sleep.for_ns = PEN_MS};
static const struct job hibernation = {.kind = JOB_SLEEP, .spec.sleep.for_ns = 3600 * PEN_SECOND};

TRIAL(a_sleep_succeeds_no_earlier_than_it_was_told)
{
	struct outcome outcome = {0};
	int64_t before_ns = pen_now_ns();

	work_run(NULL, work, &nap, trial_terms(), &outcome);
	ck_assert_int_eq(outcome.end, OUTCOME_SUCCEEDED);
	ck_assert_int_eq(outcome.kind, JOB_SLEEP);
	ck_assert_int_ge(pen_now_ns() - before_ns, nap.spec.sleep.for_ns);
}

TRIAL(a_sleep_is_ended_by_a_cancel)
{
	struct attempted attempted;

	attempt_start(&attempted, work, &hibernation, NULL);
	pen_yield();
	pen_ctx_cancel(attempted.ctx, "cancelled");
	attempt_await(&attempted);
	ck_assert_cancelled(&attempted.outcome, "cancelled");
}

TRIAL(a_sleep_longer_than_its_attempt_may_take_is_a_timeout_and_not_worth_another_try)
{
	struct outcome outcome = {0};
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_timeout(&ctx, NULL, PEN_MS), 0);
	work_run(ctx, work, &hibernation, trial_terms(), &outcome);
	ck_assert_timeout(&outcome);
	ck_assert(!outcome.retryable);
	pen_ctx_unref(ctx);
}

int main(void)
{
	TCase *tcase = tcase_create("work_sleep");

	tcase_add_test(tcase, a_sleep_succeeds_no_earlier_than_it_was_told);
	tcase_add_test(tcase, a_sleep_is_ended_by_a_cancel);
	tcase_add_test(
		tcase, a_sleep_longer_than_its_attempt_may_take_is_a_timeout_and_not_worth_another_try);
	return trial_run_suite("work_sleep", tcase);
}
