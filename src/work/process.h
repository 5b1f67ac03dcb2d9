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
 * posix_spawn, never fork: a large daemon starts a process as fast as a small one.  0 or -errno; -ENOENT and -EACCES are about
 * the executable or the working folder.
 */
int process_start(
	const struct command_def *def, char *const argv[], bool with_stdin, struct process *ret_process);

/* Wait until it has ended or `ctx` has.  It stays a zombie, so its group's number cannot be another's. */
int process_wait(struct pen_ctx *ctx, const struct process *process);

/* TERM to the group, and KILL when it has not ended `grace_ns` later.  Returns when the process has ended. */
void process_end(const struct process *process, int64_t grace_ns);

/* KILL what is left of the group after the process itself has ended. */
void process_kill_group(const struct process *process);

/* Take the zombie away and close what is open.  Gives its status as of waitpid(2). */
int process_reap(struct process *process, struct rusage *ret_rusage);

#endif
