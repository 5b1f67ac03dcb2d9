/* job.h - the job that a command is about. */
#ifndef CTL_JOB_H
#define CTL_JOB_H

#include "base/uuid.h"
#include "ctl/ctl.h"

/* Take the one argument, which must be an id, in its usual form.  CTL_OK, or CTL_USAGE and said why. */
int job_id(struct ctl *ctl, int argc, char **argv, char id[static UUID_TEXT]);

/* What a terminal would act on is shown as it is in messages.  Gives the text. */
char *job_plain(char *text);

/* Send METHOD /jobs/ID and an action, ":retry" or "", and print the answer.  An enum ctl_exit. */
int job_ask(struct ctl *ctl, const char *id, const char *method, const char *action);

#endif
