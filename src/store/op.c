/* op.c - the plain storage of store.h: operations and records. */
#include <stdlib.h>

#include "store/store.h"

struct store_op *store_op_new(enum store_op_type type, struct job *job)
{
	/* Not calloc: the attempts in `progress` are kilobytes, of which few are ever in use. */
	struct store_op *op = malloc(sizeof(*op));

	if (!op)
		return NULL;
	op->type = type;
	op->job = job_ref(job);
	op->progress.n_kept = 0;
	op->result = NULL;
	op->done = NULL;
	op->arg = NULL;
	op->error = 0;
	op->group_jobs = 0;
	op->commit_ns = 0;
	return op;
}

void store_op_free(struct store_op *op)
{
	if (!op)
		return;
	job_unref(op->job);
	result_unref(op->result);
	free(op);
}

void store_record_fini(struct store_record *record)
{
	job_unref(record->job);
	result_unref(record->result);
	record->job = NULL;
	record->result = NULL;
}
