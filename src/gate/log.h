/*
 * log.h - the log of a command job, for whoever reads it: live from a running attempt, else from the result.  Each reader is of one
 * task; any number may read one job's.
 */
#ifndef GATE_LOG_H
#define GATE_LOG_H

#include "core/log_record.h"
#include "gate/gate.h"

struct gate_log;

/*
 * Begin to read the log of a job.  Without `follow` it ends with what there is; else with the job's end, or when no attempt of it has
 * been running for `wait_ns`.  0; -ENOENT, -ESTALE, -EINVAL (it runs no command), -EBADMSG, -EIO, -ENOMEM, with words in reterr.
 */
int gate_log_open(struct gate *gate, const struct uuid *id, bool follow, int64_t wait_ns,
	struct gate_log **ret_log, struct problem *reterr);
void gate_log_close(struct gate_log *log); /* NULL is allowed */

/*
 * Give the next record, LOG_END as the last; what it points to stands until the next call.  Waits for it, until `ctx` ends: 0,
 * -ECANCELED, -ETIMEDOUT or -ENOMEM.  gate_log_try() does not wait: -EAGAIN.
 */
int gate_log_next(struct pen_ctx *ctx, struct gate_log *log, struct log_record *ret_record);
int gate_log_try(struct gate_log *log, struct log_record *ret_record);

/* Give the last record now, with the state that the job is in. */
void gate_log_end(struct gate_log *log, struct log_record *ret_record);

#endif
