/* test_ctx_race.c - a context that is being ended while children join it. */
#include <errno.h>

#include "crew.h"

enum { ROUNDS = 300 };

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

int main(void)
{
	TCase *tcase = tcase_create("ctx_race");

	tcase_add_kind_test(tcase, a_child_with_a_deadline_may_join_while_its_parent_is_canceled);
	return crew_run_suite("ctx_race", tcase);
}
