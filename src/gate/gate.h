/*
 * gate.h - the gate: one task that owns every tenant's queue, limits and share, and says which job runs next.
 *
 * All calls send the gate a message and wait for its answer; they may come from any task.  None is cut short by a context
 * unless it takes one: the gate always answers soon.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include <penstock/ctx.h>

#include "base/problem.h"
#include "conf/conf.h"
#include "core/explanation.h"
#include "core/job.h"
#include "core/result.h"
#include "core/settings.h"
#include "store/list.h"
#include "wire/stats.h"

struct gate;

/*
 * Start the gate and its workers, under `ctx`, with the jobs that the store has from an earlier run; waits until they have been
 * read.  Borrows the store; refs the configuration.  In a task.
 */
int gate_start(struct pen_ctx *ctx, struct conf *conf, struct store *store, struct gate **ret_gate);

/*
 * Stop the workers and the gate, when it is drained or has been given time to; no caller may be left.  What the store does not take
 * when it is tried a last time is given up.  NULL is allowed.
 */
void gate_stop(struct gate *gate);

/* What a submitter is told of its job. */
struct gate_receipt {
	struct uuid id;
	enum job_state state; /* as it was accepted */
	bool replayed;        /* the job's key had been used for the same, so this is the job of then */
};

/*
 * Accept a job: its tenant's backlog and the total are checked, the store commits it, then the call returns with its receipt; with
 * that of another job, if it has a key that its tenant has used within a day for one that asked for the same.  Takes a
 * reference of its own.  0, or -EAGAIN (backlog), -ESHUTDOWN (draining), -EINVAL (a command that is not allowed or does not
 * fit), -EIO (store), -ENOMEM, -EEXIST (its key is that of one that asked for something else), -EINPROGRESS (of one that is just
 * being put on record), with words in reterr.
 */
int gate_submit(struct gate *gate, struct job *job, struct gate_receipt *ret_receipt, struct problem *reterr);

/* One of several jobs that are submitted together, and what came of it. */
struct gate_line {
	struct job *job; /* held; NULL: it is passed over, and `result` says why */
	struct gate_receipt receipt;
	int result;              /* 0, or -errno */
	struct problem *problem; /* from malloc; NULL: none, or there was no memory for it */
};

void gate_line_fini(struct gate_line *line);
void gate_line_refuse(struct gate_line *line, int error, const struct problem *problem);

/*
 * Submit the jobs of zeroed lines, as gate_submit() does it, but in one message and one transaction; `batch_max` of the store is the
 * most.  Where it is `atomic`, all of them are taken or none: then those that would have been are refused with -ECANCELED, without words.
 * 0 when each line has been told what came of it; else -ESHUTDOWN or -ENOMEM, with words in reterr, and none was taken.
 */
int gate_submit_many(
	struct gate *gate, struct gate_line *lines, size_t n, bool atomic, struct problem *reterr);

/* Give what is known of a job, running or ended.  0, -ENOENT, -ESTALE, with words in reterr. */
int gate_look(
	struct gate *gate, const struct uuid *id, struct store_record *ret_record, struct problem *reterr);

/* Give a page of jobs as they are on record; see store/list.h.  0, -ENOMEM, or another -errno with words in reterr. */
int gate_list(struct gate *gate, const struct store_query *query, struct store_page *ret_page,
	struct problem *reterr);

/* Cancel a job; returns when that is on record.  0 with its new state; -ENOENT, -ESTALE, -EALREADY (ended), -EIO, with words in reterr. */
int gate_cancel(struct gate *gate, const struct uuid *id, enum job_state *ret_state, struct problem *reterr);

/*
 * Have an ended job run again, as one that is new but for the attempts it has had; returns when that is on record.  0; -ENOENT, -ESTALE,
 * -EALREADY (it has succeeded), -EBUSY (it has not ended), -ESHUTDOWN (draining), -EIO, with words in reterr.
 */
int gate_retry(struct gate *gate, const struct uuid *id, struct problem *reterr);

/*
 * Give the result of a job, waiting for it until `deadline_ns` (CLOCK_MONOTONIC; 0: not at all) or `ctx` ends.  Served by the result
 * cache, then by the store.  0; -EINPROGRESS: not ended yet; -ENOENT; -ESTALE.
 */
int gate_result(struct pen_ctx *ctx, struct gate *gate, const struct uuid *id, int64_t deadline_ns,
	struct result **ret_result);

/*
 * Begin the drain: no job is accepted and none is started any more.  Returns at once.  The gate is drained when no job is running
 * and it is on record what came of those that were, which a store that fails may put off for ever: gate_drained() waits for it,
 * or until ctx ends; and a channel is closed then, borrowed until gate_stop().  gate_cancel_running() ends the context of all
 * that run, with cause "shutdown": they go back to the queue and burn no attempt.
 */
void gate_drain(struct gate *gate);
int gate_drained(struct pen_ctx *ctx, struct gate *gate);
struct pen_chan *gate_drained_chan(struct gate *gate);
void gate_cancel_running(struct gate *gate);

/* How many are running now. */
size_t gate_running(struct gate *gate);

/* Take the tenants and commands of a new configuration: effective at once; raising a limit starts jobs now, lowering stops none. */
int gate_reconfigure(struct gate *gate, struct conf *conf);

/* Give what holds for a tenant, whether or not anything is known of it.  0 or -ENOMEM. */
int gate_tenant(struct gate *gate, const char *name, struct tenant_view *ret_view);

/*
 * Give at most `max` of those that have jobs, a section of the configuration or something set, in the order of their names, behind `after`
 * (NULL: from the first); and whether there are more.  0 or -ENOMEM.
 */
int gate_tenants(struct gate *gate, const char *after, size_t max, struct tenant_view *views, size_t *ret_n,
	bool *ret_more);

enum tenant_change_type { TENANT_PUT, TENANT_FORGET, TENANT_PAUSE, TENANT_RESUME, TENANT_CHANGES };

/* What is to be set for a tenant. */
struct tenant_change {
	enum tenant_change_type what;
	const char *name;
	uint32_t set; /* TENANT_PUT: 1u << limit, for those that override the configuration */
	struct limits limits;
	bool says_paused, paused; /* TENANT_PUT; where it does not say, that stays as it is */
	int64_t for_ns;           /* TENANT_PAUSE; 0: until it is resumed */
	const char *reason;       /* TENANT_PAUSE; NULL: none */
	const char *if_match;     /* only if it is so still: a list of entity tags; NULL: however it is */
	bool if_none_set;         /* only if nothing is set */
};

/*
 * Change what is set for a tenant: returns when that is on record and has taken effect, with what holds now.  0; -ESTALE (it is not as the
 * change wants it), -EAGAIN (there are too many), -EIO, -ENOMEM, with words in reterr.
 */
int gate_change_tenant(struct gate *gate, const struct tenant_change *change, struct tenant_view *ret_view,
	struct problem *reterr);

/* Tell why a job is not running now.  0; -ENOENT, -ESTALE and others as gate_look(). */
int gate_explain(struct gate *gate, const struct uuid *id, struct explanation *ret_explanation,
	struct problem *reterr);

/* What an audit has found. */
struct gate_audit {
	size_t jobs, tenants; /* that were looked at */
	size_t differences;   /* counts that were wrong, of these or of those on record, and are right now */
};

/* Compare all counts with the jobs themselves, as the gate does by itself once a minute.  0 or -ENOMEM. */
int gate_audit(struct gate *gate, struct gate_audit *ret_audit);

/* Whether it takes work: 0, or -errno with the reason in words. */
int gate_ready(struct gate *gate, struct problem *reterr);

void gate_stats(struct gate *gate, struct gate_stats *ret_stats);

#endif
