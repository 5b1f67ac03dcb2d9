/* write_record.c - records as lines; see record.h. */
#include <string.h>

#include "wire/out.h"
#include "wire/record.h"

static void write_id(struct out *out, const struct uuid *id)
{
	char text[UUID_TEXT];

	uuid_format(id, text);
	out_string(out, "id", text);
}

static void write_begin(struct out *out, const struct wire_record *record)
{
	out_string(out, "line", "begin");
	out_int(out, "format", 1);
	out_int(out, "forgotten_first_ms", record->first_ms);
	out_int(out, "forgotten_last_ms", record->last_ms);
}

static void write_attempts(struct out *out, const struct progress *progress)
{
	out_open(out, "attempts", '[');
	for (size_t i = 0; i < progress->n_kept; i++) {
		const struct attempt *attempt = &progress->kept[i];

		out_open(out, NULL, '{');
		out_int(out, "number", attempt->number);
		out_int(out, "started_ms", attempt->started_ms);
		out_int(out, "finished_ms", attempt->finished_ms);
		out_string(out, "code", attempt->code);
		out_data(out, "message", "message_base64", attempt->message, strlen(attempt->message));
		out_close(out, '}');
	}
	out_close(out, ']');
}

static void write_job(struct out *out, const struct wire_record *record)
{
	const struct progress *progress = &record->progress;
	const struct job *job = record->job;

	out_string(out, "line", "job");
	write_id(out, &job->id);
	out_string(out, "state", job_state_name(progress->state));
	out_int(out, "created_ms", job->created_ms);
	out_int(out, "run_at_ms", job->run_at_ms);
	out_int(out, "expires_at_ms", progress->expires_at_ms);
	out_int(out, "next_run_at_ms", progress->next_run_at_ms);
	out_int(out, "started_ms", progress->started_ms);
	out_int(out, "finished_ms", progress->finished_ms);
	out_int(out, "started", progress->attempts);
	out_int(out, "failures", progress->failures);
	out_int(out, "crashes", progress->crashes);
	write_attempts(out, progress);
	out_string(out, "request", job->request);
	if (record->result)
		out_chars(out, "result", record->result->body, record->result->body_bytes);
}

static void write_key(struct out *out, const struct wire_record *record)
{
	const struct key_record *key = &record->key;

	out_string(out, "line", "key");
	out_string(out, "tenant", key->tenant);
	out_string(out, "key", key->key);
	write_id(out, &key->id);
	out_string(out, "state", job_state_name(key->state));
	out_int(out, "digest", (int64_t)key->digest);
	out_int(out, "until_ms", key->until_ms);
}

static void write_tenant(struct out *out, const struct wire_record *record)
{
	out_string(out, "line", "tenant");
	out_string(out, "tenant", record->tenant);
	out_string(out, "settings", record->settings);
}

static void write_end(struct out *out, const struct wire_record *record)
{
	out_string(out, "line", "end");
	out_int(out, "jobs", record->jobs);
	out_int(out, "keys", record->keys);
	out_int(out, "tenants", record->tenants);
}

int wire_write_record(struct buf *to, const struct wire_record *record)
{
	static void (*const write[WIRE_LINES])(struct out *, const struct wire_record *) = {
		[WIRE_LINE_BEGIN] = write_begin,
		[WIRE_LINE_JOB] = write_job,
		[WIRE_LINE_KEY] = write_key,
		[WIRE_LINE_TENANT] = write_tenant,
		[WIRE_LINE_END] = write_end,
	};
	struct out out = {.buf = to};

	out_open(&out, NULL, '{');
	write[record->line](&out, record);
	out_close(&out, '}');
	return buf_add(to, "\n", 1);
}
