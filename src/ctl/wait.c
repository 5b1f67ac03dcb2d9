/* wait.c - `penstock wait`: the result of a job, when it has ended. */
#include <getopt.h>
#include <stddef.h>

#include <penstock/base.h>

#include "base/cleanup.h"
#include "ctl/await.h"
#include "ctl/job.h"

#define WAIT_DEFAULT_NS (3600 * PEN_SECOND)

static int parse(struct ctl *ctl, int argc, char **argv, int64_t *ret_ns)
{
	static const struct option options[] = {
		{"for", required_argument, NULL, 'f'},
                {NULL,  0,                 NULL, 0  }
        };
	int c;

	while ((c = getopt_long(argc, argv, ":f:", options, NULL)) != -1) {
		if (c != 'f')
			return ctl_bad_option(ctl, c, argv);
		if (await_parse(ctl, "--for", optarg, ret_ns) != CTL_OK)
			return CTL_USAGE;
	}
	return CTL_OK;
}

static int wait_run(struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	int64_t ns = WAIT_DEFAULT_NS;
	char id[UUID_TEXT];
	int status = parse(ctl, argc, argv, &ns);

	if (status == CTL_OK)
		status = job_id(ctl, argc - optind, argv + optind, id);
	if (status != CTL_OK)
		return status;
	status = await_result(ctl, id, ns, &reply);
	if (status != CTL_FAILED)
		reply_print(ctl, &reply);
	return status;
}

const struct ctl_command ctl_wait = {
	.name = "wait",
	.arguments = "[--for DURATION] ID",
	.summary = "wait until the job has ended, for at most 1h or as long as is said, and print its result",
	.run = wait_run,
};
