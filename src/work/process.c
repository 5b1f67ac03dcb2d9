/* process.c - see process.h. */
#include "work/process.h"

#include <errno.h>
#include <fcntl.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

struct pipes {
	int in[2], out[2], err[2];
};

static void pipes_close(struct pipes *pipes)
{
	int *all[] = {pipes->in, pipes->out, pipes->err};

	for (size_t i = 0; i < 3; i++)
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
                  .err = {-1, -1}
        };
	if (with_stdin)
		r = open_pipe(pipes->in, 1);
	if (r == 0)
		r = open_pipe(pipes->out, 0);
	if (r == 0)
		r = open_pipe(pipes->err, 0);
	if (r < 0)
		pipes_close(pipes);
	return r;
}

static int set_actions(
	posix_spawn_file_actions_t *actions, const struct command_def *def, const struct pipes *pipes)
{
	int r;

	if (pipes->in[0] >= 0)
		r = posix_spawn_file_actions_adddup2(actions, pipes->in[0], STDIN_FILENO);
	else
		r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, pipes->out[1], STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, pipes->err[1], STDERR_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	if (r == 0)
		r = posix_spawn_file_actions_addchdir_np(actions, def->directory ? def->directory : "/");
	return -r;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int r;

	sigfillset(&all);
	sigemptyset(&none);
	r = posix_spawnattr_setsigdefault(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setflags(
			attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return -r;
}

static int spawn(const struct command_def *def, char *const argv[], const struct pipes *pipes, pid_t *ret_pid)
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
	r = set_actions(&actions, def, pipes);
	if (r == 0)
		r = set_attributes(&attributes);
	if (r == 0)
		r = -posix_spawn(ret_pid, def->exec, &actions, &attributes, argv,
			def->env ? def->env : no_environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int spawn_watched(const struct command_def *def, char *const argv[], const struct pipes *pipes,
	struct process *ret_process)
{
	pid_t pid;
	int r = spawn(def, argv, pipes, &pid), pid_fd;

	if (r < 0)
		return r;
	pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pid_fd < 0) { /* it cannot be watched, so it must not run */
		r = -errno;
		kill(-pid, SIGKILL);
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
	const struct command_def *def, char *const argv[], bool with_stdin, struct process *ret_process)
{
	struct pipes pipes;
	int r = pipes_open(&pipes, with_stdin);

	if (r < 0)
		return r;
	r = spawn_watched(def, argv, &pipes, ret_process);
	if (r == 0) {
		ret_process->in = take(&pipes.in[1]);
		ret_process->out = take(&pipes.out[0]);
		ret_process->err = take(&pipes.err[0]);
	}
	pipes_close(&pipes);
	return r;
}

int process_wait(struct pen_ctx *ctx, const struct process *process)
{
	return pen_io_wait(ctx, process->pid_fd, PEN_IO_READ);
}

void process_end(const struct process *process, int64_t kill_at_ns)
{
	kill(-process->pid, SIGTERM);
	if (pen_io_wait_until(NULL, process->pid_fd, PEN_IO_READ, kill_at_ns) == 0)
		return;
	process_kill_group(process);
	while (process_wait(NULL, process) < 0)
		pen_yield(); /* no memory to wait with; it will not be long */
}

void process_kill_group(const struct process *process)
{
	kill(-process->pid, SIGKILL);
}

int process_reap(struct process *process, struct rusage *ret_rusage)
{
	int status = 0;

	while (wait4(process->pid, &status, 0, ret_rusage) < 0 && errno == EINTR)
		;
	process->pid_fd = fd_close(process->pid_fd);
	process->in = fd_close(process->in);
	process->out = fd_close(process->out);
	process->err = fd_close(process->err);
	return status;
}
