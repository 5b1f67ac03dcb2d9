/*
 * cancel.c - clients that cancel a job.  They are answered when it is on record that it ends: what they were told outlives the daemon.
 *
 * Also the second one to ask, and the one who is told that it has ended already.  A store that cannot write lets nobody wait: all are
 * told, and that it is tried again they learn by asking again.
 */
#include <errno.h>
#include <penstock/time.h>
#include <string.h>
#include <utlist.h>

#include "gate/inside.h"

static bool has_a_worker(const struct entry *entry)
{
	return entry->progress.state == JOB_RUNNING || entry->progress.state == JOB_CANCELLING;
}

bool cancel_begin(struct gate *gate, struct entry *entry, struct message *message)
{
	message->state = has_a_worker(entry) ? JOB_CANCELLING : JOB_CANCELLED;
	message->result = entry->ending ? -EALREADY : 0;
	if (entry->cancel_recorded && !entry->ending)
		return true;
	if (!entry->ending && entry->progress.state != JOB_CANCELLING)
		entry_cancel(gate, entry);
	if (!entry->ending && !has_a_worker(entry)) { /* there was no memory for its end */
		message->result = -ENOMEM;
		return true;
	}
	LL_PREPEND(entry->cancellers, message);
	return false;
}

static void tell_failure(struct message *message, int error)
{
	message->result = -EIO;
	message->problem.retry_after_ns = PEN_SECOND;
	problem_set(&message->problem, -EIO, PROBLEM_STORE, NULL, "the cancellation is not on record yet: %s",
		strerror(-error));
}

void cancel_answer(struct entry *entry, int error)
{
	while (entry->cancellers) {
		struct message *message = entry->cancellers;

		LL_DELETE(entry->cancellers, message);
		if (error == -ESTALE)
			message->result = -EALREADY;
		else if (error)
			tell_failure(message, error);
		call_answer(message);
	}
}

void cancel_settle(struct entry *entry, const struct store_op *op)
{
	bool begins = op->type == STORE_CHANGE && op->progress.state == JOB_CANCELLING;

	if (!begins && op->type != STORE_FINISH)
		return;
	if (begins && !op->error)
		entry->cancel_recorded = true;
	cancel_answer(entry, op->error);
}

enum job_state cancel_shown_state(const struct entry *entry)
{
	bool hidden = entry->progress.state == JOB_CANCELLING && !entry->cancel_recorded;

	return hidden ? JOB_RUNNING : entry->progress.state;
}
