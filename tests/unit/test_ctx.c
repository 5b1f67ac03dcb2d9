/* test_ctx.c - who ends with whom and why, and what flows from parent to child. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <string.h>

#include "pair.h"

enum { DEPTH = 10000, MEMBERS = 8, ROUNDS = 300 };

static struct pen_ctx *child_of(struct pen_ctx *parent)
{
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, parent), 0);
	return ctx;
}

static void assert_lasts(struct pen_ctx *ctx)
{
	ck_assert_int_eq(pen_ctx_err(ctx), 0);
	ck_assert_ptr_null(pen_ctx_cause(ctx));
}

static void assert_ended(struct pen_ctx *ctx, int err, const char *cause)
{
	ck_assert_int_eq(pen_ctx_err(ctx), err);
	ck_assert_str_eq(pen_ctx_cause(ctx), cause);
}

/* The background in both its forms. */
START_TEST(the_background_never_ends_and_carries_nothing)
{
	struct pen_ctx *ctx = _i ? pen_ctx_background() : NULL;
	int key = 0;

	pen_ctx_cancel(ctx, "in vain");
	assert_lasts(ctx);
	ck_assert_ptr_null(pen_ctx_done(ctx));
	ck_assert_ptr_null(pen_ctx_value(ctx, &key));
	ck_assert_int_eq(pen_ctx_deadline(ctx), PEN_NEVER);
	ck_assert_ptr_eq(pen_ctx_ref(ctx), ctx);
	pen_ctx_unref(ctx);
	pen_ctx_unref(ctx);
	assert_lasts(ctx);
}
END_TEST

KIND_TEST(a_cancel_ends_all_below_and_nothing_above_or_beside)
{
	struct pen_ctx *root = child_of(NULL), *beside = child_of(root), *node = child_of(root),
		       *below = child_of(node), *leaf = child_of(below), *other_leaf = child_of(node);

	pen_ctx_cancel(node, "enough");
	assert_lasts(root);
	assert_lasts(beside);
	assert_ended(node, -ECANCELED, "enough");
	assert_ended(below, -ECANCELED, "enough");
	assert_ended(leaf, -ECANCELED, "enough");
	assert_ended(other_leaf, -ECANCELED, "enough");
	pen_ctx_unref(root);
	pen_ctx_unref(beside);
	pen_ctx_unref(node);
	pen_ctx_unref(below);
	pen_ctx_unref(leaf);
	pen_ctx_unref(other_leaf);
}

KIND_TEST(the_first_end_counts_at_each_height)
{
	struct pen_ctx *root = child_of(NULL), *node = child_of(root), *leaf = child_of(node);

	pen_ctx_cancel(leaf, "first");
	pen_ctx_cancel(leaf, "second");
	pen_ctx_cancel(root, NULL);
	pen_ctx_cancel(node, "third");
	assert_ended(leaf, -ECANCELED, "first");
	assert_ended(node, -ECANCELED, "canceled");
	assert_ended(root, -ECANCELED, "canceled");
	pen_ctx_unref(root);
	pen_ctx_unref(node);
	pen_ctx_unref(leaf);
}

KIND_TEST(a_child_of_an_ended_context_is_born_ended)
{
	struct pen_ctx *canceled = child_of(NULL), *late, *children[5];
	int key = 0;

	pen_ctx_cancel(canceled, "enough");
	ck_assert_int_eq(pen_ctx_with_deadline(&late, NULL, pen_now_ns()), 0);
	children[0] = child_of(canceled);
	ck_assert_int_eq(pen_ctx_with_value(&children[1], canceled, &key, &key), 0);
	ck_assert_int_eq(pen_ctx_with_timeout(&children[2], canceled, PEN_SECOND), 0);
	ck_assert_int_eq(pen_ctx_with_deadline(&children[3], canceled, 0), 0);
	for (int i = 0; i < 4; i++)
		assert_ended(children[i], -ECANCELED, "enough");
	children[4] = child_of(late);
	assert_ended(children[4], -ETIMEDOUT, "deadline");
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(pen_chan_try_recv(pen_ctx_done(children[i]), NULL), -EPIPE);
		pen_ctx_unref(children[i]);
	}
	pen_ctx_unref(canceled);
	pen_ctx_unref(late);
}

START_TEST(a_child_keeps_its_parents_and_they_may_be_given_back_in_any_order)
{
	struct pen_ctx *root = child_of(NULL), *node = child_of(root), *leaf = child_of(node);

	pen_ctx_unref(node);
	assert_lasts(leaf);
	pen_ctx_cancel(root, "through the middle");
	assert_ended(leaf, -ECANCELED, "through the middle");
	pen_ctx_unref(root);
	assert_ended(leaf, -ECANCELED, "through the middle");
	pen_ctx_unref(leaf);
}
END_TEST

START_TEST(giving_back_a_context_does_not_cancel_it)
{
	struct pen_ctx *root = child_of(NULL), *node = child_of(root), *leaf = child_of(node);

	pen_ctx_ref(root);
	pen_ctx_unref(root);
	pen_ctx_unref(root);
	pen_ctx_unref(node);
	assert_lasts(leaf);
	pen_ctx_unref(leaf);
}
END_TEST

START_TEST(the_one_for_cleanup_cancels_what_it_gives_back)
{
	struct pen_ctx *root = child_of(NULL), *leaf = child_of(root);

	{
		__attribute__((cleanup(pen_ctx_unrefp))) struct pen_ctx *none = NULL;
		__attribute__((cleanup(pen_ctx_unrefp))) struct pen_ctx *scoped = pen_ctx_ref(root);

		ck_assert_ptr_ne(none, scoped);
		assert_lasts(leaf);
	}
	assert_ended(leaf, -ECANCELED, "canceled");
	pen_ctx_unref(root);
	pen_ctx_unref(leaf);
}
END_TEST

START_TEST(a_value_is_found_below_where_it_was_given_and_the_nearest_counts)
{
	struct pen_ctx *first, *other, *second, *leaf;
	int key = 0, other_key = 0, unknown, values[3];

	ck_assert_int_eq(pen_ctx_with_value(&first, NULL, &key, &values[0]), 0);
	ck_assert_int_eq(pen_ctx_with_value(&other, first, &other_key, &values[1]), 0);
	ck_assert_int_eq(pen_ctx_with_value(&second, other, &key, &values[2]), 0);
	ck_assert_int_eq(pen_ctx_with_timeout(&leaf, second, PEN_SECOND), 0);
	ck_assert_ptr_eq(pen_ctx_value(leaf, &key), &values[2]);
	ck_assert_ptr_eq(pen_ctx_value(leaf, &other_key), &values[1]);
	ck_assert_ptr_eq(pen_ctx_value(other, &key), &values[0]);
	ck_assert_ptr_null(pen_ctx_value(first, &other_key));
	ck_assert_ptr_null(pen_ctx_value(leaf, &unknown));
	ck_assert_ptr_null(pen_ctx_value(leaf, NULL));
	pen_ctx_unref(first);
	pen_ctx_unref(other);
	pen_ctx_unref(second);
	pen_ctx_cancel(leaf, NULL);
	ck_assert_ptr_eq(pen_ctx_value(leaf, &key), &values[2]);
	pen_ctx_unref(leaf);
}
END_TEST

START_TEST(a_value_may_be_null_and_hides_the_one_above)
{
	struct pen_ctx *given, *hidden;
	int key = 0;

	ck_assert_int_eq(pen_ctx_with_value(&given, NULL, &key, &key), 0);
	ck_assert_int_eq(pen_ctx_with_value(&hidden, given, &key, NULL), 0);
	ck_assert_ptr_null(pen_ctx_value(hidden, &key));
	pen_ctx_unref(given);
	pen_ctx_unref(hidden);
}
END_TEST

KIND_TEST(one_without_cancel_keeps_the_values_and_nothing_else)
{
	struct pen_ctx *root, *late, *free_one, *leaf;
	int key = 0;

	ck_assert_int_eq(pen_ctx_with_value(&root, NULL, &key, &key), 0);
	ck_assert_int_eq(pen_ctx_with_timeout(&late, root, PEN_SECOND), 0);
	ck_assert_int_eq(pen_ctx_without_cancel(&free_one, late), 0);
	leaf = child_of(free_one);
	ck_assert_int_eq(pen_ctx_deadline(leaf), PEN_NEVER);
	pen_ctx_cancel(root, "enough");
	assert_ended(late, -ECANCELED, "enough");
	assert_lasts(free_one);
	assert_lasts(leaf);
	ck_assert_ptr_eq(pen_ctx_value(leaf, &key), &key);
	pen_ctx_unref(root);
	pen_ctx_unref(late);
	pen_ctx_cancel(free_one, "itself");
	assert_ended(leaf, -ECANCELED, "itself");
	pen_ctx_unref(free_one);
	pen_ctx_unref(leaf);
}

START_TEST(one_without_cancel_of_an_ended_context_lasts)
{
	struct pen_ctx *ended = ctx_canceled(), *free_one, *of_nothing;

	ck_assert_int_eq(pen_ctx_without_cancel(&free_one, ended), 0);
	ck_assert_int_eq(pen_ctx_without_cancel(&of_nothing, NULL), 0);
	assert_lasts(free_one);
	assert_lasts(of_nothing);
	pen_ctx_unref(ended);
	pen_ctx_unref(free_one);
	pen_ctx_unref(of_nothing);
}
END_TEST

KIND_TEST(done_is_one_channel_that_is_closed_at_the_end)
{
	struct pen_ctx *root = child_of(NULL), *leaf = child_of(root), *asked_late = child_of(leaf);
	struct pen_chan *done = pen_ctx_done(leaf);

	ck_assert_ptr_nonnull(done);
	ck_assert_ptr_eq(pen_ctx_done(leaf), done);
	ck_assert_ptr_ne(pen_ctx_done(root), done);
	ck_assert_int_eq(pen_chan_try_recv(done, NULL), -EAGAIN);
	pen_ctx_cancel(root, NULL);
	ck_assert_int_eq(pen_chan_recv(NULL, done, NULL), -EPIPE);
	ck_assert_int_eq(pen_chan_recv(NULL, pen_ctx_done(asked_late), NULL), -EPIPE);
	pen_ctx_unref(root);
	pen_ctx_unref(leaf);
	pen_ctx_unref(asked_late);
}

/* From the root down, one reference each; in a task, whose stack would not bear a call for each. */
TASK_TEST(a_tree_of_great_depth_ends_and_goes_without_recursion)
{
	static struct pen_ctx *nodes[DEPTH];
	struct pen_ctx *root = child_of(NULL);
	int key = 0;

	ck_assert_int_eq(pen_ctx_with_value(&nodes[0], root, &key, &key), 0);
	for (int i = 1; i < DEPTH; i++)
		if (pen_ctx_with_cancel(&nodes[i], nodes[i - 1]) != 0)
			ck_abort_msg("node %d could not be made", i);
	ck_assert_ptr_eq(pen_ctx_value(nodes[DEPTH - 1], &key), &key);
	for (int i = 0; i < DEPTH - 1; i++)
		pen_ctx_unref(nodes[i]);
	assert_lasts(nodes[DEPTH - 1]);
	pen_ctx_cancel(root, "far above");
	assert_ended(nodes[DEPTH - 1], -ECANCELED, "far above");
	pen_ctx_unref(root);
	pen_ctx_unref(nodes[DEPTH - 1]); /* and with it all above */
}

TASK_TEST(a_context_has_as_many_children_as_one_likes)
{
	static struct pen_ctx *children[DEPTH];
	struct pen_ctx *root = child_of(NULL);

	for (int i = 0; i < DEPTH; i++)
		if (pen_ctx_with_cancel(&children[i], root) != 0)
			ck_abort_msg("child %d could not be made", i);
	for (int i = 0; i < DEPTH; i += 3) /* from all over the list */
		pen_ctx_unref(children[i]);
	pen_ctx_cancel(root, "all");
	for (int i = 0; i < DEPTH; i++) {
		if (i % 3 == 0)
			continue;
		if (pen_ctx_err(children[i]) != -ECANCELED)
			ck_abort_msg("child %d goes on", i);
		pen_ctx_unref(children[i]);
	}
	pen_ctx_unref(root);
}

struct waiting {
	struct pen_ctx *ctx;
	int result;
};

static void sleep_under(void *arg)
{
	struct waiting *waiting = arg;

	waiting->result = pen_sleep(waiting->ctx, 3600 * PEN_SECOND);
}

KIND_TEST(a_cancel_wakes_all_who_wait_anywhere_below)
{
	struct pen_ctx *root = child_of(NULL), *above = root;
	struct waiting waiting[MEMBERS];
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++) {
		waiting[i].ctx = child_of(above);
		crew_go(&crew, sleep_under, &waiting[i]);
		if (i % 3 == 0)
			above = waiting[i].ctx;
	}
	pen_yield();
	pen_ctx_cancel(root, NULL);
	crew_join(&crew);
	for (int i = 0; i < MEMBERS; i++) {
		ck_assert_int_eq(waiting[i].result, -ECANCELED);
		pen_ctx_unref(waiting[i].ctx);
	}
	pen_ctx_unref(root);
}

/* Roots with a child each: one cancels the roots, the other the children. */
struct family {
	struct pen_ctx *roots[ROUNDS], *children[ROUNDS], *born[ROUNDS];
};

static void cancel_roots(void *arg)
{
	struct family *family = arg;

	for (int i = 0; i < ROUNDS; i++) {
		pen_ctx_cancel(family->roots[i], "root");
		pen_ctx_unref(family->roots[i]);
	}
}

/* Or have a child of their own just then. */
static void cancel_children(void *arg)
{
	struct family *family = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (i % 2)
			pen_ctx_cancel(family->children[i], "child");
		if (pen_ctx_with_timeout(&family->born[i], family->children[i], 3600 * PEN_SECOND) != 0)
			ck_abort_msg("no child could be made");
	}
}

PAIR_TEST(a_child_that_ends_itself_as_its_parent_does_ends_once_and_its_own_with_it)
{
	static struct family family;

	for (int i = 0; i < ROUNDS; i++) {
		family.roots[i] = child_of(NULL);
		family.children[i] = child_of(family.roots[i]);
	}
	pair_go(pairing, cancel_roots, cancel_children, &family);
	for (int i = 0; i < ROUNDS; i++) {
		const char *cause = pen_ctx_cause(family.children[i]);

		ck_assert_int_eq(pen_ctx_err(family.children[i]), -ECANCELED);
		ck_assert_int_eq(pen_ctx_err(family.born[i]), -ECANCELED);
		pen_ctx_unref(family.born[i]);
		if (strcmp(cause, "root") != 0 && (i % 2 == 0 || strcmp(cause, "child") != 0))
			ck_abort_msg("the cause is %s", cause);
		pen_ctx_unref(family.children[i]);
	}
}

int main(void)
{
	TCase *tcase = tcase_create("ctx");

	tcase_add_loop_test(tcase, the_background_never_ends_and_carries_nothing, 0, 2);
	tcase_add_kind_test(tcase, a_cancel_ends_all_below_and_nothing_above_or_beside);
	tcase_add_kind_test(tcase, the_first_end_counts_at_each_height);
	tcase_add_kind_test(tcase, a_child_of_an_ended_context_is_born_ended);
	tcase_add_test(tcase, a_child_keeps_its_parents_and_they_may_be_given_back_in_any_order);
	tcase_add_test(tcase, giving_back_a_context_does_not_cancel_it);
	tcase_add_test(tcase, the_one_for_cleanup_cancels_what_it_gives_back);
	tcase_add_test(tcase, a_value_is_found_below_where_it_was_given_and_the_nearest_counts);
	tcase_add_test(tcase, a_value_may_be_null_and_hides_the_one_above);
	tcase_add_kind_test(tcase, one_without_cancel_keeps_the_values_and_nothing_else);
	tcase_add_test(tcase, one_without_cancel_of_an_ended_context_lasts);
	tcase_add_kind_test(tcase, done_is_one_channel_that_is_closed_at_the_end);
	tcase_add_test(tcase, a_tree_of_great_depth_ends_and_goes_without_recursion);
	tcase_add_test(tcase, a_context_has_as_many_children_as_one_likes);
	tcase_add_kind_test(tcase, a_cancel_wakes_all_who_wait_anywhere_below);
	tcase_add_pair_test(tcase, a_child_that_ends_itself_as_its_parent_does_ends_once_and_its_own_with_it);
	return crew_run_suite("ctx", tcase);
}
