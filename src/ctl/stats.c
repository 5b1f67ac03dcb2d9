/* stats.c - `penstock stats`: the daemon's numbers. */
#include <getopt.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/request.h"

static int stats_run(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
                {NULL,   0,           NULL, 0  }
        };
	CLEANUP(reply_fini) struct reply reply = {0};
	const char *path = "/stats";
	int c, status;

	while ((c = getopt_long(argc, argv, "j", options, NULL)) != -1) {
		if (c != 'j')
			return ctl_bad_option(ctl, c, argv);
		path = "/stats?format=json";
	}
	if (optind < argc)
		return ctl_misused(ctl, "there are too many arguments");
	status = request_send(ctl, &(struct request){.method = "GET", .path = path}, &reply);
	if (status == CTL_OK)
		reply_print(ctl, &reply);
	return status;
}

const struct ctl_command ctl_stats = {
	.name = "stats",
	.arguments = "[--json]",
	.summary = "print the daemon's numbers, as Prometheus reads them or as JSON",
	.run = stats_run,
};
