/*
 * init.c - the init of a command.  All that the command starts, however it detaches itself, stays below this process, and
 * nothing of it outlives the command.  SIGTERM is passed on to all processes, which then may end in their time; SIGUSR1 kills them, and
 * so does the death of who started it, of which SIGCONT tells.
 *
 * It shares its memory with others (see serve.c), any of which may be killed at any time: so no allocation, and nothing that locks.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/cgroup.h"
#include "exec/exec.h"
#include "exec/tree.h"

enum { CGROUP_KILLS = 8 }; /* until who is left must have left the control group */

#define ROUND_NS 5000000 /* between two looks for what a killed process has left behind */

/*
 * If who has started it was gone before it could be asked to tell us, somebody else is the parent.  SIGCONT is heard though the command has
 * stopped its init; one that stops it again and again may win, see work/process.c.
 */
static bool become_init(pid_t parent)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && prctl(PR_SET_PDEATHSIG, SIGCONT) == 0 &&
	       getppid() == parent;
}

struct family {
	pid_t parent, command;
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
	sigaddset(&set, SIGCONT);
	signal = sigtimedwait(&set, NULL, family->kill ? &round : NULL);
	if (signal == SIGTERM && !family->kill) {
		family->told = true;
		pass_on_term(family);
	}
	family->kill = family->kill || signal == SIGUSR1 || getppid() != family->parent;
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

static void tell_end(const struct family *family, struct exec_report *report)
{
	struct rusage usage;

	report->status = family->status;
	if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
		report->user_us = microseconds(&usage.ru_utime);
		report->system_us = microseconds(&usage.ru_stime);
		report->max_resident_bytes = usage.ru_maxrss * INT64_C(1024);
	}
	report->step = EXEC_ENDED;
}

/* The pipes are the command's: whoever reads them shall see their end when it and its children have closed them. */
static void close_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
}

void init_run(const struct settings *settings, pid_t parent, struct exec_report *report)
{
	struct family family = {.parent = parent, .cgroup = settings->cgroup};

	if (!become_init(parent))
		return;
	family.command = start(settings, report);
	close_streams();
	see_to_its_end(&family);
	if (report->step == EXEC_STARTED)
		tell_end(&family, report);
}
