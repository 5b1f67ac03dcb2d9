/* test_wire_list.c - labels that are looked for, and pages of jobs as the client reads them. */
#include "unit.h"
#include "wire_submit.h"

#define LABELLED \
	"{\"kind\":\"echo\",\"spec\":{\"labels\":{\"no\":\"no\"}},\"l\\u0061bels\":{\"order\":\"17\",\"caf\\u00e9\":\"\\u00fc\"," \
	"\"a.b\":\"\"}}"

static bool has(const char *request, const char *name, const char *value)
{
	const struct wire_label labels[] = {
		{"order", "17" },
		{name,    value},
	};

	return wire_has_labels(request, strlen(request), labels + 1, 1) &&
	       wire_has_labels(request, strlen(request), labels, 2);
}

START_TEST(labels_are_found_however_they_are_written)
{
	ck_assert(has(LABELLED, "order", "17"));
	ck_assert(has(LABELLED, "caf\xc3\xa9", "\xc3\xbc"));
	ck_assert(has(LABELLED, "a.b", ""));
	ck_assert(!has(LABELLED, "order", "1"));
	ck_assert(!has(LABELLED, "order", "17 "));
	ck_assert(!has(LABELLED, "a.b", "x"));
	ck_assert(!has(LABELLED, "no", "no"));
	ck_assert(!has(LABELLED, "", ""));
}
END_TEST

START_TEST(a_job_without_labels_has_none)
{
	static const char plain[] = "{\"kind\":\"echo\"}", empty[] = "{\"kind\":\"echo\",\"labels\":{}}";

	ck_assert(!has(plain, "order", "17"));
	ck_assert(!has(empty, "order", "17"));
	ck_assert(wire_has_labels(plain, strlen(plain), NULL, 0));
}
END_TEST

static int note(void *arg, const char *job, size_t bytes)
{
	struct buf *noted = arg;

	return bytes == 1 && *job == '3' ? -EPROTO : buf_addf(noted, "<%.*s>", (int)bytes, job);
}

static int read_page(const char *text, struct buf *noted, char *cursor, size_t size)
{
	return wire_read_page(text, strlen(text), "jobs", note, noted, cursor, size);
}

START_TEST(a_page_is_read_job_by_job_as_it_was_written)
{
	CLEANUP(buf_fini) struct buf noted = {0};
	char cursor[8] = "x";

	ck_assert_int_eq(read_page("{\"jobs\": [{\"a\": 0.10}, {}], \"next_cursor\": \"abc\"}", &noted,
				 cursor, sizeof(cursor)),
		0);
	ck_assert_str_eq(noted.data, "<{\"a\": 0.10}><{}>");
	ck_assert_str_eq(cursor, "abc");
	ck_assert_int_eq(read_page("{\"jobs\":[],\"next_cursor\":null}", &noted, cursor, sizeof(cursor)), 0);
	ck_assert_str_eq(cursor, "");
}
END_TEST

START_TEST(what_is_no_page_is_refused_and_whom_it_is_read_to_may_end_it)
{
	static const char *const texts[] = {
		"", "[]", "{}", "{\"jobs\":{}}", "{\"jobs\":[", "{\"jobs\":[],\"next_cursor\":\"too long\"}"};
	CLEANUP(buf_fini) struct buf noted = {0};
	char cursor[8];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_int_eq(read_page(texts[i], &noted, cursor, sizeof(cursor)), -EINVAL);
	ck_assert_int_eq(read_page("{\"jobs\":[1,3,2]}", &noted, cursor, sizeof(cursor)), -EPROTO);
	ck_assert_str_eq(noted.data, "<1>");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_list");

	tcase_add_test(tcase, labels_are_found_however_they_are_written);
	tcase_add_test(tcase, a_job_without_labels_has_none);
	tcase_add_test(tcase, a_page_is_read_job_by_job_as_it_was_written);
	tcase_add_test(tcase, what_is_no_page_is_refused_and_whom_it_is_read_to_may_end_it);
	return unit_run("wire_list", tcase);
}
