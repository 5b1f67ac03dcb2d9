/* choice.h - one who selects in a task of its own, and what was chosen. */
#ifndef TESTS_CHOICE_H
#define TESTS_CHOICE_H

#include <penstock/select.h>

#include "party.h"

enum { CASES_MOST = 4, UNDECIDED = 1000 };

struct choice {
	struct pen_ctx *ctx;
	size_t n;
	struct pen_case cases[CASES_MOST];
	unsigned flags;
	int chosen;
};

static inline void choose(void *arg)
{
	struct choice *choice = arg;

	choice->chosen = pen_select(choice->ctx, choice->cases, choice->n, choice->flags);
}

/* In a TASK_TEST: let a task select, which must wait. */
static inline void choose_later(struct choice *choice)
{
	choice->chosen = UNDECIDED;
	ck_assert_int_eq(pen_go(choose, choice), 0);
	let_others_park();
	ck_assert_int_eq(choice->chosen, UNDECIDED);
}

static inline void assert_chosen(const struct choice *choice, int index, int result)
{
	ck_assert_int_eq(choice->chosen, index);
	ck_assert_int_eq(choice->cases[index].result, result);
}

#endif
