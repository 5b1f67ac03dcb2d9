/*
 * logs.h - the logs of commands, by job, from an attempt's start until its end is on record, or while somebody reads it; so there
 * is no moment in which what was written is neither here nor in a result.
 *
 * Any task or thread; one lock, held for a look into a table.
 */
#ifndef GATE_LOGS_H
#define GATE_LOGS_H

#include "base/uuid.h"
#include "work/live.h"

struct logs;

struct logs *logs_new(void);       /* NULL: out of memory */
void logs_free(struct logs *logs); /* NULL is allowed; nobody may be reading */

/* Find the log of a job, or make it; to be put back as often as it was taken.  NULL: out of memory. */
struct live *logs_take(struct logs *logs, const struct uuid *id);
void logs_put(struct logs *logs, const struct uuid *id); /* the last lets go of it */

#endif
