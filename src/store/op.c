/* op.c - the plain storage of store.h: operations and records. */
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

struct store_op *store_op_new(enum store_op_type type, struct job *job)
{
	struct store_op *op = calloc(1, sizeof(*op));

	if (!op)
		return NULL;
	op->type = type;
	op->job = job_ref(job);
	return op;
}

struct store_op *store_tenant_op_new(const char *tenant, const char *settings)
{
	struct store_op *op = calloc(1, sizeof(*op));

	if (!op)
		return NULL;
	op->type = STORE_TENANT;
	op->tenant = strdup(tenant);
	op->settings = settings ? strdup(settings) : NULL;
	if (op->tenant && (op->settings || !settings))
		return op;
	store_op_free(op);
	return NULL;
}

struct store_op *store_mark_op_new(void)
{
	struct store_op *op = calloc(1, sizeof(*op));

	if (op)
		op->type = STORE_MARK;
	return op;
}

void store_op_free(struct store_op *op)
{
	while (op) {
		struct store_op *with = op->with;

		job_unref(op->job);
		progress_fini(&op->progress);
		result_unref(op->result);
		free(op->tenant);
		free(op->settings);
		free(op);
		op = with;
	}
}

void store_record_fini(struct store_record *record)
{
	job_unref(record->job);
	progress_fini(&record->progress);
	result_unref(record->result);
	*record = (struct store_record){0};
}
