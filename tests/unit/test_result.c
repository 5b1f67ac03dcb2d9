/* test_result.c - a result document is a copy, has an ETag of its own, and is shared. */
#include "core/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct uuid id = {.bytes = "an id of a job"};

static struct result *result_of(const char *body)
{
	struct result *result = result_new(&id, JOB_SUCCEEDED, 5, body, strlen(body));

	ck_assert_ptr_nonnull(result);
	return result;
}

START_TEST(a_result_has_a_copy_of_all_it_was_given)
{
	char body[] = "{\"a\":\"\0\"}";
	CLEANUP(result_unrefp)
	struct result *result = result_new(&id, JOB_EXPIRED, INT64_C(1764000000000), body, sizeof(body) - 1);

	memset(body, '#', sizeof(body));
	ck_assert_ptr_nonnull(result);
	ck_assert(uuid_equal(&result->id, &id));
	ck_assert_int_eq(result->state, JOB_EXPIRED);
	ck_assert_int_eq(result->finished_ms, INT64_C(1764000000000));
	ck_assert_uint_eq(result->body_bytes, 9);
	ck_assert_mem_eq(result->body, "{\"a\":\"\0\"}", 10); /* and a NUL */
}
END_TEST

START_TEST(a_document_may_be_empty)
{
	CLEANUP(result_unrefp) struct result *result = result_of("");

	ck_assert_uint_eq(result->body_bytes, 0);
	ck_assert_str_eq(result->body, "");
	ck_assert_uint_gt(strlen(result->etag), 2);
}
END_TEST

/* RFC 9110, 8.8.3: not weak, in quotes, nothing but what may be between them. */
START_TEST(an_etag_is_a_strong_one)
{
	CLEANUP(result_unrefp) struct result *result = result_of("{}");
	size_t len = strlen(result->etag);

	ck_assert_uint_lt(len, ETAG_TEXT);
	ck_assert_int_eq(result->etag[0], '"');
	ck_assert_int_eq(result->etag[len - 1], '"');
	ck_assert_uint_eq(strspn(result->etag + 1, "0123456789abcdef"), len - 2);
}
END_TEST

START_TEST(the_same_document_has_the_same_etag)
{
	CLEANUP(result_unrefp) struct result *one = result_of("{\"a\":1}"), *two = result_of("{\"a\":1}");

	ck_assert_str_eq(one->etag, two->etag);
}
END_TEST

static int by_etag(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The etags of many documents. */
static struct etags {
	char of[2000][ETAG_TEXT];
	size_t n;
} etags;

static void note_etag(const struct uuid *of, const char *body, size_t bytes)
{
	CLEANUP(result_unrefp) struct result *result = result_new(of, JOB_SUCCEEDED, 5, body, bytes);

	ck_assert_ptr_nonnull(result);
	ck_assert_uint_lt(etags.n, ARRAY_LEN(etags.of));
	memcpy(etags.of[etags.n++], result->etag, ETAG_TEXT);
}

START_TEST(another_id_or_content_has_another_etag)
{
	char body[150] = {0};

	for (size_t bytes = 0; bytes <= sizeof(body); bytes++)
		note_etag(&id, body, bytes);
	for (size_t bit = 0; bit < 8 * sizeof(body); bit++) {
		body[bit / 8] = (char)(1 << bit % 8);
		note_etag(&id, body, sizeof(body));
		body[bit / 8] = 0;
	}
	for (size_t bit = 0; bit < 8 * sizeof(id.bytes); bit++) {
		struct uuid other = id;

		other.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		note_etag(&other, body, sizeof(body));
	}
	qsort(etags.of, etags.n, ETAG_TEXT, by_etag);
	for (size_t i = 1; i < etags.n; i++)
		ck_assert_str_ne(etags.of[i - 1], etags.of[i]);
}
END_TEST

START_TEST(a_result_lives_until_its_last_holder_lets_go)
{
	struct result *result = result_of("{}");

	ck_assert_ptr_eq(result_ref(result), result);
	result_unref(result);
	ck_assert_str_eq(result->body, "{}");
	result_unrefp(&result);
	result_unref(NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("result");

	tcase_add_test(tcase, a_result_has_a_copy_of_all_it_was_given);
	tcase_add_test(tcase, a_document_may_be_empty);
	tcase_add_test(tcase, an_etag_is_a_strong_one);
	tcase_add_test(tcase, the_same_document_has_the_same_etag);
	tcase_add_test(tcase, another_id_or_content_has_another_etag);
	tcase_add_test(tcase, a_result_lives_until_its_last_holder_lets_go);
	return unit_run("result", tcase);
}
