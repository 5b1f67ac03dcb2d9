/* spec_http.c - http: a call to make, and what came back. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/kinds.h"
#include "wire/url.h"

enum {
	URL_MAX = 8192,
	METHOD_MAX = 32,
	HEADERS_MAX = 100,
	HEADER_NAME_MAX = 256,
	HEADER_VALUE_MAX = 8192,
	OK_MAX = 50,
	SIGN_MAX = 64,
	REDIRECTS_MAX = 5,
	HEADERS_TOLD = 256, /* of an answer; with more, the result says it is truncated */
};

struct http_members {
	const char *method, *url, *body, *body_base64;
	json_t *headers, *json, *ok, *sign;
	int64_t redirects, result_max;
};

#define AT(member) offsetof(struct http_members, member)
static const struct field members[] = {
	{"method",      FIELD_STRING,  AT(method),      false, 1, METHOD_MAX   },
	{"url",         FIELD_STRING,  AT(url),         true,  1, URL_MAX      },
	{"headers",     FIELD_OBJECT,  AT(headers),     false, 0, HEADERS_MAX  },
	{"body",        FIELD_STRING,  AT(body),        false, 0, 0            },
	{"body_base64", FIELD_STRING,  AT(body_base64), false, 0, 0            },
	{"json",        FIELD_ANY,     AT(json),        false, 0, 0            },
	{"ok",          FIELD_ARRAY,   AT(ok),          false, 1, OK_MAX       },
	{"redirects",   FIELD_INTEGER, AT(redirects),   false, 0, REDIRECTS_MAX},
	{"result_max",  FIELD_INTEGER, AT(result_max),  false, 1, INT64_MAX    },
	{"sign",        FIELD_ANY,     AT(sign),        false, 0, 0            },
};
#undef AT

/* What the steps below work on; each fills a part of `spec`. */
struct reading {
	const struct spec_in *in;
	const struct http_members *members;
	struct http_spec *spec;
	struct problem *reterr;
};

static int bad(const struct reading *reading, const char *member, const char *what)
{
	return where_member_problem(&reading->in->where, member, reading->reterr, "%s", what);
}

/* RFC 9110, section 5.6.2. */
static bool is_token(const char *text)
{
	const size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
					"!#$%&'*+-.^_`|~");

	return len > 0 && text[len] == '\0';
}

static int read_url(struct reading *reading)
{
	const char *fault = url_fault(reading->members->url);

	if (fault)
		return bad(reading, "url", fault);
	reading->spec->url = strdup(reading->members->url);
	reading->spec->endpoint = url_endpoint(reading->members->url);
	return reading->spec->url && reading->spec->endpoint ? 0 : json_no_memory(reading->reterr);
}

static int read_method(struct reading *reading)
{
	const struct http_members *members = reading->members;
	const bool has_body = members->body || members->body_base64 || members->json;
	const char *method = members->method ? members->method : has_body ? "POST" : "GET";

	if (!is_token(method))
		return bad(reading, "method", "must be a method's name, such as \"GET\"");
	if (strcasecmp(method, "CONNECT") == 0)
		return bad(reading, "method", "CONNECT makes a tunnel, not a call");
	reading->spec->method = strdup(method);
	return reading->spec->method ? 0 : json_no_memory(reading->reterr);
}

/* What the connection itself decides. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = {"Content-Length", "Transfer-Encoding", "Connection"};

	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (strcasecmp(name, reserved[i]) == 0)
			return true;
	return false;
}

/* RFC 9110, section 5.5: no control character but the tab. */
static bool is_header_value(const char *value)
{
	for (; *value; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
			return false;
	return true;
}

static int check_header(const struct where *where, const char *value, struct problem *reterr)
{
	const char *name = where->name;

	if (!is_token(name) || strlen(name) > HEADER_NAME_MAX)
		return where_problem(where, reterr, "this is no name for a header");
	if (is_reserved(name))
		return where_problem(where, reterr, "this header is set by the connection");
	if (!is_header_value(value))
		return where_problem(where, reterr, "must not have line ends or other control characters");
	if (strlen(value) > HEADER_VALUE_MAX)
		return where_problem(where, reterr, "must be at most %d bytes long", HEADER_VALUE_MAX);
	return 0;
}

static int add_header(struct http_spec *spec, const char *name, const char *value, struct problem *reterr)
{
	struct header *header = &spec->headers[spec->n_headers++];

	header->name = strdup(name);
	header->value = strdup(value);
	return header->name && header->value ? 0 : json_no_memory(reterr);
}

static int read_headers(struct reading *reading)
{
	const struct where where = {.up = &reading->in->where, .name = "headers"};
	const char *name;
	json_t *value;

	/* one more, for Content-Type */
	reading->spec->headers =
		calloc(json_object_size(reading->members->headers) + 1, sizeof(struct header));
	if (!reading->spec->headers)
		return json_no_memory(reading->reterr);
	json_object_foreach (reading->members->headers, name, value) {
		const struct where here = {.up = &where, .name = name};
		const char *text = fields_string(&here, value, reading->reterr);
		int r = text ? check_header(&here, text, reading->reterr) : -EINVAL;

		if (r < 0)
			return r;
		r = add_header(reading->spec, name, text, reading->reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool has_header(const struct http_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n_headers; i++)
		if (strcasecmp(spec->headers[i].name, name) == 0)
			return true;
	return false;
}

static int set_body(struct reading *reading, const char *data, size_t bytes)
{
	reading->spec->body = strndup(data, bytes);
	reading->spec->body_bytes = bytes;
	return reading->spec->body ? 0 : json_no_memory(reading->reterr);
}

static int set_json_body(struct reading *reading)
{
	struct text json = {0};

	text_member(reading->in->text, "json", &json);
	if (!has_header(reading->spec, "Content-Type") &&
		add_header(reading->spec, "Content-Type", "application/json", reading->reterr) < 0)
		return -ENOMEM;
	return set_body(reading, json.at, json.bytes);
}

static int set_base64_body(struct reading *reading)
{
	const char *text = reading->members->body_base64;
	int r = base64_decode(text, strlen(text), &reading->spec->body, &reading->spec->body_bytes);

	if (r == -EINVAL)
		return bad(reading, "body_base64", "must be base64 with padding and without spaces");
	return r < 0 ? json_no_memory(reading->reterr) : 0;
}

static int read_body(struct reading *reading)
{
	const struct http_members *members = reading->members;

	if (!!members->body + !!members->body_base64 + !!members->json > 1)
		return bad(reading, members->json ? "json" : "body_base64",
			"only one of body, body_base64 and json may be given");
	if (members->body)
		return set_body(reading, members->body, strlen(members->body));
	if (members->body_base64)
		return set_base64_body(reading);
	return members->json ? set_json_body(reading) : 0;
}

static int read_ok(struct reading *reading)
{
	const struct where where = {.up = &reading->in->where, .name = "ok"};
	struct http_spec *spec = reading->spec;
	size_t i;
	json_t *status;

	if (!reading->members->ok)
		return 0;
	spec->ok = calloc(json_array_size(reading->members->ok), sizeof(int));
	if (!spec->ok)
		return json_no_memory(reading->reterr);
	json_array_foreach (reading->members->ok, i, status) {
		const struct where here = {.up = &where, .index = i};
		const json_int_t value = json_integer_value(status); /* 0 for anything else */

		if (value < 100 || value > 599)
			return where_problem(&here, reading->reterr, "must be a status from 100 to 599");
		spec->ok[spec->n_ok++] = (int)value;
	}
	return 0;
}

/* What a signature is made of is not for the job to say; null is for not signed. */
static int read_sign(struct reading *reading)
{
	static const char *const set[] = {"webhook-id", "webhook-timestamp", "webhook-signature"};
	const struct where where = {.up = &reading->in->where, .name = "sign"};
	const char *name;

	if (!reading->members->sign || json_is_null(reading->members->sign))
		return 0;
	name = fields_string(&where, reading->members->sign, reading->reterr);
	if (!name)
		return -EINVAL;
	if (!*name || strlen(name) > SIGN_MAX)
		return bad(reading, "sign", "must be the name of a signing key, of at most 64 bytes");
	for (size_t i = 0; i < ARRAY_LEN(set); i++)
		if (has_header(reading->spec, set[i]))
			return bad(
				reading, "headers", "must not have those of the signature that is asked for");
	reading->spec->sign = strdup(name);
	return reading->spec->sign ? 0 : json_no_memory(reading->reterr);
}

static int read_numbers(struct reading *reading)
{
	const struct http_members *members = reading->members;

	if ((uint64_t)members->result_max > reading->in->limits->result_max)
		return where_member_problem(&reading->in->where, "result_max", reading->reterr,
			"must be at most %zu", reading->in->limits->result_max);
	reading->spec->redirects = (unsigned)members->redirects;
	reading->spec->result_max = (size_t)members->result_max;
	return 0;
}

static int (*const steps[])(struct reading *reading) = {
	read_numbers, read_url, read_method, read_headers, /* before the body, which may add one */
	read_body, read_ok, read_sign,                     /* after the headers */
};

static int read_spec(const struct spec_in *in, struct job *job, struct problem *reterr)
{
	struct http_members http = {0};
	struct reading reading = {in, &http, &job->spec.http, reterr};
	int r = fields_read(&in->where, in->json, members, ARRAY_LEN(members), &http, reterr);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(steps); i++)
		r = steps[i](&reading);
	return r;
}

/* The place of the first header of the same name, at most `i`. */
static size_t first_of_name(const struct header *headers, size_t i)
{
	size_t first = 0;

	while (strcasecmp(headers[first].name, headers[i].name) != 0)
		first++;
	return first;
}

/* Repeated headers are joined in order, as RFC 9110, section 5.2, allows. */
static void write_header(struct out *out, const struct header *headers, size_t n, size_t first)
{
	CLEANUP(buf_fini) struct buf value = {0};

	for (size_t i = first; i < n; i++)
		if (strcasecmp(headers[i].name, headers[first].name) == 0)
			buf_addf(&value, "%s%s", i > first ? ", " : "", headers[i].value);
	out_name(out, headers[first].name);
	out_chars(out, NULL, value.len ? value.data : "", value.len);
	if (value.error)
		out->buf->error = value.error;
}

static void write_headers(struct out *out, const struct header *headers, size_t n)
{
	out_open(out, "headers", '{');
	for (size_t i = 0; i < n; i++)
		if (first_of_name(headers, i) == i)
			write_header(out, headers, n, i);
	out_close(out, '}');
}

static void write_timing(struct out *out, const struct http_result *http)
{
	out_open(out, "timing", '{');
	out_thousandths(out, "dns", http->dns_us);
	out_thousandths(out, "connect", http->connect_us);
	out_thousandths(out, "tls", http->tls_us);
	out_thousandths(out, "first_byte", http->first_byte_us);
	out_thousandths(out, "total", http->total_us);
	out_close(out, '}');
}

static void write_result(struct out *out, const struct job *job, const struct outcome *outcome)
{
	const struct http_result *http = &outcome->result.http;
	const bool too_many = http->n_headers > HEADERS_TOLD;

	(void)job;
	out_open(out, "result", '{');
	out_int(out, "status", http->status);
	write_headers(out, http->headers, too_many ? HEADERS_TOLD : http->n_headers);
	out_data(out, "body", "body_base64", http->body ? http->body : "", http->body_bytes);
	out_bool(out, "truncated", http->truncated || too_many);
	write_timing(out, http);
	out_close(out, '}');
}

const struct wire_kind wire_http = {
	.needs_spec = true,
	.read_spec = read_spec,
	.write_result = write_result,
};
