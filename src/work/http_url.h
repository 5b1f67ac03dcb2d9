/* http_url.h - a URL, read once, by libcurl: what is looked at is what is called. */
#ifndef WORK_HTTP_URL_H
#define WORK_HTTP_URL_H

#include <stdbool.h>

#include "work/outside.h"

struct http_url {
	CURLU *handle;
	char *scheme, *host, *port; /* "http" or "https"; as libcurl writes them */
};

/*
 * Read a URL; `from`, or NULL, is the one that it may be relative to.  Gives it, to be freed with http_url_fini(); or
 * -ENOMEM, -EPROTONOSUPPORT (neither http nor https), or -EINVAL with what is wrong in `*ret_words`.
 */
int http_url_read(
	const char *text, const struct http_url *from, struct http_url *ret_url, const char **ret_words);
void http_url_fini(struct http_url *url); /* zeroed is allowed */

/* The same scheme, host and port. */
bool http_url_same_origin(const struct http_url *a, const struct http_url *b);

#endif
