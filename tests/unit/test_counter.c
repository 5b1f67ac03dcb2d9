/* test_counter.c - counters lose nothing, whoever adds. */
#include <penstock/counter.h>

#include "crew.h"

enum { MEMBERS = 4, ADDS = 20000 };

START_TEST(a_zeroed_counter_reads_0)
{
	struct pen_counter counter = {0};

	ck_assert_uint_eq(pen_counter_read(&counter), 0);
}
END_TEST

START_TEST(a_counter_adds_up_to_the_end_of_64_bits)
{
	struct pen_counter counter = {0};

	pen_counter_add(&counter, 3);
	pen_counter_add(&counter, UINT64_MAX - 3);
	ck_assert_uint_eq(pen_counter_read(&counter), UINT64_MAX);
}
END_TEST

static void add_often(void *arg)
{
	for (int i = 0; i < ADDS; i++)
		pen_counter_add(arg, 2);
}

KIND_TEST(adders_at_the_same_time_lose_nothing)
{
	struct pen_counter counter = {0};
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++)
		crew_go(&crew, add_often, &counter);
	crew_join(&crew);
	ck_assert_uint_eq(pen_counter_read(&counter), (uint64_t)2 * MEMBERS * ADDS);
}

int main(void)
{
	TCase *tcase = tcase_create("counter");

	tcase_add_test(tcase, a_zeroed_counter_reads_0);
	tcase_add_test(tcase, a_counter_adds_up_to_the_end_of_64_bits);
	tcase_add_kind_test(tcase, adders_at_the_same_time_lose_nothing);
	return crew_run_suite("counter", tcase);
}
