/*
 * test_wire_text.c - the small tools of wire: spans of JSON, UTF-8, base64, URLs, near names, and the writer.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "unit.h"
#include "wire/nearest.h"
#include "wire/out.h"
#include "wire/text.h"
#include "wire/url.h"
#include "wire/utf8.h"

static struct text text_of(const char *string)
{
	return (struct text){string, strlen(string)};
}

static void assert_text(struct text text, const char *want)
{
	ck_assert_uint_eq(text.bytes, strlen(want));
	ck_assert_mem_eq(text.at, want, text.bytes);
}

START_TEST(members_are_walked_in_order_with_their_values_whole)
{
	static const char *const want[][2] = {
		{"\"a\"",     "\"}\\\"{\""       },
		{"\"b\\\"\"", "[1,{\"x\":\"]\"}]"},
		{"\"\"",      "-1.5e3"           },
		{"\"c\"",     "{ }"              },
		{"\"d\"",     "null"             },
	};
	struct text rest = text_of(
		" {\"a\" : \"}\\\"{\" , \"b\\\"\":[1,{\"x\":\"]\"}],\"\":-1.5e3\n,\"c\":{ },\"d\":null} ");
	struct text name, value;

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		ck_assert(text_next(&rest, &name, &value));
		assert_text(name, want[i][0]);
		assert_text(value, want[i][1]);
	}
	ck_assert(!text_next(&rest, &name, &value));
}
END_TEST

START_TEST(elements_are_walked_in_order)
{
	static const char *const want[] = {"1", "\"],\"", "[2,[3]]", "{\"a\":[]}", "null"};
	static const char *const empty[] = {"", " ", "[]", "[ ]", "{}", "1", "\"[1]\"", "["};
	struct text rest = text_of(" [1 , \"],\",[2,[3]],{\"a\":[]}\n,null ] "), value;

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		ck_assert(text_element(&rest, &value));
		assert_text(value, want[i]);
	}
	ck_assert(!text_element(&rest, &value));
	for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
		rest = text_of(empty[i]);
		ck_assert_msg(!text_element(&rest, &value), "%s", empty[i]);
	}
}
END_TEST

START_TEST(what_is_no_object_has_no_members)
{
	static const char *const texts[] = {"", "  ", "{}", "{ }", "[]", "[\"a\",1]", "\"a\"", "1", "null",
		"{\"a\"", "{a:1}", "{\"a\" 1}"};
	struct text value;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(!text_member(text_of(texts[i]), "a", &value), "%s", texts[i]);
}
END_TEST

START_TEST(a_member_is_found_by_its_name_however_it_is_escaped)
{
	static const char *const objects[] = {
		"{\"x\":{\"spec\":0},\"spec\":1}",
		"{\"\\u0073pec\":1}",
		"{\"sp\\u0065\\u0063\":1}",
		"{\"spe\":0,\"specs\":0,\"Spec\":0,\"spec\\n\":0,\"spec\":1}",
		"{\"\\u0173pec\":0,\"s\\u4e2dec\":0,\"spec\":1}",
	};
	struct text value;

	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		ck_assert_msg(text_member(text_of(objects[i]), "spec", &value), "%s", objects[i]);
		assert_text(value, "1");
	}
}
END_TEST

START_TEST(a_string_says_what_its_escapes_mean)
{
	ck_assert(text_is(text_of("\"a\\/b\\\\\\\"\\t\""), "a/b\\\"\t"));
	ck_assert(text_is(text_of("\"\""), ""));
	ck_assert(!text_is(text_of("\"a\""), ""));
	ck_assert(!text_is(text_of("\"\""), "a"));
	ck_assert(!text_is(text_of("\""), ""));
	ck_assert(!text_is(text_of("\"A\""), "a"));
	ck_assert(text_is_nocase(text_of("\"x-\\u0041PI-key\""), "X-Api-Key"));
	ck_assert(!text_is_nocase(text_of("\"x-api-key2\""), "X-Api-Key"));
}
END_TEST

START_TEST(broken_text_is_never_read_past_its_end)
{
	static const char *const texts[] = {
		"{\"a\":",
		"{\"a\":\"",
		"{\"a\":\"\\",
		"{\"\\u00",
		"{\"a\":[[",
		"{\"a\":[\"",
		"{\"a\":tru",
		"{\"a",
		"{",
		"\"\\",
		"}}]]",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const size_t bytes = strlen(texts[i]);
		char *exact = malloc(bytes); /* without a NUL: a sanitizer sees a byte too many */
		struct buf out = {0};
		struct text value;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, texts[i], bytes);
		text_member((struct text){exact, bytes}, "b", &value);
		text_is((struct text){exact, bytes}, "aaaaaaaaaa");
		text_too_deep((struct text){exact, bytes}, 64);
		ck_assert_int_eq(text_compact(&out, (struct text){exact, bytes}), 0);
		buf_fini(&out);
		free(exact);
	}
}
END_TEST

START_TEST(only_spaces_between_tokens_are_left_out)
{
	CLEANUP(buf_fini) struct buf out = {0};

	text_compact(&out, text_of("\t{ \"a b\\\" c\" :\r\n[ 1 , 2 ] } "));
	ck_assert_str_eq(out.data, "{\"a b\\\" c\":[1,2]}");
}
END_TEST

START_TEST(utf_8_is_told_from_other_bytes)
{
	static const struct {
		const char *bytes;
		size_t n, step;
	} cases[] = {
		{"",                 0, 0},
		{"a",                1, 1},
		{"\0",               1, 1},
		{"\x7f",             1, 1},
		{"\x80",             1, 0},
		{"\xc1\xbf",         2, 0},
		{"\xc2\x80",         2, 2},
		{"\xc2",             1, 0},
		{"\xc2\x7f",         2, 0},
		{"\xdf\xbf",         2, 2},
		{"\xe0\x9f\xbf",     3, 0},
		{"\xe0\xa0\x80",     3, 3},
		{"\xe0\xa0",         2, 0},
		{"\xed\x9f\xbf",     3, 3},
		{"\xed\xa0\x80",     3, 0},
		{"\xef\xbf\xbf",     3, 3},
		{"\xef\xbf\xc0",     3, 0},
		{"\xf0\x8f\xbf\xbf", 4, 0},
		{"\xf0\x90\x80\x80", 4, 4},
		{"\xf4\x8f\xbf\xbf", 4, 4},
		{"\xf4\x90\x80\x80", 4, 0},
		{"\xf5\x80\x80\x80", 4, 0},
		{"\xff",             1, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_msg(utf8_step(cases[i].bytes, cases[i].n) == cases[i].step, "case %zu", i);
	ck_assert(utf8_is_text("", 0));
	ck_assert(utf8_is_text("a\xc3\xa9\n", 4));
	ck_assert(!utf8_is_text("a\0b", 3));
	ck_assert(!utf8_is_text("a\xc3", 2));
}
END_TEST

START_TEST(base64_of_any_length_comes_back)
{
	for (size_t bytes = 0; bytes < 2000; bytes += bytes < 20 ? 1 : 97) {
		CLEANUP(buf_fini) struct buf text = {0};
		CLEANUP(freep) char *data = malloc(bytes + 1), *back = NULL;
		size_t n;

		ck_assert_ptr_nonnull(data);
		for (size_t i = 0; i < bytes; i++)
			data[i] = (char)(i * 37);
		ck_assert_int_eq(base64_encode(&text, data, bytes), 0);
		ck_assert_uint_eq(text.len, (bytes + 2) / 3 * 4);
		ck_assert_int_eq(base64_decode(text.data ? text.data : "", text.len, &back, &n), 0);
		ck_assert_uint_eq(n, bytes);
		ck_assert_mem_eq(back, data, bytes);
		ck_assert_int_eq(back[n], 0);
	}
}
END_TEST

START_TEST(base64_is_that_of_rfc_4648)
{
	static const char *const vectors[][2] = {
		{"f",            "Zg=="    },
		{"fo",           "Zm8="    },
		{"foo",          "Zm9v"    },
		{"foob",         "Zm9vYg=="},
		{"\xfb\xff\xbf", "+/+/"    },
	};

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		CLEANUP(buf_fini) struct buf text = {0};

		base64_encode(&text, vectors[i][0], strlen(vectors[i][0]));
		ck_assert_str_eq(text.data, vectors[i][1]);
	}
}
END_TEST

START_TEST(base64_that_is_not_exact_is_refused)
{
	static const char *const texts[] = {
		"A",
		"AA",
		"AAA",
		"A===",
		"====",
		"AA=A",
		"=AAA",
		"AA==AAAA",
		"AB==",
		"AAB=",
		"AAAA=",
		"AA A",
		"AAA\n",
		"AA-_",
		"AAA\xff",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *data;
		size_t n;

		ck_assert_msg(
			base64_decode(texts[i], strlen(texts[i]), &data, &n) == -EINVAL, "%s", texts[i]);
	}
	ck_assert_int_eq(base64_decode("AA\0A", 4, &(char *){NULL}, &(size_t){0}), -EINVAL);
}
END_TEST

START_TEST(the_user_in_a_url_is_found)
{
	static const struct {
		const char *url, *user;
	} cases[] = {
		{"http://u:p@h/",   "u:p"},
		{"https://a@b@h?c", "a@b"},
		{"http://h/a@b",    ""   },
		{"http://h#a@b",    ""   },
		{"ftp://u@h",       ""   },
		{"http://@h",       ""   },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t bytes;
		const char *user = url_userinfo(cases[i].url, &bytes);

		ck_assert_uint_eq(bytes, strlen(cases[i].user));
		if (bytes)
			ck_assert_mem_eq(user, cases[i].user, bytes);
	}
}
END_TEST

static const char *nearest_of(const char *wanted)
{
	struct nearest nearest;

	nearest_init(&nearest, wanted);
	nearest_offer(&nearest, "timeout");
	nearest_offer(&nearest, "priority");
	nearest_offer(&nearest, "ok");
	return nearest.best;
}

START_TEST(a_name_is_guessed_only_when_it_is_near)
{
	ck_assert_str_eq(nearest_of("timeuot"), "timeout");
	ck_assert_str_eq(nearest_of("time_out"), "timeout");
	ck_assert_str_eq(nearest_of("Priority"), "priority");
	ck_assert_str_eq(nearest_of("o"), "ok");
	ck_assert_ptr_null(nearest_of("tim"));
	ck_assert_ptr_null(nearest_of("x"));
	ck_assert_ptr_null(nearest_of(""));
	ck_assert_ptr_null(nearest_of("timeouttimeouttimeouttimeouttimeouttimeout"));
}
END_TEST

START_TEST(the_writer_sets_commas_and_escapes_everything)
{
	CLEANUP(buf_fini) struct buf buf = {0};
	struct out out = {.buf = &buf};

	out_open(&out, NULL, '[');
	out_open(&out, NULL, '{');
	out_close(&out, '}');
	out_open(&out, NULL, '{');
	out_int(&out, "min", INT64_MIN);
	out_bool(&out, "yes", true);
	out_name(&out, "a\"b");
	out_open(&out, NULL, '[');
	out_null(&out, NULL);
	out_raw(&out, NULL, "1.0", 3);
	out_close(&out, ']');
	out_thousandths(&out, "none", -5);
	out_close(&out, '}');
	out_string(&out, NULL, "\x01\b\t\n\f\r\x1f \"\\/\x7f \xc3\xa9 \xff\xc3 \xed\xa0\x80");
	out_chars(&out, NULL, "a\0b", 3);
	out_close(&out, ']');
	ck_assert_int_eq(buf.error, 0);
	ck_assert_str_eq(buf.data,
		"[{},{\"min\":-9223372036854775808,\"yes\":true,\"a\\\"b\":[null,1.0],\"none\":0.000},"
		"\"\\u0001\\b\\t\\n\\f\\r\\u001f \\\"\\\\/\x7f \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd "
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"a\\u0000b\"]");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_text");

	tcase_add_test(tcase, members_are_walked_in_order_with_their_values_whole);
	tcase_add_test(tcase, elements_are_walked_in_order);
	tcase_add_test(tcase, what_is_no_object_has_no_members);
	tcase_add_test(tcase, a_member_is_found_by_its_name_however_it_is_escaped);
	tcase_add_test(tcase, a_string_says_what_its_escapes_mean);
	tcase_add_test(tcase, broken_text_is_never_read_past_its_end);
	tcase_add_test(tcase, only_spaces_between_tokens_are_left_out);
	tcase_add_test(tcase, utf_8_is_told_from_other_bytes);
	tcase_add_test(tcase, base64_of_any_length_comes_back);
	tcase_add_test(tcase, base64_is_that_of_rfc_4648);
	tcase_add_test(tcase, base64_that_is_not_exact_is_refused);
	tcase_add_test(tcase, the_user_in_a_url_is_found);
	tcase_add_test(tcase, a_name_is_guessed_only_when_it_is_near);
	tcase_add_test(tcase, the_writer_sets_commas_and_escapes_everything);
	return unit_run("wire_text", tcase);
}
