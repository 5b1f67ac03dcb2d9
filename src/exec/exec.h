/* exec.h - what penstock-exec was told to start, and the start. */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "exec/report.h"

enum { LIMITS_MAX = RLIM_NLIMITS, GROUPS_MAX = 256 };

struct limit {
	int resource;
	struct rlimit value;
};

struct settings {
	pid_t parent;       /* whose death ends all */
	const char *cgroup; /* the folder of the command's control group; NULL: none of its own */
	const char *folder;
	mode_t umask;
	struct limit limits[LIMITS_MAX];
	size_t n_limits;
	uid_t user;
	gid_t group;
	gid_t groups[GROUPS_MAX];
	size_t n_groups;
	bool has_umask, has_user; /* with a user there are a group and groups */
	char **argv, **env;       /* NULL-terminated; the first argument is the program's path */
};

/*
 * Start the program, in a session of its own, and tell in the report how that went.  Gives its pid, or -1.
 */
pid_t start(const struct settings *settings, struct exec_report *report);

#endif
