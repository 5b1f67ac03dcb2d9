/* supervisor.h - penstock-exec, which starts commands and ends all that they have started: where it is, and how it is told. */
#ifndef WORK_SUPERVISOR_H
#define WORK_SUPERVISOR_H

#include <limits.h>

#include "base/problem.h"
#include "core/command.h"
#include "core/outcome.h"
#include "exec/report.h"

/*
 * Find it: beside the running program, as in a build folder, else where it is installed.  Gives its path, or -errno with
 * the reason in reterr.
 */
int supervisor_find(char path[static PATH_MAX], struct problem *reterr);

/* What is to be started; all is borrowed. */
struct process_plan {
	const struct command_def *def;
	char *const *argv;  /* of the command */
	const char *cgroup; /* the folder of its control group; NULL: none of its own */
};

/*
 * Give the words, by which it starts what the plan says; to be freed with free().  Borrows what is in the others.  NULL when out of
 * memory.
 */
char **supervisor_argv(const char *path, const struct process_plan *plan);

/* It reported that a step of the start has failed: say so in words of the configuration. */
void supervisor_explain(
	const struct exec_report *report, const struct command_def *def, struct outcome *outcome);

#endif
