/* await.h - waiting for the end of a job, for `wait` and for `submit --wait`. */
#ifndef CTL_AWAIT_H
#define CTL_AWAIT_H

#include <stdint.h>

#include "base/uuid.h"
#include "ctl/ctl.h"
#include "ctl/request.h"

/* Read a duration of the command line; CTL_OK, or CTL_USAGE and said why. */
int await_parse(struct ctl *ctl, const char *option, const char *text, int64_t *ret_ns);

/*
 * Wait for at most `ns` until the job has ended.  CTL_OK or CTL_UNSUCCESSFUL with the result document in the zeroed
 * `reply`; CTL_NOT_ENDED with what the server said last; CTL_FAILED.  What was not a result is said.
 */
int await_result(struct ctl *ctl, const char *id, int64_t ns, struct reply *reply);

#endif
