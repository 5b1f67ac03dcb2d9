/* test_tombs.c - which ids were known once. */
#include <check.h>
#include <string.h>

#include "store/tombs.h"
#include "unit.h"

static struct uuid id_of(uint32_t n)
{
	struct uuid id = {0};

	memcpy(id.bytes + 12, &n, sizeof(n));
	return id;
}

START_TEST(tombs_hold_the_latest_and_forget_the_oldest)
{
	struct tombs tombs;

	ck_assert_int_eq(tombs_init(&tombs, 1000), 0);
	for (uint32_t i = 0; i < 5000; i++) {
		struct uuid id = id_of(i), oldest = id_of(i < 999 ? 0 : i - 999), gone = id_of(i - 1000);

		ck_assert(!tombs_has(&tombs, &id));
		tombs_add(&tombs, &id);
		ck_assert(tombs_has(&tombs, &id));
		ck_assert(tombs_has(&tombs, &oldest));
		ck_assert(i < 1000 || !tombs_has(&tombs, &gone));
	}
	for (uint32_t i = 0; i < 5000; i++) {
		struct uuid id = id_of(i);

		ck_assert_int_eq(tombs_has(&tombs, &id), i >= 4000);
	}
	tombs_fini(&tombs);
}
END_TEST

START_TEST(the_smallest_number_of_tombs_is_one)
{
	struct tombs tombs;
	struct uuid first = id_of(1), second = id_of(2);

	ck_assert_int_eq(tombs_init(&tombs, 1), 0);
	ck_assert(!tombs_has(&tombs, &first));
	tombs_add(&tombs, &first);
	tombs_add(&tombs, &second);
	ck_assert(!tombs_has(&tombs, &first));
	ck_assert(tombs_has(&tombs, &second));
	tombs_fini(&tombs);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("tombs");

	tcase_add_test(tcase, tombs_hold_the_latest_and_forget_the_oldest);
	tcase_add_test(tcase, the_smallest_number_of_tombs_is_one);
	return unit_run("tombs", tcase);
}
