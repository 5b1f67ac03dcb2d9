/* folder.h - what the commands that work on a state folder share. */
#ifndef CTL_FOLDER_H
#define CTL_FOLDER_H

#include "ctl/ctl.h"
#include "store/offline.h"

/*
 * Read the command's options, of which there is one: --state-dir.  CTL_OK, or CTL_USAGE and why was said.  Retention is as far away
 * as can be, for nothing shall be forgotten on the way.
 */
int folder_options(struct ctl *ctl, int argc, char **argv, struct store_options *ret_options);

/* Say what the problem is; returns CTL_FAILED. */
int folder_fail(struct ctl *ctl, const struct store_options *options, const struct problem *problem);

#endif
