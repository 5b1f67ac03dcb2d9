/* sqlite_ops.h - the store in a file tried by itself, without the committer before it. */
#ifndef TESTS_SQLITE_OPS_H
#define TESTS_SQLITE_OPS_H

#include <sqlite3.h>

#include "store_ops.h"

/* Open it, as it must be possible. */
static inline void *opened(void)
{
	struct problem problem = {0};
	void *store;

	ck_assert_msg(store_sqlite.open(&small, &store, &problem) == 0, "%s", problem.message);
	return store;
}

/* One operation in a transaction of its own; its error, or that of the transaction. */
static inline int sqlite_commit_one(
	void *store, enum store_op_type type, struct job *job, enum job_state state)
{
	struct store_op *op = new_op(type, job, state, NULL);
	int r = store_sqlite.commit(store, &op, 1);

	if (r == 0)
		r = op->error;
	store_op_free(op);
	return r;
}

/* Change the file behind the back of a store that may have it open. */
static inline void tamper(const char *sql)
{
	sqlite3 *database;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(in_folder("/jobs.db"), &database), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(database, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
	sqlite3_close(database);
}

#endif
