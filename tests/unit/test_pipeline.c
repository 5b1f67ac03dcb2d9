/* test_pipeline.c - closing flows down, cancellation flows up, and nothing is left behind. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/pipeline.h>
#include <signal.h>
#include <string.h>

#include "crew.h"

enum { COUNT = 200 };

static struct pen_pipeline *new_pipeline(struct pen_ctx *parent)
{
	struct pen_pipeline *pipeline;

	ck_assert_int_eq(pen_pipeline_new(&pipeline, parent), 0);
	return pipeline;
}

static int count_up(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	int r = 0, n = arg ? *(int *)arg : COUNT;

	for (int i = 0; i < n && r == 0; i++)
		r = pen_chan_send(ctx, out, &i);
	return r;
}

static int count_for_ever(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	int r = 0;

	(void)arg;
	for (int i = 0; r == 0; i++)
		r = pen_chan_send(ctx, out, &i);
	return r;
}

static struct pen_chan *add_source(struct pen_pipeline *pipeline,
	int (*generate)(struct pen_ctx *ctx, struct pen_chan *out, void *arg), void *arg)
{
	struct pen_chan *out;

	ck_assert_int_eq(pen_pipeline_source(pipeline, sizeof(int), 2, generate, arg, &out), 0);
	return out;
}

static struct pen_chan *add_stage(struct pen_pipeline *pipeline, struct pen_chan *in, size_t width,
	int (*fn)(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg), void *arg)
{
	struct pen_chan *out;

	ck_assert_int_eq(pen_pipeline_stage(pipeline, in, width, sizeof(long), 2, fn, arg, &out), 0);
	return out;
}

static int square(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	long n = *(const int *)in_elem;

	(void)ctx;
	(void)arg;
	*(long *)out_elem = n * n;
	return 0;
}

static int keep_even(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	int n = *(const int *)in_elem;

	(void)ctx;
	(void)arg;
	*(long *)out_elem = n;
	return n % 2;
}

static int fail_at(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	(void)ctx;
	*(long *)out_elem = 0;
	return *(const int *)in_elem == *(int *)arg ? -EIO : 0;
}

static long sum_until_closed(struct pen_chan *chan)
{
	long sum = 0, n;

	while (pen_chan_recv(NULL, chan, &n) == 0)
		sum += n;
	return sum;
}

static long sum_of_squares(long n)
{
	return (n - 1) * n * (2 * n - 1) / 6;
}

PLACE_TEST(a_wide_stage_does_all_and_closes_its_output)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *out = add_stage(pipeline, add_source(pipeline, count_up, NULL), 4, square, NULL);

	ck_assert_int_eq(sum_until_closed(out), sum_of_squares(COUNT));
	ck_assert_int_eq(pen_pipeline_wait(pipeline), 0);
	ck_assert_int_eq(pen_ctx_err(pen_pipeline_ctx(pipeline)), 0);
	pen_pipeline_free(pipeline);
	pen_pipeline_free(NULL);
}

PLACE_TEST(a_stage_of_one_keeps_the_order_and_may_drop_elements)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *out = add_stage(pipeline, add_source(pipeline, count_up, NULL), 1, keep_even, NULL);
	long n;

	for (long i = 0; i < COUNT; i += 2) {
		ck_assert_int_eq(pen_chan_recv(NULL, out, &n), 0);
		ck_assert_int_eq(n, i);
	}
	ck_assert_int_eq(pen_chan_recv(NULL, out, &n), -EPIPE);
	ck_assert_int_eq(pen_pipeline_wait(pipeline), 0);
	pen_pipeline_free(pipeline);
}

PLACE_TEST(a_merge_gives_what_all_inputs_gave_and_then_closes)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	int counts[] = {COUNT, 0, 3};
	struct pen_chan *squares[3], *out;

	for (int i = 0; i < 3; i++)
		squares[i] = add_stage(pipeline, add_source(pipeline, count_up, &counts[i]), 2, square, NULL);
	ck_assert_int_eq(pen_pipeline_merge(pipeline, squares, 3, 1, &out), 0);
	ck_assert_int_eq(sum_until_closed(out), sum_of_squares(COUNT) + sum_of_squares(3));
	ck_assert_int_eq(pen_pipeline_wait(pipeline), 0);
	pen_pipeline_free(pipeline);
}

PLACE_TEST(the_first_error_frees_every_stage_from_a_full_channel_and_is_what_the_wait_returns)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *numbers = add_source(pipeline, count_for_ever, NULL), *out;
	int at = 50;

	out = add_stage(pipeline, numbers, 3, fail_at, &at);
	while (pen_chan_recv(NULL, out, NULL) == 0)
		;
	ck_assert_int_eq(pen_pipeline_wait(pipeline), -EIO);
	ck_assert_str_eq(pen_ctx_cause(pen_pipeline_ctx(pipeline)), "pipeline failed");
	pen_pipeline_free(pipeline);
}

static int fail_at_once(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	(void)ctx;
	(void)out;
	(void)arg;
	return -ENOENT;
}

PLACE_TEST(a_source_that_fails_fails_the_pipeline)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *out = add_source(pipeline, fail_at_once, NULL);

	ck_assert_int_eq(pen_chan_recv(NULL, out, NULL), -EPIPE);
	ck_assert_int_eq(pen_pipeline_wait(pipeline), -ENOENT);
	pen_pipeline_free(pipeline);
}

PLACE_TEST(who_has_enough_cancels_and_no_stage_is_left_behind)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *out =
		add_stage(pipeline, add_source(pipeline, count_for_ever, NULL), 2, square, NULL);
	long n;

	ck_assert_int_eq(pen_chan_recv(NULL, out, &n), 0);
	pen_pipeline_cancel(pipeline, "enough");
	ck_assert_int_eq(pen_pipeline_wait(pipeline), -ECANCELED);
	ck_assert_str_eq(pen_ctx_cause(pen_pipeline_ctx(pipeline)), "enough");
	pen_pipeline_free(pipeline);
}

PLACE_TEST(freeing_a_running_pipeline_cancels_it)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);

	add_stage(pipeline, add_source(pipeline, count_for_ever, NULL), 2, square, NULL);
	pen_pipeline_free(pipeline);
}

PLACE_TEST(a_pipeline_ends_with_the_context_above_it)
{
	struct pen_ctx *late = ctx_soon_late();
	struct pen_pipeline *pipeline = new_pipeline(late);

	add_stage(pipeline, add_source(pipeline, count_for_ever, NULL), 2, square, NULL);
	ck_assert_int_eq(pen_pipeline_wait(pipeline), -ETIMEDOUT);
	pen_pipeline_free(pipeline);
	pen_ctx_unref(late);
}

/* Elements that own memory; the sanitizer for addresses, or valgrind, would see one lost. */
static int make_strings(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	int r = 0;

	(void)arg;
	while (r == 0) {
		char *string = strdup("an element that owns memory");

		r = pen_chan_send(ctx, out, &string);
		if (r < 0)
			free(string);
	}
	return r;
}

static int pass_string(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	(void)ctx;
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
	memcpy(out_elem, in_elem, sizeof(char *));
	return 0;
}

static void free_string(void *elem)
{
	free(*(char **)elem);
}

PLACE_TEST(what_is_on_its_way_when_a_pipeline_ends_is_dropped)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *made[2], *merged, *out;
	int passed = 0;
	char *string;

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
			pen_pipeline_source(pipeline, sizeof(char *), i, make_strings, NULL, &made[i]), 0);
		pen_chan_set_drop(made[i], free_string);
	}
	ck_assert_int_eq(pen_pipeline_merge(pipeline, made, 2, 3, &merged), 0);
	pen_chan_set_drop(merged, free_string);
	ck_assert_int_eq(
		pen_pipeline_stage(pipeline, merged, 3, sizeof(char *), 1, pass_string, &passed, &out), 0);
	pen_chan_set_drop(out, free_string);
	ck_assert_int_eq(pen_chan_recv(NULL, out, &string), 0);
	free(string);
	pen_pipeline_free(pipeline);
	ck_assert_int_ge(passed, 1);
}

PLACE_TEST(wrong_stages_are_einval_and_add_nothing)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	int none = 0;
	struct pen_chan *ints = add_source(pipeline, count_up, &none), *out = NULL;
	struct pen_chan *large = pen_chan_new(PEN_PIPELINE_ELEM_MAX + 1, 0);
	struct pen_chan *unlike[] = {ints, large};

	ck_assert_int_eq(pen_pipeline_stage(pipeline, ints, 0, 4, 1, square, NULL, &out), -EINVAL);
	ck_assert_int_eq(pen_pipeline_stage(pipeline, large, 1, 4, 1, square, NULL, &out), -EINVAL);
	ck_assert_int_eq(
		pen_pipeline_stage(pipeline, ints, 1, PEN_PIPELINE_ELEM_MAX + 1, 1, square, NULL, &out),
		-EINVAL);
	ck_assert_int_eq(pen_pipeline_merge(pipeline, unlike, 2, 1, &out), -EINVAL);
	ck_assert_int_eq(pen_pipeline_merge(pipeline, &large, 1, 1, &out), -EINVAL);
	ck_assert_int_eq(pen_pipeline_merge(pipeline, NULL, 0, 1, &out), -EINVAL);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(pen_pipeline_wait(pipeline), 0);
	pen_pipeline_free(pipeline);
	pen_chan_free(large);
}

static int fill(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	(void)ctx;
	(void)arg;
	memset(out_elem, *(const int *)in_elem, PEN_PIPELINE_ELEM_MAX);
	return 0;
}

PLACE_TEST(an_element_may_be_as_large_as_the_limit)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	int two = 2;
	char elem[PEN_PIPELINE_ELEM_MAX];
	struct pen_chan *out, *last;

	ck_assert_int_eq(pen_pipeline_stage(pipeline, add_source(pipeline, count_up, &two), 1, sizeof(elem),
				 1, fill, NULL, &out),
		0);
	ck_assert_int_eq(pen_pipeline_merge(pipeline, &out, 1, 0, &last), 0);
	ck_assert_int_eq(pen_chan_recv(NULL, last, elem), 0);
	ck_assert_int_eq(pen_chan_recv(NULL, last, elem), 0);
	ck_assert_int_eq(elem[0], 1);
	ck_assert_int_eq(elem[sizeof(elem) - 1], 1);
	ck_assert_int_eq(pen_pipeline_wait(pipeline), 0);
	pen_pipeline_free(pipeline);
}

START_TEST(without_a_runtime_a_stage_is_esrch)
{
	struct pen_pipeline *pipeline = new_pipeline(NULL);
	struct pen_chan *out = NULL;

	ck_assert_int_eq(pen_pipeline_source(pipeline, sizeof(int), 1, count_up, NULL, &out), -ESRCH);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(pen_pipeline_wait(pipeline), 0);
	pen_pipeline_free(pipeline);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("pipeline");

	tcase_add_place_test(tcase, a_wide_stage_does_all_and_closes_its_output);
	tcase_add_place_test(tcase, a_stage_of_one_keeps_the_order_and_may_drop_elements);
	tcase_add_place_test(tcase, a_merge_gives_what_all_inputs_gave_and_then_closes);
	tcase_add_place_test(
		tcase, the_first_error_frees_every_stage_from_a_full_channel_and_is_what_the_wait_returns);
	tcase_add_place_test(tcase, a_source_that_fails_fails_the_pipeline);
	tcase_add_place_test(tcase, who_has_enough_cancels_and_no_stage_is_left_behind);
	tcase_add_place_test(tcase, freeing_a_running_pipeline_cancels_it);
	tcase_add_place_test(tcase, a_pipeline_ends_with_the_context_above_it);
	tcase_add_place_test(tcase, what_is_on_its_way_when_a_pipeline_ends_is_dropped);
	tcase_add_place_test(tcase, wrong_stages_are_einval_and_add_nothing);
	tcase_add_place_test(tcase, an_element_may_be_as_large_as_the_limit);
	tcase_add_test(tcase, without_a_runtime_a_stage_is_esrch);
	return crew_run_suite("pipeline", tcase);
}
