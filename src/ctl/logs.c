/* logs.c - `penstock logs`: what a command has written, its outputs on ours; and what it writes, as it comes. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <penstock/base.h>

#include "base/cleanup.h"
#include "ctl/job.h"
#include "ctl/request.h"
#include "wire/log.h"

struct logs {
	struct ctl *ctl;
	enum job_state state; /* in which the job was at the end; JOB_STATES: there was no end */
};

/* What is not output is said beside it, where a person follows. */
static void tell(const struct logs *logs, const struct log_record *record)
{
	FILE *err = logs->ctl->err;

	if (record->what == LOG_ATTEMPT && record->attempt > 1)
		fprintf(err, "penstock: attempt %u begins\n", (unsigned)record->attempt);
	else if (record->what == LOG_MISSED)
		fprintf(err, "penstock: %llu bytes are missing here\n", (unsigned long long)record->missed);
}

static int print(void *arg, const char *line, size_t bytes)
{
	struct logs *logs = arg;
	CLEANUP(freep) char *data = NULL;
	struct log_record record;
	int r = wire_read_log(line, bytes, &record, &data);
	FILE *to;

	if (r < 0)
		return r;
	if (record.what == LOG_END)
		logs->state = record.state;
	if (record.what != LOG_OUTPUT)
		tell(logs, &record);
	to = record.output == OUTPUT_STDERR ? logs->ctl->err : logs->ctl->out;
	fwrite(record.bytes ? record.data : "", 1, record.bytes, to);
	fflush(to);
	return 0;
}

static int ask(struct logs *logs, const char *id, bool follow)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	char path[sizeof("/jobs//log?follow=1") + UUID_TEXT];
	struct request request = {.method = "GET",
		.path = path,
		.wait_ns = follow ? PEN_NEVER : 0,
		.on_line = print,
		.arg = logs};
	int status;

	logs->state = JOB_STATES;
	snprintf(path, sizeof(path), "/jobs/%s/log%s", id, follow ? "?follow=1" : "");
	status = request_send(logs->ctl, &request, &reply);
	if (status == CTL_OK && logs->state == JOB_STATES)
		return ctl_fail(logs->ctl, "%s: the log has no end", logs->ctl->url);
	return status;
}

/* The server has us wait for the start of a job no longer than for anything else; so it is asked again. */
static int follow_to_the_end(struct logs *logs, const char *id)
{
	int status;

	do
		status = ask(logs, id, true);
	while (status == CTL_OK && job_state_waits(logs->state));
	if (status == CTL_OK && !job_state_ended(logs->state))
		return CTL_NOT_ENDED;
	return status;
}

static int parse(struct ctl *ctl, int argc, char **argv, bool *ret_follow)
{
	static const struct option options[] = {
		{"follow", no_argument, NULL, 'f'},
                {NULL,     0,           NULL, 0  }
        };
	int c;

	while ((c = getopt_long(argc, argv, ":f", options, NULL)) != -1) {
		if (c != 'f')
			return ctl_bad_option(ctl, c, argv);
		*ret_follow = true;
	}
	return CTL_OK;
}

static int logs_run(struct ctl *ctl, int argc, char **argv)
{
	struct logs logs = {.ctl = ctl};
	char id[UUID_TEXT];
	bool follow = false;
	int status = parse(ctl, argc, argv, &follow);

	if (status == CTL_OK)
		status = job_id(ctl, argc - optind, argv + optind, id);
	if (status != CTL_OK)
		return status;
	return follow ? follow_to_the_end(&logs, id) : ask(&logs, id, false);
}

const struct ctl_command ctl_logs = {
	.name = "logs",
	.arguments = "[-f] ID",
	.summary =
		"print what the job's command has written; -f: and what it writes, until the job has ended",
	.run = logs_run,
};
