/*
 * store.h - where accepted jobs and their results are kept, in groups.
 *
 * The gate sends operations and goes on; the store takes whatever has gathered, commits it in one
 * transaction, and only then sends each operation back on its `done` channel.  A kind of store is a table of
 * plain blocking functions.  The committer is one function; a kind that blocks (disk, network) has it on a
 * thread of its own, one that does not (memory) in a task, with the same channels.
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
	STORE_OPS
};

/* One change of one job.  Belongs to the store from submit until it comes back on `done`. */
struct store_op {
	enum store_op_type type;
	struct job *job;          /* held */
	struct progress progress; /* as it shall be on record; owned */
	struct result *result;    /* held; STORE_FINISH only */
	struct pen_chan *done;    /* of struct store_op *; has room for every operation under way */
	void *arg;                /* the sender's own */
	struct store_op *next;    /* for a list of whoever holds it */
	/* Set before it comes back: */
	int error;         /* 0 or -errno; a group fails as a whole */
	size_t group_jobs; /* the size of the group it was in, told once a group: 0 in all but its first */
	int64_t commit_ns; /* how long that commit took */
};

/* Give an operation with nothing set but its type and job, which it refs; NULL: out of memory. */
struct store_op *store_op_new(enum store_op_type type, struct job *job);
void store_op_free(struct store_op *op); /* NULL is allowed; drops what is held */

/* What the store knows of one job. */
struct store_record {
	struct job *job;          /* held */
	struct progress progress; /* owned */
	struct result *result;    /* held; NULL while not ended */
};

void store_record_fini(struct store_record *record);

struct store_options {
	const char *kind; /* "memory" */
	const char *state_dir;
	int64_t retention_ns; /* of ended jobs */
	size_t retention_jobs;
	size_t queue_max; /* operations that may gather; senders wait beyond */
	size_t group_max; /* operations in one transaction, at most */
};

struct store;

/*
 * Open and start the committer.  Under a running runtime.  Gives a store; -EINVAL (unknown kind, an option
 * out of range) and others with words in reterr.
 */
int store_open(const struct store_options *options, struct store **ret_store, struct problem *reterr);

/* Commit what is queued, stop the committer, wait for it, close.  No sender may be left.  NULL is allowed. */
void store_close(struct store *store);

/* Send an operation, waiting for room.  Takes `op`.  0, or -ECANCELED/-ETIMEDOUT by ctx and takes nothing. */
int store_submit(struct pen_ctx *ctx, struct store *store, struct store_op *op);

/*
 * Read one job.  Gives a record: 0; -ENOENT never heard of; -ESTALE known once, forgotten by retention;
 * others.  Any task or thread; waits for no commit, so it tells what the last one left.
 */
int store_read(struct store *store, const struct uuid *id, struct store_record *ret_record);

#endif
