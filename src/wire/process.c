/* process.c - see process.h; from /proc/self, see proc(5). */
#include "wire/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

static void read_cpu(struct process *process)
{
	struct timespec used;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0)
		process->cpu_seconds = (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void read_memory(struct process *process)
{
	CLEANUP(fd_closep) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned long long size, resident;
	char text[128];
	ssize_t bytes = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (bytes <= 0)
		return;
	text[bytes] = '\0';
	if (sscanf(text, "%llu %llu", &size, &resident) != 2)
		return;
	process->virtual_bytes = size * page;
	process->resident_bytes = resident * page;
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static uint64_t count_fds(void)
{
	CLEANUP(closedirp) DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	return n > 0 ? n - 1 : 0; /* without the one that reads */
}

static void read_fds(struct process *process)
{
	struct rlimit limit;
	struct stat about;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		process->max_fds = limit.rlim_cur;
	/* The size is their number since Linux 6.2, which saves walking thousands of connections. */
	if (stat("/proc/self/fd", &about) == 0 && about.st_size > 0)
		process->open_fds = (uint64_t)about.st_size;
	else
		process->open_fds = count_fds();
}

void process_read(struct process *ret_process)
{
	*ret_process = (struct process){0};
	read_cpu(ret_process);
	read_memory(ret_process);
	read_fds(ret_process);
}
