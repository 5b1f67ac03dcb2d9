/* test_fit.c - text that does not fit is cut between characters. */
#include "base/fit.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

/* A place of exactly `size` bytes, so that a sanitizer sees a byte too many; to be freed. */
static char *place(size_t size)
{
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	memset(text, '#', size);
	return text;
}

START_TEST(what_fits_is_whole)
{
	CLEANUP(freep) char *text = place(9);

	fit_print(text, 9, "%s-%d", "abc", 1234);
	ck_assert_str_eq(text, "abc-1234");
	fit_print(text, 9, "%s", "\xf0\x9f\x9a\xb0\xf0\x9f\x9a\xb0");
	ck_assert_str_eq(text, "\xf0\x9f\x9a\xb0\xf0\x9f\x9a\xb0");
	fit_print(text, 9, "%s", "");
	ck_assert_str_eq(text, "");
}
END_TEST

static const char *const characters[] = {"a", "\x7f", "\xc2\x80", "\xc3\xa9", "\xdf\xbf", "\xe0\xa0\x80",
	"\xe4\xb8\xad", "\xef\xbf\xbd", "\xf0\x90\x80\x80", "\xf0\x9f\x9a\xb0", "\xf4\x8f\xbf\xbf"};

START_TEST(as_many_whole_characters_are_kept_as_fit)
{
	uint64_t random = 3;

	for (int round = 0; round < 300; round++) {
		char whole[64] = "";
		size_t ends[16] = {0}, n = 1; /* where characters end */

		for (; n < ARRAY_LEN(ends); n++) {
			strcat(whole, characters[seeded_below(&random, ARRAY_LEN(characters))]);
			ends[n] = strlen(whole);
		}
		for (size_t size = 1, fit = 0; size <= strlen(whole) + 1; size++) {
			CLEANUP(freep) char *text = place(size);

			while (fit + 1 < n && ends[fit + 1] < size)
				fit++;
			fit_print(text, size, "%s", whole);
			if (strlen(text) != ends[fit] || memcmp(text, whole, ends[fit]) != 0)
				ck_abort_msg("%s in %zu: %s", whole, size, text);
		}
	}
}
END_TEST

START_TEST(other_bytes_than_utf_8_do_no_harm)
{
	uint64_t random = 4;

	for (int round = 0; round < 20000; round++) {
		char whole[40];
		size_t size = 1 + seeded_below(&random, sizeof(whole)), len;
		CLEANUP(freep) char *text = place(size);

		for (size_t i = 0; i < sizeof(whole) - 1; i++)
			whole[i] = (char)(seeded(&random) % 2 ? 0x80 + seeded_below(&random, 0x80)
							      : 1 + seeded_below(&random, 0x7f));
		whole[sizeof(whole) - 1] = '\0';
		fit_print(text, size, "%s", whole);
		len = strnlen(text, size);
		if (len >= size || len + 4 < size || memcmp(text, whole, len) != 0)
			ck_abort_msg("%s in %zu: %s", whole, size, text);
	}
}
END_TEST

START_TEST(bytes_that_only_continue_are_kept)
{
	char text[4];

	fit_print(text, sizeof(text), "%s", "\x80\x81\x82\x83\x84");
	ck_assert_str_eq(text, "\x80\x81\x82");
}
END_TEST

START_TEST(what_cannot_be_printed_is_empty)
{
	static const wchar_t none[] = {0x7fffffff, 0};
	char text[8] = "before";

	fit_print(text, sizeof(text), "abc%ls", none);
	ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fit");

	tcase_add_test(tcase, what_fits_is_whole);
	tcase_add_test(tcase, as_many_whole_characters_are_kept_as_fit);
	tcase_add_test(tcase, other_bytes_than_utf_8_do_no_harm);
	tcase_add_test(tcase, bytes_that_only_continue_are_kept);
	tcase_add_test(tcase, what_cannot_be_printed_is_empty);
	return unit_run("fit", tcase);
}
