/*
 * logs.h - the logs of commands, by job, while it runs or somebody follows it.
 *
 * Any task or thread; one lock, held for a look into a table.
 */
#ifndef GATE_LOGS_H
#define GATE_LOGS_H

#include "base/uuid.h"
#include "work/live.h"

struct logs;

struct logs *logs_new(void);       /* NULL: out of memory */
void logs_free(struct logs *logs); /* NULL is allowed; all must have been put back */

/* Find the log of a job, or make it; to be put back as often as it was taken.  NULL: out of memory. */
struct live *logs_take(struct logs *logs, const struct uuid *id);
void logs_put(struct logs *logs, const struct uuid *id); /* the last lets go of it */

#endif
