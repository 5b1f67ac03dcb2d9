/*
 * kind.h - what a kind of store must do.  One that blocks has `commit` called on the committer's thread and all else on
 * another, so `commit` and `read` may be under way at once; one that does not block has `read` and `list` called from any
 * thread at any time between open and close.
 */
#ifndef STORE_KIND_H
#define STORE_KIND_H

#include "store/list.h"
#include "store/store.h"

struct store_kind {
	const char *name;
	bool blocks; /* needs threads of its own */
	int (*open)(const struct store_options *options, void **ret_state, struct problem *reterr);
	void (*close)(void *state);
	/*
	 * All of it or nothing: 0 or -errno.  An operation that must not be applied (see store.h: fencing) is left out and
	 * its `error` set; it does not keep the others back.
	 */
	int (*commit)(void *state, struct store_op *const *ops, size_t n);
	/* What is left to do after a commit, be it one that failed, once the operations have gone back.  NULL: nothing is. */
	void (*after)(void *state);
	/*
	 * A small step of what is to be done though nothing is committed, on the committer's thread: what is too old is forgotten.  It writes, so
	 * it also tells whether that is possible again after a commit has failed.  0 or -errno.  NULL: there is nothing to do.
	 */
	int (*tend)(void *state);
	/* How long from now until the next step, if nothing is committed meanwhile; PEN_NEVER.  Called after each commit and step. */
	int64_t (*pause_ns)(void *state);
	int (*read)(void *state, const struct uuid *id, struct store_record *ret_record);
	/* As store_scan() and store_survey(); NULL, both of them: it has no lists. */
	int (*scan)(void *state, const struct store_scan *scan, store_found_fn fn, void *arg);
	int (*survey)(void *state, store_survey_fn fn, void *arg, uint64_t *ret_last);
	int (*tenants)(void *state, store_tenant_fn fn, void *arg);
	/* As store_count_before(); NULL as `scan` is. */
	int (*count_before)(
		void *state, const char *tenant, int priority, uint64_t sequence, size_t *ret_jobs);
	int (*list)(void *state, const struct store_query *query, struct store_page *ret_page);
};

/* For pause_ns(): until a time of the wall's clock, but a second at least, and an hour at most, as it may be set; INT64_MAX: for ever. */
int64_t store_pause_ns(int64_t until_ms);

/* Until the next step of many. */
#define STORE_STEP_PAUSE_NS (20 * PEN_MS)

/* store_open() with a kind that need not be in the table; `options->kind` is not looked at. */
int store_open_kind(const struct store_kind *kind, const struct store_options *options,
	struct store **ret_store, struct problem *reterr);

/* -ENOMEM, with words in reterr. */
int store_no_memory(struct problem *reterr);

/* Operations that a group may have. */
size_t store_group_room(const struct store_options *options);

extern const struct store_kind store_memory, store_sqlite;

#endif
