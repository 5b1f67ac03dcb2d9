/* bulk.h - many jobs from a file, for `submit --bulk`. */
#ifndef CTL_BULK_H
#define CTL_BULK_H

#include <stdbool.h>

#include "ctl/ctl.h"

/*
 * Submit the jobs of a file, one a line; "-" is standard input.  Some at a time, or where it is `atomic` all at once or none.  The
 * answers are printed as they come, a line each.  CTL_OK: all were accepted; CTL_FAILED, and why was said.
 */
int bulk_submit(struct ctl *ctl, const char *path, bool atomic);

#endif
