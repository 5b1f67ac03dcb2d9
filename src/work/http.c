/* http.c - one attempt of an http job: ask, wait for the answer, judge it. */
#include <errno.h>
#include <penstock/time.h>
#include <string.h>

#include "base/cleanup.h"
#include "work/http_answer.h"
#include "work/http_guard.h"
#include "work/http_request.h"
#include "work/inside.h"
#include "work/transfers.h"

#define RETRY_AFTER_MAX_S 86400

struct call {
	const struct http_spec *spec;
	CURL *easy;
	struct http_url url;
	struct http_guard guard;
	struct curl_slist *lines; /* of the request's headers */
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
static void judge_failure(const struct call *call, CURLcode code, struct outcome *outcome)
{
	const struct failure *failure = find_failure(code);
	bool quotable = call->words[0] && !strchr(call->spec->url, '@');

	outcome->retryable = failure->retryable;
	outcome_fail(outcome, OUTCOME_FAILED, failure->name, "%s",
		quotable ? call->words : curl_easy_strerror(code));
}

static void judge(struct call *call, CURLcode code, struct outcome *outcome)
{
	int error = call->answer.error;

	if (code == CURLE_OK && !call->answer.head_ended)
		code = CURLE_RECV_ERROR;
	if (code == CURLE_OK && error == 0)
		error = http_answer_complete(&call->answer, call->easy);
	outcome->has_result = code == CURLE_OK && error == 0;
	if (outcome->has_result)
		judge_status(call, outcome);
	else if (error == 0 && !http_guard_refused(&call->guard, outcome))
		judge_failure(call, code, outcome);
	else if (error == -EMSGSIZE)
		outcome_fail(outcome, OUTCOME_FAILED, "protocol", "the headers of the answer do not end");
	else if (error < 0)
		work_refused(error, outcome);
}

static int prepare(struct call *call, const struct work *work, struct outcome *outcome)
{
	call->guard.host = call->url.host;
	http_guard_set(call->easy, &call->guard);
	http_answer_expect(&call->answer, call->easy, &outcome->result.http, work->options.http_body_max);
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->words);
	return http_request_set(call->easy, &call->url, call->spec, &call->lines);
}

static void run(struct pen_ctx *ctx, struct work *work, struct call *call, struct outcome *outcome)
{
	CURLcode code;
	int r = prepare(call, work, outcome);

	if (r == 0)
		r = transfers_perform(ctx, work->transfers, call->easy, &code);
	if (r == 0)
		judge(call, code, outcome);
	else
		work_broken_off(ctx, r, outcome);
	if (!outcome->has_result)
		http_answer_drop(&call->answer);
	curl_slist_free_all(call->lines);
}

void http_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome)
{
	struct call call = {
		.spec = &job->spec.http, .guard = {.terms = terms, .own = work->own}
        };
	const char *words;
	int r;

	if (!http_request_safe(call.spec)) {
		outcome_fail(outcome, OUTCOME_FAILED, "bad-request", "the method or a header is not one");
		return;
	}
	r = http_url_read(call.spec->url, NULL, &call.url, &words);
	if (r == 0 && !(call.easy = transfers_take_easy(work->transfers)))
		r = -ENOMEM;
	if (r == 0)
		run(ctx, work, &call, outcome);
	else if (r == -EINVAL)
		outcome_fail(outcome, OUTCOME_FAILED, "bad-url", "%s", words);
	else if (r == -EPROTONOSUPPORT)
		outcome_fail(outcome, OUTCOME_FAILED, "protocol", "the URL is neither http nor https");
	else
		work_refused(r, outcome);
	if (call.easy)
		transfers_give_easy(work->transfers, call.easy);
	http_url_fini(&call.url);
}
