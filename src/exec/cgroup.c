/* cgroup.c - see cgroup.h. */
#include "exec/cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int tell(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd, r;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return r;
}

/*
 * Not by clone3(CLONE_INTO_CGROUP): a filter of system calls that forbids namespaces, as that of the unit, cannot look into what clone3 is
 * given, and forbids it altogether.
 */
int cgroup_join(const char *folder)
{
	return tell(folder, "cgroup.procs", "0");
}

int cgroup_kill(const char *folder)
{
	return tell(folder, "cgroup.kill", "1");
}
