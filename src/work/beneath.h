/* beneath.h - where the paths lead that a job names for its command: they may not leave the folders that the operator names. */
#ifndef WORK_BENEATH_H
#define WORK_BENEATH_H

#include "base/problem.h"
#include "core/command.h"

/*
 * Check a spec that passed command_check(): as far as its paths are there, they are below their folders, whatever links are among
 * them.  What is not there yet is below, too.  0, or -EINVAL and the argument in reterr.
 */
int beneath_check(const struct command_def *def, const struct command_spec *spec, struct problem *reterr);

#endif
