/* http_url.c - see http_url.h. */
#include "work/http_url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool is_ours(const char *scheme)
{
	return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
}

static int part(CURLU *handle, CURLUPart what, char **ret_text)
{
	CURLUcode code = curl_url_get(handle, what, ret_text, CURLU_DEFAULT_PORT);

	return code == CURLUE_OK ? 0 : code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
}

static int read_parts(struct http_url *url)
{
	int r = part(url->handle, CURLUPART_SCHEME, &url->scheme);

	if (r == 0 && !is_ours(url->scheme))
		return -EPROTONOSUPPORT;
	if (r == 0)
		r = part(url->handle, CURLUPART_HOST, &url->host);
	return r == 0 ? part(url->handle, CURLUPART_PORT, &url->port) : r;
}

int http_url_read(
	const char *text, const struct http_url *from, struct http_url *ret_url, const char **ret_words)
{
	struct http_url url = {.handle = from ? curl_url_dup(from->handle) : curl_url()};
	CURLUcode code = CURLUE_OUT_OF_MEMORY;
	int r = -EINVAL;

	if (url.handle)
		code = curl_url_set(url.handle, CURLUPART_URL, text, from ? CURLU_URLENCODE : 0);
	*ret_words = curl_url_strerror(code);
	if (code == CURLUE_OK)
		r = read_parts(&url);
	else if (code == CURLUE_OUT_OF_MEMORY)
		r = -ENOMEM;
	else if (code == CURLUE_UNSUPPORTED_SCHEME)
		r = -EPROTONOSUPPORT;
	if (r == 0)
		*ret_url = url;
	else
		http_url_fini(&url);
	return r;
}

void http_url_fini(struct http_url *url)
{
	curl_free(url->scheme);
	curl_free(url->host);
	curl_free(url->port);
	curl_url_cleanup(url->handle);
	*url = (struct http_url){0};
}

bool http_url_same_origin(const struct http_url *a, const struct http_url *b)
{
	return strcmp(a->scheme, b->scheme) == 0 && strcasecmp(a->host, b->host) == 0 &&
	       strcmp(a->port, b->port) == 0;
}
