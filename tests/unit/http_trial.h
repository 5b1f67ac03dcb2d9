/*
 * http_trial.h - tests of the HTTP interface: a real server in a runtime, on a port of the system's choice, over a gate and a store
 * in memory; the test is a client on raw sockets, in a thread beside the runtime.
 */
#ifndef TESTS_HTTP_TRIAL_H
#define TESTS_HTTP_TRIAL_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "conf_file.h"
#include "gate/gate.h"
#include "http/http.h"
#include "store/store.h"
#include "unit.h"

/* What the test has, and may use from its thread. */
static struct {
	int port;
	struct gate *gate;
	struct http *http;
} served;

struct http_trial {
	const char *conf;
	size_t loops;
	void (*fn)(void);
	struct pen_chan *over;
};

static inline void *http_trial_thread(void *arg)
{
	struct http_trial *trial = arg;

	trial->fn();
	pen_chan_close(trial->over);
	return NULL;
}

static inline void http_trial_client(struct http_trial *trial)
{
	pthread_t thread;

	trial->over = pen_chan_new(0, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, http_trial_thread, trial), 0);
	ck_assert_int_eq(pen_chan_recv(NULL, trial->over, NULL), -EPIPE);
	pthread_join(thread, NULL);
	pen_chan_free(trial->over);
}

static inline void http_trial_listen(struct pen_ctx *ctx, struct conf *conf)
{
	char address[HTTP_ADDRESS_TEXT];
	int fd;

	ck_assert_int_eq(http_listen("127.0.0.1:0", &fd, address, NULL), 0);
	served.port = atoi(strrchr(address, ':') + 1);
	ck_assert_int_eq(http_start(ctx, conf, served.gate, fd, &served.http), 0);
}

static inline int http_trial_main(void *arg)
{
	struct http_trial *trial = arg;
	struct conf *conf = load_apart(trial->conf);
	struct store_options options = {
		.kind = "memory", .queue_max = 8192, .group_max = 1024, .batch_max = conf->bulk_max};
	struct pen_ctx *ctx;
	struct store *store;

	options.retention_ns = conf->retention_ns;
	options.retention_jobs = conf->retention_jobs;
	options.retention_bytes = conf->retention_bytes;
	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	ck_assert_int_eq(store_open(&options, &store, NULL), 0);
	ck_assert_int_eq(gate_start(ctx, conf, store, &served.gate), 0);
	http_trial_listen(ctx, conf);
	http_trial_client(trial);
	gate_drain(served.gate);
	gate_cancel_running(served.gate);
	ck_assert_int_eq(gate_drained(NULL, served.gate), 0);
	if (served.http)
		http_stop(served.http, 0);
	gate_stop(served.gate);
	store_close(store);
	pen_ctx_unrefp(&ctx);
	conf_unref(conf);
	return 0;
}

static inline void http_trial_leak(const char *task, void *arg)
{
	(void)arg;
	ck_abort_msg("the task %s was left parked", task);
}

static inline void http_trial_run(struct http_trial trial)
{
	struct pen_run_options options = {.loops = trial.loops, .on_leak = http_trial_leak};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon */
	ck_assert_int_eq(pen_run(&options, http_trial_main, &trial), 0);
}

/* With this configuration, on one loop and on two. */
#define HTTP_TEST(name, text) \
	static void name##_body(void); \
	START_TEST(name) \
	{ \
		http_trial_run( \
			(struct http_trial){.conf = text, .loops = (size_t)_i + 1, .fn = name##_body}); \
	} \
	END_TEST \
	static void name##_body(void)

#define tcase_add_http_test(tcase, name) tcase_add_loop_test(tcase, name, 0, 2)

/* A connection. */
static inline int dial(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)served.port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline void say_bytes(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		ck_assert_int_gt(sent, 0);
		bytes += sent;
		n -= (size_t)sent;
	}
}

static inline void say(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void say(int fd, const char *format, ...)
{
	CLEANUP(freep) char *text = NULL;
	va_list args;

	va_start(args, format);
	ck_assert_int_ge(vasprintf(&text, format, args), 0);
	va_end(args);
	say_bytes(fd, text, strlen(text));
}

/* An answer: its status, its head with "\n" before each field, its body. */
struct answer {
	int status;
	struct buf head, body;
};

static inline void answer_fini(struct answer *answer)
{
	buf_fini(&answer->head);
	buf_fini(&answer->body);
}

/* The value of a field, for the caller to free; NULL when there is none. */
static inline char *field(const struct answer *answer, const char *name)
{
	char *start;
	char line[80];

	snprintf(line, sizeof(line), "\r\n%s: ", name);
	start = strcasestr(answer->head.data, line);
	if (!start)
		return NULL;
	start += strlen(line);
	return strndup(start, strcspn(start, "\r"));
}

static inline void ck_assert_field(const struct answer *answer, const char *name, const char *value)
{
	CLEANUP(freep) char *is = field(answer, name);

	if (value)
		ck_assert_msg(is && strcmp(is, value) == 0, "%s: %s\n%s", name, is, answer->head.data);
	else
		ck_assert_msg(!is, "%s: %s", name, is);
}

/* It must be followed by no more than this, and be there whole.  A byte at a time, so that what follows stays for the next. */
static inline void listen_head(int fd, struct answer *answer)
{
	char c;

	while (!answer->head.data || !strstr(answer->head.data, "\r\n\r\n")) {
		ck_assert_msg(recv(fd, &c, 1, 0) == 1, "the answer ends within its head: %s",
			answer->head.data ? answer->head.data : "");
		ck_assert_int_eq(buf_add(&answer->head, &c, 1), 0);
	}
	ck_assert_int_eq(sscanf(answer->head.data, "HTTP/1.1 %d ", &answer->status), 1);
}

static inline void listen_body(int fd, struct answer *answer)
{
	CLEANUP(freep) char *length = field(answer, "Content-Length");
	size_t left = length ? strtoul(length, NULL, 10) : 0;
	char some[4096];

	ck_assert_int_eq(buf_add(&answer->body, "", 0), 0);
	while (left > 0) {
		ssize_t n = recv(fd, some, left < sizeof(some) ? left : sizeof(some), 0);

		ck_assert_int_gt(n, 0);
		ck_assert_int_eq(buf_add(&answer->body, some, (size_t)n), 0);
		left -= (size_t)n;
	}
}

/* Read one answer.  Each bears an id of its request. */
static inline struct answer listen_to(int fd)
{
	struct answer answer = {0};
	CLEANUP(freep) char *id = NULL;

	listen_head(fd, &answer);
	if (answer.status != 304)
		listen_body(fd, &answer);
	id = field(&answer, "X-Request-Id");
	ck_assert_msg(id && id[0], "%s", answer.head.data);
	return answer;
}

/* Nothing more comes, and the connection is at its end. */
static inline void ck_assert_closed(int fd)
{
	char c;

	ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
}

/* One request over a connection of its own, as it stands. */
static inline struct answer ask_raw(const char *request)
{
	int fd = dial();
	struct answer answer;

	say_bytes(fd, request, strlen(request));
	answer = listen_to(fd);
	close(fd);
	return answer;
}

/* `fields` are whole lines. */
static inline struct answer ask(const char *method, const char *target, const char *fields, const char *body)
{
	CLEANUP(freep) char *request = NULL;

	ck_assert_int_ge(asprintf(&request, "%s %s HTTP/1.1\r\nHost: here\r\n%sContent-Length: %zu\r\n\r\n%s",
				 method, target, fields, strlen(body), body),
		0);
	return ask_raw(request);
}

static inline struct answer get(const char *target)
{
	return ask("GET", target, "", "");
}

#define JSON "Content-Type: application/json\r\n"

static inline struct answer post(const char *body)
{
	return ask("POST", "/jobs", JSON, body);
}

/* The string of this name in a document, for the caller to free; NULL when there is none. */
static inline char *member(const struct answer *answer, const char *name)
{
	char *start;
	char text[80];

	snprintf(text, sizeof(text), "\"%s\":\"", name);
	start = strstr(answer->body.data, text);
	if (!start)
		return NULL;
	start += strlen(text);
	return strndup(start, strcspn(start, "\""));
}

static inline void ck_assert_member(const struct answer *answer, const char *name, const char *value)
{
	CLEANUP(freep) char *is = member(answer, name);

	ck_assert_msg(is && strcmp(is, value) == 0, "%s is not \"%s\" in %s", name, value, answer->body.data);
}

/* It must be a problem of this status and code, with all members that API.md promises. */
static inline void ck_assert_problem(const struct answer *answer, int status, const char *code)
{
	CLEANUP(freep) char *id = field(answer, "X-Request-Id");
	char text[32];

	ck_assert_msg(answer->status == status, "%s%s", answer->head.data, answer->body.data);
	ck_assert_field(answer, "Content-Type", "application/problem+json");
	ck_assert_member(answer, "code", code);
	ck_assert_member(answer, "request_id", id);
	snprintf(text, sizeof(text), "\"status\":%d,", status);
	ck_assert_ptr_nonnull(strstr(answer->body.data, text));
	ck_assert_ptr_nonnull(strstr(answer->body.data, "\"type\":\"urn:penstock:problem:"));
	ck_assert_ptr_nonnull(strstr(answer->body.data, "\"title\":\""));
	ck_assert_ptr_nonnull(strstr(answer->body.data, "\"detail\":\""));
}

/* Ask, and expect this problem. */
static inline void ck_refused(struct answer answer, int status, const char *code)
{
	ck_assert_problem(&answer, status, code);
	answer_fini(&answer);
}

static inline void ck_ok(struct answer answer)
{
	ck_assert_msg(answer.status == 200, "%s%s", answer.head.data, answer.body.data);
	answer_fini(&answer);
}

/* Submit a job; gives its id, for the caller to free. */
static inline char *submit_job(const char *body)
{
	CLEANUP(answer_fini) struct answer answer = post(body);

	ck_assert_msg(answer.status == 202, "%s", answer.body.data);
	return member(&answer, "id");
}

/* A target that has an id in it. */
static inline struct answer ask_for(
	const char *method, const char *format, const char *id, const char *fields)
{
	char target[256];

	snprintf(target, sizeof(target), format, id);
	return ask(method, target, fields, "");
}

/* The end of each main(); sanitizers and a busy machine may take their time. */
static inline int http_run_suite(const char *name, TCase *tcase)
{
	tcase_set_timeout(tcase, 60);
	return unit_run(name, tcase);
}

#endif
