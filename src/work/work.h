/*
 * work.h - doing one attempt of a job, whatever its kind: one file a kind, one row a kind in kinds.c.
 */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include <penstock/ctx.h>

#include "core/command.h"
#include "core/outcome.h"

struct work_options {
	size_t http_body_max;     /* bytes kept of an answer's body */
	int64_t command_grace_ns; /* from TERM to KILL */
	const char *supervisor;   /* penstock-exec; NULL: where it is found */
};

struct work;

/* What the kinds need on every loop (curl handles, ...).  In a task; gives a work, or -errno. */
int work_new(const struct work_options *options, struct work **ret_work);
void work_free(struct work *work); /* after the last attempt; NULL is allowed; in a task */

/*
 * Check a job's spec against the definition, and where the paths in it lead: command_check(), then a look at the file
 * system.  0 or -EINVAL with a pointer below "/spec" in reterr.
 */
int work_check_command(
	const struct command_def *def, const struct command_spec *spec, struct problem *reterr);

/* Whether commands can be run here: 0, or -errno and in reterr what is missing. */
int work_can_run_commands(struct problem *reterr);

/*
 * Run one attempt of `job` in the calling task and fill `*outcome` (zeroed by the caller).  Ends soon after `ctx` does: OUTCOME_TIMEOUT
 * when by its deadline, OUTCOME_CANCELLED otherwise; nothing of the attempt is left running.  `command` is the
 * definition for a command job (borrowed), NULL when the configuration no longer has it: the attempt fails with code
 * "no-such-command".
 */
void work_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome);

#endif
