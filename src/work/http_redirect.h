/* http_redirect.h - following an answer that sends a call on: whether it does, and what is asked there (RFC 9110, section 15.4). */
#ifndef WORK_HTTP_REDIRECT_H
#define WORK_HTTP_REDIRECT_H

#include "core/outcome.h"

/* Where an answer sends the call on; NULL: nowhere, it is an answer. */
const char *http_redirect_location(const struct http_spec *spec, const struct http_result *result);

/*
 * Change what is asked, a copy of a spec, to what an answer with this status makes of it.  The array of its headers is changed, not what
 * they are.  Who is sent to another origin takes nothing along by which the first could know him, but the body if he keeps it.
 */
void http_redirect_turn(struct http_spec *asked, int status, bool same_origin);

#endif
