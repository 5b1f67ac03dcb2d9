/* test_buf.c - bytes that grow: all that is added comes back, up to the limit and no further. */
#include "base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

enum { CHUNKS = 400, CHUNK_MAX = 1500 };

START_TEST(an_empty_buffer_owns_nothing)
{
	struct buf buf = {0};

	buf_fini(&buf);
	buf_fini(&buf);
	ck_assert_ptr_null(buf.data);
	ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(bytes_come_back_as_they_were_added_with_a_nul_behind)
{
	static char all[CHUNKS * CHUNK_MAX];
	CLEANUP(buf_fini) struct buf buf = {0};
	uint64_t random = 1;
	size_t len = 0;

	for (int i = 0; i < CHUNKS; i++) {
		size_t bytes = i % 7 ? seeded_below(&random, CHUNK_MAX) : seeded_below(&random, 3);

		for (size_t j = 0; j < bytes; j++)
			all[len + j] = (char)seeded_below(&random, 256); /* NULs too */
		ck_assert_int_eq(buf_add(&buf, all + len, bytes), 0);
		len += bytes;
		ck_assert_uint_eq(buf.len, len);
		ck_assert_uint_lt(buf.len, buf.size);
		ck_assert_int_eq(buf.data[len], 0);
	}
	ck_assert_uint_gt(len, CHUNKS * CHUNK_MAX / 3);
	ck_assert_mem_eq(buf.data, all, len);
}
END_TEST

START_TEST(nothing_may_be_added)
{
	CLEANUP(buf_fini) struct buf buf = {0};

	ck_assert_int_eq(buf_add(&buf, NULL, 0), 0);
	ck_assert_str_eq(buf.data, "");
	ck_assert_int_eq(buf_addf(&buf, "%s", ""), 0);
	ck_assert_str_eq(buf.data, "");
	ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(a_print_of_any_length_is_whole)
{
	static char word[3000];

	for (size_t n = 0; n<sizeof(word); n += n> 240 && n < 530 ? 1 : 37) {
		CLEANUP(buf_fini) struct buf buf = {0};

		memset(word, 'w', n);
		word[n] = '\0';
		ck_assert_int_eq(buf_addf(&buf, "%d%s", 7, word), 0);
		ck_assert_uint_lt(buf.len, buf.size);
		ck_assert_int_eq(buf_addf(&buf, "%s|%c", word, 'x'), 0);
		ck_assert_uint_eq(buf.len, 2 * n + 3);
		ck_assert_uint_eq(strlen(buf.data), buf.len);
		ck_assert_int_eq(buf.data[0], '7');
		ck_assert_mem_eq(buf.data + 1, word, n);
		ck_assert_mem_eq(buf.data + 1 + n, word, n);
		ck_assert_str_eq(buf.data + 1 + 2 * n, "|x");
	}
}
END_TEST

START_TEST(up_to_the_limit_all_is_kept)
{
	for (size_t max = 1; max < 1200; max += 13) {
		CLEANUP(buf_fini) struct buf buf = {.max = max};

		for (size_t i = 0; i < max - 1; i++)
			ck_assert_int_eq(buf_add(&buf, "a", 1), 0);
		ck_assert_int_eq(buf_addf(&buf, "b"), 0);
		ck_assert_uint_eq(buf.len, max);
		ck_assert_int_eq(buf_add(&buf, "c", 1), -EFBIG);
		ck_assert_uint_eq(buf.len, max);
		ck_assert_int_eq(buf.data[max - 1], 'b');
		ck_assert_int_eq(buf.data[max], '\0');
	}
}
END_TEST

START_TEST(past_the_limit_nothing_is_appended_and_the_failure_sticks)
{
	CLEANUP(buf_fini) struct buf buf = {.max = 10};
	size_t bytes = 77;

	ck_assert_int_eq(buf_add(&buf, "12345678", 8), 0);
	ck_assert_int_eq(buf_add(&buf, "abc", 3), -EFBIG);
	ck_assert_int_eq(buf_add(&buf, "a", 1), -EFBIG);
	ck_assert_int_eq(buf_add(&buf, "", 0), -EFBIG);
	ck_assert_int_eq(buf_addf(&buf, "a"), -EFBIG);
	ck_assert_int_eq(buf.error, -EFBIG);
	ck_assert_str_eq(buf.data, "12345678");
	ck_assert_uint_eq(buf.len, 8);
	ck_assert_ptr_null(buf_take(&buf, &bytes));
	ck_assert_uint_eq(bytes, 77);
	buf_fini(&buf);
	ck_assert_int_eq(buf_add(&buf, "a", 1), 0);
}
END_TEST

START_TEST(a_long_print_past_the_limit_appends_nothing)
{
	CLEANUP(buf_fini) struct buf buf = {.max = 600};

	ck_assert_int_eq(buf_addf(&buf, "%600s", "x"), 0);
	ck_assert_int_eq(buf_addf(&buf, "%600s", "y"), -EFBIG);
	ck_assert_uint_eq(strlen(buf.data), 600);
	ck_assert_ptr_null(strchr(buf.data, 'y'));
}
END_TEST

START_TEST(a_size_that_nobody_has_is_refused)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2, SIZE_MAX / 2 - 1};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(buf_fini) struct buf buf = {0}, limited = {.max = SIZE_MAX / 4};

		ck_assert_int_eq(buf_add(&buf, "a", 1), 0);
		ck_assert_int_eq(buf_add(&buf, "", sizes[i]), -ENOMEM);
		ck_assert_str_eq(buf.data, "a");
		ck_assert_int_eq(buf_add(&limited, "", sizes[i]), -EFBIG);
	}
}
END_TEST

START_TEST(room_that_is_reserved_changes_nothing_else)
{
	CLEANUP(buf_fini) struct buf buf = {.max = 1000};
	const char *data;

	ck_assert_int_eq(buf_reserve(&buf, 1000), 0);
	ck_assert_uint_eq(buf.len, 0);
	data = buf.data;
	ck_assert_int_eq(buf_addf(&buf, "%1000s", "x"), 0);
	ck_assert_ptr_eq(buf.data, data);
	ck_assert_int_eq(buf_reserve(&buf, 1), -EFBIG);
}
END_TEST

START_TEST(a_print_that_fails_is_a_failure)
{
	static const wchar_t none[] = {0x7fffffff, 0}; /* no character, so that nothing can be printed */
	CLEANUP(buf_fini) struct buf buf = {0}, limited = {.max = 1000};

	ck_assert_int_eq(buf_addf(&buf, "%ls", none), -ENOMEM);
	ck_assert_int_eq(buf_add(&buf, "a", 1), -ENOMEM);
	ck_assert_int_eq(buf_addf(&limited, "%ls", none), -EFBIG);
}
END_TEST

START_TEST(what_is_taken_is_the_callers_and_the_buffer_begins_anew)
{
	CLEANUP(buf_fini) struct buf buf = {.max = 4};
	CLEANUP(freep) char *first = NULL, *second = NULL, *none = NULL;
	size_t bytes;

	buf_add(&buf, "a\0b", 3);
	first = buf_take(&buf, &bytes);
	ck_assert_uint_eq(bytes, 3);
	ck_assert_mem_eq(first, "a\0b", 4);
	ck_assert_ptr_null(buf.data);
	ck_assert_uint_eq(buf.len, 0);

	ck_assert_int_eq(buf_add(&buf, "1234", 4), 0);
	second = buf_take(&buf, &bytes);
	ck_assert_str_eq(second, "1234");
	ck_assert_mem_eq(first, "a\0b", 4);

	none = buf_take(&buf, &bytes);
	ck_assert_str_eq(none, "");
	ck_assert_uint_eq(bytes, 0);
	ck_assert_int_eq(buf_add(&buf, "12345", 5), -EFBIG);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("buf");

	tcase_add_test(tcase, an_empty_buffer_owns_nothing);
	tcase_add_test(tcase, bytes_come_back_as_they_were_added_with_a_nul_behind);
	tcase_add_test(tcase, nothing_may_be_added);
	tcase_add_test(tcase, a_print_of_any_length_is_whole);
	tcase_add_test(tcase, up_to_the_limit_all_is_kept);
	tcase_add_test(tcase, past_the_limit_nothing_is_appended_and_the_failure_sticks);
	tcase_add_test(tcase, a_long_print_past_the_limit_appends_nothing);
	tcase_add_test(tcase, a_size_that_nobody_has_is_refused);
	tcase_add_test(tcase, room_that_is_reserved_changes_nothing_else);
	tcase_add_test(tcase, a_print_that_fails_is_a_failure);
	tcase_add_test(tcase, what_is_taken_is_the_callers_and_the_buffer_begins_anew);
	return unit_run("buf", tcase);
}
