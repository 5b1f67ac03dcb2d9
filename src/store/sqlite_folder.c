/* sqlite_folder.c - the state folder; see sqlite.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "store/sqlite.h"

static int failed(const char *folder, const char *what, struct problem *reterr)
{
	return problem_set(
		reterr, -errno, PROBLEM_STORE, "state-dir", "%s %s: %s", folder, what, strerror(errno));
}

/* A folder that was just made must outlast a power cut as what is in it will. */
static int make(const char *folder, struct problem *reterr)
{
	CLEANUP(fd_closep) int made = -1;
	CLEANUP(fd_closep) int above = -1;

	if (mkdir(folder, 0700) < 0)
		return errno == EEXIST ? 0 : failed(folder, "cannot be made", reterr);
	made = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	above = made < 0 ? -1 : openat(made, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || fsync(above) < 0)
		return failed(folder, "cannot be made to last", reterr);
	return 0;
}

/* Whose files they will be: a daemon of another user could not go on with them. */
static int check_owner(const char *folder, int fd, struct problem *reterr)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return failed(folder, "cannot be looked at", reterr);
	if (status.st_uid != geteuid())
		return problem_set(reterr, -EPERM, PROBLEM_STORE, "state-dir",
			"%s belongs to user %u, and this is user %u: run as its owner, or give it to this one",
			folder, (unsigned)status.st_uid, (unsigned)geteuid());
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return problem_set(reterr, -EPERM, PROBLEM_STORE, "state-dir",
			"%s may be written by others than its owner (mode %o): \"chmod go-w\" makes it private",
			folder, (unsigned)status.st_mode & 07777);
	return 0;
}

/* A lock of the process, which the system drops with it, however it ends, and which none of its children has. */
static int lock(const char *folder, int fd, struct problem *reterr)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET}, whose = all;

	if (fcntl(fd, F_SETLK, &all) == 0)
		return 0;
	if (errno != EACCES && errno != EAGAIN)
		return failed(folder, "cannot be locked", reterr);
	if (fcntl(fd, F_GETLK, &whose) < 0 || whose.l_type == F_UNLCK)
		whose.l_pid = 0; /* it has ended just now */
	return problem_set(reterr, -EBUSY, PROBLEM_STORE, "state-dir",
		"%s is in use by another penstockd, process %d", folder, (int)whose.l_pid);
}

/* SQLite gives its other files the mode of this one. */
static int make_private(const char *folder, int fd, const char *file, int *ret_fd, struct problem *reterr)
{
	*ret_fd = openat(fd, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *ret_fd < 0 ? failed(folder, "cannot be written", reterr) : 0;
}

int sqlite_folder_open(const char *folder, int *ret_lock_fd, struct problem *reterr)
{
	CLEANUP(fd_closep) int fd = -1;
	CLEANUP(fd_closep) int lock_fd = -1;
	CLEANUP(fd_closep) int file_fd = -1;
	int r = make(folder, reterr);

	if (r < 0)
		return r;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(folder, "cannot be opened", reterr);
	r = check_owner(folder, fd, reterr);
	if (r == 0)
		r = make_private(folder, fd, "lock", &lock_fd, reterr);
	if (r == 0)
		r = lock(folder, lock_fd, reterr);
	if (r == 0)
		r = make_private(folder, fd, SQLITE_FILE, &file_fd, reterr);
	if (r == 0 && fsync(fd) < 0) /* the name of the file must last too */
		r = failed(folder, "cannot be made to last", reterr);
	if (r < 0)
		return r;
	*ret_lock_fd = lock_fd;
	lock_fd = -1;
	return 0;
}
