/*
 * cgroups.c - see cgroups.h.
 *
 *   the delegated group        no process in it
 *     penstockd                the daemon, penstock-exec, and the init of each command
 *     job-ID                   a command, with all that it has started
 *     penstockd-lock           nothing
 *
 * A lock on the folder of the last one keeps a second daemon off, which would take the first one's commands for left-overs.  Nobody else may
 * open that folder, and so hold its lock, as anybody could that of a folder that is to be read by all.
 */
#include "work/cgroups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <penstock/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/fit.h"
#include "log/log.h"
#include "work/cgroup_text.h"

#define LEAF "penstockd"
#define LOCK LEAF "-lock"
#define OF_JOB "job-"

enum { TEXT_MAX = 4096, FILE_MAX = 128, DEPTH_MAX = 32 };

#define LOOK_NS PEN_MS              /* between two looks whether all have ended */
#define REMOVE_NS (10 * PEN_SECOND) /* that what was killed has for it */

struct cgroups {
	int fd;   /* of the delegated group */
	int lock; /* of the folder that is locked */
	char path[];
};

struct cgroup {
	const struct cgroups *all;
	char name[sizeof OF_JOB + UUID_TEXT];
	char path[];
};

/* Gives how many bytes, or -errno; the text has its NUL. */
static int read_text(int folder, const char *name, char *text, size_t size)
{
	CLEANUP(fd_closep) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return (int)n;
}

static int write_text(int folder, const char *name, const char *text)
{
	CLEANUP(fd_closep) int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* In a group below `folder`; no longer than what FILE_MAX holds, as all names are ours. */
static int write_in(int folder, const char *group, const char *name, const char *text)
{
	char path[FILE_MAX];

	fit_print(path, sizeof path, "%s/%s", group, name);
	return write_text(folder, path, text);
}

/* Where systemd mounts version 2: alone, or beside version 1. */
static const char *mounted(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct statfs about;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (statfs(places[i], &about) == 0 && about.f_type == CGROUP2_SUPER_MAGIC)
			return places[i];
	return NULL;
}

/* systemd says so of a group, and only of that, which it has delegated.  Others can do the same. */
static bool is_delegated(const char *path)
{
	char value;

	return getxattr(path, "user.delegate", &value, 1) == 1 && value == '1' &&
	       access(path, R_OK | W_OK | X_OK) == 0;
}

/* Cut the leaf off: a manager may have started us in it (DelegateSubgroup=). */
static bool above_leaf(char *path)
{
	char *name = strrchr(path, '/');

	if (strcmp(name, "/" LEAF) != 0)
		return false;
	*name = '\0';
	return true;
}

/* The delegated group that this process is in. */
static bool find(char path[static PATH_MAX], bool *ret_in_leaf)
{
	CLEANUP(freep) char *text = malloc(TEXT_MAX);
	const char *place = mounted(), *own = NULL;
	size_t bytes;

	if (text && place && read_text(AT_FDCWD, "/proc/self/cgroup", text, TEXT_MAX) > 0)
		own = cgroup_text_path(text, &bytes);
	if (!own)
		return false;
	fit_print(path, PATH_MAX, "%s%.*s", place, (int)bytes, own);
	*ret_in_leaf = false;
	if (is_delegated(path))
		return true;
	*ret_in_leaf = above_leaf(path);
	return *ret_in_leaf && is_delegated(path);
}

/* The whole process, its threads with it. */
static int move_to_leaf(int folder)
{
	if (mkdirat(folder, LEAF, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (faccessat(folder, LEAF "/cgroup.kill", W_OK, 0) < 0)
		return -errno;
	return write_in(folder, LEAF, "cgroup.procs", "0");
}

/* Those that were not delegated too are missed in what is told of a command, no more. */
static void enable_controllers(int folder)
{
	write_text(folder, "cgroup.subtree_control", "+memory");
	write_text(folder, "cgroup.subtree_control", "+pids");
}

static bool is_populated(int folder, const char *group)
{
	char path[FILE_MAX], text[FILE_MAX];

	fit_print(path, sizeof path, "%s/cgroup.events", group);
	return read_text(folder, path, text, sizeof text) > 0 && cgroup_text_value(text, "populated") > 0;
}

static DIR *open_list(int folder, const char *group)
{
	int fd = openat(folder, group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		fd_close(fd);
	return list;
}

static void remove_below(int folder, const char *group, int depth);

/* Empty folders go with those in them: a command may have made some.  Deeper than DEPTH_MAX they stay, as there a task's stack ends. */
static int remove_empty(int folder, const char *group, int depth)
{
	if (unlinkat(folder, group, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (depth < DEPTH_MAX)
		remove_below(folder, group, depth + 1);
	return unlinkat(folder, group, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

static void remove_below(int folder, const char *group, int depth)
{
	DIR *list = open_list(folder, group);
	const struct dirent *entry;

	if (!list)
		return;
	while ((entry = readdir(list)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0)
			remove_empty(dirfd(list), entry->d_name, depth);
	closedir(list);
}

/* Where nothing runs any more there is nothing to kill, which is so as a rule. */
static int remove_group(int folder, const char *group)
{
	int64_t until_ns = pen_now_ns() + REMOVE_NS;
	int r = unlinkat(folder, group, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -EBUSY;

	while (r < 0 && pen_now_ns() < until_ns) {
		write_in(folder, group, "cgroup.kill", "1");
		r = is_populated(folder, group) ? -EBUSY : remove_empty(folder, group, 0);
		if (r < 0 && pen_sleep(NULL, LOOK_NS) < 0)
			break;
	}
	if (r < 0)
		log_warning("work", "a control group could not be removed", "group=%s error=%s", group,
			strerror(-r));
	return r;
}

static void remove_left_over(int folder)
{
	DIR *list = open_list(folder, ".");
	const struct dirent *entry;
	size_t n = 0;

	if (!list)
		return;
	while ((entry = readdir(list)))
		if (strncmp(entry->d_name, OF_JOB, strlen(OF_JOB)) == 0)
			n += remove_group(folder, entry->d_name) == 0;
	closedir(list);
	if (n > 0)
		log_notice("work", "what a former daemon has left running was ended", "commands=%zu", n);
}

static int take_lock(struct cgroups *cgroups)
{
	if (mkdirat(cgroups->fd, LOCK, 0700) < 0 && errno != EEXIST)
		return -errno;
	cgroups->lock = openat(cgroups->fd, LOCK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return cgroups->lock < 0 || flock(cgroups->lock, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int take(struct cgroups *cgroups, bool in_leaf)
{
	int r;

	cgroups->fd = open(cgroups->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = cgroups->fd < 0 ? -errno : take_lock(cgroups);
	if (r == 0 && !in_leaf)
		r = move_to_leaf(cgroups->fd);
	if (r < 0)
		return r;
	remove_left_over(cgroups->fd);
	enable_controllers(cgroups->fd);
	return 0;
}

struct cgroups *cgroups_open(void)
{
	CLEANUP(freep) char *path = malloc(PATH_MAX);
	struct cgroups *cgroups;
	bool in_leaf;
	int r;

	if (!path || !find(path, &in_leaf))
		return NULL;
	cgroups = malloc(sizeof *cgroups + strlen(path) + 1);
	if (!cgroups)
		return NULL;
	cgroups->lock = -1;
	strcpy(cgroups->path, path);
	r = take(cgroups, in_leaf);
	if (r == 0) {
		log_info("work", "commands have control groups of their own", "below=%s", path);
		return cgroups;
	}
	log_warning("work", "the control group that was delegated cannot be used", "group=%s error=%s", path,
		strerror(-r));
	cgroups_free(cgroups);
	return NULL;
}

void cgroups_free(struct cgroups *cgroups)
{
	if (cgroups) {
		fd_close(cgroups->lock);
		fd_close(cgroups->fd);
	}
	free(cgroups);
}

/* A group of this name is that of a former attempt, which could not be removed. */
static int make(int folder, const char *group)
{
	if (mkdirat(folder, group, 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	remove_group(folder, group);
	return mkdirat(folder, group, 0755) < 0 ? -errno : 0;
}

/* The limit of the user's processes holds anyway; it is not that of root's, and not of the command alone. */
static void limit(const struct cgroup *cgroup, const struct command_def *def)
{
	char number[24];

	snprintf(number, sizeof number, "%" PRIu64, def->limits.processes);
	if (def->limits.processes > 0)
		write_in(cgroup->all->fd, cgroup->name, "pids.max", number);
}

int cgroup_new(struct cgroups *cgroups, const struct uuid *job, const struct command_def *def,
	struct cgroup **ret_cgroup)
{
	size_t path_size = strlen(cgroups->path) + sizeof "/" + sizeof((struct cgroup *)0)->name;
	struct cgroup *cgroup = malloc(sizeof *cgroup + path_size);
	char id[UUID_TEXT];
	int r;

	if (!cgroup)
		return -ENOMEM;
	uuid_format(job, id);
	cgroup->all = cgroups;
	fit_print(cgroup->name, sizeof cgroup->name, OF_JOB "%s", id);
	fit_print(cgroup->path, path_size, "%s/%s", cgroups->path, cgroup->name);
	r = make(cgroups->fd, cgroup->name);
	if (r < 0) {
		free(cgroup);
		return r;
	}
	limit(cgroup, def);
	*ret_cgroup = cgroup;
	return 0;
}

const char *cgroup_path(const struct cgroup *cgroup)
{
	return cgroup ? cgroup->path : NULL;
}

static void read_in(const struct cgroup *cgroup, const char *name, char text[static TEXT_MAX])
{
	char path[FILE_MAX];

	fit_print(path, sizeof path, "%s/%s", cgroup->name, name);
	if (read_text(cgroup->all->fd, path, text, TEXT_MAX) < 0)
		text[0] = '\0';
}

static int64_t read_number(const struct cgroup *cgroup, const char *name, char text[static TEXT_MAX])
{
	read_in(cgroup, name, text);
	return *text ? strtoll(text, NULL, 10) : -1;
}

static void measure(const struct cgroup *cgroup, struct cgroup_usage *usage)
{
	CLEANUP(freep) char *text = malloc(TEXT_MAX);

	if (!text)
		return;
	usage->known = true;
	usage->memory_peak_bytes = read_number(cgroup, "memory.peak", text);
	usage->processes_peak = read_number(cgroup, "pids.peak", text);
	read_in(cgroup, "cpu.stat", text);
	usage->user_us = cgroup_text_value(text, "user_usec");
	usage->system_us = cgroup_text_value(text, "system_usec");
}

void cgroup_end(struct cgroup *cgroup, struct cgroup_usage *ret_usage)
{
	*ret_usage = (struct cgroup_usage){0};
	if (!cgroup)
		return;
	measure(cgroup, ret_usage);
	remove_group(cgroup->all->fd, cgroup->name);
	free(cgroup);
}
