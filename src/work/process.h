/*
 * process.h - one process of an allow-listed command: started without a shell by penstock-exec, and watched here by the report that
 * comes when it has ended, with all that it has started.
 */
#ifndef WORK_PROCESS_H
#define WORK_PROCESS_H

#include <penstock/ctx.h>
#include <sys/types.h>

#include "exec/report.h"
#include "work/spawner.h"

struct process {
	struct spawner *spawner;
	uint64_t key;     /* by which that knows it */
	int in, out, err; /* our ends of its pipes, non-blocking; in is -1 when it reads /dev/null */
	int report;       /* readable once all that the command has started has ended */
};

/*
 * Start the command as the plan says, in a session of its own, with no descriptor but the three, default signals, and its
 * environment.  Whoever writes to `in` must have SIGPIPE ignored, as the daemon has.  0 or -errno, of penstock-exec alone: whether the
 * command could be started is in its report.
 */
int process_start(struct spawner *spawner, const struct process_plan *plan, bool with_stdin,
	struct process *ret_process);

/* Wait until it has ended or `ctx` has.  0 or -errno. */
int process_wait(struct pen_ctx *ctx, const struct process *process);

/* TERM to all that the command has started, and KILL if some of it has not ended by `kill_at_ns`.  Returns when all has. */
void process_end(const struct process *process, int64_t kill_at_ns);

/*
 * Take the report and close what is open.  If its init was itself killed, which nobody but root and the processes of its own user can do, the
 * report is not of an end, and what was left of the command's process group has been killed.
 */
struct exec_report process_reap(struct process *process);

#endif
