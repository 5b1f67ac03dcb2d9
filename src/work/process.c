/* process.c - see process.h. */
#include "work/process.h"

#include <errno.h>
#include <fcntl.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "work/supervisor.h"

#define KILL_ALL SIGUSR1               /* to penstock-exec */
#define KILL_TIME_NS (10 * PEN_SECOND) /* that it has for it */

struct pipes {
	int in[2], out[2], err[2], report[2];
};

static void pipes_close(struct pipes *pipes)
{
	int *all[] = {pipes->in, pipes->out, pipes->err, pipes->report};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t end = 0; end < 2; end++)
			all[i][end] = fd_close(all[i][end]);
}

/* Our end does not block; the command's does, as commands expect. */
static int open_pipe(int ends[2], int ours)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	return fcntl(ends[ours], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int pipes_open(struct pipes *pipes, bool with_stdin)
{
	int r = 0;

	*pipes = (struct pipes){
		.in = {-1, -1},
                  .out = {-1, -1},
                  .err = {-1, -1},
                  .report = {-1, -1}
        };
	if (with_stdin)
		r = open_pipe(pipes->in, 1);
	if (r == 0)
		r = open_pipe(pipes->out, 0);
	if (r == 0)
		r = open_pipe(pipes->err, 0);
	if (r == 0)
		r = open_pipe(pipes->report, 0);
	if (r < 0)
		pipes_close(pipes);
	return r;
}

/* In this order: what is given to a number has no more use for what was there. */
static int set_actions(posix_spawn_file_actions_t *actions, const struct pipes *pipes)
{
	const struct {
		int from, to;
	} moves[] = {
		{pipes->out[1],    STDOUT_FILENO },
		{pipes->err[1],    STDERR_FILENO },
		{pipes->report[1], EXEC_REPORT_FD},
	};
	int r;

	if (pipes->in[0] >= 0)
		r = posix_spawn_file_actions_adddup2(actions, pipes->in[0], STDIN_FILENO);
	else
		r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(moves); i++)
		r = posix_spawn_file_actions_adddup2(actions, moves[i].from, moves[i].to);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(actions, EXEC_REPORT_FD + 1);
	return -r;
}

/* penstock-exec waits for its signals, and is to miss none before it does; the command gets none blocked. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all;
	int r;

	sigfillset(&all);
	r = posix_spawnattr_setsigdefault(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setflags(
			attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return -r;
}

static int spawn(char *const argv[], char *const env[], const struct pipes *pipes, pid_t *ret_pid)
{
	static char *const no_environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -r;
	}
	r = set_actions(&actions, pipes);
	if (r == 0)
		r = set_attributes(&attributes);
	if (r == 0)
		r = -posix_spawn(ret_pid, argv[0], &actions, &attributes, argv, env ? env : no_environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int spawn_watched(
	char *const argv[], char *const env[], const struct pipes *pipes, struct process *ret_process)
{
	pid_t pid;
	int r = spawn(argv, env, pipes, &pid), pid_fd;

	if (r < 0)
		return r;
	pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pid_fd < 0) { /* it cannot be watched, so it must not run */
		r = -errno;
		kill(pid, KILL_ALL);
		waitpid(pid, NULL, 0);
		return r;
	}
	*ret_process = (struct process){.pid = pid, .pid_fd = pid_fd};
	return 0;
}

/* Take an end out of `pipes`, which is about to be closed. */
static int take(int *end)
{
	int fd = *end;

	*end = -1;
	return fd;
}

int process_start(
	const char *supervisor, const struct process_plan *plan, bool with_stdin, struct process *ret_process)
{
	CLEANUP(freep) char **call = supervisor_argv(supervisor, plan);
	struct pipes pipes;
	int r = call ? pipes_open(&pipes, with_stdin) : -ENOMEM;

	if (r < 0)
		return r;
	r = spawn_watched(call, plan->def->env, &pipes, ret_process);
	if (r == 0) {
		ret_process->in = take(&pipes.in[1]);
		ret_process->out = take(&pipes.out[0]);
		ret_process->err = take(&pipes.err[0]);
		ret_process->report = take(&pipes.report[0]);
	}
	pipes_close(&pipes);
	return r;
}

int process_wait(struct pen_ctx *ctx, const struct process *process)
{
	return pen_io_wait(ctx, process->pid_fd, PEN_IO_READ);
}

static bool ended_by(const struct process *process, int64_t deadline_ns)
{
	return pen_io_wait_until(NULL, process->pid_fd, PEN_IO_READ, deadline_ns) == 0;
}

/* The command's own processes may have stopped it. */
static void tell(const struct process *process, int number)
{
	kill(process->pid, number);
	kill(process->pid, SIGCONT);
}

void process_end(const struct process *process, int64_t kill_at_ns)
{
	tell(process, SIGTERM);
	if (ended_by(process, kill_at_ns))
		return;
	tell(process, KILL_ALL);
	if (ended_by(process, pen_now_ns() + KILL_TIME_NS))
		return;
	kill(process->pid, SIGKILL);
	while (process_wait(NULL, process) < 0)
		pen_yield(); /* no memory to wait with; it will not be long */
}

/* There are two at most; without one the step is that of a start that nobody told of. */
static struct exec_report read_report(const struct process *process)
{
	struct exec_report last = {.step = EXEC_STEPS}, next;

	while (read(process->report, &next, sizeof next) == sizeof next)
		last = next;
	return last;
}

struct exec_report process_reap(struct process *process)
{
	struct exec_report report = read_report(process);

	if (report.step == EXEC_STARTED)
		kill(-report.pid, SIGKILL);
	while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
	process->pid_fd = fd_close(process->pid_fd);
	process->in = fd_close(process->in);
	process->out = fd_close(process->out);
	process->err = fd_close(process->err);
	process->report = fd_close(process->report);
	return report;
}
