/* beneath.c - see beneath.h. */
#include "work/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/fit.h"

enum { TRIES = 10 }; /* the kernel gives up when something is renamed meanwhile */

/*
 * 0 when all that is there of the path is below.  The kernel walks it, and refuses the step that would leave.  At a name that is
 * not there the walk has come so far without leaving, and the rest has no "..".
 */
static int walk(int folder, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	fd_close(fd);
	return 0;
}

static int refuse(const struct command_path *path, const char *what, const char *folder, int error,
	struct problem *reterr)
{
	char pointer[sizeof(((struct problem *)0)->field)];

	fit_print(pointer, sizeof pointer, "/spec/args/%.*s", (int)path->name_len, path->name);
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, pointer, "%s %s%s%s", what, folder,
		error ? ": " : "", error ? strerror(error) : "");
}

static int check(const struct command_path *path, struct problem *reterr)
{
	CLEANUP(fd_closep) int fd = -1;
	char folder[PATH_MAX];
	int r;

	fit_print(folder, sizeof folder, "%.*s/", (int)path->folder_len, path->folder);
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return refuse(path, "there is no folder", folder, errno, reterr);
	r = walk(fd, path->value);
	if (r == -EXDEV || r == -ELOOP)
		return refuse(path, "the path leads out of", folder, 0, reterr);
	return r < 0 ? refuse(path, "the path cannot be followed in", folder, -r, reterr) : 0;
}

int beneath_check(const struct command_def *def, const struct command_spec *spec, struct problem *reterr)
{
	struct command_path path;
	int r = 0;

	for (size_t n = 0; r == 0 && command_path(def, spec, n, &path); n++)
		r = check(&path, reterr);
	return r;
}
