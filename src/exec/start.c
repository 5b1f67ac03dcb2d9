/*
 * start.c - the command's process: made by vfork, which costs the same whatever the size of the caller, and given all that
 * posix_spawn cannot give before it becomes the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/cgroup.h"
#include "exec/exec.h"

/* The two that the C library keeps for itself, and that posix_spawn leaves ignored, are only reached past it. */
static void default_signals(void)
{
	static const unsigned long by_default[4]; /* what the kernel takes for an action, all zero */
	sigset_t none;

	for (int number = 32; number <= 33; number++)
		syscall(SYS_rt_sigaction, number, by_default, NULL, 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool set_limits(const struct settings *settings, volatile struct exec_report *report)
{
	for (size_t i = 0; i < settings->n_limits; i++) {
		report->detail = settings->limits[i].resource;
		if (setrlimit((__rlimit_resource_t)settings->limits[i].resource, &settings->limits[i].value) <
			0)
			return false;
	}
	return true;
}

/* Past the C library, whose calls would speak to other threads, which there are not. */
static bool set_user(const struct settings *settings)
{
	if (!settings->has_user)
		return true;
	return syscall(SYS_setgroups, settings->n_groups, settings->groups) == 0 &&
	       syscall(SYS_setresgid, settings->group, settings->group, settings->group) == 0 &&
	       syscall(SYS_setresuid, settings->user, settings->user, settings->user) == 0;
}

/* If the init is killed, so is the command: before it runs, too, as the memory that it has its settings in is then another's. */
static bool die_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

/*
 * Nothing that the daemon may do beyond what its user may goes on to a command: no capabilities, and none to be had from a
 * setuid program.
 */
static bool confine(void)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* Returns only when a step failed; which one is in the report. */
static void become(const struct settings *settings, pid_t parent, volatile struct exec_report *report)
{
	if (!die_with(parent))
		return;
	setsid();
	if (settings->has_umask)
		umask(settings->umask);
	report->step = EXEC_CGROUP;
	if (settings->cgroup && cgroup_join(settings->cgroup) < 0)
		return;
	report->step = EXEC_LIMIT;
	if (!set_limits(settings, report))
		return;
	report->step = EXEC_USER;
	if (!set_user(settings) || !confine() ||
		!die_with(parent)) /* which the change of the user takes back */
		return;
	report->step = EXEC_FOLDER;
	if (chdir(settings->folder) < 0)
		return;
	default_signals();
	report->step = EXEC_PROGRAM;
	execve(settings->argv[0], settings->argv, settings->env);
}

pid_t start(const struct settings *settings, struct exec_report *report)
{
	volatile struct exec_report child = {.step = EXEC_FORK}; /* which writes it, in our memory */
	pid_t parent = getpid(), pid = vfork();

	if (pid == 0) {
		*(volatile pid_t *)&report->pid = getpid(); /* we may be killed before we can */
		become(settings, parent, &child);
		child.error = errno;
		_exit(127);
	}
	if (pid < 0)
		child.error = errno;
	*report = (struct exec_report){
		.step = child.error ? child.step : EXEC_STARTED,
		.error = child.error,
		.detail = child.detail,
		.pid = pid,
	};
	return pid;
}
