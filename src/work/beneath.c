/* beneath.c - see beneath.h. */
#include "work/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/fit.h"

/* The one name without links that an open file has.  0 or -errno. */
static int real_name(int fd, char name[static PATH_MAX])
{
	char link[sizeof "/proc/self/fd/" + 12];
	ssize_t n;

	fit_print(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, name, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	name[n] = '\0';
	return 0;
}

/* Both are real names. */
static bool is_below(const char *folder, const char *name)
{
	size_t len = strlen(folder);

	if (len == 1) /* the root */
		return true;
	return strncmp(name, folder, len) == 0 && (name[len] == '/' || name[len] == '\0');
}

static int look(int folder, const char *folder_name, const char *path)
{
	CLEANUP(fd_closep) int fd = openat(folder, path, O_PATH | O_CLOEXEC);
	char name[PATH_MAX];
	int r = fd < 0 ? -errno : real_name(fd, name);

	if (r < 0)
		return r;
	return is_below(folder_name, name) ? 0 : -EXDEV;
}

/*
 * 0 when all that is there of the path is below.  It may end at what is not there, since the rest has no ".."; but not at a link
 * to what is not there.
 */
static int walk(int folder, const char *folder_name, const char *path)
{
	size_t end = strcspn(path, "/");
	char sofar[PATH_MAX];
	struct stat status;

	for (;; end += 1 + strcspn(path + end + 1, "/")) {
		int r;

		if (end >= sizeof sofar)
			return -ENAMETOOLONG;
		fit_print(sofar, sizeof sofar, "%.*s", (int)end, path);
		r = look(folder, folder_name, sofar);
		if (r == -ENOENT)
			return fstatat(folder, sofar, &status, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : -EXDEV;
		if (r < 0 || !path[end])
			return r;
	}
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
	char folder[PATH_MAX], name[PATH_MAX];
	int r;

	fit_print(folder, sizeof folder, "%.*s/", (int)path->folder_len, path->folder);
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return refuse(path, "there is no folder", folder, errno, reterr);
	r = real_name(fd, name);
	if (r == 0)
		r = walk(fd, name, path->value);
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
