/* http_answer.c - see http_answer.h.  The callbacks never park: libcurl is not to be entered twice. */
#include "work/http_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_KEPT = 100, HEADER_BYTES_KEPT = 16 << 10, HEADER_BYTES_MAX = 256 << 10 };

/* Beyond the cap so much is still read, which is cheaper than another connection; counted as decoded, so that a bomb is cut. */
#define DROPPED_MAX ((size_t)8 << 20)

/* Beyond the cap it is read and dropped for a while, so that the server can end in peace and the connection be used again. */
static size_t on_body(char *data, size_t one, size_t bytes, void *arg)
{
	struct http_answer *answer = arg;
	size_t room = answer->body.max - answer->body.len, kept = bytes < room ? bytes : room;

	(void)one;
	if (kept < bytes)
		answer->result->truncated = true;
	if (kept > 0 && buf_add(&answer->body, data, kept) < 0) {
		answer->error = -ENOMEM;
		return CURL_WRITEFUNC_ERROR;
	}
	answer->dropped += bytes - kept;
	answer->cut = answer->dropped > DROPPED_MAX;
	return answer->cut ? CURL_WRITEFUNC_ERROR : bytes;
}

static void forget_headers(struct http_answer *answer)
{
	struct http_result *result = answer->result;

	while (result->n_headers > 0) {
		struct header *header = &result->headers[--result->n_headers];

		free(header->name);
		free(header->value);
	}
	answer->header_bytes_kept = 0;
}

static int add_header(struct http_result *result, struct header header)
{
	struct header *headers =
		reallocarray(result->headers, result->n_headers + 1, sizeof result->headers[0]);

	if (!headers)
		return -ENOMEM;
	result->headers = headers;
	headers[result->n_headers++] = header;
	return 0;
}

static int keep_header(struct http_result *result, const char *line, const char *colon, size_t bytes)
{
	const char *value = colon + 1, *end = line + bytes;
	struct header header;
	int r = -ENOMEM;

	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]))
		end--;
	header.name = strndup(line, (size_t)(colon - line));
	header.value = strndup(value, (size_t)(end - value));
	if (header.name && header.value)
		r = add_header(result, header);
	if (r < 0) {
		free(header.name);
		free(header.value);
	}
	return r;
}

/* A line of a header that goes on from the line before (obsolete since RFC 7230) is not one of its own. */
static const char *end_of_name(const char *line, size_t bytes)
{
	return bytes == 0 || *line == ' ' || *line == '\t' ? NULL : memchr(line, ':', bytes);
}

static int hear_line(struct http_answer *answer, const char *line, size_t bytes)
{
	const char *colon;

	answer->header_bytes += bytes;
	if (answer->header_bytes > HEADER_BYTES_MAX)
		return -EMSGSIZE;
	if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0) { /* what came before was an interim answer's */
		forget_headers(answer);
		answer->head_ended = false;
		return 0;
	}
	answer->head_ended = answer->head_ended || bytes == 0 || *line == '\r' || *line == '\n';
	colon = end_of_name(line, bytes);
	if (!colon)
		return 0;
	answer->header_bytes_kept += bytes;
	if (answer->header_bytes_kept > HEADER_BYTES_KEPT || answer->result->n_headers == HEADERS_KEPT) {
		answer->result->truncated = true;
		return 0;
	}
	return keep_header(answer->result, line, colon, bytes);
}

static size_t on_header(char *line, size_t one, size_t bytes, void *arg)
{
	struct http_answer *answer = arg;

	(void)one;
	answer->error = hear_line(answer, line, bytes);
	return answer->error < 0 ? CURL_WRITEFUNC_ERROR : bytes;
}

void http_answer_expect(struct http_answer *answer, CURL *easy, struct http_result *result, size_t body_max)
{
	*answer = (struct http_answer){.result = result, .body.max = body_max};
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, answer);
}

static int64_t time_us(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, info, &us);
	return us;
}

int http_answer_complete(struct http_answer *answer, CURL *easy)
{
	struct http_result *result = answer->result;
	long status = 0;

	result->body = buf_take(&answer->body, &result->body_bytes);
	if (!result->body)
		return -ENOMEM;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	result->status = (int)status;
	result->dns_us = time_us(easy, CURLINFO_NAMELOOKUP_TIME_T);
	result->connect_us = time_us(easy, CURLINFO_CONNECT_TIME_T);
	result->tls_us = time_us(easy, CURLINFO_APPCONNECT_TIME_T);
	result->first_byte_us = time_us(easy, CURLINFO_STARTTRANSFER_TIME_T);
	result->total_us = time_us(easy, CURLINFO_TOTAL_TIME_T);
	return 0;
}

void http_answer_drop(struct http_answer *answer)
{
	forget_headers(answer);
	free(answer->result->headers);
	free(answer->result->body);
	buf_fini(&answer->body);
	*answer->result = (struct http_result){0};
}
