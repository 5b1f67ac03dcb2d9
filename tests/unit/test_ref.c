/* test_ref.c - the last reference is given back once. */
#define UNIT_FORKS 1
#include <penstock/ref.h>
#include <signal.h>

#include "crew.h"

enum { MEMBERS = 8, ROUNDS = 2000 };

START_TEST(only_the_last_put_is_told_so)
{
	struct pen_ref ref = PEN_REF_ONE;

	pen_ref_get(&ref);
	pen_ref_get(&ref);
	ck_assert(!pen_ref_put(&ref));
	ck_assert(!pen_ref_put(&ref));
	ck_assert(pen_ref_put(&ref));
}
END_TEST

struct shared {
	struct pen_ref ref;
	int written_by[MEMBERS];
};

static void get_and_put_often(struct shared *shared)
{
	for (int i = 0; i < ROUNDS; i++) {
		pen_ref_get(&shared->ref);
		ck_assert(!pen_ref_put(&shared->ref));
	}
}

struct holder {
	struct shared *shared;
	int number;
	int *freed; /* atomic */
};

/* The sanitizer for threads sees whether the last one may read what the others wrote. */
static void hold_and_free(void *arg)
{
	struct holder *holder = arg;
	struct shared *shared = holder->shared;
	int sum = 0;

	get_and_put_often(shared);
	shared->written_by[holder->number] = 1;
	if (!pen_ref_put(&shared->ref))
		return;
	for (int i = 0; i < MEMBERS; i++)
		sum += shared->written_by[i];
	ck_assert_int_eq(sum, MEMBERS);
	free(shared);
	__atomic_fetch_add(holder->freed, 1, __ATOMIC_RELAXED);
}

KIND_TEST(one_of_many_holders_frees_and_sees_what_all_wrote)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	struct holder holders[MEMBERS];
	struct crew crew;
	int freed = 0;

	ck_assert_ptr_nonnull(shared);
	shared->ref = (struct pen_ref)PEN_REF_ONE;
	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++) {
		holders[i] = (struct holder){shared, i, &freed};
		if (i > 0)
			pen_ref_get(&shared->ref);
	}
	for (int i = 0; i < MEMBERS; i++)
		crew_go(&crew, hold_and_free, &holders[i]);
	crew_join(&crew);
	ck_assert_int_eq(freed, 1);
}

START_TEST(a_put_too_many_aborts)
{
	struct pen_ref ref = PEN_REF_ONE;

	ck_assert(pen_ref_put(&ref));
	(void)!pen_ref_put(&ref);
}
END_TEST

START_TEST(a_get_of_what_is_gone_aborts)
{
	struct pen_ref ref = PEN_REF_ONE;

	ck_assert(pen_ref_put(&ref));
	pen_ref_get(&ref);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ref");

	tcase_add_test(tcase, only_the_last_put_is_told_so);
	tcase_add_kind_test(tcase, one_of_many_holders_frees_and_sees_what_all_wrote);
	tcase_add_abort_test(tcase, a_put_too_many_aborts);
	tcase_add_abort_test(tcase, a_get_of_what_is_gone_aborts);
	return crew_run_suite("ref", tcase);
}
