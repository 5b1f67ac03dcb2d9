/* spawner.h - penstock-exec as the daemon's end of it: one process that starts all commands, itself started at the first of them. */
#ifndef WORK_SPAWNER_H
#define WORK_SPAWNER_H

#include <stdint.h>

#include "exec/request.h"
#include "work/supervisor.h"

struct spawner;

/* `path` is penstock-exec's; it is copied.  Gives it, or -ENOMEM. */
int spawner_new(const char *path, struct spawner **ret_spawner);

/* When all commands have ended: end the process.  NULL is allowed. */
void spawner_free(struct spawner *spawner);

const char *spawner_path(const struct spawner *spawner);

/*
 * Ask for the start of what the plan says.  `passed` are the streams and where its report goes (exec/request.h); they stay the caller's,
 * who closes them.  posix_spawn at the first, never fork, so that a large daemon starts a process as fast as a small one.  From any loop, in a task.
 * Gives the command's key; 0 or -errno, of penstock-exec alone: whether the command could be started is in its report.
 */
int spawner_start(struct spawner *spawner, const struct process_plan *plan, const int passed[EXEC_BODY],
	uint64_t *ret_key);

/* Send a signal to the init of the command that has this key; nothing if it has ended.  0, -ESRCH: who has started it has ended, or -errno. */
int spawner_signal(struct spawner *spawner, uint64_t key, int number);

#endif
