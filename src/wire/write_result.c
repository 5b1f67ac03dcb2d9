/* write_result.c - the result document of an ended job, rendered once. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/uuid.h"
#include "wire/kinds.h"
#include "wire/out.h"
#include "wire/wire.h"

/* How a job that did not succeed is explained. */
struct error {
	const char *code, *message;
};

/* Where it is not the last attempt's doing. */
static const struct error ends[JOB_STATES] = {
	[JOB_EXPIRED] = {"expired", "the job was not done by the time it expired"},
};

static const struct error cancels[CANCEL_CAUSES] = {
	[CANCEL_ASKED] = {"cancelled",      "the job was cancelled"                              },
	[CANCEL_SUPERSEDED] = {"superseded",     "a newer job of its limit_key took its place"        },
	[CANCEL_KEY_FULL] = {"limit-key-full", "as many jobs of its limit_key were there as may run"},
};

static struct error error_of(const struct progress *progress, const struct outcome *outcome)
{
	const struct attempt *last = progress->n_kept ? &progress->kept[progress->n_kept - 1] : NULL;

	if (progress->state == JOB_CANCELLED)
		return cancels[progress->cancel_cause];
	if (ends[progress->state].code)
		return ends[progress->state];
	if (outcome && outcome->code[0])
		return (struct error){outcome->code, outcome->message};
	if (last && last->code[0])
		return (struct error){last->code, last->message};
	return (struct error){"failed", "the job failed before an attempt was made"};
}

static void write_error(struct out *out, const struct progress *progress, const struct outcome *outcome)
{
	struct error error;

	if (progress->state == JOB_SUCCEEDED) {
		out_null(out, "error");
		return;
	}
	error = error_of(progress, outcome);
	out_open(out, "error", '{');
	out_string(out, "code", error.code);
	out_string(out, "message", error.message);
	out_close(out, '}');
}

static void write_value(struct out *out, const struct job *job, const struct progress *progress,
	const struct outcome *outcome)
{
	const struct wire_kind *kind = wire_kind(job->kind);

	if (kind->result_from_spec && progress->state == JOB_SUCCEEDED)
		kind->write_result(out, job, NULL);
	else if (!kind->result_from_spec && outcome && outcome->has_result && outcome->kind == job->kind)
		kind->write_result(out, job, outcome);
	else
		out_null(out, "result");
}

static void write_document(struct out *out, const struct job *job, const struct progress *progress,
	const struct outcome *outcome)
{
	char id[UUID_TEXT];

	uuid_format(&job->id, id);
	out_open(out, NULL, '{');
	out_string(out, "id", id);
	out_string(out, "kind", job_kind_name(job->kind));
	out_string(out, "tenant", job->tenant);
	out_string(out, "state", job_state_name(progress->state));
	out_int(out, "attempts", progress->attempts);
	write_value(out, job, progress, outcome);
	write_error(out, progress, outcome);
	out_time(out, "created_at", job->created_ms);
	out_time(out, "started_at", progress->started_ms);
	out_time(out, "finished_at", progress->finished_ms);
	out_close(out, '}');
}

int wire_make_result(const struct job *job, const struct progress *progress, const struct outcome *outcome,
	struct result **ret_result)
{
	CLEANUP(buf_fini) struct buf document = {0};
	struct out out = {.buf = &document};
	struct result *result;

	write_document(&out, job, progress, outcome);
	if (document.error)
		return document.error;
	result = result_new(&job->id, progress->state, progress->finished_ms, document.data, document.len);
	if (!result)
		return -ENOMEM;
	*ret_result = result;
	return 0;
}
