/* why.c - `penstock why`: the reason for which a job is not running; and `penstock audit`. */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "ctl/job.h"
#include "ctl/request.h"
#include "wire/wire.h"

static int fail(struct ctl *ctl)
{
	return ctl_fail(ctl, "%s answered with something else than was asked for", ctl->url);
}

static int print_words(struct ctl *ctl, const struct buf *body)
{
	char reason[64] = "", detail[512] = "", at[64] = "";
	uint64_t position;

	if (!body->data || wire_read_member(body->data, body->len, "reason", reason, sizeof(reason)) < 0 ||
		wire_read_member(body->data, body->len, "detail", detail, sizeof(detail)) < 0)
		return fail(ctl);
	fprintf(ctl->out, "%s: %s\n", job_plain(reason), job_plain(detail));
	if (wire_read_number(body->data, body->len, "position", &position) == 0)
		fprintf(ctl->out, "position: %llu\n", (unsigned long long)position);
	if (wire_read_member(body->data, body->len, "estimated_start_at", at, sizeof(at)) == 0 && at[0])
		fprintf(ctl->out, "starts about: %s\n", job_plain(at));
	return CTL_OK;
}

static int ask(struct ctl *ctl, const char *id, bool json)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	char path[sizeof("/jobs//explain") + UUID_TEXT];
	int status;

	snprintf(path, sizeof(path), "/jobs/%s/explain", id);
	status = request_send(ctl, &(struct request){.method = "GET", .path = path}, &reply);
	if (status != CTL_OK)
		return status;
	if (!json)
		return print_words(ctl, &reply.body);
	reply_print(ctl, &reply);
	return CTL_OK;
}

static int why_run(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
                {NULL,   0,           NULL, 0  }
        };
	char id[UUID_TEXT];
	bool json = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "j", options, NULL)) != -1) {
		if (c != 'j')
			return ctl_bad_option(ctl, c, argv);
		json = true;
	}
	status = job_id(ctl, argc - optind, argv + optind, id);
	return status == CTL_OK ? ask(ctl, id, json) : status;
}

/* Counts that were wrong are right now, but they should not have been. */
static int audit_run(struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	uint64_t differences;
	int status;

	(void)argv;
	if (argc > 1)
		return ctl_misused(ctl, "there are too many arguments");
	status = request_send(ctl, &(struct request){.method = "POST", .path = "/audit"}, &reply);
	if (status != CTL_OK)
		return status;
	if (!reply.body.data ||
		wire_read_number(reply.body.data, reply.body.len, "differences", &differences) < 0)
		return fail(ctl);
	reply_print(ctl, &reply);
	return differences == 0 ? CTL_OK : CTL_FAILED;
}

const struct ctl_command ctl_why = {
	.name = "why",
	.arguments = "[--json] ID",
	.summary = "print why the job is not running, its position, and when it may start",
	.run = why_run,
};

const struct ctl_command ctl_audit = {
	.name = "audit",
	.arguments = "",
	.summary = "compare the daemon's counts with its jobs; fails if any was wrong",
	.run = audit_run,
};
