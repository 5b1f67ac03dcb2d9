/*
 * store.h - where accepted jobs and their results are kept, in groups.
 *
 * The gate sends operations and goes on; the store takes whatever has gathered, commits it in one
 * transaction, and only then sends the operations back on their `done` channel, as lists: to wake the other side costs more than an
 * operation does.  A kind of store is a table of
 * plain blocking functions.  The committer is one function; a kind that blocks (disk, network) has it on a
 * thread of its own and all its other functions on another, so no loop ever waits for a disk; one that does not
 * (memory) has it in a task, with the same channels.
 *
 * Fencing: the number of its attempts is a job's token.  A CHANGE or FINISH of a job that has ended, or that has
 * begun a later attempt, comes back with -ESTALE and has changed nothing; only a CHANGE to queued, which asks for
 * an ended job again, may follow an end.
 *
 * Durability: an operation comes back when it outlives a power cut; a relaxed one when it outlives the process, and it is flushed a
 * moment later.  Operations are flushed in their order: what was relaxed is never lost before what came back later.
 *
 * Tenants: what is set for one is a text of the sender's, whole or not there at all.  An operation about it has no job.
 *
 * Keys: an ACCEPT of a job with a key that its tenant has used within STORE_KEY_MS comes back with -EEXIST and has
 * changed nothing; else the key is put on record with the job.  Of one that may only be a replay that is -ENOKEY.
 *
 * Sizes: an ACCEPT or FINISH that is larger than a record may be comes back with -E2BIG and has changed nothing, as what goes with it and follows.
 * What was accepted has room for an end without a result.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <penstock/chan.h>
#include <penstock/ctx.h>

#include "base/problem.h"
#include "core/job.h"
#include "core/result.h"

enum store_op_type {
	STORE_ACCEPT, /* a new job: its 202 waits for this */
	STORE_CHANGE, /* its progress: attempt started, scheduled again, cancelling */
	STORE_FINISH, /* progress and result together */
	STORE_TENANT, /* what is set for a tenant, or that nothing is */
	STORE_MARK,   /* nothing: what waits on record can be counted as it is just before this comes back */
	STORE_OPS
};

#define STORE_KEY_MS (INT64_C(24) * 3600 * 1000) /* how long a key stands for its job */

/* What a key that is in use stands for. */
struct store_receipt {
	struct uuid id;
	enum job_state state; /* as it was accepted */
	bool same;            /* it asked for the same */
};

/*
 * One change of one job.  Belongs to the store from submit until it comes back on `done`.  Others may go with it: then all of them are
 * in one transaction, and they come back as they went, with the first.
 */
struct store_op {
	enum store_op_type type;
	struct job *job;          /* held; NULL: STORE_TENANT, STORE_MARK */
	struct progress progress; /* as it shall be on record; owned */
	struct result *result;    /* held; STORE_FINISH only */
	char *tenant, *settings;  /* owned; STORE_TENANT only; without settings nothing is set any more */
	bool only_replay;         /* STORE_ACCEPT with a key: nothing is put on record, it only comes back */
	bool relaxed;             /* it need not be flushed before it comes back, but soon after */
	struct pen_chan *done;    /* of struct store_op *, lists; has room for every operation under way */
	void *arg;                /* the sender's own */
	bool follows; /* only with one before it that is not refused; else it comes back with -ECANCELED */
	struct store_op *next; /* of those that are sent, or come back, at once; else of whoever holds it */
	struct store_op *with; /* the next of those that go with it, in order; owned; NULL: no more */
	/* Set before it comes back: */
	int error; /* 0; -ESTALE, -EEXIST, -ENOKEY, -E2BIG: refused; else -errno, and nothing of its group is on record */
	struct store_receipt receipt; /* STORE_ACCEPT, -EEXIST: whose the job's key is */
	size_t group_jobs; /* the size of the group it was in, told once a group: 0 in all but its first */
	int64_t commit_ns; /* how long that commit took */
};

/* Give an operation with nothing set but its type and job, which it refs; NULL: out of memory. */
struct store_op *store_op_new(enum store_op_type type, struct job *job);
struct store_op *store_mark_op_new(void);
/* The same about a tenant; copies both texts. */
struct store_op *store_tenant_op_new(const char *tenant, const char *settings);
void store_op_free(struct store_op *op); /* NULL is allowed; drops what is held, and all that go with it */

/* What the store knows of one job. */
struct store_record {
	struct job *job;          /* held */
	struct progress progress; /* owned */
	struct result *result;    /* held; NULL while not ended */
};

void store_record_fini(struct store_record *record);

struct store_options {
	const char *kind; /* "sqlite", "memory" */
	const char *state_dir;
	/*
	 * Make a job again from its request as it was put on record and its stamp, for kinds that keep text: 0, or -errno
	 * with words in reterr.  Any thread.
	 */
	int (*restore)(const char *request, size_t bytes, const struct job_stamp *stamp, struct job **ret_job,
		struct problem *reterr);
	int64_t retention_ns; /* of ended jobs */
	size_t retention_jobs;
	size_t retention_bytes; /* of their requests and results */
	size_t queue_max;       /* lists of operations that may gather; senders wait beyond */
	size_t group_max;       /* operations in one transaction, but for those that go with its last */
	size_t batch_max;       /* operations that go together, at most; two may always */
};

struct store;

/*
 * Open and start the committer.  Under a running runtime.  Gives a store; -EINVAL (unknown kind, an option
 * out of range) and others with words in reterr.
 */
int store_open(const struct store_options *options, struct store **ret_store, struct problem *reterr);

/* Lists of jobs that have not ended, as they are on record. */
enum store_list {
	STORE_READY,      /* queued, of one tenant and priority: as they were accepted */
	STORE_LATER,      /* scheduled: as they are due */
	STORE_EXPIRING,   /* of both, those that will expire: as they do */
	STORE_BROKEN_OFF, /* running or cancelling: as they were accepted */
	STORE_LISTS
};

/* Where in its list a job stands: by `ms`, and among equals by `sequence`. */
struct store_place {
	int64_t ms; /* STORE_LATER: when it is due; STORE_EXPIRING: when it expires; else 0 */
	uint64_t sequence;
};

#define PLACE_FIRST ((struct store_place){INT64_MIN, 0})
#define PLACE_LAST ((struct store_place){INT64_MAX, UINT64_MAX})

/* A part of a list. */
struct store_scan {
	enum store_list list;
	const char *tenant; /* STORE_READY only, as `priority` */
	int priority;
	struct store_place after; /* what stands behind this */
	size_t limit;             /* jobs, at most */
};

/* One job of it. */
struct store_found {
	struct uuid id;
	struct store_place place;
	/* From which the finder may take what it wants; without a job where it cannot be read back. */
	struct store_record record;
	const char *damage; /* then what is wrong with it, and where store_survey() has counted it: */
	char tenant[TENANT_NAME_MAX + 1]; /* "": nowhere */
	int priority;
	enum job_state state;
};

/* Not 0: go no further. */
typedef int (*store_found_fn)(void *arg, struct store_found *found);

/*
 * Call `fn` for each job of a part of a list, in its order.  The caller waits; `fn` may be called on another thread
 * meanwhile, where it must not read the store.  0, what `fn` returned, or -errno.
 */
int store_scan(struct store *store, const struct store_scan *scan, store_found_fn fn, void *arg);

/* Whether there are lists.  Without them no job of an earlier daemon is on record, and who needs a job must keep it. */
bool store_has_lists(const struct store *store);

/* So many jobs of a tenant and priority wait in this state; told in parts, which add up. */
typedef int (*store_survey_fn)(
	void *arg, const char *tenant, int priority, enum job_state state, size_t jobs);

/*
 * Call `fn`, as store_scan() does, with the numbers of jobs that are queued and scheduled; gives the last job's sequence.
 * 0, what `fn` returned, or -errno.
 */
int store_survey(struct store *store, store_survey_fn fn, void *arg, uint64_t *ret_last);

/*
 * A STORE_MARK parts what was sent before it from what was sent after it: when it comes back, all that came back before is on record,
 * and nothing else is.  Call `fn`, as store_survey() does, with the numbers of jobs that waited then; of one mark only once, and only of the
 * last.  Neither who commits nor who reads waits for it, however long it takes: a kind that blocks does it on a thread of its own.
 * 0, what `fn` returned, -ECANCELED/-ETIMEDOUT by ctx, or -errno.  Whether a kind can do that: store_has_marks().
 */
int store_survey_marked(struct pen_ctx *ctx, struct store *store, store_survey_fn fn, void *arg);
bool store_has_marks(const struct store *store);

/* What is set for a tenant; `settings` is NULL where that cannot be read back.  Not 0: go no further. */
typedef int (*store_tenant_fn)(void *arg, const char *tenant, const char *settings);

/* Call `fn`, as store_scan() does, for each tenant for whom something is set.  0, what `fn` returned, or -errno. */
int store_tenants(struct store *store, store_tenant_fn fn, void *arg);

/*
 * How many jobs that are queued on record stand before this sequence in the line of a tenant and priority; about, where there are
 * no lists.  0 or -errno.
 */
int store_count_before(
	struct store *store, const char *tenant, int priority, uint64_t sequence, size_t *ret_jobs);

/* Commit what is queued, stop the committer, wait for it, close.  No sender may be left.  NULL is allowed. */
void store_close(struct store *store);

/* Why the last commit failed, as -errno; 0: it did not, or it has been possible to write since.  Any task or thread. */
int store_trouble(struct store *store);

/* How often reading has failed: what is on record could not be read back, or not be read at all.  Any task or thread. */
uint64_t store_failed_reads(struct store *store);

/* Send a list of operations, waiting for room.  Takes them.  0, or -ECANCELED/-ETIMEDOUT by ctx and takes nothing. */
int store_submit(struct pen_ctx *ctx, struct store *store, struct store_op *first);

/*
 * Read one job.  Gives a record: 0; -ENOENT never heard of; -ESTALE known once, forgotten by retention;
 * -EBADMSG what is on record cannot be read back; others.  Any task or thread, which parks while a kind that blocks
 * reads; waits for no commit, so it tells what the last one left.
 */
int store_read(struct store *store, const struct uuid *id, struct store_record *ret_record);

#endif
