/* http_request.h - from the spec of an http job to the options of an easy handle. */
#ifndef WORK_HTTP_REQUEST_H
#define WORK_HTTP_REQUEST_H

#include <stdbool.h>

#include "core/job.h"
#include "work/http_url.h"
#include "work/outside.h"
#include "work/work.h"

/* Whether nothing in the method or the headers could begin a line of its own; wire has seen to it already. */
bool http_request_safe(const struct http_spec *spec);

/*
 * Make `easy`, fresh from transfers_take_easy(), ask `url` what `spec` says and nothing else: no redirect, proxy,
 * other protocol, cookie or `Expect`; and the header lines that are in `*lines` already.  Borrows both until the transfer is over, and
 * `*lines`, with more of them, which are to be freed after that, or after a failure.  0 or -ENOMEM.
 */
int http_request_set(
	CURL *easy, const struct http_url *url, const struct http_spec *spec, struct curl_slist **lines);

/* Whether the spec has one of this name itself. */
bool http_request_has_header(const struct http_spec *spec, const char *name);

/* One more header line.  0 or -ENOMEM. */
int http_request_add_header(struct curl_slist **lines, const char *name, const char *value);

/* Have TLS with these files, borrowed until the transfer is over.  0 or -ENOMEM. */
int http_request_set_tls(CURL *easy, const struct work_tls *tls);

#endif
