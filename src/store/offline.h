/*
 * offline.h - a state folder without a store: looked through, or filled.  For programs beside the daemon; blocking, one thread.
 */
#ifndef STORE_OFFLINE_H
#define STORE_OFFLINE_H

#include "core/key.h"
#include "store/store.h"

/* Who looks through a folder.  What its functions return other than 0 ends the visit. */
struct store_visitor {
	int (*forgotten)(void *arg, int64_t first_ms,
		int64_t last_ms); /* first of all: of when the forgotten jobs are */
	int (*job)(void *arg,
		struct store_record *record); /* in the order of acceptance; takes what it wants of it */
	int (*key)(void *arg, const struct key_record *key);
	int (*tenant)(void *arg, const char *tenant, const char *settings); /* what is set for one */
	void (*wrong)(void *arg, const char *what); /* what is damaged; it is left out */
	void *arg;
};

/*
 * Look through the folder `options->state_dir`, as the last commit left it, and change nothing; a daemon may use it meanwhile.
 * With `pages` all pages are checked first.  0, what a function returned, or -errno with words in reterr: it cannot be looked through.
 */
int store_visit(const struct store_options *options, bool pages, const struct store_visitor *visitor,
	struct problem *reterr);

struct store_import;

/*
 * Begin to fill the folder, which is made if it is not there, may have no jobs, keys or settings and is used by nobody else meanwhile.  Gives an
 * import; or -errno with words in reterr.
 */
int store_import_begin(
	const struct store_options *options, struct store_import **ret_import, struct problem *reterr);

/* Put a job, a key, what is set for a tenant, the span of the forgotten into it.  0 or -errno; -EEXIST: there is one already. */
int store_import_job(struct store_import *import, const struct store_record *record);
int store_import_key(struct store_import *import, const struct key_record *key);
int store_import_tenant(struct store_import *import, const char *tenant, const char *settings);
int store_import_forgotten(struct store_import *import, int64_t first_ms, int64_t last_ms);

/* Put all of it on record, or (`keep` is false) nothing, and free the import.  0, or -errno with words in reterr and it is nothing. */
int store_import_end(struct store_import *import, bool keep, struct problem *reterr);

#endif
