/* test_http_log.c - GET /jobs/{id}/log: what is there, what comes, how it ends, and that nobody is left following. */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "http_trial.h"

#define CAT "command cat { timeout = 1h exec = /bin/cat args = {\"{file}\"} }\n"
#define SMALL "command cat { timeout = 1h exec = /bin/cat args = {\"{file}\"} output-max = 2KiB }\n"

/* A command that writes what the test says: cat of a FIFO. */
struct said {
	char folder[32], fifo[48];
	char *id;
	int fd; /* what is written there the command writes */
};

static struct said command_begin(void)
{
	struct said said = {.folder = "/tmp/penstock-log-XXXXXX"};
	char body[256];

	ck_assert_ptr_nonnull(mkdtemp(said.folder));
	snprintf(said.fifo, sizeof(said.fifo), "%s/fifo", said.folder);
	ck_assert_int_eq(mkfifo(said.fifo, 0600), 0);
	snprintf(body, sizeof(body),
		"{\"kind\":\"command\",\"spec\":{\"command\":\"cat\",\"args\":{\"file\":\"%s\"}}}",
		said.fifo);
	said.id = submit_job(body);
	said.fd = open(said.fifo, O_WRONLY | O_CLOEXEC); /* waits for the command */
	ck_assert_int_ge(said.fd, 0);
	return said;
}

static void command_end(struct said *said)
{
	close(said->fd);
	unlink(said->fifo);
	rmdir(said->folder);
	free(said->id);
}

static void command_says(const struct said *said, const char *text)
{
	ck_assert_int_eq(write(said->fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* A follower: the connection, and what has come of its body without the marks of chunks. */
struct follower {
	int fd;
	struct answer answer;
	size_t left; /* of the chunk that comes in */
	bool over;   /* the last chunk has come */
};

static struct follower ask_log(const char *id, const char *query, const char *fields)
{
	struct follower follower = {.fd = dial()};

	say(follower.fd, "GET /jobs/%s/log%s HTTP/1.1\r\nHost: here\r\n%s\r\n", id, query, fields);
	listen_head(follower.fd, &follower.answer);
	ck_assert_int_eq(follower.answer.status, 200);
	ck_assert_field(&follower.answer, "Transfer-Encoding", "chunked");
	ck_assert_int_eq(buf_add(&follower.answer.body, "", 0), 0);
	return follower;
}

static struct follower follow(const char *id)
{
	return ask_log(id, "?follow=1", "");
}

static void follower_end(struct follower *follower)
{
	close(follower->fd);
	answer_fini(&follower->answer);
}

static char byte_of(const struct follower *follower)
{
	char c;

	ck_assert_msg(recv(follower->fd, &c, 1, 0) == 1, "cut off after %s", follower->answer.body.data);
	return c;
}

static void begin_chunk(struct follower *follower)
{
	char line[16];
	size_t n = 0;

	do
		line[n++] = byte_of(follower);
	while (line[n - 1] != '\n' && n < sizeof(line) - 1);
	line[n] = 0;
	follower->left = strtoul(line, NULL, 16);
	follower->over = follower->left == 0;
}

static void hear_byte(struct follower *follower)
{
	char c;

	if (follower->left == 0)
		begin_chunk(follower);
	if (!follower->over) {
		c = byte_of(follower);
		ck_assert_int_eq(buf_add(&follower->answer.body, &c, 1), 0);
		follower->left--;
	}
	if (follower->left == 0) {
		ck_assert_int_eq(byte_of(follower), '\r');
		ck_assert_int_eq(byte_of(follower), '\n');
	}
}

/* Wait until the body has this text behind what was heard before. */
static void hear(struct follower *follower, const char *text)
{
	while (!strstr(follower->answer.body.data, text)) {
		ck_assert_msg(!follower->over, "no %s in %s", text, follower->answer.body.data);
		hear_byte(follower);
	}
	follower->answer.body.len = 0;
	follower->answer.body.data[0] = 0;
}

static void hear_all(struct follower *follower)
{
	while (!follower->over)
		hear_byte(follower);
}

/* Wait until nobody follows: a task of each would be left. */
static void await_tasks(size_t most)
{
	while (pen_tasks_alive() > most)
		poll(NULL, 0, 1);
}

HTTP_TEST(a_follower_hears_each_piece_as_it_comes_and_the_end, CAT)
{
	struct said said = command_begin();
	struct follower one = follow(said.id), other;

	ck_assert_field(&one.answer, "Content-Type", "application/x-ndjson");
	hear(&one, "\"attempt\":1}\n");
	command_says(&said, "first\n");
	hear(&one, "\"stream\":\"stdout\",\"text\":\"first\\n\"}\n");
	other = follow(said.id);
	hear(&other, "\"text\":\"first\\n\"}\n");
	command_says(&said, "second");
	hear(&one, "\"text\":\"second\"}\n");
	hear(&other, "\"text\":\"second\"}\n");
	command_end(&said);
	hear_all(&one);
	hear_all(&other);
	ck_assert_ptr_nonnull(strstr(one.answer.body.data, "\"end\":\"succeeded\"}\n"));
	ck_assert_ptr_nonnull(strstr(other.answer.body.data, "\"end\":\"succeeded\"}\n"));
	follower_end(&one);
	follower_end(&other);
}

HTTP_TEST(without_follow_the_log_is_what_there_is, CAT)
{
	struct said said = command_begin();
	struct follower follower = follow(said.id), now;
	CLEANUP(freep) char *id = strdup(said.id);

	command_says(&said, "some");
	hear(&follower, "some");
	now = ask_log(id, "", "");
	hear_all(&now);
	ck_assert_ptr_nonnull(strstr(now.answer.body.data, "\"text\":\"some\"}\n"));
	ck_assert_ptr_nonnull(strstr(now.answer.body.data, "\"end\":\"running\"}\n"));
	follower_end(&now);
	command_end(&said);
	hear_all(&follower);
	now = ask_log(id, "?follow=true", "Accept: text/plain\r\n");
	hear_all(&now);
	ck_assert_field(&now.answer, "Content-Type", "text/plain");
	ck_assert_str_eq(now.answer.body.data, "some");
	follower_end(&now);
	follower_end(&follower);
}

HTTP_TEST(after_its_end_the_log_is_what_the_result_has_with_what_was_left_out_in_its_place, SMALL)
{
	struct said said = command_begin();
	CLEANUP(freep) char *id = strdup(said.id);
	struct follower follower;
	const char *missed;

	for (int i = 0; i < 1000; i++)
		command_says(&said, "Gr\xc3\xbc\xc3\x9f"
				    "e\n");
	command_end(&said);
	ck_ok(ask_for("GET", "/results/%s?wait=60s", id, ""));
	follower = follow(id);
	hear_all(&follower);
	missed = strstr(follower.answer.body.data, "{\"stream\":\"stdout\",\"missed\":");
	ck_assert_ptr_nonnull(missed);
	ck_assert_ptr_nonnull(strstr(missed, "{\"stream\":\"stdout\",\"text\":"));
	ck_assert_ptr_null(strstr(missed + strlen("{\"stream\":\"stdout\",\"missed\":"), "\"missed\":"));
	ck_assert_ptr_null(strstr(follower.answer.body.data, "base64"));
	ck_assert_ptr_nonnull(strstr(missed, "\"end\":\"succeeded\"}\n"));
	follower_end(&follower);
}

HTTP_TEST(a_follower_waits_for_the_start_but_no_longer_than_any_request, "wait-max = 20ms\n" CAT)
{
	CLEANUP(freep)
	char *id = submit_job("{\"kind\":\"command\",\"delay\":\"1h\",\"spec\":{"
			      "\"command\":\"cat\",\"args\":{\"file\":\"/dev/null\"}}}");
	struct follower follower = follow(id);

	hear_all(&follower);
	ck_assert_ptr_nonnull(strstr(follower.answer.body.data, "\"end\":\"scheduled\"}\n"));
	ck_assert_ptr_null(strstr(follower.answer.body.data, "attempt"));
	follower_end(&follower);
}

HTTP_TEST(a_follower_that_goes_away_leaves_nothing_behind, CAT)
{
	struct said said = command_begin();
	size_t tasks;

	CLEANUP(answer_fini) struct answer settled = get("/healthz");
	tasks = pen_tasks_alive();
	for (int i = 0; i < 20; i++) {
		struct follower follower = follow(said.id);

		hear(&follower, "\"attempt\":1}\n");
		follower_end(&follower);
	}
	await_tasks(tasks);
	command_end(&said);
}

HTTP_TEST(a_connection_goes_on_after_a_log, CAT)
{
	struct said said = command_begin();
	struct follower follower = follow(said.id);
	CLEANUP(answer_fini) struct answer answer = {0};

	say(follower.fd, "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n");
	command_says(&said, "x");
	hear(&follower, "\"text\":\"x\"}\n");
	command_end(&said);
	hear_all(&follower);
	answer = listen_to(follower.fd);
	ck_assert_int_eq(answer.status, 200);
	follower_end(&follower);
}

HTTP_TEST(a_server_that_stops_says_so_to_who_follows, CAT)
{
	struct said said = command_begin();
	struct follower follower = follow(said.id);

	hear(&follower, "\"attempt\":1}\n");
	http_stop(served.http, 60 * PEN_SECOND);
	served.http = NULL;
	hear_all(&follower);
	ck_assert_ptr_nonnull(strstr(follower.answer.body.data, "\"end\":\"running\"}\n"));
	follower_end(&follower);
	command_end(&said);
}

HTTP_TEST(what_has_no_log_is_told_why, "retention-jobs = 0\ncache-bytes = 0\n" CAT)
{
	CLEANUP(freep)
	char *echo = submit_job("{\"kind\":\"sleep\",\"spec\":{\"for\":\"1h\"}}"),
	     *gone = submit_job("{\"kind\":\"command\",\"spec\":{\"command\":\"cat\","
				"\"args\":{\"file\":\"/dev/null\"}}}");
	static const char never[] = "01a21404-640b-7296-9fcb-55d12cb5c4a0";
	struct answer answer = ask_for("GET", "/results/%s?wait=60s", gone, "");

	answer_fini(&answer);
	ck_refused(ask_for("GET", "/jobs/%s/log", echo, ""), 409, "no-log");
	ck_refused(ask_for("GET", "/jobs/%s/log?follow=1", gone, ""), 410, "result-expired");
	ck_refused(ask_for("GET", "/jobs/%s/log?follow=1", never, ""), 404, "no-such-job");
	ck_refused(ask_for("GET", "/jobs/%s/log", "x", ""), 404, "no-such-job");
	ck_refused(ask_for("GET", "/jobs/%s/log?follow=yes", echo, ""), 400, "bad-request");
	ck_refused(ask_for("GET", "/jobs/%s/log?wait=1s", echo, ""), 400, "bad-request");
	ck_refused(ask_for("POST", "/jobs/%s/log", echo, ""), 405, "method-not-allowed");
}

int main(void)
{
	TCase *tcase = tcase_create("http_log");

	tcase_add_http_test(tcase, a_follower_hears_each_piece_as_it_comes_and_the_end);
	tcase_add_http_test(tcase, without_follow_the_log_is_what_there_is);
	tcase_add_http_test(
		tcase, after_its_end_the_log_is_what_the_result_has_with_what_was_left_out_in_its_place);
	tcase_add_http_test(tcase, a_follower_waits_for_the_start_but_no_longer_than_any_request);
	tcase_add_http_test(tcase, a_follower_that_goes_away_leaves_nothing_behind);
	tcase_add_http_test(tcase, a_connection_goes_on_after_a_log);
	tcase_add_http_test(tcase, a_server_that_stops_says_so_to_who_follows);
	tcase_add_http_test(tcase, what_has_no_log_is_told_why);
	return http_run_suite("http_log", tcase);
}
