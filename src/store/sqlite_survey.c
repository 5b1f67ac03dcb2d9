/*
 * sqlite_survey.c - how many jobs wait; see sqlite.h.
 *
 * At start all are counted by the reader.  What is marked is a connection of its own that has begun to read: whatever is committed
 * after that it does not see, and it keeps nobody from committing or reading.  It is opened by the committer, between two commits, which takes as
 * long as a commit does, and handed with the mark to whoever counts, who closes it.
 */
#include <errno.h>

#include "store/sqlite.h"

enum { BUSY_MS = 5000, STEPS_A_LOOK = 10000 }; /* steps of SQLite's machine: about a millisecond */

/* Rows of a tenant, a priority and how many. */
static int count(sqlite3_stmt *statement, enum job_state state, store_survey_fn fn, void *arg)
{
	int code = SQLITE_DONE, r = 0;

	while (r == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *tenant = (const char *)sqlite3_column_text(statement, 0);
		int priority = sqlite3_column_int(statement, 1);

		if (!tenant && sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM)
			r = -ENOMEM;
		else
			r = fn(arg, tenant ? tenant : "", priority, state,
				(size_t)sqlite3_column_int64(statement, 2));
	}
	sqlite3_reset(statement);
	return r == 0 ? sqlite_error(code) : r;
}

int sqlite_survey(void *state, store_survey_fn fn, void *arg, uint64_t *ret_last)
{
	struct sqlite *sqlite = state;
	int64_t last = 0;
	int r = sqlite_error(sqlite_step_number(sqlite->reads[READ_LAST], &last));

	*ret_last = (uint64_t)last;
	if (r == 0)
		r = count(sqlite->reads[READ_QUEUED], JOB_QUEUED, fn, arg);
	if (r == 0)
		r = count(sqlite->reads[READ_SCHEDULED], JOB_SCHEDULED, fn, arg);
	return r;
}

void sqlite_drop_mark(struct sqlite *sqlite)
{
	sqlite3_close(sqlite->marked);
	sqlite->marked = NULL;
}

int sqlite_mark(void *state)
{
	struct sqlite *sqlite = state;
	int code;

	sqlite_drop_mark(sqlite);
	code = sqlite3_open_v2(sqlite3_db_filename(sqlite->writer, "main"), &sqlite->marked,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(sqlite->marked, BUSY_MS);
	if (code == SQLITE_OK) /* the first look is what fixes the moment */
		code = sqlite3_exec(sqlite->marked,
			"PRAGMA cell_size_check = ON; BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL,
			NULL);
	if (code != SQLITE_OK)
		sqlite_drop_mark(sqlite);
	return sqlite_error(code);
}

/* Asked by SQLite while it counts; not 0: no further. */
static int has_ended(void *ctx)
{
	return pen_ctx_err(ctx);
}

static int count_marked(
	sqlite3 *marked, enum sqlite_read read, enum job_state state, store_survey_fn fn, void *arg)
{
	sqlite3_stmt *statement = NULL;
	int r = sqlite_error(sqlite3_prepare_v2(marked, sqlite_read_text(read), -1, &statement, NULL));

	if (r == 0)
		r = count(statement, state, fn, arg);
	sqlite3_finalize(statement);
	return r;
}

int sqlite_survey_marked(void *state, struct pen_ctx *ctx, store_survey_fn fn, void *arg)
{
	struct sqlite *sqlite = state;
	int r;

	if (!sqlite->marked)
		return -EINVAL;
	sqlite3_progress_handler(sqlite->marked, STEPS_A_LOOK, has_ended, ctx);
	r = count_marked(sqlite->marked, READ_QUEUED, JOB_QUEUED, fn, arg);
	if (r == 0)
		r = count_marked(sqlite->marked, READ_SCHEDULED, JOB_SCHEDULED, fn, arg);
	sqlite_drop_mark(sqlite);
	return r < 0 && pen_ctx_err(ctx) ? pen_ctx_err(ctx) : r;
}
