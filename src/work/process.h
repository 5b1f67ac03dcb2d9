/*
 * process.h - one process of an allow-listed command: started without a shell by penstock-exec, which is its init, and which is what
 * is watched here, by pidfd.
 */
#ifndef WORK_PROCESS_H
#define WORK_PROCESS_H

#include <penstock/ctx.h>
#include <sys/types.h>

#include "core/command.h"
#include "exec/report.h"
#include "work/supervisor.h"

struct process {
	pid_t pid;        /* of penstock-exec */
	int pid_fd;       /* readable once all that the command has started has ended */
	int in, out, err; /* our ends of its pipes, non-blocking; in is -1 when it reads /dev/null */
	int report;       /* our end of what penstock-exec tells */
};

/*
 * Start the command as the plan says by the penstock-exec at `supervisor`, in a session of its own, with no descriptor but the three, default
 * signals, and its environment.  posix_spawn, never fork: a large daemon starts a process as fast as a small one.  Whoever writes
 * to `in` must have SIGPIPE ignored, as the daemon has.  0 or -errno, of penstock-exec alone: whether the command could be started
 * is in its report.
 */
int process_start(const char *supervisor, const struct process_plan *plan, bool with_stdin,
	struct process *ret_process);

/* Wait until it has ended or `ctx` has.  0 or -errno. */
int process_wait(struct pen_ctx *ctx, const struct process *process);

/* TERM to all that the command has started, and KILL if some of it has not ended by `kill_at_ns`.  Returns when all has. */
void process_end(const struct process *process, int64_t kill_at_ns);

/*
 * Take the zombie away and give the last report; close what is open.  If penstock-exec was itself killed, which nobody but root and
 * the processes of its own user can do, there is no report of an end, and what is left of the command's group is killed.
 */
struct exec_report process_reap(struct process *process);

#endif
