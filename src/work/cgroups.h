/*
 * cgroups.h - a control group (version 2) for each command, where the service manager has delegated a group of its own to the daemon.
 * Nothing is touched that was not.
 */
#ifndef WORK_CGROUPS_H
#define WORK_CGROUPS_H

#include "base/problem.h"
#include "base/uuid.h"
#include "core/command.h"
#include "core/outcome.h"

struct cgroups;
struct cgroup;

/*
 * Take the delegated group: the process moves into a leaf of it, as a group with processes gives its children no controllers, and
 * what a daemon that was killed has left in it is killed and removed.  In a task, which that may keep waiting.  Gives
 * NULL when nothing is delegated, or it cannot be used, which the log tells.
 */
struct cgroups *cgroups_open(void);
void cgroups_free(struct cgroups *cgroups); /* NULL is allowed */

/* Make one for an attempt of `job`, limited as `def` says.  Gives it, or -errno. */
int cgroup_new(struct cgroups *cgroups, const struct uuid *job, const struct command_def *def,
	struct cgroup **ret_cgroup);

const char *cgroup_path(const struct cgroup *cgroup); /* of its folder; NULL is allowed, and given for it */

/*
 * The command is over: kill what is left, tell what all of it has used, remove the group and free it.  In a task, which waits until what
 * was killed has ended.  NULL is allowed.
 */
void cgroup_end(struct cgroup *cgroup, struct cgroup_usage *ret_usage);

#endif
