/*
 * callback.c - somebody is to be told of a job's end: by another job, which is accepted in the transaction that puts the end on record.
 *
 * So there is one for each end, whatever happens to the daemon; and as it is owed already, it is taken also where the backlog is full.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "wire/wire.h"

static struct entry *bring(struct gate *gate, struct job *job)
{
	const struct progress progress = {.state = JOB_QUEUED};
	struct tenant *tenant = tenant_restore(gate, job->tenant);
	struct entry *entry = tenant ? entry_new(gate, job, tenant, &progress) : NULL;

	if (entry)
		entry_count_in(gate, entry);
	else if (tenant)
		tenant_put(gate, tenant);
	return entry;
}

int callback_begin(
	struct gate *gate, const struct job *job, const struct result *result, struct store_op **ret_op)
{
	CLEANUP(job_unrefp) struct job *callback = NULL;
	struct entry *entry;
	int r;

	if (!job->callback.url)
		return 0;
	r = wire_make_callback(job, result, clock_wall_ms(), &callback);
	if (r < 0)
		return r;
	entry = bring(gate, callback);
	if (!entry)
		return -ENOMEM;
	*ret_op = entry_op(entry, STORE_ACCEPT, JOB_QUEUED);
	if (!*ret_op) {
		entry_drop(gate, entry);
		return -ENOMEM;
	}
	callback->sequence = ++gate->last_sequence;
	entry->arrives = true;
	(*ret_op)->follows = true;
	return 0;
}

void callback_accepted(struct gate *gate, struct store_op *op)
{
	struct entry *entry = op->arg;

	audit_touch(gate, entry);
	if (!op->error)
		entry->recorded = op->progress.state;
	entry->arrives = false;
	entry->latest = NULL;
	if (op->error) {
		entry_drop(gate, entry);
	} else {
		gate->stats.submitted[JOB_HTTP][SUBMITTED_ACCEPTED]++;
		entry_wait(gate, entry);
	}
	store_op_free(op);
}
