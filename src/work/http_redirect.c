/* http_redirect.c - see http_redirect.h. */
#include "work/http_redirect.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum body_rule {
	KEEP,      /* the method and the body stay */
	POST_ENDS, /* POST becomes GET, as all browsers have it; others stay */
	ALL_END,   /* all but HEAD become GET */
};

static const struct {
	int status;
	enum body_rule rule;
} redirects[] = {
	{301, POST_ENDS},
	{302, POST_ENDS},
	{303, ALL_END  },
	{307, KEEP     },
	{308, KEEP     },
};

/* Any other header may be a secret, whatever its name: what another origin may know is listed, not what it may not. */
static const char *const harmless[] = {"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control",
	"Content-Encoding", "Content-Language", "Content-Type", "User-Agent"};

static const char *const of_a_body[] = {"Content-Encoding", "Content-Language", "Content-Location",
	"Content-Type", "Content-Digest", "Digest", "Repr-Digest", "Last-Modified"};

static size_t find_status(int status)
{
	size_t i = 0;

	while (i < ARRAY_LEN(redirects) && redirects[i].status != status)
		i++;
	return i;
}

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

const char *http_redirect_location(const struct http_spec *spec, const struct http_result *result)
{
	if (find_status(result->status) == ARRAY_LEN(redirects))
		return NULL;
	for (size_t i = 0; i < spec->n_ok; i++)
		if (spec->ok[i] == result->status)
			return NULL;
	for (size_t i = 0; i < result->n_headers; i++)
		if (strcasecmp(result->headers[i].name, "Location") == 0)
			return result->headers[i].value;
	return NULL;
}

static void keep_headers(struct http_spec *asked, bool has_body, bool same_origin)
{
	size_t kept = 0;

	for (size_t i = 0; i < asked->n_headers; i++) {
		const char *name = asked->headers[i].name;

		if (!same_origin && !is_one_of(name, harmless, ARRAY_LEN(harmless)))
			continue;
		if (!has_body && is_one_of(name, of_a_body, ARRAY_LEN(of_a_body)))
			continue;
		asked->headers[kept++] = asked->headers[i];
	}
	asked->n_headers = kept;
}

static bool becomes_get(const char *method, enum body_rule rule)
{
	if (rule == ALL_END)
		return strcmp(method, "HEAD") != 0;
	return rule == POST_ENDS && strcmp(method, "POST") == 0;
}

void http_redirect_turn(struct http_spec *asked, int status, bool same_origin)
{
	static char get[] = "GET";

	if (becomes_get(asked->method, redirects[find_status(status)].rule)) {
		asked->method = get;
		asked->body = NULL;
		asked->body_bytes = 0;
	}
	keep_headers(asked, asked->body, same_origin);
}
