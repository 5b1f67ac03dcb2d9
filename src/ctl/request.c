/* request.c - one request to the server and its answer, by libcurl; and the server's problems in words. */
#include "ctl/request.h"

#include <penstock/base.h>

#include <curl/curl.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/wire.h"

#define REPLY_BYTES_MAX (256 * 1024 * 1024)
#define CONNECT_TIMEOUT_MS 5000L
#define REPLY_TIMEOUT_MS 30000L
#define NS_PER_MS 1000000

void reply_fini(struct reply *reply)
{
	buf_fini(&reply->body);
}

static void curl_easy_cleanupp(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void curl_slist_free_allp(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

/* An answer that comes in. */
struct receiving {
	CURL *curl;
	const struct request *request;
	struct reply *reply;
};

/* The whole lines of what has come are passed on, and what is left waits for its end. */
static int pass_lines(const struct request *request, struct buf *body)
{
	char *line = body->data, *end;
	int r = 0;

	while (r == 0 && (end = memchr(line, '\n', (size_t)(body->data + body->len - line)))) {
		r = request->on_line(request->arg, line, (size_t)(end - line));
		line = end + 1;
	}
	body->len -= (size_t)(line - body->data);
	memmove(body->data, line, body->len);
	return r;
}

static bool is_good(long status)
{
	return status >= 200 && status < 300;
}

/* Fewer bytes than came make libcurl give up. */
static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct receiving *receiving = arg;
	struct reply *reply = receiving->reply;
	int r = buf_add(&reply->body, data, size * n);

	curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &reply->status);
	if (r == 0 && receiving->request->on_line && is_good(reply->status))
		r = pass_lines(receiving->request, &reply->body);
	return r == 0 ? size * n : 0;
}

#define LINES_TYPE "application/x-ndjson"

static struct curl_slist *headers_new(const struct request *request)
{
	struct curl_slist *json = curl_slist_append(
		NULL, request->lines ? "Content-Type: " LINES_TYPE : "Content-Type: application/json");
	/* Without this libcurl waits a second for "100 Continue" before it sends a long body. */
	struct curl_slist *both = json ? curl_slist_append(json, "Expect:") : NULL;

	if (!both)
		curl_slist_free_all(json);
	return both;
}

static void set_body(CURL *curl, const struct request *request)
{
	if (!request->body)
		return;
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
}

/* 0 is none. */
static long timeout_ms(const struct request *request)
{
	if (request->wait_ns == PEN_NEVER)
		return 0;
	return (long)(request->wait_ns / NS_PER_MS) + REPLY_TIMEOUT_MS;
}

/* The server is asked directly, whatever proxies the environment names: it is our own, mostly on this very machine. */
static void set_options(CURL *curl, struct receiving *receiving, struct curl_slist *headers, char *error)
{
	const struct request *request = receiving->request;

	set_body(curl, request);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "penstock/" PENSTOCK_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms(request));
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L); /* or the loss of a silent server went unnoticed */
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, receiving);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
}

/* The first object of the problem's `errors`, which the member reader cannot see into: {"pointer", "detail"}, both texts. */
static int read_pointer(const struct buf *body, char *pointer, size_t size)
{
	static const char before[] = "\"errors\":[";
	const char *object = strstr(body->data, before), *at;
	bool quoted = false;

	if (!object)
		return -1;
	object += strlen(before);
	for (at = object; *at && (quoted || *at != '}'); at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && at[1])
			at++;
	}
	return *at ? wire_read_member(object, (size_t)(at + 1 - object), "pointer", pointer, size) : -1;
}

static int fail_by_problem(struct ctl *ctl, const struct reply *reply)
{
	const struct buf *body = &reply->body;
	char title[256] = "", detail[1024] = "", pointer[256] = "";

	if (!body->data || wire_read_member(body->data, body->len, "title", title, sizeof(title)) < 0 ||
		!title[0])
		return ctl_fail(ctl, "%s answered with status %ld", ctl->url, reply->status);
	if (wire_read_member(body->data, body->len, "detail", detail, sizeof(detail)) < 0 || !detail[0])
		return ctl_fail(ctl, "%s", title);
	if (read_pointer(body, pointer, sizeof(pointer)) < 0 || !pointer[0])
		return ctl_fail(ctl, "%s: %s", title, detail);
	return ctl_fail(ctl, "%s: %s (%s)", title, detail, pointer);
}

static bool is_in_lines(CURL *curl)
{
	const char *type = NULL;

	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	return type && strcmp(type, LINES_TYPE) == 0;
}

int request_send(struct ctl *ctl, const struct request *request, struct reply *reply)
{
	CLEANUP(curl_easy_cleanupp) CURL *curl = curl_easy_init();
	CLEANUP(curl_slist_free_allp) struct curl_slist *headers = headers_new(request);
	CLEANUP(buf_fini) struct buf url = {0};
	struct receiving receiving = {.curl = curl, .request = request, .reply = reply};
	char error[CURL_ERROR_SIZE] = "";
	CURLcode r;

	reply->body.max = REPLY_BYTES_MAX;
	if (!curl || !headers || buf_addf(&url, "%s%s", ctl->url, request->path) < 0)
		return ctl_fail(ctl, "out of memory");
	set_options(curl, &receiving, headers, error);
	curl_easy_setopt(curl, CURLOPT_URL, url.data);
	r = curl_easy_perform(curl);
	if (r != CURLE_OK)
		return ctl_fail(ctl, "%s: %s", ctl->url, error[0] ? error : curl_easy_strerror(r));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
	if (is_good(reply->status))
		return CTL_OK;
	return request->lines && is_in_lines(curl) ? CTL_OK : fail_by_problem(ctl, reply);
}

void reply_print(struct ctl *ctl, const struct reply *reply)
{
	const struct buf *body = &reply->body;

	if (body->len == 0)
		return;
	fwrite(body->data, 1, body->len, ctl->out);
	if (body->data[body->len - 1] != '\n')
		fputc('\n', ctl->out);
}
