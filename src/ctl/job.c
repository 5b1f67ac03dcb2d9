/* job.c - `penstock get` and `penstock cancel`: one request about one job. */
#include "ctl/job.h"

#include <ctype.h>
#include <getopt.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "ctl/request.h"

int job_id(struct ctl *ctl, int argc, char **argv, char id[static UUID_TEXT])
{
	struct uuid uuid;

	if (argc != 1)
		return ctl_misused(
			ctl, argc == 0 ? "the id of a job is missing" : "there are too many arguments");
	if (uuid_parse(argv[0], &uuid) < 0)
		return ctl_misused(ctl, "\"%s\" is not the id of a job", argv[0]);
	uuid_format(&uuid, id);
	return CTL_OK;
}

char *job_plain(char *text)
{
	for (char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at))
			*at = '?';
	return text;
}

int job_ask(struct ctl *ctl, const char *id, const char *method, const char *action)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	char path[sizeof("/jobs/:retry") + UUID_TEXT];
	int status;

	snprintf(path, sizeof(path), "/jobs/%s%s", id, action);
	status = request_send(ctl, &(struct request){.method = method, .path = path}, &reply);
	if (status == CTL_OK)
		reply_print(ctl, &reply);
	return status;
}

static int run(struct ctl *ctl, int argc, char **argv, const char *method)
{
	static const struct option none[] = {
		{NULL, 0, NULL, 0}
        };
	char id[UUID_TEXT];
	int status;

	if (getopt_long(argc, argv, "", none, NULL) != -1)
		return ctl_bad_option(ctl, '?', argv);
	status = job_id(ctl, argc - optind, argv + optind, id);
	return status == CTL_OK ? job_ask(ctl, id, method, "") : status;
}

static int get_run(struct ctl *ctl, int argc, char **argv)
{
	return run(ctl, argc, argv, "GET");
}

static int cancel_run(struct ctl *ctl, int argc, char **argv)
{
	return run(ctl, argc, argv, "DELETE");
}

const struct ctl_command ctl_get = {
	.name = "get",
	.arguments = "ID",
	.summary = "print what is known of the job",
	.run = get_run,
};

const struct ctl_command ctl_cancel = {
	.name = "cancel",
	.arguments = "ID",
	.summary = "cancel the job, if it has not ended",
	.run = cancel_run,
};
