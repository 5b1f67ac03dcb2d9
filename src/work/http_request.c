/* http_request.c - see http_request.h. */
#include "work/http_request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"

static const struct {
	CURLoption option;
	long value;
} numbers[] = {
	{CURLOPT_NOSIGNAL,       1                     },
        {CURLOPT_TCP_NODELAY,    1                     },
        {CURLOPT_FOLLOWLOCATION, 0                     },
	{CURLOPT_SSL_VERIFYPEER, 1                     },
        {CURLOPT_SSL_VERIFYHOST, 2                     },
	{CURLOPT_HTTP_VERSION,   CURL_HTTP_VERSION_2TLS}, /* where the server agrees to it */
	{CURLOPT_QUICK_EXIT,     1                     }, /* else the end of an attempt waits for its name to resolve */
};

static const struct {
	CURLoption option;
	const char *value;
} texts[] = {
	{CURLOPT_PROTOCOLS_STR, "http,https"                },
	{CURLOPT_PROXY,         ""			  }, /* nor one from the environment */
	{CURLOPT_USERAGENT,     "penstock/" PENSTOCK_VERSION},
};

/* RFC 9110, section 5.6.2. */
static bool is_token(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				  "!#$%&'*+-.^_`|~");

	return len > 0 && !text[len];
}

bool http_request_safe(const struct http_spec *spec)
{
	for (size_t i = 0; i < spec->n_headers; i++)
		if (!is_token(spec->headers[i].name) || strpbrk(spec->headers[i].value, "\r\n"))
			return false;
	return is_token(spec->method);
}

static int set_number(CURL *easy, CURLoption option, long value)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK ? 0 : -ENOMEM;
}

static int set_text(CURL *easy, CURLoption option, const char *value)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK ? 0 : -ENOMEM;
}

static int set_fixed(CURL *easy)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(numbers) && r == 0; i++)
		r = set_number(easy, numbers[i].option, numbers[i].value);
	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = set_text(easy, texts[i].option, texts[i].value);
	return r;
}

static int add_line(struct curl_slist **lines, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*lines, line);

	if (!longer)
		return -ENOMEM;
	*lines = longer;
	return 0;
}

/* libcurl's own form: "Name: value", or "Name;" for an empty value. */
int http_request_add_header(struct curl_slist **lines, const char *name, const char *value)
{
	CLEANUP(buf_fini) struct buf line = {0};
	int r = value[0] ? buf_addf(&line, "%s: %s", name, value) : buf_addf(&line, "%s;", name);

	return r < 0 ? r : add_line(lines, line.data);
}

bool http_request_has_header(const struct http_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n_headers; i++)
		if (strcasecmp(spec->headers[i].name, name) == 0)
			return true;
	return false;
}

/* "Name:" keeps libcurl from adding one by itself. */
static int make_lines(const struct http_spec *spec, struct curl_slist **lines)
{
	int r = add_line(lines, "Expect:");

	for (size_t i = 0; i < spec->n_headers && r == 0; i++)
		r = http_request_add_header(lines, spec->headers[i].name, spec->headers[i].value);
	return r == 0 && !http_request_has_header(spec, "Content-Type") ? add_line(lines, "Content-Type:")
									: r;
}

static int set_lines(CURL *easy, const struct http_spec *spec, struct curl_slist **lines)
{
	int r = make_lines(spec, lines);

	return r == 0 && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *lines) != CURLE_OK ? -ENOMEM : r;
}

/* The order counts: a body turns the method into POST, whose name then is replaced. */
static int set_method_and_body(CURL *easy, const struct http_spec *spec)
{
	bool head = strcmp(spec->method, "HEAD") == 0, post = strcmp(spec->method, "POST") == 0;
	int r = 0;

	if (head) /* the answer has no body, whatever its headers say */
		r = set_number(easy, CURLOPT_NOBODY, 1);
	if (r == 0 && (spec->body || post)) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body_bytes);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, spec->body ? spec->body : "");
	}
	return r == 0 && !head && !post ? set_text(easy, CURLOPT_CUSTOMREQUEST, spec->method) : r;
}

/* libcurl asks for it and decodes it; who asks for an encoding himself gets what comes. */
static int set_encoding(CURL *easy, const struct http_spec *spec)
{
	return http_request_has_header(spec, "Accept-Encoding")
		       ? 0
		       : set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
}

int http_request_set_tls(CURL *easy, const struct work_tls *tls)
{
	int r = 0;

	if (tls->ca_file) { /* in place of the system's: only who is in it is believed */
		r = set_text(easy, CURLOPT_CAINFO, tls->ca_file);
		if (r == 0)
			r = set_text(easy, CURLOPT_CAPATH, NULL);
	}
	if (r == 0 && tls->certificate)
		r = set_text(easy, CURLOPT_SSLCERT, tls->certificate);
	if (r == 0 && tls->certificate)
		r = set_text(easy, CURLOPT_SSLKEY, tls->key ? tls->key : tls->certificate);
	return r;
}

int http_request_set(
	CURL *easy, const struct http_url *url, const struct http_spec *spec, struct curl_slist **lines)
{
	int r = set_fixed(easy);

	if (r == 0 && curl_easy_setopt(easy, CURLOPT_CURLU, url->handle) != CURLE_OK)
		r = -ENOMEM;
	if (r == 0)
		r = set_method_and_body(easy, spec);
	if (r == 0)
		r = set_encoding(easy, spec);
	return r == 0 ? set_lines(easy, spec, lines) : r;
}
