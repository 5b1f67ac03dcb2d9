/* exec.h - what penstock-exec was told to start, and the start. */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include <stdbool.h>
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
 * settings.c: read [-c CGROUP] [-d FOLDER] [-m UMASK] [-l RESOURCE=SOFT:HARD]... [-u UID:GID:GROUP,...] PROGRAM ARGUMENT...
 * behind the first of `argv`.  Borrows both lists.  Whether they are right.
 */
bool settings_read(char **argv, char **env, struct settings *settings);

/*
 * start.c: start the program, in a session of its own, and tell in the report how that went.  Gives its pid, or -1.
 */
pid_t start(const struct settings *settings, struct exec_report *report);

/*
 * init.c: be the init of one command, from its start to the end of all that it has started, and tell of it in the report, at
 * each step what has been reached.  `parent` is who called clone(); its death ends all.  Streams 0 to 2 are the command's.
 */
void init_run(const struct settings *settings, pid_t parent, struct exec_report *report);

#endif
