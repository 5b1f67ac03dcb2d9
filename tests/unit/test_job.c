/* test_job.c - the words of jobs, the diagram of their states, the names of tenants, and who owns a job. */
#include "core/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

START_TEST(every_kind_has_its_word_and_no_other_word_is_a_kind)
{
	static const char *const words[JOB_KINDS] = {"echo", "sleep", "http", "command"};
	static const char *const others[] = {
		"", "Echo", "ECHO", "echo ", " echo", "ech", "echos", "https", "shell", "pipeline", "null"};

	for (enum job_kind kind = 0; kind < JOB_KINDS; kind++) {
		ck_assert_str_eq(job_kind_name(kind), words[kind]);
		ck_assert_int_eq(job_kind_parse(words[kind]), kind);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		ck_assert_msg(job_kind_parse(others[i]) == JOB_KINDS, "%s", others[i]);
}
END_TEST

START_TEST(every_state_has_its_word)
{
	static const char *const words[JOB_STATES] = {"scheduled", "queued", "running", "cancelling",
		"succeeded", "failed", "cancelled", "expired"};

	for (enum job_state state = 0; state < JOB_STATES; state++)
		ck_assert_str_eq(job_state_name(state), words[state]);
}
END_TEST

START_TEST(a_job_goes_only_where_the_diagram_says)
{
	/* A row is a state, a column where it goes: s q r c and the ends S F C E. */
	static const char *const diagram[JOB_STATES] = {
		[JOB_SCHEDULED] = ".q....CE",
		[JOB_QUEUED] = "..r...CE",
		[JOB_RUNNING] = "sq.cSFCE",
		[JOB_CANCELLING] = "....SFC.",
		[JOB_SUCCEEDED] = "........",
		[JOB_FAILED] = ".q......",
		[JOB_CANCELLED] = ".q......",
		[JOB_EXPIRED] = ".q......",
	};

	for (enum job_state from = 0; from < JOB_STATES; from++)
		for (enum job_state to = 0; to < JOB_STATES; to++)
			ck_assert_msg(job_state_may(from, to) == (diagram[from][to] != '.'), "%s -> %s",
				job_state_name(from), job_state_name(to));
}
END_TEST

START_TEST(the_ends_are_those_four_and_every_other_state_leads_to_one)
{
	for (enum job_state from = 0; from < JOB_STATES; from++) {
		bool leads = false;

		for (enum job_state to = 0; to < JOB_STATES; to++)
			leads = leads || (job_state_ended(to) && job_state_may(from, to));
		ck_assert_int_eq(job_state_ended(from), from == JOB_SUCCEEDED || from == JOB_FAILED ||
								from == JOB_CANCELLED || from == JOB_EXPIRED);
		ck_assert_int_eq(leads, !job_state_ended(from));
	}
}
END_TEST

START_TEST(a_tenants_name_is_of_few_characters_and_not_long)
{
	static const char most[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
	static const char *const good[] = {"a", "Z", "0", "acme", "a-b", "a_b", "a.b", "a..", "9-_.", most};
	static const char *const bad[] = {"", "-a", "_a", ".a", ".", "..", "a b", " a", "a ", "a/b", "../a",
		"a\n", "a:b", "a\"b", "a=b", "a%b", "\xc3\xa9", "a\xc3\xa9", "a\x7f", "a\x01",
		"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.x"};

	ck_assert_uint_eq(strlen(most), TENANT_NAME_MAX);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(tenant_name_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!tenant_name_valid(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_tenants_name_has_none_of_the_other_bytes)
{
	for (int byte = 1; byte < 256; byte++) {
		const char name[] = {'a', (char)byte, '\0'};
		bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
		bool good = letter || (byte >= '0' && byte <= '9') || strchr("-_.", byte);

		ck_assert_msg(tenant_name_valid(name) == good, "byte %d", byte);
	}
}
END_TEST

START_TEST(a_new_job_is_empty_but_for_its_kind)
{
	static const struct job empty = {0};

	for (enum job_kind kind = 0; kind < JOB_KINDS; kind++) {
		CLEANUP(job_unrefp) struct job *job = job_new(kind);

		ck_assert_ptr_nonnull(job);
		ck_assert_int_eq(job->kind, kind);
		ck_assert_ptr_null(job->tenant);
		ck_assert_ptr_null(job->request);
		ck_assert_int_eq(job->priority, 0);
		ck_assert_int_eq(job->run_at_ms, 0);
		ck_assert_mem_eq(&job->spec, &empty.spec, sizeof(empty.spec));
	}
}
END_TEST

static void fill_http(struct http_spec *http)
{
	*http = (struct http_spec){
		.method = strdup("POST"),
		.url = strdup("http://h/"),
		.headers = calloc(2, sizeof(struct header)),
		.n_headers = 2,
		.body = strdup("body"),
		.body_bytes = 4,
		.ok = calloc(1, sizeof(int)),
		.n_ok = 1,
	};
	http->headers[0] = (struct header){strdup("A"), strdup("1")};
	http->headers[1].name = strdup("B"); /* as when memory ran out in the midst of it */
}

static void fill_command(struct command_spec *command)
{
	*command = (struct command_spec){
		.command = strdup("sum"),
		.args = calloc(2, sizeof(struct command_arg)),
		.n_args = 2,
		.stdin_data = strdup("in"),
		.stdin_bytes = 2,
	};
	command->args[0] = (struct command_arg){strdup("a"), strdup("1")};
	command->args[1].name = strdup("b");
}

static struct job *full_job(enum job_kind kind)
{
	struct job *job = job_new(kind);

	ck_assert_ptr_nonnull(job);
	job->tenant = strdup("acme");
	job->request = strdup("{}");
	if (kind == JOB_ECHO)
		job->spec.echo.json = strdup("[1]");
	else if (kind == JOB_HTTP)
		fill_http(&job->spec.http);
	else if (kind == JOB_COMMAND)
		fill_command(&job->spec.command);
	return job;
}

/* That nothing is left, or freed twice, the sanitizer for addresses says. */
START_TEST(a_job_of_any_kind_lives_until_its_last_holder_lets_go_and_takes_all_with_it)
{
	for (enum job_kind kind = 0; kind < JOB_KINDS; kind++) {
		struct job *job = full_job(kind);

		ck_assert_ptr_eq(job_ref(job), job);
		job_unref(job);
		ck_assert_str_eq(job->tenant, "acme");
		job_unrefp(&job);
	}
	job_unref(NULL);
	job_unrefp(&(struct job *){NULL});
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("job");

	tcase_add_test(tcase, every_kind_has_its_word_and_no_other_word_is_a_kind);
	tcase_add_test(tcase, every_state_has_its_word);
	tcase_add_test(tcase, a_job_goes_only_where_the_diagram_says);
	tcase_add_test(tcase, the_ends_are_those_four_and_every_other_state_leads_to_one);
	tcase_add_test(tcase, a_tenants_name_is_of_few_characters_and_not_long);
	tcase_add_test(tcase, a_tenants_name_has_none_of_the_other_bytes);
	tcase_add_test(tcase, a_new_job_is_empty_but_for_its_kind);
	tcase_add_test(tcase, a_job_of_any_kind_lives_until_its_last_holder_lets_go_and_takes_all_with_it);
	return unit_run("job", tcase);
}
