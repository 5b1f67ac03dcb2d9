/*
 * gate_store.h - a store for tests of the gate: in memory, but it fails or waits when told to, tells what has been put on record,
 * and counts which tenants' jobs run.
 *
 * Its committer is a task of the loop that opened it, which is the gate's and the test's, so nothing here has a lock.
 */
#ifndef TESTS_GATE_STORE_H
#define TESTS_GATE_STORE_H

#include <check.h>
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/kind.h"

enum { TOLD_RECORDS_MAX = 65536, TOLD_TENANTS_MAX = 64, TOLD_RUNNING_MAX = 256 };

/* One operation that has been put on record. */
struct told_record {
	struct uuid id;
	enum store_op_type type;
	enum job_state state;
	uint32_t attempts;
};

/* How many jobs of a tenant run, and ran at most, as the records in their order tell. */
struct told_tenant {
	char name[TENANT_NAME_MAX + 1];
	size_t running, most;
};

static struct {
	int error;                /* what each commit gives, unless it is held */
	struct pen_chan *held;    /* not NULL: each commit sends how many operations it has, and then waits */
	struct pen_chan *let_go;  /* for what it shall give */
	struct pen_chan *records; /* of struct told_record */
	struct told_tenant tenants[TOLD_TENANTS_MAX];
	size_t n_tenants, most;
	struct uuid running[TOLD_RUNNING_MAX]; /* in no order */
	size_t n_running;
	struct store_record unfinished
		[8]; /* of an earlier run; one without a job cannot be read back, and is of tenant "default" */
	size_t n_unfinished;
	bool given[8]; /* of those */
	size_t scans[STORE_LISTS];
	bool refuses_ends;
	size_t n_damaged[JOB_STATES]; /* of those of an earlier run, in the line of default and 0 */
	size_t end_max;  /* bytes of an end's document, beyond which it is too large; 0: none is */
	int unsurveyed;  /* what counting at a mark gives, if not 0 */
	const char *set; /* for the tenant "set", by an earlier daemon; NULL: nothing */
} told;

static inline struct told_tenant *told_tenant(const char *name)
{
	for (size_t i = 0; i < told.n_tenants; i++)
		if (strcmp(told.tenants[i].name, name) == 0)
			return &told.tenants[i];
	ck_assert_uint_lt(told.n_tenants, TOLD_TENANTS_MAX);
	strcpy(told.tenants[told.n_tenants].name, name);
	return &told.tenants[told.n_tenants++];
}

static inline void told_begins(struct told_tenant *tenant, const struct uuid *id)
{
	ck_assert_uint_lt(told.n_running, TOLD_RUNNING_MAX);
	told.running[told.n_running++] = *id;
	tenant->running++;
	if (told.n_running > told.most)
		told.most = told.n_running;
	if (tenant->running > tenant->most)
		tenant->most = tenant->running;
}

static inline void told_ends(struct told_tenant *tenant, const struct uuid *id)
{
	for (size_t i = 0; i < told.n_running; i++) {
		if (!uuid_equal(&told.running[i], id))
			continue;
		told.running[i] = told.running[--told.n_running];
		tenant->running--;
		return;
	}
}

/* An attempt begins with a change to running, and ends with the first record that says otherwise. */
static inline void told_count(const struct store_op *op)
{
	struct told_tenant *tenant = told_tenant(op->job->tenant);

	if (op->progress.state == JOB_RUNNING)
		told_begins(tenant, &op->job->id);
	else if (op->progress.state != JOB_CANCELLING)
		told_ends(tenant, &op->job->id);
}

static inline void told_note(const struct store_op *op)
{
	struct told_record record = {
		.id = op->job->id,
		.type = op->type,
		.state = op->progress.state,
		.attempts = op->progress.attempts,
	};

	told_count(op);
	ck_assert_int_eq(pen_chan_try_send(told.records, &record), 0);
}

static inline int told_open(const struct store_options *options, void **ret_state, struct problem *reterr)
{
	told.records = pen_chan_new(sizeof(struct told_record), TOLD_RECORDS_MAX);
	ck_assert_ptr_nonnull(told.records);
	return store_memory.open(options, ret_state, reterr);
}

static inline void told_close(void *state)
{
	pen_chan_free(told.records);
	store_memory.close(state);
}

static inline bool told_too_large(const struct store_op *op)
{
	return told.end_max && op->type == STORE_FINISH && op->result->body_bytes > told.end_max;
}

/* But for what is too large, and what follows that. */
static inline int told_commit_fitting(void *state, struct store_op *const *ops, size_t n)
{
	struct store_op **fit = calloc(n, sizeof *fit);
	size_t n_fit = 0;
	int r;

	ck_assert_ptr_nonnull(fit);
	for (size_t i = 0; i < n; i++) {
		if (told_too_large(ops[i]))
			ops[i]->error = -E2BIG;
		else if (ops[i]->follows && ops[i - 1]->error)
			ops[i]->error = -ECANCELED;
		else
			fit[n_fit++] = ops[i];
	}
	r = store_memory.commit(state, fit, n_fit);
	free(fit);
	return r;
}

static inline int told_commit(void *state, struct store_op *const *ops, size_t n)
{
	int r = told.error;

	if (told.held) {
		ck_assert_int_eq(pen_chan_send(NULL, told.held, &n), 0);
		ck_assert_int_eq(pen_chan_recv(NULL, told.let_go, &r), 0);
	}
	if (r == 0)
		r = told_commit_fitting(state, ops, n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (ops[i]->type == STORE_TENANT || ops[i]->error == -E2BIG || ops[i]->error == -ECANCELED)
			continue;
		if (told.refuses_ends && ops[i]->type == STORE_FINISH)
			ops[i]->error = -ESTALE;
		told_note(ops[i]);
	}
	return r;
}

/* Put on record without being told of. */
static inline void told_restore(void *memory, const struct store_record *record)
{
	struct store_op *op = store_op_new(STORE_ACCEPT, record->job);

	ck_assert_ptr_nonnull(op);
	ck_assert_int_eq(progress_copy(&op->progress, &record->progress), 0);
	ck_assert_int_eq(store_memory.commit(memory, &op, 1), 0);
	store_op_free(op);
}

/* Of those of an earlier run; one that cannot be read back is counted as its row says. */
static inline int told_survey(void *state, store_survey_fn fn, void *arg, uint64_t *ret_last)
{
	int r = 0;

	*ret_last = told.n_unfinished;
	for (size_t i = 0; r == 0 && i < told.n_unfinished; i++) {
		struct store_record *record = &told.unfinished[i];

		if (record->job)
			told_restore(state, record);
		if (!job_state_waits(record->progress.state))
			continue;
		told.n_damaged[record->progress.state] += !record->job;
		r = fn(arg, record->job ? record->job->tenant : "default",
			record->job ? record->job->priority : 0, record->progress.state, 1);
	}
	return r;
}

static inline bool told_lists(const struct store_scan *scan, const struct store_record *record)
{
	enum job_state state = record->progress.state;

	switch (scan->list) {
	case STORE_READY:
		return state == JOB_QUEUED &&
		       strcmp(scan->tenant, record->job ? record->job->tenant : "default") == 0 &&
		       scan->priority == (record->job ? record->job->priority : 0);
	case STORE_LATER:
		return state == JOB_SCHEDULED;
	case STORE_EXPIRING:
		return record->job && record->progress.expires_at_ms > 0;
	default:
		return state == JOB_RUNNING || state == JOB_CANCELLING;
	}
}

/* Each is given once, then whoever asked has it. */
static inline int told_scan(void *state, const struct store_scan *scan, store_found_fn fn, void *arg)
{
	int r = 0;

	(void)state;
	told.scans[scan->list]++;
	for (size_t i = 0; r == 0 && i < told.n_unfinished; i++) {
		struct store_found found = {.place.sequence = i + 1};

		if (told.given[i] || !told_lists(scan, &told.unfinished[i]))
			continue;
		if (scan->list == STORE_EXPIRING)
			found.place.ms = told.unfinished[i].progress.expires_at_ms;
		found.record = told.unfinished[i];
		found.state = found.record.progress.state;
		strcpy(found.tenant, "default");
		if (found.record.job)
			found.id = found.record.job->id;
		else
			found.damage = "as the test wants it";
		told.unfinished[i] = (struct store_record){0};
		told.given[i] = true;
		r = fn(arg, &found);
		store_record_fini(&found.record);
	}
	return r;
}

static inline int told_read(void *state, const struct uuid *id, struct store_record *ret_record)
{
	return store_memory.read(state, id, ret_record);
}

static inline int told_list(void *state, const struct store_query *query, struct store_page *ret_page)
{
	return told.error ? told.error : store_memory.list(state, query, ret_page);
}

static inline int told_tenants(void *state, store_tenant_fn fn, void *arg)
{
	return told.set ? fn(arg, "set", told.set) : store_memory.tenants(state, fn, arg);
}

static inline int told_mark(void *state)
{
	return store_memory.mark(state);
}

static inline int told_survey_marked(void *state, struct pen_ctx *ctx, store_survey_fn fn, void *arg)
{
	int r = told.unsurveyed ? told.unsurveyed : store_memory.survey_marked(state, ctx, fn, arg);

	for (enum job_state as = 0; r == 0 && as < JOB_STATES; as++)
		if (told.n_damaged[as] > 0)
			r = fn(arg, "default", 0, as, told.n_damaged[as]);
	return r;
}

/* Its lists are of what an earlier run has left; where that is nothing, it has none, and all that comes is kept at the gate. */
static struct store_kind told_kind = {
	.name = "told",
	.open = told_open,
	.close = told_close,
	.commit = told_commit,
	.read = told_read,
	.scan = told_scan,
	.survey = told_survey,
	.mark = told_mark,
	.survey_marked = told_survey_marked,
	.tenants = told_tenants,
	.list = told_list,
};

/* From here on each commit waits. */
static inline void commits_hold(void)
{
	told.let_go = pen_chan_new(sizeof(int), 0);
	told.held = pen_chan_new(sizeof(size_t), 0);
	ck_assert_ptr_nonnull(told.let_go);
	ck_assert_ptr_nonnull(told.held);
}

/* Wait for the next one; gives how many operations it has. */
static inline size_t commit_await(void)
{
	size_t n;

	ck_assert_int_eq(pen_chan_recv(NULL, told.held, &n), 0);
	return n;
}

/* Let it give this. */
static inline void commit_give(int error)
{
	ck_assert_int_eq(pen_chan_send(NULL, told.let_go, &error), 0);
}

/* Let the one that waits give this; none waits any more.  Nothing else runs in between, so no other can have begun. */
static inline void commits_free(int error)
{
	commit_give(error);
	pen_chan_free(TAKE_PTR(told.held));
	pen_chan_free(TAKE_PTR(told.let_go));
}

/* Wait until the next record of this job; gives it. */
static inline struct told_record next_record(const struct job *job)
{
	struct told_record record;

	do
		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
	while (!uuid_equal(&record.id, &job->id));
	return record;
}

/* Wait until it is on record that the job is in this state. */
static inline void await_state(const struct job *job, enum job_state state)
{
	struct told_record record;

	do
		record = next_record(job);
	while (record.state != state);
}

#endif
