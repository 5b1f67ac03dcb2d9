/*
 * list.h - jobs on record, the newest first, a page at a time.
 *
 * A page begins below a place in the order of acceptance, so jobs that come in meanwhile move nothing.  Making one is bounded: it
 * ends early once so many jobs, or so many bytes of requests, have been looked at, however few of them were wanted.
 */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include "store/store.h"

enum { STORE_PAGE_MAX = 1000, STORE_LOOK_MAX = 10000, STORE_LOOK_BYTES = 16 << 20 };

#define STORE_NEWEST INT64_MAX /* above every place */

struct store_query {
	const char *tenant; /* NULL: of any */
	enum job_kind kind; /* JOB_KINDS: of any */
	unsigned states;    /* 1u << state, for each that is wanted; 0: in any */
	/* Whether one with this request is wanted, for what only its text tells: 1 or 0, or -errno.  NULL: it is.  Called on any thread. */
	int (*wanted)(void *arg, const char *request, size_t bytes);
	void *arg;
	int64_t below;   /* begin below this place */
	size_t jobs_max; /* 1..STORE_PAGE_MAX */
};

struct store_page {
	struct store_record *records; /* owned; all but their results */
	size_t n, damaged;            /* damaged: left out, as they cannot be read back */
	int64_t next;                 /* where the next page begins; 0: there is none */
};

void store_page_fini(struct store_page *page);

/*
 * Give a page, which may have few jobs or none and still not be the last.  A record that cannot be read back is left out,
 * logged, and counted in the page and as a failed read.  0 or -errno.  Waits as store_read() does, and tells what the last commit left.
 */
int store_list(struct store *store, const struct store_query *query, struct store_page *ret_page);

/* For kinds of store: a page in the making. */
struct listing {
	const struct store_query *query;
	struct store_page page;
	size_t looks_left, bytes_left;
	int64_t last; /* the place of the last job looked at */
};

/* 0 or -ENOMEM. */
int listing_init(struct listing *listing, const struct store_query *query);

/* Whether the job at this place, the next below, is to be looked at; if not, the page ends above it. */
bool listing_goes_on(struct listing *listing, int64_t place);

/* Whether it is wanted: by what is cheap to tell, then by its request, which counts as looked at: 1 or 0, or -errno. */
bool listing_wants(
	const struct listing *listing, const char *tenant, enum job_kind kind, enum job_state state);
int listing_wants_request(struct listing *listing, const char *request, size_t bytes);

/* Takes the record. */
void listing_add(struct listing *listing, struct store_record *record);

/* Give the page, or drop it where `error` is not 0.  Returns `error`. */
int listing_end(struct listing *listing, int error, struct store_page *ret_page);

#endif
