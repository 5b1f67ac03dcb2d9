/*
 * main.c - penstock-exec: starts one command for the daemon and is its init.  All that the command starts, however it detaches
 * itself, stays below this process, and nothing of it outlives the command.
 *
 *   penstock-exec -p PARENT [-c CGROUP] [-d FOLDER] [-m UMASK] [-l RESOURCE=SOFT:HARD]... [-u UID:GID:GROUP,...] PROGRAM ARGUMENT...
 *
 * Its own environment is the command's: an argument could be read by every user of the system.  It is started with all signals
 * blocked, and its report goes to descriptor 3.  SIGTERM is passed on to all processes, which then may end in their time; SIGUSR1, also
 * sent by the daemon's death, kills them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/cgroup.h"
#include "exec/exec.h"
#include "exec/tree.h"

enum exit_code { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_DUMB = 3 };

enum { CGROUP_KILLS = 8 }; /* until who is left must have left the control group */

#define ROUND_NS 5000000 /* between two looks for what a killed process has left behind */

/* How the numbers of an argument are divided; moves behind the divider. */
static unsigned long number(const char **at, int base, char divider)
{
	char *end;
	unsigned long value = strtoul(*at, &end, base);

	*at = *end == divider && divider ? end + 1 : end;
	return value;
}

static bool read_limit(struct settings *settings, const char *text)
{
	struct limit *limit = &settings->limits[settings->n_limits];

	if (settings->n_limits == LIMITS_MAX)
		return false;
	limit->resource = (int)number(&text, 10, '=');
	limit->value.rlim_cur = number(&text, 10, ':');
	limit->value.rlim_max = number(&text, 10, '\0');
	settings->n_limits++;
	return !*text;
}

static bool read_user(struct settings *settings, const char *text)
{
	settings->has_user = true;
	settings->user = (uid_t)number(&text, 10, ':');
	settings->group = (gid_t)number(&text, 10, ':');
	while (*text && settings->n_groups < GROUPS_MAX)
		settings->groups[settings->n_groups++] = (gid_t)number(&text, 10, ',');
	return !*text;
}

static bool read_option(struct settings *settings, int option, const char *text)
{
	switch (option) {
	case 'p':
		settings->parent = (pid_t)number(&text, 10, '\0');
		return settings->parent > 0 && !*text;
	case 'c':
		settings->cgroup = text;
		return true;
	case 'd':
		settings->folder = text;
		return true;
	case 'm':
		settings->has_umask = true;
		settings->umask = (mode_t)number(&text, 8, '\0');
		return !*text;
	case 'l':
		return read_limit(settings, text);
	case 'u':
		return read_user(settings, text);
	default:
		return false;
	}
}

static bool read_settings(int argc, char **argv, struct settings *settings)
{
	int option;

	opterr = 0;
	*settings = (struct settings){.folder = "/", .env = environ};
	while ((option = getopt(argc, argv, "+p:c:d:m:l:u:")) != -1)
		if (!read_option(settings, option, optarg))
			return false;
	settings->argv = &argv[optind];
	return settings->parent > 0 && optind < argc;
}

/* If the daemon was gone before it could be asked to tell us, somebody else is the parent. */
static bool become_init(const struct settings *settings)
{
	return fcntl(EXEC_REPORT_FD, F_SETFD, FD_CLOEXEC) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 &&
	       prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0 && getppid() == settings->parent;
}

static void tell(const struct exec_report *report)
{
	while (write(EXEC_REPORT_FD, report, sizeof *report) < 0 && errno == EINTR)
		;
}

struct family {
	pid_t command;
	const char *cgroup; /* NULL: none */
	int kills;          /* how often all were killed */
	bool ended;         /* the command itself; how is in `status` */
	bool told, kill;    /* all have been told to end; all are to be killed */
	int status;
};

/* Take away who has ended.  Whether there is anybody left. */
static bool reap(struct family *family)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == family->command) {
			family->ended = true;
			family->status = status;
		}
	return pid == 0;
}

/*
 * A control group ends as a whole.  Who has left it, which its owner may, is found below this process, as all are that have none.  Without
 * /proc only the command's process group is known.
 */
static bool kill_all(struct family *family)
{
	if (family->cgroup && cgroup_kill(family->cgroup) == 0 && family->kills++ < CGROUP_KILLS)
		return true;
	return tree_kill() > 0 || (kill(-family->command, SIGKILL) == 0 && !family->ended);
}

/* To the command's group in one go, which who is just being forked cannot miss; to who has left it, one by one. */
static void pass_on_term(const struct family *family)
{
	kill(-family->command, SIGTERM);
	tree_signal(SIGTERM, family->command);
}

static void await_signal(struct family *family)
{
	const struct timespec round = {.tv_nsec = ROUND_NS};
	int signal;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	signal = sigtimedwait(&set, NULL, family->kill ? &round : NULL);
	if (signal == SIGTERM && !family->kill) {
		family->told = true;
		pass_on_term(family);
	}
	family->kill = family->kill || signal == SIGUSR1;
}

/* Until all have ended, each of which becomes a child of this process when it loses its parent. */
static void see_to_its_end(struct family *family)
{
	while (reap(family)) {
		family->kill = family->kill || (family->ended && !family->told);
		if (family->kill && !kill_all(family))
			break;
		await_signal(family);
	}
}

static int64_t microseconds(const struct timeval *time)
{
	return time->tv_sec * INT64_C(1000000) + time->tv_usec;
}

static void tell_end(const struct family *family)
{
	struct exec_report report = {.step = EXEC_ENDED, .pid = family->command, .status = family->status};
	struct rusage usage;

	if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
		report.user_us = microseconds(&usage.ru_utime);
		report.system_us = microseconds(&usage.ru_stime);
		report.max_resident_bytes = usage.ru_maxrss * INT64_C(1024);
	}
	tell(&report);
}

/* The pipes are the command's: whoever reads them shall see their end when it and its children have closed them. */
static void close_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
}

int main(int argc, char **argv)
{
	static const char wrong[] =
		"penstock-exec: started by penstockd for each command; not for use by hand\n";
	struct settings settings;
	struct family family = {0};
	struct exec_report report;

	if (!read_settings(argc, argv, &settings))
		return write(STDERR_FILENO, wrong, sizeof wrong - 1) < 0 ? EXIT_DUMB : EXIT_USAGE;
	if (!become_init(&settings))
		return EXIT_DONE;
	family.cgroup = settings.cgroup;
	family.command = start(&settings, &report);
	tell(&report);
	close_streams();
	see_to_its_end(&family);
	if (report.step == EXEC_STARTED)
		tell_end(&family);
	return EXIT_DONE;
}
