/* test_ctx_race.c - a context that is being ended while children join it. */
#include <errno.h>
#include <penstock/chan.h>

#include "crew.h"

enum { ROUNDS = UNIT_SANITIZER ? 100 : 300, CHILDREN = 40 };

static void cancel(void *arg)
{
	pen_ctx_cancel(arg, "enough");
}

struct birth {
	struct pen_ctx *parent, *child;
};

static void give_birth_with_a_deadline(void *arg)
{
	struct birth *birth = arg;

	ck_assert_int_eq(pen_ctx_with_timeout(&birth->child, birth->parent, 3600 * PEN_SECOND), 0);
}

/* Whichever comes first, the child has ended as its parent has, and its timer is gone: the thread sanitizer watches. */
static void cancel_and_give_birth_at_once(enum kind kind)
{
	struct birth birth = {0};
	struct crew crew;

	ck_assert_int_eq(pen_ctx_with_cancel(&birth.parent, NULL), 0);
	crew_init(&crew, kind);
	crew_go(&crew, cancel, birth.parent);
	crew_go(&crew, give_birth_with_a_deadline, &birth);
	crew_join(&crew);
	ck_assert_int_eq(pen_ctx_err(birth.child), -ECANCELED);
	ck_assert_str_eq(pen_ctx_cause(birth.child), "enough");
	pen_ctx_unref(birth.child);
	pen_ctx_unref(birth.parent);
}

KIND_TEST(a_child_with_a_deadline_may_join_while_its_parent_is_canceled)
{
	for (int i = 0; i < ROUNDS; i++)
		cancel_and_give_birth_at_once(kind);
}

struct family {
	struct pen_ctx *parent, *children[CHILDREN];
};

static void family_init(struct family *family)
{
	ck_assert_int_eq(pen_ctx_with_cancel(&family->parent, NULL), 0);
	for (int i = 0; i < CHILDREN; i++)
		ck_assert_int_eq(pen_ctx_with_cancel(&family->children[i], family->parent), 0);
}

static void family_fini(struct family *family)
{
	for (int i = 0; i < CHILDREN; i++)
		pen_ctx_unref(family->children[i]);
	pen_ctx_unref(family->parent);
}

static void assert_all_ended(struct family *family)
{
	ck_assert_int_eq(pen_ctx_err(family->parent), -ECANCELED);
	for (int i = 0; i < CHILDREN; i++) {
		ck_assert_int_eq(pen_ctx_err(family->children[i]), -ECANCELED);
		ck_assert_str_eq(pen_ctx_cause(family->children[i]), "enough");
	}
}

static void cancel_and_look(void *arg)
{
	struct family *family = arg;

	pen_ctx_cancel(family->parent, "enough");
	assert_all_ended(family);
}

static void look_until_it_ends(void *arg)
{
	struct family *family = arg;

	while (pen_ctx_err(family->parent) == 0)
		pen_yield();
	assert_all_ended(family);
}

static void end_a_family(enum kind kind, void (*first)(void *arg), void (*second)(void *arg))
{
	struct family family;
	struct crew crew;

	family_init(&family);
	crew_init(&crew, kind);
	crew_go(&crew, first, &family);
	crew_go(&crew, second, &family);
	crew_join(&crew);
	family_fini(&family);
}

KIND_TEST(once_a_cancel_has_returned_all_have_ended_whoever_was_first)
{
	for (int i = 0; i < ROUNDS; i++)
		end_a_family(kind, cancel_and_look, cancel_and_look);
}

KIND_TEST(whoever_sees_a_parent_ended_sees_its_children_ended)
{
	for (int i = 0; i < ROUNDS; i++)
		end_a_family(kind, look_until_it_ends, cancel_and_look);
}

/* Whether a timer or the waiter itself was first to see the deadline pass. */
static void wait_and_look(void *arg)
{
	struct pen_ctx *parent = ctx_soon_late(), *child;
	struct pen_chan *never = pen_chan_new(0, 0);

	(void)arg;
	ck_assert_int_eq(pen_ctx_with_cancel(&child, parent), 0);
	ck_assert_int_eq(pen_chan_recv(child, never, NULL), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(child), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(parent), -ETIMEDOUT);
	ck_assert_str_eq(pen_ctx_cause(child), "deadline");
	pen_ctx_cancel(parent, NULL);
	ck_assert_int_eq(pen_ctx_err(child), -ETIMEDOUT);
	pen_chan_free(never);
	pen_ctx_unref(child);
	pen_ctx_unref(parent);
}

KIND_TEST(where_a_deadline_ended_the_wait_it_has_ended_the_context_whose_it_is)
{
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < CHILDREN; i++)
		crew_go(&crew, wait_and_look, NULL);
	crew_join(&crew);
}

int main(void)
{
	TCase *tcase = tcase_create("ctx_race");

	tcase_add_kind_test(tcase, a_child_with_a_deadline_may_join_while_its_parent_is_canceled);
	tcase_add_kind_test(tcase, once_a_cancel_has_returned_all_have_ended_whoever_was_first);
	tcase_add_kind_test(tcase, whoever_sees_a_parent_ended_sees_its_children_ended);
	tcase_add_kind_test(tcase, where_a_deadline_ended_the_wait_it_has_ended_the_context_whose_it_is);
	return crew_run_suite("ctx_race", tcase);
}
