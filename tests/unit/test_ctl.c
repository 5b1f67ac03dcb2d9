/* test_ctl.c - the client as built: its command line, what it sends to a scripted server, what it prints, how it exits. */
#define UNIT_FORKS 1
#include "ctl/ctl.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "unit.h"

#define ID "01933f2a-7c00-7abc-8def-0123456789ab"
#define ANSWERS_MAX 4
#define ARGUMENTS_MAX 12

/* A server that gives its answers in turn, a connection each, and keeps what it was asked. */
static struct {
	int listener;
	char url[64];
	pthread_t thread;
	const char *answers[ANSWERS_MAX];
	char requests[ANSWERS_MAX][4096];
	size_t asked;
} server;

/* One run of the client. */
static struct {
	int status;
	char *out, *err;
} ran;

static bool is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");

	if (!end)
		return false;
	return !length || strlen(end + 4) >= strtoul(length + strlen("Content-Length: "), NULL, 10);
}

static void read_request(int fd, char *request, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (!is_whole(request) && (got = recv(fd, request + n, size - 1 - n, 0)) > 0) {
		n += (size_t)got;
		request[n] = '\0';
	}
}

static void *serve(void *arg)
{
	int fd;

	(void)arg;
	while (server.asked < ANSWERS_MAX && server.answers[server.asked] &&
		(fd = accept(server.listener, NULL, NULL)) >= 0) {
		const char *answer = server.answers[server.asked];

		read_request(fd, server.requests[server.asked], sizeof(server.requests[0]));
		ck_assert_int_eq(send(fd, answer, strlen(answer), MSG_NOSIGNAL), strlen(answer));
		close(fd);
		server.asked++;
	}
	return NULL;
}

static void begin(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t bytes = sizeof(address);

	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(server.listener, (struct sockaddr *)&address, bytes), 0);
	ck_assert_int_eq(listen(server.listener, 8), 0);
	ck_assert_int_eq(getsockname(server.listener, (struct sockaddr *)&address, &bytes), 0);
	snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	setenv("PENSTOCK_URL", server.url, 1);
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* must not be used */
}

static void end(void)
{
	close(server.listener);
	free(ran.out);
	free(ran.err);
}

static FILE *file_with(const char *text)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	rewind(file);
	return file;
}

static char *whole(FILE *file)
{
	char *text = NULL;
	size_t bytes = 0;

	rewind(file);
	if (getdelim(&text, &bytes, '\0', file) < 0) { /* it is empty */
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

static int run_program(const char *const *argv, FILE *in, FILE *out, FILE *err)
{
	posix_spawn_file_actions_t actions;
	char program[4096];
	int status;
	pid_t pid;

	snprintf(program, sizeof(program), "%s/penstock", getenv("top_builddir") ?: ".");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(err), STDERR_FILENO);
	ck_assert_msg(posix_spawn(&pid, program, &actions, NULL, (char **)argv, environ) == 0,
		"%s cannot be run", program);
	posix_spawn_file_actions_destroy(&actions);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "the client was ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* Run the client with arguments that end with NULL. */
static void run_with(FILE *out, const char *input, const char *const *argv)
{
	FILE *in = file_with(input), *err = file_with("");

	ck_assert_int_eq(pthread_create(&server.thread, NULL, serve, NULL), 0);
	ran.status = run_program(argv, in, out, err);
	shutdown(server.listener, SHUT_RDWR); /* ends an accept() that nobody came for */
	ck_assert_int_eq(pthread_join(server.thread, NULL), 0);
	fclose(in);
	ran.out = whole(out);
	ran.err = whole(err);
}

#define run(...) run_with(file_with(""), "", (const char *[]){"penstock", __VA_ARGS__, NULL})

#define ANSWER(status, type, body) \
	"HTTP/1.1 " status "\r\nContent-Type: " type "\r\nConnection: close\r\n\r\n" body
#define JSON(status, body) ANSWER(status, "application/json", body)
#define PROBLEM(status, body) ANSWER(status, "application/problem+json", body)
#define ACCEPTED JSON("202 Accepted", "{\"id\":\"" ID "\",\"state\":\"queued\"}")
#define ACCEPTED_TEXT "{\"id\":\"" ID "\",\"state\":\"queued\"}\n"

static void sent(size_t i, const char *first_line, const char *body)
{
	const char *request = server.requests[i], *end = strstr(request, "\r\n\r\n");

	ck_assert_msg(strncmp(request, first_line, strlen(first_line)) == 0, "%s", request);
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end + 4, body);
}

START_TEST(submit_sends_kind_tenant_and_spec)
{
	server.answers[0] = ACCEPTED;
	run("submit", "-t", "acme", "{\"a\": [1]}", "-k", "echo");
	ck_assert_int_eq(ran.status, CTL_OK);
	ck_assert_str_eq(ran.out, ACCEPTED_TEXT);
	ck_assert_str_eq(ran.err, "");
	sent(0, "POST /jobs HTTP/1.1\r\n", "{\"kind\":\"echo\",\"tenant\":\"acme\",\"spec\":{\"a\": [1]}}");
	ck_assert_ptr_nonnull(strstr(server.requests[0], "\r\nContent-Type: application/json\r\n"));
	ck_assert_ptr_null(strstr(server.requests[0], "Expect:"));
}
END_TEST

START_TEST(submit_is_of_kind_http_unless_another_is_said)
{
	server.answers[0] = ACCEPTED;
	run("submit", "{}");
	ck_assert_int_eq(ran.status, CTL_OK);
	sent(0, "POST /jobs ", "{\"kind\":\"http\",\"spec\":{}}");
}
END_TEST

START_TEST(submit_reads_standard_input_for_a_hyphen)
{
	server.answers[0] = ACCEPTED;
	run_with(file_with(""), "[1,2]\n", (const char *[]){"penstock", "submit", "-", NULL});
	ck_assert_int_eq(ran.status, CTL_OK);
	sent(0, "POST /jobs ", "{\"kind\":\"http\",\"spec\":[1,2]\n}");
}
END_TEST

START_TEST(submit_sends_a_whole_job_from_a_file_as_it_is)
{
	char path[] = "/tmp/penstock-ctl-XXXXXX", argument[sizeof(path) + 1];
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "{\"kind\":\"sleep\"}", 16), 16);
	close(fd);
	snprintf(argument, sizeof(argument), "@%s", path);
	server.answers[0] = ACCEPTED;
	run("submit", "--job", argument);
	unlink(path);
	ck_assert_int_eq(ran.status, CTL_OK);
	sent(0, "POST /jobs ", "{\"kind\":\"sleep\"}");
}
END_TEST

static const struct {
	const char *document, *printed;
	int status;
} ends[] = {
	{"{\"state\":\"succeeded\"}",   "{\"state\":\"succeeded\"}\n", CTL_OK          },
	{"{\"state\":\"succeeded\"}\n", "{\"state\":\"succeeded\"}\n", CTL_OK          },
	{"{\"state\":\"failed\"}",      "{\"state\":\"failed\"}\n",    CTL_UNSUCCESSFUL},
	{"{\"state\":\"cancelled\"}",   "{\"state\":\"cancelled\"}\n", CTL_UNSUCCESSFUL},
	{"{\"state\":\"expired\"}",     "{\"state\":\"expired\"}\n",   CTL_UNSUCCESSFUL},
	{"{}",			  "",			    CTL_FAILED      },
	{"<html>",		      "",			    CTL_FAILED      },
};

START_TEST(wait_exits_by_the_state_in_which_the_job_ended)
{
	char answer[256];

	snprintf(answer, sizeof(answer), JSON("200 OK", "%s"), ends[_i].document);
	server.answers[0] = answer;
	run("wait", ID);
	ck_assert_int_eq(ran.status, ends[_i].status);
	ck_assert_str_eq(ran.out, ends[_i].printed);
	sent(0, "GET /results/" ID "?wait=25s HTTP/1.1\r\n", "");
}
END_TEST

START_TEST(wait_asks_again_while_there_is_time)
{
	server.answers[0] = JSON("202 Accepted", "{\"id\":\"" ID "\",\"state\":\"running\"}");
	server.answers[1] = JSON("200 OK", "{\"state\":\"succeeded\"}");
	run("wait", "--for", "20s", ID);
	ck_assert_int_eq(ran.status, CTL_OK);
	ck_assert_str_eq(ran.out, "{\"state\":\"succeeded\"}\n");
	ck_assert_uint_eq(server.asked, 2);
	sent(0, "GET /results/" ID "?wait=20s ", "");
}
END_TEST

START_TEST(wait_says_when_the_time_is_over)
{
	server.answers[0] = JSON("202 Accepted", "{\"id\":\"" ID "\",\"state\":\"running\"}");
	run("wait", "--for", "0s", ID);
	ck_assert_int_eq(ran.status, CTL_NOT_ENDED);
	ck_assert_str_eq(ran.out, "{\"id\":\"" ID "\",\"state\":\"running\"}\n");
	ck_assert_str_eq(ran.err, "penstock: " ID " did not end within 0s\n");
}
END_TEST

START_TEST(submit_and_wait_prints_the_result_alone)
{
	server.answers[0] = ACCEPTED;
	server.answers[1] = JSON("200 OK", "{\"state\":\"failed\"}");
	run("submit", "--wait", "5s", "{}");
	ck_assert_int_eq(ran.status, CTL_UNSUCCESSFUL);
	ck_assert_str_eq(ran.out, "{\"state\":\"failed\"}\n");
	sent(1, "GET /results/" ID "?wait=5s ", "");
}
END_TEST

START_TEST(submit_and_wait_prints_the_id_when_the_waiting_ends_badly)
{
	server.answers[0] = ACCEPTED;
	server.answers[1] = ANSWER("500 Oops", "text/plain", "oops");
	run("submit", "--wait", "5s", "{}");
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_str_eq(ran.out, ACCEPTED_TEXT);
}
END_TEST

START_TEST(submit_and_wait_prints_the_id_when_the_time_is_over)
{
	server.answers[0] = ACCEPTED;
	server.answers[1] = JSON("202 Accepted", "");
	run("submit", "--wait", "0s", "{}");
	ck_assert_int_eq(ran.status, CTL_NOT_ENDED);
	ck_assert_str_eq(ran.out, ACCEPTED_TEXT);
}
END_TEST

START_TEST(submit_and_wait_does_not_trust_an_id_that_is_none)
{
	server.answers[0] = JSON("202 Accepted", "{\"id\":\"../stats\"}");
	run("submit", "--wait", "5s", "{}");
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_uint_eq(server.asked, 1);
}
END_TEST

START_TEST(get_cancel_and_stats_are_one_request_each)
{
	static const struct {
		const char *arguments[4];
		const char *line;
	} cases[] = {
		{{"penstock", "get", ID},         "GET /jobs/" ID " HTTP/1.1\r\n"      },
		{{"penstock", "cancel", ID},      "DELETE /jobs/" ID " HTTP/1.1\r\n"   },
		{{"penstock", "stats"},           "GET /stats HTTP/1.1\r\n"            },
		{{"penstock", "stats", "--json"}, "GET /stats?format=json HTTP/1.1\r\n"},
	};

	server.answers[0] = JSON("200 OK", "as it comes\n");
	run_with(file_with(""), "", cases[_i].arguments);
	ck_assert_int_eq(ran.status, CTL_OK);
	ck_assert_str_eq(ran.out, "as it comes\n");
	sent(0, cases[_i].line, "");
}
END_TEST

#define ROW \
	"{\"id\":\"" ID \
	"\",\"state\":\"queued\",\"kind\":\"echo\",\"created_at\":\"then\",\"tenant\":\"a\\u001bb\"}"

START_TEST(list_goes_on_until_there_is_no_cursor)
{
	server.answers[0] = JSON("200 OK", "{\"jobs\": [" ROW ", " ROW "], \"next_cursor\": \"c d\"}");
	server.answers[1] = JSON("200 OK", "{\"jobs\":[],\"next_cursor\":\"e\"}");
	server.answers[2] = JSON("200 OK", "{\"jobs\":[" ROW "],\"next_cursor\":null}");
	run("list", "--all", "-l", "a=b c", "-s", "queued");
	ck_assert_int_eq(ran.status, CTL_OK);
	ck_assert_str_eq(ran.out, ID " queued     echo     then a?b\n" ID " queued     echo     then a?b\n" ID
				     " queued     echo     then a?b\n");
	sent(0, "GET /jobs?limit=1000&label.a=b%20c&state=queued HTTP/1.1\r\n", "");
	sent(1, "GET /jobs?limit=1000&label.a=b%20c&state=queued&cursor=c%20d HTTP/1.1\r\n", "");
	ck_assert_uint_eq(server.asked, 3);
}
END_TEST

START_TEST(list_prints_no_more_than_was_asked_for)
{
	server.answers[0] = JSON("200 OK", "{\"jobs\":[" ROW "," ROW "],\"next_cursor\":\"c\"}");
	run("list", "-n", "1", "--json");
	ck_assert_int_eq(ran.status, CTL_OK);
	ck_assert_str_eq(ran.out, ROW "\n");
	sent(0, "GET /jobs?limit=1 HTTP/1.1\r\n", "");
	ck_assert_uint_eq(server.asked, 1);
}
END_TEST

START_TEST(what_is_no_list_is_told)
{
	server.answers[0] = JSON("200 OK", "{\"jobs\":[1],\"next_cursor\":null}");
	run("list");
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_ptr_nonnull(strstr(ran.err, "something else than a list of jobs"));
}
END_TEST

#define LINES(status, body) ANSWER(status, "application/x-ndjson", body)

START_TEST(bulk_sends_lines_and_prints_what_came_of_each)
{
	server.answers[0] = LINES("200 OK", "{\"id\":\"" ID "\"}\n{\"status\":400}\n");
	run_with(file_with(""), "{}\n\n [\n", (const char *[]){"penstock", "submit", "--bulk", "-", NULL});
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_str_eq(ran.out, "{\"id\":\"" ID "\"}\n{\"status\":400}\n");
	ck_assert_str_eq(ran.err, "penstock: 1 of 2 jobs were not accepted\n");
	sent(0, "POST /jobs HTTP/1.1\r\n", "{}\n [\n");
	ck_assert_ptr_nonnull(strstr(server.requests[0], "\r\nContent-Type: application/x-ndjson\r\n"));
}
END_TEST

START_TEST(bulk_prints_why_none_was_taken)
{
	server.answers[0] = LINES("400 Bad Request", "{\"status\":424}\n{\"status\":400}\n");
	run_with(file_with(""), "{}\n[",
		(const char *[]){"penstock", "submit", "--atomic", "--bulk", "-", NULL});
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_str_eq(ran.out, "{\"status\":424}\n{\"status\":400}\n");
	ck_assert_str_eq(ran.err, "penstock: 2 of 2 jobs were not accepted\n");
	sent(0, "POST /jobs?atomic=true HTTP/1.1\r\n", "{}\n[");
}
END_TEST

START_TEST(a_slash_behind_the_url_and_capitals_in_the_id_do_no_harm)
{
	char url[80];

	snprintf(url, sizeof(url), "%s//", server.url);
	setenv("PENSTOCK_URL", "http://127.0.0.1:1", 1);
	server.answers[0] = JSON("200 OK", "{}");
	run("-s", url, "get", "01933F2A-7C00-7ABC-8DEF-0123456789AB");
	ck_assert_int_eq(ran.status, CTL_OK);
	sent(0, "GET /jobs/" ID " ", "");
}
END_TEST

static const struct {
	const char *answer, *said;
} refusals[] = {
	{PROBLEM("404 Not Found",   "{\"title\":\"There is no such job\"}"),                                       "There is no such job"},
	{PROBLEM("404 Not Found",   "{\"title\":\"T\",\"detail\":\"D d.\"}"),                                      "T: D d."             },
	{PROBLEM("400 Bad Request",
         "{\"title\":\"T\",\"detail\":\"D\",\"errors\":[{\"detail\":\"a } \\\" b\",\"pointer\":\"/spec/url\"}]}"),
         "T: D (/spec/url)"													      },
	{PROBLEM("400 Bad Request", "{\"title\":\"T\",\"detail\":\"D\",\"errors\":[]}"),                           "T: D"                },
	{PROBLEM("400 Bad Request", "{\"title\":\"T\",\"detail\":\"D\",\"errors\":[{\"pointer\":1}]}"),
         "T: D"															  },
	{PROBLEM("400 Bad Request", "{\"title\":\"\\u001b[31m\",\"detail\":\"a\\nb\"}"),                           "?[31m: a?b"          },
};

START_TEST(a_problem_is_told_in_one_line)
{
	char line[128];

	server.answers[0] = refusals[_i].answer;
	run("get", ID);
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_str_eq(ran.out, "");
	snprintf(line, sizeof(line), "penstock: %s\n", refusals[_i].said);
	ck_assert_str_eq(ran.err, line);
}
END_TEST

START_TEST(an_error_that_is_no_problem_document_is_told_by_its_status)
{
	server.answers[0] = ANSWER("502 Bad Gateway", "text/html", "<html>");
	run("get", ID);
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_ptr_nonnull(strstr(ran.err, "answered with status 502\n"));
}
END_TEST

START_TEST(a_redirect_is_not_followed)
{
	server.answers[0] = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
	run("get", ID);
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_uint_eq(server.asked, 1);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_told)
{
	run("-s", "http://127.0.0.1:1", "stats");
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_msg(strncmp(ran.err, "penstock: http://127.0.0.1:1: ", 30) == 0, "%s", ran.err);
}
END_TEST

static const struct {
	const char *arguments[ARGUMENTS_MAX];
	const char *said;
} misuses[] = {
	{{"penstock"},					"no command"                            },
	{{"penstock", "frobnicate"},                          "there is no command \"frobnicate\""    },
	{{"penstock", "--frob"},                              "unknown option --frob"                 },
	{{"penstock", "-s"},				  "-s needs a URL"                        },
	{{"penstock", "-s", "file:///etc/passwd", "stats"},   "is not a URL"                          },
	{{"penstock", "get"},				 "the id of a job is missing"            },
	{{"penstock", "get", "1"},                            "\"1\" is not the id of a job"          },
	{{"penstock", "get", ID, ID},                         "too many arguments"                    },
	{{"penstock", "get", "-x", ID},                       "unknown option -x"                     },
	{{"penstock", "cancel", "../jobs"},                   "is not the id of a job"                },
	{{"penstock", "stats", "now"},                        "too many arguments"                    },
	{{"penstock", "stats", "--xml"},                      "unknown option --xml"                  },
	{{"penstock", "wait", "--for", "soon", ID},           "--for: \"soon\" is not a duration"     },
	{{"penstock", "wait", ID, "--for"},                   "--for needs a value"                   },
	{{"penstock", "wait", "--until", ID},                 "unknown option --until"                },
	{{"penstock", "submit"},                              "SPEC is missing"                       },
	{{"penstock", "submit", "{}", "{}"},                  "too many arguments"                    },
	{{"penstock", "submit", "-k", "a\"b", "{}"},          "\"a\"b\" is not a kind of job"         },
	{{"penstock", "submit", "-t", "a b", "{}"},           "\"a b\" is not the name of a tenant"   },
	{{"penstock", "submit", "--wait", "5", "{}"},         "--wait: \"5\" is not a duration"       },
	{{"penstock", "submit", "--wait"},                    "--wait needs a value"                  },
	{{"penstock", "submit", "--job", "{}", "{}"},         "--job is the whole job"                },
	{{"penstock", "submit", "--job", "{}", "-k", "http"}, "--job is the whole job"                },
	{{"penstock", "submit", "--atomic", "{}"},            "--atomic goes with --bulk"             },
	{{"penstock", "submit", "--bulk", "-", "-k", "echo"}, "--bulk is a file of whole jobs"        },
	{{"penstock", "list", "-n", "0"},                     "--limit: \"0\" is not a number of jobs"},
	{{"penstock", "list", "-l", "x"},                     "--label: \"x\" is not NAME=VALUE"      },
	{{"penstock", "submit", "--frob", "{}"},              "unknown option --frob"                 },
};

START_TEST(wrong_use_is_told_and_nothing_is_sent)
{
	server.answers[0] = ACCEPTED;
	run_with(file_with(""), "", misuses[_i].arguments);
	ck_assert_int_eq(ran.status, CTL_USAGE);
	ck_assert_str_eq(ran.out, "");
	ck_assert_msg(strstr(ran.err, misuses[_i].said), "%s", ran.err);
	ck_assert_msg(strstr(ran.err, "\nusage: penstock [-s URL] "), "%s", ran.err);
	ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_told_and_nothing_is_sent)
{
	server.answers[0] = ACCEPTED;
	run("submit", "@/nonexistent");
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_str_eq(ran.err, "penstock: @/nonexistent cannot be read: No such file or directory\n");
	ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(help_and_version_go_to_standard_output)
{
	static const char *const cases[][4] = {
		{"penstock", "--help"},
		{          "penstock",      "-V"        },
		{ "penstock",  "submit",          "--help"},
	};

	run_with(file_with(""), "", cases[_i]);
	ck_assert_int_eq(ran.status, CTL_OK);
	ck_assert_msg(strstr(ran.out, "penstock "), "%s", ran.out);
	ck_assert_str_eq(ran.err, "");
}
END_TEST

START_TEST(output_that_cannot_be_written_is_a_failure)
{
	FILE *full = fopen("/dev/full", "r+");

	ck_assert_ptr_nonnull(full);
	run_with(full, "", (const char *[]){"penstock", "--version", NULL});
	ck_assert_int_eq(ran.status, CTL_FAILED);
	ck_assert_str_eq(ran.err, "penstock: the output cannot be written: No space left on device\n");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ctl");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, submit_sends_kind_tenant_and_spec);
	tcase_add_test(tcase, submit_is_of_kind_http_unless_another_is_said);
	tcase_add_test(tcase, submit_reads_standard_input_for_a_hyphen);
	tcase_add_test(tcase, submit_sends_a_whole_job_from_a_file_as_it_is);
	tcase_add_loop_test(tcase, wait_exits_by_the_state_in_which_the_job_ended, 0, ARRAY_LEN(ends));
	tcase_add_test(tcase, wait_asks_again_while_there_is_time);
	tcase_add_test(tcase, wait_says_when_the_time_is_over);
	tcase_add_test(tcase, submit_and_wait_prints_the_result_alone);
	tcase_add_test(tcase, submit_and_wait_prints_the_id_when_the_waiting_ends_badly);
	tcase_add_test(tcase, submit_and_wait_prints_the_id_when_the_time_is_over);
	tcase_add_test(tcase, submit_and_wait_does_not_trust_an_id_that_is_none);
	tcase_add_loop_test(tcase, get_cancel_and_stats_are_one_request_each, 0, 4);
	tcase_add_test(tcase, list_goes_on_until_there_is_no_cursor);
	tcase_add_test(tcase, list_prints_no_more_than_was_asked_for);
	tcase_add_test(tcase, what_is_no_list_is_told);
	tcase_add_test(tcase, bulk_sends_lines_and_prints_what_came_of_each);
	tcase_add_test(tcase, bulk_prints_why_none_was_taken);
	tcase_add_test(tcase, a_slash_behind_the_url_and_capitals_in_the_id_do_no_harm);
	tcase_add_loop_test(tcase, a_problem_is_told_in_one_line, 0, ARRAY_LEN(refusals));
	tcase_add_test(tcase, an_error_that_is_no_problem_document_is_told_by_its_status);
	tcase_add_test(tcase, a_redirect_is_not_followed);
	tcase_add_test(tcase, a_server_that_is_not_there_is_told);
	tcase_add_loop_test(tcase, wrong_use_is_told_and_nothing_is_sent, 0, ARRAY_LEN(misuses));
	tcase_add_test(tcase, a_file_that_cannot_be_read_is_told_and_nothing_is_sent);
	tcase_add_loop_test(tcase, help_and_version_go_to_standard_output, 0, 3);
	tcase_add_test(tcase, output_that_cannot_be_written_is_a_failure);
	return unit_run("ctl", tcase);
}
