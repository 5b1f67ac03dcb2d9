/*
 * sqlite_schema.c - what is in the file, by versions.
 *
 * To change the format: add a row to `migrations`, which makes the latest version from the one before it, and never touch
 * an older row.  The number of rows is the version of a file, kept in its header (PRAGMA user_version).
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/fit.h"
#include "store/sqlite.h"

#define APPLICATION_ID 0x506e7374 /* "Pnst", for file(1) and for us */

/*
 * Times are wall ms, 0: none.  `sequence` is the order of acceptance, `kept` the attempts (attempts.h).  The one row of
 * `forgotten` says of when the jobs are that retention has removed; see docs/decisions.  `bytes` are those of an ended job's request and result.  Of a key, `state` is the job's as
 * it was accepted, `digest` of its request.  What is set for a tenant is a text of the gate's.  `checksum` is of the row (sqlite_checksum.c), `commits` counts transactions (sqlite_witness.c).
 */
static const char *const migrations[] = {
	"CREATE TABLE jobs ("
	" sequence INTEGER PRIMARY KEY,"
	" id BLOB NOT NULL UNIQUE,"
	" tenant TEXT NOT NULL,"
	" kind TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" priority INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL,"
	" run_at_ms INTEGER NOT NULL,"
	" next_run_at_ms INTEGER NOT NULL,"
	" expires_at_ms INTEGER NOT NULL,"
	" started_ms INTEGER NOT NULL,"
	" finished_ms INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL,"
	" failures INTEGER NOT NULL,"
	" crashes INTEGER NOT NULL,"
	" request TEXT NOT NULL,"
	" kept BLOB,"
	" result BLOB"
	") STRICT;"
	"CREATE INDEX jobs_unfinished ON jobs (sequence) WHERE finished_ms = 0;"
	"CREATE INDEX jobs_ended ON jobs (finished_ms) WHERE finished_ms > 0;"
	"CREATE TABLE forgotten (first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL) STRICT;"
	"INSERT INTO forgotten VALUES (9223372036854775807, -1);",

	"CREATE TABLE keys ("
	" tenant TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" id BLOB NOT NULL,"
	" state TEXT NOT NULL,"
	" digest INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, key)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX keys_until ON keys (until_ms);",

	"ALTER TABLE jobs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;"
	"UPDATE jobs SET bytes = length(CAST(request AS BLOB)) + length(result) WHERE finished_ms > 0;"
	"DROP INDEX jobs_ended;"
	"CREATE INDEX jobs_ended ON jobs (finished_ms, bytes) WHERE finished_ms > 0;",

	"DROP INDEX jobs_unfinished;"
	"CREATE INDEX jobs_ready ON jobs (tenant, priority) WHERE state = 'queued';"
	"CREATE INDEX jobs_later ON jobs (next_run_at_ms, sequence, tenant, priority) WHERE state = 'scheduled';"
	"CREATE INDEX jobs_expiring ON jobs (expires_at_ms) WHERE expires_at_ms > 0 AND finished_ms = 0;"
	"CREATE INDEX jobs_broken_off ON jobs (sequence)"
	" WHERE finished_ms = 0 AND state NOT IN ('queued', 'scheduled');", /* also what is in a state that is none */
	"ALTER TABLE jobs ADD COLUMN checksum INTEGER;"
	"UPDATE jobs SET checksum = row_checksum(id, state, next_run_at_ms, started_ms, finished_ms, attempts,"
	" failures, crashes, kept, result, created_ms, run_at_ms, expires_at_ms, request, sequence, tenant, kind, priority);"
	"ALTER TABLE keys ADD COLUMN checksum INTEGER;"
	"UPDATE keys SET checksum = row_checksum(tenant, key, id, state, digest, until_ms);"
	"ALTER TABLE forgotten ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;",

	"CREATE TABLE tenants (tenant TEXT PRIMARY KEY, settings TEXT NOT NULL, checksum INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;",
};

static int look(sqlite3 *database, int64_t *version, struct problem *reterr)
{
	int64_t application, tables;
	int code = sqlite_number(database, "PRAGMA application_id", &application);

	if (code == SQLITE_OK)
		code = sqlite_number(database, "PRAGMA user_version", version);
	if (code == SQLITE_OK)
		code = sqlite_number(database, "SELECT count(*) FROM sqlite_schema", &tables);
	if (code != SQLITE_OK)
		return sqlite_problem(database, code, SQLITE_FILE, reterr);
	if (application != APPLICATION_ID && (application || *version || tables))
		return problem_set(reterr, -EINVAL, PROBLEM_STORE, "state-dir",
			SQLITE_FILE " is a database of another program");
	if (*version < 0 || *version > (int64_t)ARRAY_LEN(migrations))
		return problem_set(reterr, -ENOTSUP, PROBLEM_STORE, "state-dir",
			SQLITE_FILE
			" has format %lld, and this program knows formats up to %zu: it was written by a "
			"newer penstockd, which is needed to read it",
			(long long)*version, ARRAY_LEN(migrations));
	return 0;
}

int sqlite_schema_check(sqlite3 *database, struct problem *reterr)
{
	int64_t version = 0;
	int r = look(database, &version, reterr);

	if (r == 0 && version != (int64_t)ARRAY_LEN(migrations))
		r = problem_set(reterr, -ENOTSUP, PROBLEM_STORE, "state-dir",
			SQLITE_FILE
			" has format %lld, and this program reads format %zu: penstockd brings it up "
			"to date when it starts",
			(long long)version, ARRAY_LEN(migrations));
	return r;
}

static int set_version(sqlite3 *database)
{
	char sql[96];

	fit_print(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %zu", APPLICATION_ID,
		ARRAY_LEN(migrations));
	return sqlite3_exec(database, sql, NULL, NULL, NULL);
}

int sqlite_schema_update(sqlite3 *database, struct problem *reterr)
{
	int64_t version;
	int code, r = look(database, &version, reterr);

	if (r < 0 || version == (int64_t)ARRAY_LEN(migrations))
		return r;
	code = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	for (; code == SQLITE_OK && version < (int64_t)ARRAY_LEN(migrations); version++)
		code = sqlite3_exec(database, migrations[version], NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = set_version(database);
	if (code == SQLITE_OK)
		code = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	r = sqlite_problem(database, code, SQLITE_FILE " cannot be brought up to date", reterr);
	sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
	return r;
}
