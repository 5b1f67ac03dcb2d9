/* test_http_list.c - GET /jobs as a client meets it: pages, cursors, and what may be asked for. */
#include "http/cursor.h"
#include "http_trial.h"

#define HELD "tenant held { max-running = 0 }\n"

static void submit_held(int n)
{
	char body[128];

	snprintf(body, sizeof(body),
		"{\"kind\":\"echo\",\"tenant\":\"held\",\"spec\":%d,\"labels\":{\"n\":\"%d\",\"odd\":\"%s\"}}",
		n, n, n % 2 ? "yes & no" : "");
	free(submit_job(body));
}

/* The numbers of the jobs in an answer, in their order, each followed by a blank. */
static void ck_assert_jobs(const struct answer *answer, const char *numbers)
{
	CLEANUP(buf_fini) struct buf are = {0};
	const char *at = answer->body.data;

	ck_assert_msg(answer->status == 200, "%s", at);
	while ((at = strstr(at, "\"spec\":"))) {
		at += strlen("\"spec\":");
		buf_addf(&are, "%d ", atoi(at));
	}
	ck_assert_str_eq(are.data ? are.data : "", numbers);
}

static void ck_listed(const char *query, const char *numbers)
{
	char target[256];
	struct answer answer;

	snprintf(target, sizeof(target), "/jobs%s", query);
	answer = get(target);
	ck_assert_jobs(&answer, numbers);
	answer_fini(&answer);
}

HTTP_TEST(jobs_are_listed_as_they_are_shown, HELD)
{
	CLEANUP(freep)
	char *id = submit_job(
		"{\"kind\":\"http\",\"tenant\":\"held\",\"spec\":{\"url\":\"http://u:secret@h/\"}}");
	CLEANUP(answer_fini) struct answer shown = ask_for("GET", "/jobs/%s", id, "");
	CLEANUP(answer_fini) struct answer listed = get("/jobs");
	CLEANUP(buf_fini) struct buf want = {0};

	buf_addf(&want, "{\"jobs\":[%s],\"next_cursor\":null}", shown.body.data);
	ck_assert_field(&listed, "Content-Type", "application/json");
	ck_assert_str_eq(listed.body.data, want.data);
	ck_assert_ptr_null(strstr(listed.body.data, "secret"));
}

HTTP_TEST(a_cursor_leads_to_the_next_page_though_jobs_come_in, HELD)
{
	CLEANUP(freep) char *cursor = NULL;
	char target[128];
	struct answer answer;

	for (int n = 1; n <= 5; n++)
		submit_held(n);
	answer = get("/jobs?limit=3");
	ck_assert_jobs(&answer, "5 4 3 ");
	cursor = member(&answer, "next_cursor");
	answer_fini(&answer);
	submit_held(6);
	snprintf(target, sizeof(target), "?limit=3&cursor=%s", cursor);
	ck_listed(target, "2 1 ");
}

HTTP_TEST(only_what_is_asked_for_is_listed, HELD)
{
	CLEANUP(freep)
	char *other = submit_job("{\"kind\":\"sleep\",\"delay\":\"1h\",\"spec\":{\"for\":\"1s\"}}");

	for (int n = 1; n <= 4; n++)
		submit_held(n);
	ck_listed("?tenant=held", "4 3 2 1 ");
	ck_listed("?tenant=nobody", "");
	ck_listed("?kind=echo&state=queued", "4 3 2 1 ");
	ck_listed("?kind=sleep&state=queued", "");
	ck_listed("?state=running&state=queued", "4 3 2 1 ");
	ck_listed("?state=running,queued&tenant=held&limit=2", "4 3 ");
	ck_listed("?label.n=3", "3 ");
	ck_listed("?label.odd=yes+%26%20no", "3 1 ");
	ck_listed("?label.odd=", "4 2 ");
	ck_listed("?label.odd=&label.n=2", "2 ");
	ck_listed("?label.n=2&label.odd=x", "");
	ck_listed("?tenant=&state=&kind=&label.n=1&limit=&cursor=", "1 ");
}

HTTP_TEST(what_cannot_be_asked_for_is_refused_with_its_name, "")
{
	static const char *const queries[][2] = {
		{"limit=0",			    "limit"  },
		{"limit=1001",                         "limit"  },
		{"limit=x",			    "limit"  },
		{"limit=-1",                           "limit"  },
		{"limit=1&limit=1",                    "limit"  },
		{"state=waiting",                      "state"  },
		{"state=queued,",                      "state"  },
		{"state=queued&state=aaaaaaaaaaaaaaa", "state"  },
		{"state=aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "state"  },
		{"kind=shell",                         "kind"   },
		{"tenant=../x",                        "tenant" },
		{"cursor=x",                           "cursor" },
		{"cursor=000000000000000100000000",    "cursor" },
		{"label.=x",                           "label." },
		{"label=x",			    "label"  },
		{"label.a=1&label.a=2",                "label.a"},
		{"states=queued",                      "states" },
	};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		char target[128];
		struct answer answer;

		snprintf(target, sizeof(target), "/jobs?%s", queries[i][0]);
		answer = get(target);
		ck_assert_problem(&answer, 400, "bad-request");
		ck_assert_member(&answer, "parameter", queries[i][1]);
		answer_fini(&answer);
	}
}

START_TEST(a_cursor_is_read_as_it_was_written_and_in_no_other_form)
{
	static const int64_t places[] = {1, 255, INT64_MAX};
	char text[CURSOR_TEXT + 1];
	int64_t place;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		cursor_write(places[i], text);
		ck_assert_int_eq(cursor_read(text, &place), 0);
		ck_assert_int_eq(place, places[i]);
		for (char *at = text; *at; at++) {
			const char was = *at;

			for (const char *other = "0aF +-"; *other; other++) {
				*at = *other;
				ck_assert_int_eq(cursor_read(text, &place), was == *other ? 0 : -EINVAL);
			}
			*at = was;
		}
		strcat(text, "0");
		ck_assert_int_eq(cursor_read(text, &place), -EINVAL);
	}
	cursor_write(0, text);
	ck_assert_int_eq(cursor_read(text, &place), -EINVAL);
	cursor_write(-1, text);
	ck_assert_int_eq(cursor_read(text, &place), -EINVAL);
	ck_assert_int_eq(cursor_read("", &place), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("http_list");

	tcase_add_http_test(tcase, jobs_are_listed_as_they_are_shown);
	tcase_add_http_test(tcase, a_cursor_leads_to_the_next_page_though_jobs_come_in);
	tcase_add_http_test(tcase, only_what_is_asked_for_is_listed);
	tcase_add_http_test(tcase, what_cannot_be_asked_for_is_refused_with_its_name);
	tcase_add_test(tcase, a_cursor_is_read_as_it_was_written_and_in_no_other_form);
	return http_run_suite("http_list", tcase);
}
