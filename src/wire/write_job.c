/*
 * write_job.c - the documents about a job that has been accepted: the 202 of POST /jobs, and GET /jobs/<id>.
 */
#include <string.h>

#include "base/uuid.h"
#include "wire/out.h"
#include "wire/secrets.h"
#include "wire/text.h"
#include "wire/wire.h"

static void write_links(struct out *out, const char *id)
{
	char path[sizeof("/results/") + UUID_TEXT] = "/jobs/";

	out_open(out, "links", '{');
	out_string(out, "self", strcat(path, id));
	strcpy(path, "/results/");
	out_string(out, "result", strcat(path, id));
	out_close(out, '}');
}

/* The id by itself: the job may be a repetition of the one that has it. */
int wire_write_accepted(
	struct buf *to, const struct job *job, const struct uuid *job_id, enum job_state state)
{
	struct out out = {.buf = to};
	char id[UUID_TEXT];

	uuid_format(job_id, id);
	out_open(&out, NULL, '{');
	out_string(&out, "id", id);
	out_string(&out, "state", job_state_name(state));
	out_string(&out, "kind", job_kind_name(job->kind));
	out_string(&out, "tenant", job->tenant);
	write_links(&out, id);
	out_close(&out, '}');
	return to->error;
}

/* They are known only from the request. */
static void write_labels(struct out *out, const struct job *job)
{
	struct text labels;

	if (text_member((struct text){job->request, strlen(job->request)}, "labels", &labels))
		out_raw(out, "labels", labels.at, labels.bytes);
}

static void write_attempt(struct out *out, const struct attempt *attempt)
{
	out_open(out, NULL, '{');
	out_int(out, "number", attempt->number);
	out_time(out, "started_at", attempt->started_ms);
	out_time(out, "finished_at", attempt->finished_ms);
	if (attempt->code[0]) {
		out_open(out, "error", '{');
		out_string(out, "code", attempt->code);
		out_string(out, "message", attempt->message);
		out_close(out, '}');
	} else {
		out_null(out, "error");
	}
	out_close(out, '}');
}

static void write_attempts(struct out *out, const struct progress *progress)
{
	out_open(out, "attempts", '[');
	for (size_t i = 0; i < progress->n_kept; i++)
		write_attempt(out, &progress->kept[i]);
	out_close(out, ']');
}

int wire_write_job(struct buf *to, const struct job *job, const struct progress *progress)
{
	struct out out = {.buf = to};
	char id[UUID_TEXT];

	uuid_format(&job->id, id);
	out_open(&out, NULL, '{');
	out_string(&out, "id", id);
	out_string(&out, "kind", job_kind_name(job->kind));
	out_string(&out, "tenant", job->tenant);
	out_string(&out, "state", job_state_name(progress->state));
	out_int(&out, "priority", job->priority);
	if (job->limit_key)
		out_string(&out, "limit_key", job->limit_key);
	write_labels(&out, job);
	out_time(&out, "created_at", job->created_ms);
	out_time(&out, "next_run_at", progress->state == JOB_SCHEDULED ? progress->next_run_at_ms : 0);
	out_time(&out, "expires_at", progress->expires_at_ms);
	out_time(&out, "started_at", progress->started_ms);
	out_time(&out, "finished_at", progress->finished_ms);
	write_attempts(&out, progress);
	secrets_write_request(&out, "request", job);
	write_links(&out, id);
	out_close(&out, '}');
	return to->error;
}
