/* bulk.c - see bulk.h. */
#include "ctl/bulk.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/uuid.h"
#include "ctl/request.h"
#include "wire/wire.h"

enum { LINES_AT_ONCE = 1000, BYTES_AT_ONCE = 8 << 20, BYTES_MAX = 1 << 30 };

struct bulk {
	struct ctl *ctl;
	bool atomic;
	struct buf jobs; /* that are to be sent next, a line each */
	size_t n;
	size_t answered, refused;
};

static bool is_accepted(const char *line, size_t bytes)
{
	char id[UUID_TEXT];

	return wire_read_member(line, bytes, "id", id, sizeof(id)) == 0 && id[0];
}

static void count_answers(struct bulk *bulk, const struct reply *reply)
{
	const char *at = reply->body.data, *end = at + reply->body.len, *newline;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		bulk->answered++;
		bulk->refused += !is_accepted(at, (size_t)(newline - at));
		at = newline + 1;
	}
}

static int send_jobs(struct bulk *bulk)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	int status;

	if (bulk->n == 0)
		return CTL_OK;
	status = request_send(bulk->ctl,
		&(struct request){
			.method = "POST",
			.path = bulk->atomic ? "/jobs?atomic=true" : "/jobs",
			.lines = true,
			.body = bulk->jobs.data,
			.body_bytes = bulk->jobs.len,
		},
		&reply);
	bulk->jobs.len = bulk->n = 0;
	if (status != CTL_OK)
		return status;
	count_answers(bulk, &reply);
	reply_print(bulk->ctl, &reply);
	return CTL_OK;
}

static bool is_empty(const char *line, size_t bytes)
{
	return strspn(line, " \t\r\n") == bytes;
}

/* Sends what has gathered when this one would make it too much. */
static int add_job(struct bulk *bulk, const char *line, size_t bytes)
{
	bool full = bulk->n == LINES_AT_ONCE || bulk->jobs.len + bytes > BYTES_AT_ONCE;
	int status = full && !bulk->atomic ? send_jobs(bulk) : CTL_OK;

	if (status != CTL_OK)
		return status;
	if (buf_add(&bulk->jobs, line, bytes) < 0)
		return ctl_fail(bulk->ctl, bulk->jobs.error == -EFBIG
						   ? "there are too many jobs for one request"
						   : "out of memory");
	bulk->n++;
	return CTL_OK;
}

static int submit_all(struct bulk *bulk, FILE *from, const char *path)
{
	CLEANUP(freep) char *line = NULL;
	size_t size = 0;
	ssize_t bytes;
	int status = CTL_OK;

	errno = 0;
	while (status == CTL_OK && (bytes = getline(&line, &size, from)) > 0)
		if (!is_empty(line, (size_t)bytes))
			status = add_job(bulk, line, (size_t)bytes);
	if (status == CTL_OK && ferror(from))
		return ctl_fail(bulk->ctl, "%s cannot be read: %m", path);
	return status == CTL_OK ? send_jobs(bulk) : status;
}

int bulk_submit(struct ctl *ctl, const char *path, bool atomic)
{
	struct bulk bulk = {.ctl = ctl, .atomic = atomic, .jobs = {.max = BYTES_MAX}};
	bool piped = strcmp(path, "-") == 0;
	FILE *from = piped ? ctl->in : fopen(path, "re");
	int status;

	if (!from)
		return ctl_fail(ctl, "%s cannot be read: %m", path);
	status = submit_all(&bulk, from, path);
	if (!piped)
		fclose(from);
	buf_fini(&bulk.jobs);
	if (status == CTL_OK && bulk.refused > 0)
		return ctl_fail(ctl, "%zu of %zu jobs were not accepted", bulk.refused, bulk.answered);
	return status;
}
