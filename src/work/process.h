/*
 * process.h - one process of an allow-listed command: started without a shell, watched by pidfd, ended with its whole group.
 */
#ifndef WORK_PROCESS_H
#define WORK_PROCESS_H

#include <penstock/ctx.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/command.h"

struct process {
	pid_t pid;        /* also its process group and session */
	int pid_fd;       /* readable once it has ended */
	int in, out, err; /* our ends of its pipes, non-blocking; in is -1 when it reads /dev/null */
};

/*
 * Start `argv` as `def` says, in a session of its own, with no descriptor but the three, default signals, and def's environment.
 * posix_spawn, never fork: a large daemon starts a process as fast as a small one.  Whoever writes to `in` must have SIGPIPE
 * ignored, as the daemon has.  0 or -errno; -ENOENT and -EACCES are about the executable or the working folder.
 */
int process_start(
	const struct command_def *def, char *const argv[], bool with_stdin, struct process *ret_process);

/* Wait until it has ended or `ctx` has.  It stays a zombie, so its group's number cannot be another's.  0 or -errno. */
int process_wait(struct pen_ctx *ctx, const struct process *process);

/* TERM to the group, and KILL if the process has not ended by `kill_at_ns`.  Returns when it has. */
void process_end(const struct process *process, int64_t kill_at_ns);

/* KILL what is left of the group, before the process is reaped.  What has left the session by itself is not reached. */
void process_kill_group(const struct process *process);

/* Take the zombie away and close what is open.  Gives its status as of waitpid(2). */
int process_reap(struct process *process, struct rusage *ret_rusage);

#endif
