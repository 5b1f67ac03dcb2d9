/* http.c - one attempt of an http job: ask, capture the answer up to the cap, judge its status. */
#include <curl/curl.h>
#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "work/inside.h"
#include "work/transfers.h"

enum { HEADERS_MAX = 100, HEADER_BYTES_MAX = 16 << 10, RECEIVE_BUFFER = 8 << 10, UPLOAD_BUFFER = 16 << 10 };
#define RETRY_AFTER_MAX_S 86400

/* What comes in while the transfer runs. */
struct answer {
	struct buf body;
	struct http_result *result;
	size_t header_bytes;
	bool no_memory;
};

static size_t on_body(char *data, size_t one, size_t bytes, void *arg)
{
	struct answer *answer = arg;
	size_t room = answer->body.max - answer->body.len, kept = bytes < room ? bytes : room;

	(void)one;
	if (kept < bytes)
		answer->result->truncated = true; /* the rest is read and dropped */
	if (kept > 0 && buf_add(&answer->body, data, kept) < 0) {
		answer->no_memory = true;
		return 0;
	}
	return bytes;
}

static void forget_headers(struct answer *answer)
{
	struct http_result *result = answer->result;

	while (result->n_headers > 0) {
		struct header *header = &result->headers[--result->n_headers];

		free(header->name);
		free(header->value);
	}
	answer->header_bytes = 0;
}

static int keep_header(struct http_result *result, const char *line, const char *colon, size_t len)
{
	const char *value = colon + 1, *end = line + len;
	struct header *headers, header;

	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]))
		end--;
	headers = reallocarray(result->headers, result->n_headers + 1, sizeof *headers);
	if (!headers)
		return -ENOMEM;
	result->headers = headers;
	header.name = strndup(line, (size_t)(colon - line));
	header.value = strndup(value, (size_t)(end - value));
	if (!header.name || !header.value) {
		free(header.name);
		free(header.value);
		return -ENOMEM;
	}
	headers[result->n_headers++] = header;
	return 0;
}

/* A status line begins anew: an interim answer (100, 103) came before. */
static size_t on_header(char *line, size_t one, size_t bytes, void *arg)
{
	struct answer *answer = arg;
	const char *colon = memchr(line, ':', bytes);

	(void)one;
	if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		forget_headers(answer);
	} else if (colon) {
		answer->header_bytes += bytes;
		if (answer->header_bytes > HEADER_BYTES_MAX || answer->result->n_headers == HEADERS_MAX)
			answer->result->truncated = true;
		else if (keep_header(answer->result, line, colon, bytes) < 0) {
			answer->no_memory = true;
			return 0;
		}
	}
	return bytes;
}

static void slist_freep(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static int slist_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (!longer)
		return -ENOMEM;
	*list = longer;
	return 0;
}

/* libcurl's own form: "Name: value", "Name;" for an empty value, "Name:" to leave a default header out. */
static int request_headers(const struct http_spec *spec, struct curl_slist **ret_list)
{
	bool has_type = false;
	int r = slist_add(ret_list, "Expect:");

	for (size_t i = 0; i < spec->n_headers && r == 0; i++) {
		const struct header *header = &spec->headers[i];
		CLEANUP(buf_fini) struct buf line = {0};

		if (strpbrk(header->name, "\r\n") || strpbrk(header->value, "\r\n"))
			return -EINVAL;
		has_type = has_type || strcasecmp(header->name, "Content-Type") == 0;
		r = buf_addf(&line, header->value[0] ? "%s: %s" : "%s;", header->name, header->value);
		if (r == 0)
			r = slist_add(ret_list, line.data);
	}
	if (r == 0 && !has_type)
		r = slist_add(ret_list, "Content-Type:");
	return r;
}

static void set_method(CURL *easy, const struct http_spec *spec)
{
	if (spec->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body_bytes);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, spec->body);
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, spec->method);
	} else if (strcmp(spec->method, "POST") == 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
	} else if (strcmp(spec->method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (strcmp(spec->method, "GET") != 0) {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, spec->method);
	}
}

/* No redirect, no proxy, no other protocol unless the operator's configuration says so. */
static void set_options(
	CURL *easy, const struct http_spec *spec, struct curl_slist *headers, struct answer *answer)
{
	curl_easy_setopt(easy, CURLOPT_URL, spec->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "penstock/" PENSTOCK_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, answer);
	set_method(easy, spec);
}

static int64_t time_us(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, info, &us);
	return us;
}

static void take_timing(CURL *easy, struct http_result *result)
{
	result->dns_us = time_us(easy, CURLINFO_NAMELOOKUP_TIME_T);
	result->connect_us = time_us(easy, CURLINFO_CONNECT_TIME_T);
	result->tls_us = time_us(easy, CURLINFO_APPCONNECT_TIME_T);
	result->first_byte_us = time_us(easy, CURLINFO_STARTTRANSFER_TIME_T);
	result->total_us = time_us(easy, CURLINFO_TOTAL_TIME_T);
}

static bool status_ok(const struct http_spec *spec, int status)
{
	for (size_t i = 0; i < spec->n_ok; i++)
		if (spec->ok[i] == status)
			return true;
	return spec->n_ok == 0 && status >= 200 && status <= 299;
}

static bool status_retryable(int status)
{
	return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

static void judge_status(CURL *easy, const struct http_spec *spec, struct outcome *outcome)
{
	struct http_result *result = &outcome->result.http;
	curl_off_t retry_after_s = 0;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	result->status = (int)status;
	take_timing(easy, result);
	if (status_ok(spec, result->status)) {
		outcome->end = OUTCOME_SUCCEEDED;
		return;
	}
	outcome_fail(
		outcome, OUTCOME_FAILED, "http-status", "the server answered with status %d", result->status);
	outcome->retryable = status_retryable(result->status);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	if (retry_after_s > RETRY_AFTER_MAX_S)
		retry_after_s = RETRY_AFTER_MAX_S;
	outcome->retry_after_ns = retry_after_s * PEN_SECOND;
}

/* What a transfer that came to no answer is called, and whether another try may help. */
static const struct {
	CURLcode code;
	const char *name;
	bool retryable;
} failures[] = {
	{CURLE_COULDNT_RESOLVE_HOST,     "resolve",  true },
	{CURLE_COULDNT_CONNECT,          "connect",  true },
	{CURLE_SEND_ERROR,               "send",     true },
	{CURLE_RECV_ERROR,               "receive",  true },
	{CURLE_GOT_NOTHING,              "receive",  true },
	{CURLE_PARTIAL_FILE,             "receive",  true },
	{CURLE_OPERATION_TIMEDOUT,       "connect",  true },
	{CURLE_HTTP2,                    "protocol", true },
	{CURLE_HTTP2_STREAM,             "protocol", true },
	{CURLE_WEIRD_SERVER_REPLY,       "protocol", true },
	{CURLE_SSL_CONNECT_ERROR,        "tls",      true },
	{CURLE_PEER_FAILED_VERIFICATION, "tls",      false},
	{CURLE_URL_MALFORMAT,            "bad-url",  false},
	{CURLE_UNSUPPORTED_PROTOCOL,     "bad-url",  false},
};

static void judge_failure(CURLcode code, struct outcome *outcome)
{
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		if (failures[i].code == code) {
			outcome->retryable = failures[i].retryable;
			outcome_fail(
				outcome, OUTCOME_FAILED, failures[i].name, "%s", curl_easy_strerror(code));
			return;
		}
	}
	outcome_fail(outcome, OUTCOME_FAILED, "transfer", "%s", curl_easy_strerror(code));
}

static void fail_here(int error, struct outcome *outcome)
{
	outcome->retryable = error != -EINVAL;
	outcome_fail(outcome, OUTCOME_FAILED, error == -EINVAL ? "bad-header" : "out-of-memory", "%s",
		strerror(-error));
}

/* An attempt that came to no answer has no result; what was captured of one goes. */
static void drop_result(struct outcome *outcome)
{
	struct outcome captured = {.kind = JOB_HTTP, .has_result = true, .result = outcome->result};

	outcome_fini(&captured);
	outcome->result.http = (struct http_result){0};
	outcome->has_result = false;
}

void http_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome)
{
	const struct http_spec *spec = &job->spec.http;
	CLEANUP(slist_freep) struct curl_slist *headers = NULL;
	struct answer answer = {.body.max = work->options.http_body_max, .result = &outcome->result.http};
	int r = request_headers(spec, &headers);
	CURLcode code = CURLE_OK;
	CURL *easy;

	(void)command;
	easy = r == 0 ? transfers_take_easy(work->transfers) : NULL;
	if (!easy) {
		fail_here(r < 0 ? r : -ENOMEM, outcome);
		return;
	}
	set_options(easy, spec, headers, &answer);
	r = transfers_perform(ctx, work->transfers, easy, &code);
	outcome->has_result = r == 0 && code == CURLE_OK;
	outcome->result.http.body = buf_take(&answer.body, &outcome->result.http.body_bytes);
	buf_fini(&answer.body);
	if (outcome->has_result)
		judge_status(easy, spec, outcome);
	else if (r == 0 && !answer.no_memory)
		judge_failure(code, outcome);
	else if (r == -ECANCELED || r == -ETIMEDOUT)
		work_ended_by(ctx, outcome);
	else
		fail_here(r < 0 ? r : -ENOMEM, outcome);
	if (!outcome->has_result)
		drop_result(outcome);
	transfers_give_easy(work->transfers, easy);
}
