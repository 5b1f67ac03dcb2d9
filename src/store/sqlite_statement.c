/* sqlite_statement.c - parameters, steps and errors of SQLite; see sqlite.h. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/sqlite.h"

int sqlite_error(int code)
{
	static const struct {
		int code, error;
	} known[] = {
		{SQLITE_OK,         0       },
		{SQLITE_DONE,       0       },
		{SQLITE_NOMEM,      -ENOMEM },
		{SQLITE_FULL,       -ENOSPC },
		{SQLITE_READONLY,   -EROFS  },
		{SQLITE_PERM,       -EACCES },
		{SQLITE_AUTH,       -EACCES },
		{SQLITE_BUSY,       -EBUSY  },
		{SQLITE_LOCKED,     -EBUSY  },
		{SQLITE_CORRUPT,    -EBADMSG},
		{SQLITE_NOTADB,     -EBADMSG},
		{SQLITE_FORMAT,     -EBADMSG},
		{SQLITE_CONSTRAINT, -EBADMSG},
		{SQLITE_TOOBIG,     -E2BIG  },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].code == (code & 0xff)) /* the rest of an extended code says where */
			return known[i].error;
	return -EIO;
}

int sqlite_problem(sqlite3 *database, int code, const char *what, struct problem *reterr)
{
	int error = sqlite_error(code);

	return problem_set(reterr, error, PROBLEM_STORE, "state-dir", "%s: %s%s", what,
		database ? sqlite3_errmsg(database) : sqlite3_errstr(code),
		error == -EBADMSG ? SQLITE_RESCUE : "");
}

static void bound(struct binding *to, int code)
{
	if (code != SQLITE_OK && !to->error)
		to->error = sqlite_error(code);
}

void bind_int(struct binding *to, int64_t value)
{
	bound(to, sqlite3_bind_int64(to->statement, ++to->at, value));
}

void bind_text(struct binding *to, const char *text, size_t bytes)
{
	bound(to, sqlite3_bind_text64(to->statement, ++to->at, text, bytes, SQLITE_STATIC, SQLITE_UTF8));
}

void bind_blob(struct binding *to, const void *data, size_t bytes)
{
	bound(to, sqlite3_bind_blob64(to->statement, ++to->at, data, bytes, SQLITE_STATIC));
}

bool sqlite_id(sqlite3_stmt *row, int column, struct uuid *ret_id)
{
	if (sqlite3_column_bytes(row, column) != sizeof(ret_id->bytes))
		return false;
	memcpy(ret_id->bytes, sqlite3_column_blob(row, column), sizeof(ret_id->bytes));
	return true;
}

int sqlite_run(sqlite3_stmt *statement, int error)
{
	int code;

	if (error)
		return error;
	code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return sqlite_error(code);
}

int sqlite_step_number(sqlite3_stmt *statement, int64_t *ret_number)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

int sqlite_number(sqlite3 *database, const char *sql, int64_t *ret_number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite_step_number(statement, ret_number);
	sqlite3_finalize(statement);
	return code;
}
