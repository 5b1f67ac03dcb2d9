/* retry.c - `penstock retry`: run one job again, or all that a filter finds, as many pages as it takes. */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "ctl/filter.h"
#include "ctl/job.h"
#include "ctl/request.h"
#include "wire/wire.h"

enum { PAGE = 500, CURSOR_BYTES = 256 };

struct retry {
	struct ctl *ctl;
	struct filter filter;
	bool filtered;
	uint64_t retried, skipped; /* so far */
};

static int take_answer(struct retry *retry, const struct reply *reply, char cursor[static CURSOR_BYTES])
{
	const char *text = reply->body.data;
	size_t bytes = reply->body.len;
	uint64_t retried, skipped;

	if (!text || wire_read_number(text, bytes, "retried", &retried) < 0 ||
		wire_read_number(text, bytes, "skipped", &skipped) < 0 ||
		wire_read_member(text, bytes, "next_cursor", cursor, CURSOR_BYTES) < 0)
		return ctl_fail(
			retry->ctl, "%s answered with something else than numbers of jobs", retry->ctl->url);
	retry->retried += retried;
	retry->skipped += skipped;
	return CTL_OK;
}

/* Retry one page; gives the next one's cursor, "" after the last. */
static int retry_page(struct retry *retry, char cursor[static CURSOR_BYTES])
{
	CLEANUP(reply_fini) struct reply reply = {0};
	CLEANUP(buf_fini) struct buf path = {0};
	int status;

	filter_path(&retry->filter, &path, "/jobs:retry", PAGE, cursor);
	if (path.error)
		return ctl_fail(retry->ctl, "out of memory");
	status = request_send(retry->ctl, &(struct request){.method = "POST", .path = path.data}, &reply);
	return status == CTL_OK ? take_answer(retry, &reply, cursor) : status;
}

/* What was done is told also where it does not come to the end. */
static int retry_all(struct retry *retry)
{
	char cursor[CURSOR_BYTES] = "";
	int status;

	do
		status = retry_page(retry, cursor);
	while (status == CTL_OK && cursor[0]);
	fprintf(retry->ctl->out, "{\"retried\":%ju,\"skipped\":%ju}\n", (uintmax_t)retry->retried,
		(uintmax_t)retry->skipped);
	return status;
}

static int parse(struct retry *retry, int argc, char **argv)
{
	static const struct option options[] = {
		FILTER_OPTIONS, {NULL, 0, NULL, 0}
        };
	int c, status = CTL_OK;

	while (status == CTL_OK && (c = getopt_long(argc, argv, ":" FILTER_LETTERS, options, NULL)) != -1) {
		if (c == ':' || c == '?')
			return ctl_bad_option(retry->ctl, c, argv);
		retry->filtered = true;
		status = filter_take(&retry->filter, retry->ctl, c, optarg);
	}
	if (status == CTL_OK && retry->filtered && optind < argc)
		return ctl_misused(retry->ctl, "the id of a job and a filter do not go together");
	return status;
}

static int retry_run(struct ctl *ctl, int argc, char **argv)
{
	struct retry retry = {.ctl = ctl};
	char id[UUID_TEXT];
	int status = parse(&retry, argc, argv);

	if (status == CTL_OK && retry.filtered)
		status = retry_all(&retry);
	else if (status == CTL_OK)
		status = job_id(ctl, argc - optind, argv + optind, id);
	if (status == CTL_OK && !retry.filtered)
		status = job_ask(ctl, id, "POST", ":retry");
	filter_fini(&retry.filter);
	return status;
}

const struct ctl_command ctl_retry = {
	.name = "retry",
	.arguments = "ID | [-t TENANT] [-s STATE] [-k KIND] [-l NAME=VALUE]",
	.summary =
		"run the job again, if it has failed, expired or been cancelled; or all that a filter finds",
	.run = retry_run,
};
