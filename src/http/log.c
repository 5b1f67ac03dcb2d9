/* log.c - GET /jobs/{id}/log: what a command has written, and with ?follow=1 what it writes, as it comes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/log.h"
#include "http/inside.h"
#include "http/jobs.h"
#include "http/stream.h"
#include "wire/log.h"

enum { PIECE = 16384 }; /* what is there goes out together, up to about this much */

struct log_answer {
	struct gate_log *log;
	bool bare; /* the bytes of the outputs and nothing else */
};

static int write_record(const struct log_answer *answer, const struct log_record *record, struct buf *out)
{
	if (!answer->bare)
		return wire_write_log(out, record);
	return record->what == LOG_OUTPUT ? buf_add(out, record->data, record->bytes) : 0;
}

static int make(struct pen_ctx *ctx, void *arg, struct buf *out)
{
	struct log_answer *answer = arg;
	struct log_record record;
	int r;

	do {
		r = out->len == 0 ? gate_log_next(ctx, answer->log, &record)
				  : gate_log_try(answer->log, &record);
		if (r == 0)
			r = write_record(answer, &record, out);
	} while (r == 0 && record.what != LOG_END && out->len < PIECE);
	if (r == 0)
		return record.what != LOG_END;
	return r == -EAGAIN ? 1 : r;
}

static void stop(void *arg, struct buf *out)
{
	struct log_answer *answer = arg;
	struct log_record record;

	gate_log_end(answer->log, &record);
	if (write_record(answer, &record, out) < 0)
		return; /* the buffer remembers it */
}

static void answer_close(void *arg)
{
	struct log_answer *answer = arg;

	gate_log_close(answer->log);
	free(answer);
}

static const struct stream_source log_source = {.make = make, .stop = stop, .close = answer_close};

static int read_follow(struct request *request, bool *ret_follow)
{
	const char *follow = target_parameter(&request->target, "follow");

	*ret_follow = follow && (strcmp(follow, "1") == 0 || strcmp(follow, "true") == 0);
	if (!follow || *ret_follow || strcmp(follow, "0") == 0 || strcmp(follow, "false") == 0)
		return 0;
	return target_problem(&request->problem, "follow", "must be 1 or 0, or true or false");
}

static bool wants_bare(const struct request *request)
{
	const char *accept = request_header(request, "Accept");

	return accept && strstr(accept, "text/plain") && !strstr(accept, "application/x-ndjson");
}

static int open_log(
	struct request *request, const struct uuid *id, bool follow, struct log_answer **ret_answer)
{
	struct log_answer *answer = calloc(1, sizeof *answer);
	int r;

	if (!answer)
		return -ENOMEM;
	answer->bare = wants_bare(request);
	r = gate_log_open(request_gate(request), id, follow, request_conf(request)->wait_max_ns, &answer->log,
		&request->problem);
	if (r < 0)
		free(answer);
	else
		*ret_answer = answer;
	return r;
}

/* Proxies that gather an answer before they pass it on are asked not to. */
int job_log(struct request *request, struct reply *reply)
{
	struct log_answer *answer = NULL;
	struct uuid id;
	bool follow = false;
	int r = job_id(request, &id);

	if (r == 0)
		r = read_follow(request, &follow);
	if (r == 0)
		r = open_log(request, &id, follow, &answer);
	if (r < 0)
		return r;
	reply->content_type = answer->bare ? "text/plain" : "application/x-ndjson";
	reply_header(reply, "Cache-Control", "no-store");
	reply_header(reply, "X-Accel-Buffering", "no");
	return stream_answer(request, reply, &log_source, answer, follow);
}
