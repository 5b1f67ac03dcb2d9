/* test_order.c - things by their place in a row. */
#include "store/order.h"

#include <check.h>
#include <stdlib.h>

#include "unit.h"

enum { THINGS = 1000 };

static int things[THINGS + 1];

static void fill(struct order *order)
{
	ck_assert_int_eq(order_reserve(order, THINGS), 0);
	for (int i = 1; i <= THINGS; i++)
		ck_assert_int_eq(order_add(order, &things[i]), i);
}

/* The things below a place must be those whose number is a multiple of `step`. */
static void walk(const struct order *order, int64_t below, int step)
{
	for (int64_t want = (below - 1) / step * step; want > 0; want -= step) {
		ck_assert_ptr_eq(order_below(order, below, &below), &things[want]);
		ck_assert_int_eq(below, want);
	}
	ck_assert_ptr_null(order_below(order, below, &below));
}

START_TEST(things_are_found_from_the_last_to_the_first)
{
	struct order order = {0};

	walk(&order, THINGS + 1, THINGS + 1);
	fill(&order);
	walk(&order, THINGS + 1, 1);
	walk(&order, 17, 1);
	walk(&order, 1, 1);
	order_fini(&order);
}
END_TEST

START_TEST(what_was_taken_out_is_passed_over_and_places_stay)
{
	struct order order = {0};

	fill(&order);
	for (int i = 1; i <= THINGS; i++)
		if (i % 10 != 0)
			order_remove(&order, i);
	ck_assert_uint_lt(order.len, THINGS / 3); /* holes do not stay */
	walk(&order, THINGS + 1, 10);
	walk(&order, THINGS / 2 + 5, 10);
	for (int i = 10; i <= THINGS; i += 10)
		order_remove(&order, i);
	walk(&order, THINGS + 1, THINGS + 1);
	ck_assert_int_eq(order_reserve(&order, 1), 0);
	ck_assert_int_eq(order_add(&order, &things[0]), THINGS + 1);
	order_fini(&order);
}
END_TEST

START_TEST(another_thing_takes_a_place)
{
	struct order order = {0};
	int64_t place;
	int other;

	fill(&order);
	order_set(&order, 500, &other);
	ck_assert_ptr_eq(order_below(&order, 501, &place), &other);
	ck_assert_ptr_eq(order_below(&order, 500, &place), &things[499]);
	order_fini(&order);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("order");

	tcase_add_test(tcase, things_are_found_from_the_last_to_the_first);
	tcase_add_test(tcase, what_was_taken_out_is_passed_over_and_places_stay);
	tcase_add_test(tcase, another_thing_takes_a_place);
	return unit_run("order", tcase);
}
