/* http.c - one attempt of an http job: ask, wait for the answer, judge it. */
#include <errno.h>
#include <inttypes.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fit.h"
#include "work/endpoints.h"
#include "work/http_answer.h"
#include "work/http_guard.h"
#include "work/http_redirect.h"
#include "work/http_request.h"
#include "work/inside.h"
#include "work/sign.h"
#include "work/transfers.h"

#define RETRY_AFTER_MAX_S 86400

struct call {
	const struct job *job;
	const struct http_spec *spec;
	struct http_spec asked; /* the same, less what redirects have taken away; borrows from it */
	struct header *headers; /* of `asked`, once they differ */
	struct http_url first;  /* the job's own URL */
	struct http_url url;    /* that is asked now */
	bool trial;             /* whether the endpoint can be called again depends on this call */
	unsigned redirects;     /* so far */
	bool unreachable;       /* the last of them came to no answer, and not for a reason on this side */
	bool abroad;            /* one of them led to another origin */
	CURL *easy;
	struct curl_slist *lines; /* of the request's headers */
	struct http_guard guard;
	struct http_answer answer;
	char words[CURL_ERROR_SIZE]; /* libcurl's, about what went wrong */
};

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

/* Seconds or a date, by libcurl; a date that has passed is no wish. */
static int64_t retry_after_ns(CURL *easy)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds <= 0)
		return 0;
	return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * PEN_SECOND;
}

static void judge_status(const struct call *call, struct outcome *outcome)
{
	int status = outcome->result.http.status;

	if (status_ok(call->spec, status)) {
		outcome->end = OUTCOME_SUCCEEDED;
		return;
	}
	outcome_fail(outcome, OUTCOME_FAILED, "http-status", "the server answered with status %d", status);
	outcome->retryable = status_retryable(status);
	if (outcome->retryable)
		outcome->retry_after_ns = retry_after_ns(call->easy);
}

/* What a transfer that came to no answer is called, and whether another try may help. */
static const struct failure {
	CURLcode code;
	bool retryable;
	const char *name;
} failures[] = {
	{CURLE_COULDNT_RESOLVE_HOST,     true,  "resolve"      },
        {CURLE_COULDNT_CONNECT,          true,  "connect"      },
	{CURLE_OPERATION_TIMEDOUT,       true,  "connect"      },
        {CURLE_SEND_ERROR,               true,  "send-recv"    },
	{CURLE_RECV_ERROR,               true,  "send-recv"    },
        {CURLE_GOT_NOTHING,              true,  "send-recv"    },
	{CURLE_PARTIAL_FILE,             true,  "send-recv"    },
        {CURLE_SSL_CONNECT_ERROR,        true,  "tls"          },
	{CURLE_PEER_FAILED_VERIFICATION, false, "tls"          },
        {CURLE_SSL_CACERT_BADFILE,       false, "tls"          },
	{CURLE_SSL_CERTPROBLEM,          false, "tls"          },
        {CURLE_SSL_CIPHER,               false, "tls"          },
	{CURLE_SSL_ISSUER_ERROR,         false, "tls"          },
        {CURLE_SSL_INVALIDCERTSTATUS,    false, "tls"          },
	{CURLE_HTTP2,                    true,  "protocol"     },
        {CURLE_HTTP2_STREAM,             true,  "protocol"     },
	{CURLE_WEIRD_SERVER_REPLY,       true,  "protocol"     },
        {CURLE_BAD_CONTENT_ENCODING,     true,  "protocol"     },
	{CURLE_UNSUPPORTED_PROTOCOL,     false, "protocol"     }, /* no http in the URL, or over there */
	{CURLE_URL_MALFORMAT,            false, "bad-url"      },
        {CURLE_OUT_OF_MEMORY,            true,  "out-of-memory"},
	{CURLE_OK,		       false, "transfer"     }, /* the last: any other */
};

static const struct failure *find_failure(CURLcode code)
{
	const struct failure *failure = failures;

	while (failure->code != code && failure->code != CURLE_OK)
		failure++;
	return failure;
}

/* libcurl's own words may quote a piece of a URL that it could not read: not where that might be a password. */
static void judge_failure(struct call *call, CURLcode code, struct outcome *outcome)
{
	const struct failure *failure = find_failure(code);
	bool quotable = call->words[0] && !strchr(call->spec->url, '@') && call->redirects == 0;

	if (http_guard_refused(&call->guard, outcome))
		return;
	outcome->retryable = failure->retryable;
	call->unreachable = failure->retryable && code != CURLE_OUT_OF_MEMORY;
	outcome_fail(outcome, OUTCOME_FAILED, failure->name, "%s",
		quotable ? call->words : curl_easy_strerror(code));
}

static void judge(struct call *call, CURLcode code, struct outcome *outcome)
{
	int error = call->answer.error;

	if (code == CURLE_WRITE_ERROR && call->answer.cut)
		code = CURLE_OK;
	if (code == CURLE_OK && !call->answer.head_ended)
		code = CURLE_RECV_ERROR;
	if (code == CURLE_OK && error == 0)
		error = http_answer_complete(&call->answer, call->easy);
	outcome->has_result = code == CURLE_OK && error == 0;
	if (outcome->has_result)
		judge_status(call, outcome);
	else if (error == 0)
		judge_failure(call, code, outcome);
	else if (error == -EMSGSIZE)
		outcome_fail(outcome, OUTCOME_FAILED, "protocol", "the headers of the answer do not end");
	else
		work_refused(error, outcome);
}

/* What the job asks for, which was no more than all have when it was taken. */
static size_t body_max(const struct work *work, const struct http_spec *spec)
{
	size_t most = work->options.http_body_max;

	return spec->result_max && spec->result_max < most ? spec->result_max : most;
}

/* By Standard Webhooks: the id is the same in each attempt, the time is the attempt's. */
static int sign(struct call *call, const struct signing_key *key)
{
	CLEANUP(buf_fini) struct buf signature = {0};
	int64_t now_s = clock_wall_ms() / 1000;
	char id[UUID_TEXT], timestamp[24];
	int r;

	if (!call->spec->sign || call->abroad)
		return 0;
	uuid_format(&call->job->id, id);
	fit_print(timestamp, sizeof timestamp, "%" PRId64, now_s);
	r = sign_call(&signature, key, id, now_s, call->asked.body, call->asked.body_bytes);
	if (r == 0)
		r = http_request_add_header(&call->lines, "webhook-id", id);
	if (r == 0)
		r = http_request_add_header(&call->lines, "webhook-timestamp", timestamp);
	return r == 0 ? http_request_add_header(&call->lines, "webhook-signature", signature.data) : r;
}

/* As it came, for who takes part in a trace without a span of his own; nor is it another origin's business. */
static int trace(struct call *call, const struct job *job)
{
	int r = 0;

	if (!job->traceparent || call->abroad || http_request_has_header(call->spec, "traceparent"))
		return 0;
	r = http_request_add_header(&call->lines, "traceparent", job->traceparent);
	if (r == 0 && job->tracestate)
		r = http_request_add_header(&call->lines, "tracestate", job->tracestate);
	return r;
}

static int prepare(
	struct call *call, const struct work *work, const struct work_terms *terms, struct outcome *outcome)
{
	int r;

	call->easy = transfers_take_easy(work->transfers);
	if (!call->easy)
		return -ENOMEM;
	call->guard = (struct http_guard){.terms = terms, .own = work->own, .host = call->url.host};
	http_guard_set(call->easy, &call->guard);
	http_answer_expect(&call->answer, call->easy, &outcome->result.http, body_max(work, call->spec));
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->words);
	r = trace(call, call->job);
	if (r == 0)
		r = sign(call, terms->signing_key);
	if (r == 0)
		r = http_request_set(call->easy, &call->url, &call->asked, &call->lines);
	return r < 0 ? r : http_request_set_tls(call->easy, &terms->tls);
}

/* One request and its answer. */
static void ask(struct pen_ctx *ctx, struct work *work, const struct work_terms *terms, struct call *call,
	struct outcome *outcome)
{
	CURLcode code;
	int r = prepare(call, work, terms, outcome);

	if (r == 0)
		r = transfers_perform(ctx, work->transfers, call->easy, &code);
	if (r == 0)
		judge(call, code, outcome);
	else if (r != -EACCES || !http_guard_refused(&call->guard, outcome))
		work_broken_off(ctx, r, outcome);
	curl_slist_free_all(TAKE_PTR(call->lines));
	if (!call->easy)
		return; /* without one nothing was asked, and there is no answer to drop */
	if (!outcome->has_result)
		http_answer_drop(&call->answer);
	transfers_give_easy(work->transfers, TAKE_PTR(call->easy));
}

static void cannot_read_url(int error, const char *words, struct outcome *outcome)
{
	if (error == -EINVAL)
		outcome_fail(outcome, OUTCOME_FAILED, "bad-url", "%s", words);
	else if (error == -EPROTONOSUPPORT)
		outcome_fail(outcome, OUTCOME_FAILED, "protocol", "the URL is neither http nor https");
	else
		work_refused(error, outcome);
}

/* The headers are the spec's own until a redirect takes some away. */
static int own_headers(struct call *call)
{
	size_t bytes = call->asked.n_headers * sizeof call->headers[0];

	if (call->headers || bytes == 0)
		return 0;
	call->headers = malloc(bytes);
	if (!call->headers)
		return -ENOMEM;
	memcpy(call->headers, call->asked.headers, bytes);
	call->asked.headers = call->headers;
	return 0;
}

/* Make the call what the answer's redirect wants.  The answer is kept where that cannot be, to be told with the failure. */
static bool turn(struct call *call, const char *location, struct outcome *outcome)
{
	struct http_url next;
	const char *words;
	int r = http_url_read(location, &call->url, &next, &words);

	outcome->retryable = false;
	if (r == -EINVAL || r == -EPROTONOSUPPORT) {
		outcome_fail(outcome, OUTCOME_FAILED, "bad-redirect",
			"the answer leads to no URL of http or https");
		return false;
	}
	if (r == 0 && own_headers(call) < 0) {
		http_url_fini(&next);
		r = -ENOMEM;
	}
	if (r < 0) {
		work_refused(r, outcome);
		return false;
	}
	call->abroad = call->abroad || !http_url_same_origin(&call->url, &next);
	http_redirect_turn(&call->asked, outcome->result.http.status, !call->abroad);
	http_url_fini(&call->url);
	call->url = next;
	call->redirects++;
	return true;
}

/* Whether the call goes on elsewhere. */
static bool follow(struct call *call, struct outcome *outcome)
{
	const char *location = NULL;

	if (outcome->has_result && call->spec->redirects > 0)
		location = http_redirect_location(call->spec, &outcome->result.http);
	if (!location)
		return false;
	if (call->redirects == call->spec->redirects) {
		outcome_fail(outcome, OUTCOME_FAILED, "too-many-redirects",
			"the call was sent on more than %u times", call->spec->redirects);
		return false;
	}
	if (!turn(call, location, outcome))
		return false;
	http_answer_drop(&call->answer);
	*outcome = (struct outcome){.kind = outcome->kind}; /* nothing of it counts any more */
	return true;
}

/* What the call tells of the endpoint that it began with. */
static enum breaker_event event_of(const struct call *call, const struct outcome *outcome)
{
	if (call->redirects > 0) /* it has answered */
		return BREAKER_SUCCESS;
	if (outcome->has_result)
		return outcome->end != OUTCOME_SUCCEEDED && outcome->result.http.status >= 500
			       ? BREAKER_FAILURE
			       : BREAKER_SUCCESS;
	return call->unreachable || outcome->end == OUTCOME_TIMEOUT ? BREAKER_FAILURE : BREAKER_NEITHER;
}

/* Only too many requests and being out of service are about all calls; what else may be retried later is about this one. */
static int64_t leave_alone_ns(const struct call *call, const struct outcome *outcome)
{
	int status = outcome->has_result && call->redirects == 0 ? outcome->result.http.status : 0;

	return status == 429 || status == 503 ? outcome->retry_after_ns : 0;
}

static void call_endpoint(struct pen_ctx *ctx, struct work *work, const struct work_terms *terms,
	struct call *call, struct outcome *outcome)
{
	do
		ask(ctx, work, terms, call, outcome);
	while (follow(call, outcome));
	endpoints_report(work->endpoints, &terms->breaker, call->job->tenant, &call->first, call->trial,
		event_of(call, outcome), leave_alone_ns(call, outcome));
}

/* Whether the endpoint is to be left alone for now: for how long. */
static int64_t put_off(
	struct work *work, const struct work_terms *terms, struct call *call, struct outcome *outcome)
{
	int64_t ns = endpoints_admit(
		work->endpoints, &terms->breaker, call->job->tenant, &call->first, &call->trial);

	if (ns > 0) {
		outcome_fail(outcome, OUTCOME_FAILED, "endpoint-open",
			"not tried, as calls to the endpoint have failed or it asked to be left alone");
		outcome->retryable = true;
		outcome->put_off_ns = ns;
	}
	return ns;
}

void http_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome)
{
	struct call call = {.job = job, .spec = &job->spec.http, .asked = job->spec.http};
	const char *words;
	int r;

	if (!http_request_safe(call.spec)) {
		outcome_fail(outcome, OUTCOME_FAILED, "bad-request", "the method or a header is not one");
		return;
	}
	if (call.spec->sign && !terms->signing_key) {
		outcome_fail(outcome, OUTCOME_FAILED, "no-such-key",
			"the configuration no longer has the signing key %s for this tenant",
			call.spec->sign);
		return;
	}
	r = outside_load(work->loader);
	if (r < 0) {
		work_refused(r, outcome);
		return;
	}
	r = http_url_read(call.spec->url, NULL, &call.first, &words);
	if (r == 0)
		r = http_url_read(call.spec->url, NULL, &call.url, &words);
	if (r < 0)
		cannot_read_url(r, words, outcome);
	else if (put_off(work, terms, &call, outcome) == 0)
		call_endpoint(ctx, work, terms, &call, outcome);
	http_url_fini(&call.first);
	http_url_fini(&call.url);
	free(call.headers);
}
