/* folder.c - see folder.h. */
#include "ctl/folder.h"

#include <getopt.h>

#include "wire/wire.h"

#define STATE_DIR_DEFAULT "/var/lib/penstock" /* as in penstock.conf(5) */

int folder_options(struct ctl *ctl, int argc, char **argv, struct store_options *ret_options)
{
	static const struct option options[] = {
		{"state-dir", required_argument, NULL, 'd'},
                {NULL,        0,                 NULL, 0  }
        };
	struct store_options store = {
		.state_dir = STATE_DIR_DEFAULT,
		.restore = wire_restore_job,
		.retention_ns = INT64_MAX,
		.retention_jobs = SIZE_MAX,
		.retention_bytes = SIZE_MAX,
	};
	int c;

	while ((c = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		if (c != 'd')
			return ctl_bad_option(ctl, c, argv);
		store.state_dir = optarg;
	}
	if (optind < argc)
		return ctl_misused(ctl, "there are too many arguments");
	*ret_options = store;
	return CTL_OK;
}

int folder_fail(struct ctl *ctl, const struct store_options *options, const struct problem *problem)
{
	return ctl_fail(ctl, "%s: %s", options->state_dir, problem->message);
}
