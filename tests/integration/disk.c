/*
 * disk.c - a disk that a test owns: preloaded, it stands between a daemon and the files of one folder.
 *
 * It writes each change of them to a journal before the file system has it, also what was synced when, so that disk.py can say
 * what a power cut would have left.  And it ends the process, or lets calls fail, at the call that the test has chosen.
 *
 *   DISK_FOLDER   the folder; what is in it and ends in -shm does not count, as it is rebuilt after each start
 *   DISK_JOURNAL  a file to which struct record is appended, each followed by its bytes
 *   DISK_CONTROL  a file of struct control, which the test has mapped too
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { KIND_WRITE = 1, KIND_SYNC = 2, KIND_TRUNCATE = 4, KIND_NAME = 8, KIND_READ = 16 };

struct control {
	uint64_t calls;              /* so far; counted here */
	uint64_t cut_at;             /* the call that is not made any more: the process ends; 0: none */
	uint64_t fail_from, fail_to; /* calls that fail, if they are of `kinds` */
	uint64_t error;              /* how */
	uint64_t kinds;
	uint64_t lies;   /* what is synced is not */
	uint64_t failed; /* calls that did; counted here */
};

struct record {
	char what[8]; /* "write", "sync", "truncate", "lost", "make", "folder", "remove" */
	uint64_t file;
	uint64_t at, bytes;
};

enum { FILES_MAX = 65536 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct control nobody, *control = &nobody;
static char folder[PATH_MAX];
static int journal = -1;
static uint64_t files[FILES_MAX]; /* by descriptor: the inode's number; 0: none of ours */

#define REAL(name) \
	({ \
		static __typeof__(name) *real; \
		if (!real) \
			*(void **)&real = dlsym(RTLD_NEXT, #name); \
		real; \
	})

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("DISK_JOURNAL"), *page = getenv("DISK_CONTROL");
	int fd = page ? REAL(open)(page, O_RDWR | O_CLOEXEC) : -1;

	unsetenv("LD_PRELOAD"); /* commands have the disk that all have */
	if (!path || fd < 0 || !getenv("DISK_FOLDER"))
		return;
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REAL(close)(fd);
	fd = REAL(open)(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	journal = fcntl(fd, F_DUPFD_CLOEXEC, 1000); /* out of the way of those that are counted */
	if (journal >= 0)
		REAL(close)(fd);
	else
		journal = fd;
	snprintf(folder, sizeof(folder), "%s", getenv("DISK_FOLDER"));
}

static uint64_t ours(int fd)
{
	return fd >= 0 && fd < FILES_MAX ? files[fd] : 0;
}

/* Whether the call is to be made; else its error is set.  Locks until done(), or failed(). */
static bool may(enum kind kind)
{
	pthread_mutex_lock(&lock);
	if (kind == KIND_READ && !(control->kinds & KIND_READ))
		return true;
	control->calls++;
	if (control->calls == control->cut_at) {
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
	if (!(control->kinds & kind) || control->calls < control->fail_from ||
		control->calls >= control->fail_to)
		return true;
	control->failed++;
	errno = (int)control->error;
	return false;
}

static void done(void)
{
	pthread_mutex_unlock(&lock);
}

static int failed(void)
{
	int error = errno;

	pthread_mutex_unlock(&lock);
	errno = error;
	return -1;
}

static void note(const char *what, uint64_t file, uint64_t at, const void *data, size_t bytes)
{
	struct record record = {.file = file, .at = at, .bytes = bytes};
	struct iovec parts[] = {
		{&record,      sizeof(record)},
                {(void *)data, bytes         }
        };

	memcpy(record.what, what, strlen(what));
	if (writev(journal, parts, 2) != (ssize_t)(sizeof(record) + bytes))
		abort();
}

static void note_name(const char *what, uint64_t file, const char *name)
{
	note(what, file, 0, name, strlen(name));
}

/* What is left of a path below the folder; "" for itself, ".." for the one it is in, NULL for what does not count. */
static const char *name_of(const char *path)
{
	size_t bytes = strlen(folder), whole = strlen(path);
	const char *above = strrchr(folder, '/');

	if (bytes == 0)
		return NULL;
	if (whole == (size_t)(above - folder) && strncmp(path, folder, whole) == 0)
		return "..";
	if (strncmp(path, folder, bytes) != 0 || (path[bytes] && path[bytes] != '/'))
		return NULL;
	if (whole > 4 && strcmp(path + whole - 4, "-shm") == 0)
		return NULL;
	return path[bytes] ? path + bytes + 1 : "";
}

/* The name of what a descriptor is open for; NULL as above. */
static const char *name_of_fd(int fd, char path[static PATH_MAX])
{
	char link[64];
	ssize_t bytes;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	bytes = readlink(link, path, PATH_MAX - 1);
	if (bytes < 0)
		return NULL;
	path[bytes] = 0;
	return name_of(path);
}

/* Whether opening it would make a file of ours. */
static bool makes(int at, const char *path, int flags)
{
	char whole[2 * PATH_MAX], above[PATH_MAX];

	if (!(flags & O_CREAT) || journal < 0 || faccessat(at, path, F_OK, 0) == 0)
		return false;
	if (path[0] == '/' || at == AT_FDCWD)
		return name_of(path) != NULL;
	if (!name_of_fd(at, above))
		return false;
	snprintf(whole, sizeof(whole), "%s/%s", above, path);
	return name_of(whole) != NULL;
}

/* Remember what a descriptor is for. */
static void opened(int fd, bool made, int flags)
{
	char path[PATH_MAX];
	const char *name = fd >= 0 && fd < FILES_MAX && journal >= 0 ? name_of_fd(fd, path) : NULL;
	struct stat status;

	if (!name || fstat(fd, &status) < 0)
		return;
	files[fd] = status.st_ino;
	if (made)
		note_name("make", status.st_ino, name);
	else if (flags & O_TRUNC)
		note("truncate", status.st_ino, 0, NULL, 0);
}

static int open_file(int at, const char *path, int flags, mode_t mode)
{
	bool made = makes(at, path, flags);
	int fd, error;

	if (made && !may(KIND_NAME))
		return failed();
	fd = REAL(openat)(at, path, flags, mode);
	error = errno;
	opened(fd, made, flags);
	if (made)
		done();
	errno = error;
	return fd;
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

/* In the folder `at`, which is a parameter or none. */
#define OPEN(name, at, ...) \
	int name(__VA_ARGS__, ...) \
	{ \
		va_list args; \
		mode_t mode; \
\
		va_start(args, flags); \
		mode = mode_of(flags, args); \
		va_end(args); \
		return open_file(at, path, flags, mode); \
	}

OPEN(open, AT_FDCWD, const char *path, int flags)
OPEN(open64, AT_FDCWD, const char *path, int flags)
OPEN(openat, at, int at, const char *path, int flags)
OPEN(openat64, at, int at, const char *path, int flags)

int close(int fd)
{
	if (ours(fd))
		files[fd] = 0;
	return REAL(close)(fd);
}

static ssize_t write_at(int fd, const void *data, size_t bytes, off64_t at)
{
	ssize_t n;

	if (!may(KIND_WRITE))
		return failed();
	note("write", ours(fd), (uint64_t)at, data, bytes);
	n = REAL(pwrite64)(fd, data, bytes, at);
	done();
	return n;
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at)
{
	return ours(fd) ? write_at(fd, data, bytes, at) : REAL(pwrite64)(fd, data, bytes, at);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at)
{
	return pwrite64(fd, data, bytes, at);
}

ssize_t write(int fd, const void *data, size_t bytes)
{
	off64_t at;
	ssize_t n;

	if (!ours(fd))
		return REAL(write)(fd, data, bytes);
	at = lseek64(fd, 0, SEEK_CUR);
	n = write_at(fd, data, bytes, at);
	if (n > 0)
		lseek64(fd, at + n, SEEK_SET);
	return n;
}

ssize_t pread64(int fd, void *data, size_t bytes, off64_t at)
{
	ssize_t n;

	if (!ours(fd))
		return REAL(pread64)(fd, data, bytes, at);
	if (!may(KIND_READ))
		return failed();
	n = REAL(pread64)(fd, data, bytes, at);
	done();
	return n;
}

int ftruncate64(int fd, off64_t bytes)
{
	int r;

	if (!ours(fd))
		return REAL(ftruncate64)(fd, bytes);
	if (!may(KIND_TRUNCATE))
		return failed();
	note("truncate", ours(fd), (uint64_t)bytes, NULL, 0);
	r = REAL(ftruncate64)(fd, bytes);
	done();
	return r;
}

int ftruncate(int fd, off_t bytes)
{
	return ftruncate64(fd, bytes);
}

/*
 * The test's disk is the only one that counts, so nobody waits for that of the machine.  What could not be synced is not tried again
 * by the next sync: that is how Linux does it.
 */
static int sync_file(int fd)
{
	bool works = may(KIND_SYNC);
	char path[PATH_MAX];
	const char *name = name_of_fd(fd, path);

	if (name && !control->lies)
		note_name(works ? "sync" : "lost", ours(fd), name);
	if (!works) {
		errno = (int)control->error;
		return failed();
	}
	done();
	return 0;
}

int fsync(int fd)
{
	return ours(fd) ? sync_file(fd) : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	return ours(fd) ? sync_file(fd) : REAL(fdatasync)(fd);
}

int unlink(const char *path)
{
	const char *name = journal >= 0 ? name_of(path) : NULL;
	int r;

	if (!name || access(path, F_OK) < 0)
		return REAL(unlink)(path);
	if (!may(KIND_NAME))
		return failed();
	note_name("remove", 0, name);
	r = REAL(unlink)(path);
	done();
	return r;
}

int mkdir(const char *path, mode_t mode)
{
	const char *name = journal >= 0 ? name_of(path) : NULL;
	int r;

	if (!name || access(path, F_OK) == 0)
		return REAL(mkdir)(path, mode);
	if (!may(KIND_NAME))
		return failed();
	note_name("folder", 0, name);
	r = REAL(mkdir)(path, mode);
	done();
	return r;
}
