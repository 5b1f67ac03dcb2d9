/* sqlite.c - the store in a file: opened, closed; see sqlite.h. */
#include "store/sqlite.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/fit.h"
#include "log/log.h"

#define CHECK_BYTES_MAX (INT64_C(64) << 20)
#define BUSY_MS 5000 /* for a person's sqlite3 beside us */

#define PROGRESS \
	"state = ?2, next_run_at_ms = ?3, started_ms = ?4, attempts = ?5, failures = ?6, crashes = ?7, kept = ?8, " \
	"expires_at_ms = ?9, checksum = ?10"
#define CURRENT "id = ?1 AND finished_ms = 0 AND attempts <= ?5" /* the fence */

/* The order of parameters is that of bind_progress() and what follows it in sqlite_commit.c. */
static const char *const writes[WRITES] = {
	[WRITE_BEGIN] = "BEGIN IMMEDIATE",
	[WRITE_COMMIT] = "COMMIT",
	[WRITE_ROLLBACK] = "ROLLBACK",
	[WRITE_ACCEPT] =
		"INSERT INTO jobs (id, state, next_run_at_ms, started_ms, attempts, failures, crashes, kept, expires_at_ms,"
		" checksum, sequence, tenant, kind, priority, created_ms, run_at_ms, request, finished_ms)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0)"
		" ON CONFLICT DO NOTHING",
	[WRITE_CHANGE] = "UPDATE jobs SET " PROGRESS " WHERE " CURRENT,
	[WRITE_AGAIN] = "UPDATE jobs SET " PROGRESS
			", finished_ms = 0, result = NULL WHERE id = ?1 AND finished_ms > 0 RETURNING bytes",
	[WRITE_FINISH] =
		"UPDATE jobs SET " PROGRESS ", finished_ms = ?11, result = ?12, bytes = ?13 WHERE " CURRENT,
	[WRITE_FORGET] =
		"DELETE FROM jobs WHERE sequence IN (SELECT sequence FROM jobs"
		" WHERE finished_ms > 0 AND finished_ms < ?1 ORDER BY finished_ms LIMIT ?2) RETURNING id, bytes",
	[WRITE_FORGOTTEN] = "UPDATE forgotten SET first_ms = min(first_ms, ?1), last_ms = max(last_ms, ?2)",
	[WRITE_FIND_KEY] = "SELECT id, state, digest, checksum = row_checksum(" SQLITE_KEY_CHECKED
			   "), until_ms >= ?3 FROM keys"
			   " WHERE tenant = ?1 AND key = ?2",
	[WRITE_ADD_KEY] =
		"REPLACE INTO keys (" SQLITE_KEY_CHECKED ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[WRITE_FORGET_KEYS] =
		"DELETE FROM keys WHERE (tenant, key) IN"
		" (SELECT tenant, key FROM keys WHERE until_ms < ?1 ORDER BY until_ms LIMIT ?2)",
	[WRITE_SET_TENANT] = "REPLACE INTO tenants (" SQLITE_TENANT_CHECKED ", checksum) VALUES (?1, ?2, ?3)",
	[WRITE_FORGET_TENANT] = "DELETE FROM tenants WHERE tenant = ?1",
	[WRITE_COUNT] = "UPDATE forgotten SET commits = ?1",
	[WRITE_SPARE] = "PRAGMA freelist_count",
	[WRITE_PAGES] = "PRAGMA page_count",
	[WRITE_GIVE_BACK] = "PRAGMA incremental_vacuum",
	[WRITE_OLDEST] = "SELECT min(finished_ms) FROM jobs WHERE finished_ms > 0",
	[WRITE_OLDEST_KEY] = "SELECT min(until_ms) FROM keys",
};

/* A list in two parts, each of which an index gives: of a row value it would use no more than the first column. */
#define FROM_PLACE(column, condition) \
	"SELECT * FROM (SELECT " SQLITE_RECORD " FROM jobs WHERE " condition " AND " column \
	" = ?1 AND sequence > ?2" \
	" UNION ALL SELECT " SQLITE_RECORD " FROM jobs WHERE " condition " AND " column " > ?1)" \
	" ORDER BY " column ", sequence LIMIT ?3"

/* Of SQLITE_RECORD the order of columns is that of enum column in sqlite_read.c; the conditions are those of the indexes. */
static const char *const reads[READS] = {
	[READ_JOB] = "SELECT " SQLITE_RECORD " FROM jobs WHERE id = ?1",
	[READ_FORGOTTEN] = "SELECT 1 FROM forgotten WHERE ?1 BETWEEN first_ms AND last_ms",
	[READ_READY] =
		"SELECT " SQLITE_RECORD " FROM jobs WHERE state = 'queued' AND tenant = ?4 AND priority = ?5"
		" AND sequence > ?2 ORDER BY sequence LIMIT ?3",
	[READ_LATER] = FROM_PLACE("next_run_at_ms", "state = 'scheduled'"),
	[READ_EXPIRING] = FROM_PLACE("expires_at_ms",
		"expires_at_ms > 0 AND finished_ms = 0 AND state IN ('queued', 'scheduled')"),
	[READ_BROKEN_OFF] = "SELECT " SQLITE_RECORD " FROM jobs WHERE finished_ms = 0"
			    " AND state NOT IN ('queued', 'scheduled')"
			    " AND sequence > ?2 ORDER BY sequence LIMIT ?3",
	[READ_QUEUED] =
		"SELECT tenant, priority, count(*) FROM jobs WHERE state = 'queued' GROUP BY tenant, priority",
	[READ_SCHEDULED] = "SELECT tenant, priority, 1 FROM jobs WHERE state = 'scheduled'",
	[READ_LAST] = "SELECT coalesce(max(sequence), 0) FROM jobs",
	[READ_ORDER] = "SELECT sequence, tenant, kind, state, finished_ms FROM jobs"
		       " WHERE sequence < ?1 ORDER BY sequence DESC",
	[READ_LISTED] = "SELECT " SQLITE_RECORD " FROM jobs WHERE sequence = ?1",
	[READ_TENANTS] = "SELECT " SQLITE_TENANT_CHECKED ", checksum = row_checksum(" SQLITE_TENANT_CHECKED
			 ") FROM tenants",
	[READ_BEFORE] =
		"SELECT count(*) FROM jobs WHERE state = 'queued' AND tenant = ?1 AND priority = ?2 AND sequence < ?3",
};

const char *sqlite_read_text(enum sqlite_read read)
{
	return reads[read];
}

static int prepare(sqlite3 *database, const char *const *texts, sqlite3_stmt **statements, size_t n)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < n; i++)
		code = sqlite3_prepare_v3(
			database, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL);
	return code;
}

/* auto_vacuum comes first: it can only be chosen for a file that is still empty. */
static int set_up(sqlite3 *database)
{
	sqlite3_busy_timeout(database, BUSY_MS);
	return sqlite3_exec(database,
		"PRAGMA auto_vacuum = INCREMENTAL;"
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL;"
		"PRAGMA journal_size_limit = 67108864;"
		"PRAGMA trusted_schema = OFF;"
		"PRAGMA cell_size_check = ON;",
		NULL, NULL, NULL);
}

static int open_connection(const char *path, sqlite3 **ret_database, struct problem *reterr)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int code = sqlite3_open_v2(path, ret_database, flags, NULL);

	if (code == SQLITE_OK) /* a log that may be damaged is left as it is; see open_store() */
		code = sqlite3_db_config(*ret_database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (code == SQLITE_OK)
		code = sqlite_add_checksum(*ret_database);
	if (code == SQLITE_OK)
		code = set_up(*ret_database);
	return code == SQLITE_OK ? 0 : sqlite_problem(*ret_database, code, SQLITE_FILE, reterr);
}

/* A file system without shared memory has it in another mode, which is not what our promises stand on. */
static int check_journal(sqlite3 *database, struct problem *reterr)
{
	int64_t is_wal = 0;
	int code = sqlite_number(database, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal);

	if (code != SQLITE_OK)
		return sqlite_problem(database, code, SQLITE_FILE, reterr);
	if (!is_wal)
		return problem_set(reterr, -ENOTSUP, PROBLEM_STORE, "state-dir",
			"the file system of the state folder cannot hold a write-ahead log; a local one can");
	return 0;
}

/* Of each no more than a row can have, as what is damaged must not have others forgotten. */
#define ENDED_BYTES \
	"SELECT coalesce(sum(CASE WHEN bytes BETWEEN 0 AND 2147483647 THEN bytes ELSE 0 END), 0)" \
	" FROM jobs WHERE finished_ms > 0"

static int count_ended(struct sqlite *sqlite)
{
	int64_t n, bytes;
	int code = sqlite_number(sqlite->writer, "SELECT count(*) FROM jobs WHERE finished_ms > 0", &n);

	if (code == SQLITE_OK)
		code = sqlite_number(sqlite->writer, ENDED_BYTES, &bytes);
	if (code == SQLITE_OK)
		sqlite->ended = (struct tally){.jobs = (size_t)n, .bytes = (size_t)bytes};
	return code;
}

/* To check more would keep the start waiting; it takes a second for 100 MB. */
static bool too_large_to_check(sqlite3 *database)
{
	int64_t bytes = 0;

	if (sqlite_number(database, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
		    &bytes) != SQLITE_OK ||
		bytes <= CHECK_BYTES_MAX)
		return false;
	log_notice("store", "the database is too large to be checked at start; \"penstock verify\" does it",
		"bytes=%lld", (long long)bytes);
	return true;
}

/* All of it: where an index leaves out a row, its job would not be found, and nothing else would tell. */
static int check_pages(sqlite3 *database, struct problem *reterr)
{
	sqlite3_stmt *check = NULL;
	int code, r = 0;

	if (too_large_to_check(database))
		return 0;
	code = sqlite3_prepare_v2(database, "PRAGMA integrity_check(1)", -1, &check, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(check);
	if (code != SQLITE_ROW)
		r = sqlite_problem(database, code, SQLITE_FILE, reterr);
	else if (strcmp((const char *)sqlite3_column_text(check, 0), "ok") != 0)
		r = problem_set(reterr, -EBADMSG, PROBLEM_STORE, "state-dir",
			SQLITE_FILE " is damaged: %s" SQLITE_RESCUE, sqlite3_column_text(check, 0));
	sqlite3_finalize(check);
	return r;
}

static int make_sure_of_log(struct sqlite *sqlite, struct problem *reterr)
{
	int code = sqlite_sync_open(sqlite);

	return code == SQLITE_OK ? 0 : sqlite_problem(sqlite->writer, code, SQLITE_FILE "-wal", reterr);
}

static int count_commits(struct sqlite *sqlite, struct problem *reterr)
{
	int code = sqlite_number(sqlite->writer, "SELECT commits FROM forgotten", &sqlite->commits);

	if (code != SQLITE_OK)
		return sqlite_problem(sqlite->writer, code, SQLITE_FILE, reterr);
	return sqlite_witness_check(sqlite_witness_read(sqlite->lock_fd), sqlite->commits, reterr);
}

static int open_writer(struct sqlite *sqlite, const char *path, struct problem *reterr)
{
	int code, r = open_connection(path, &sqlite->writer, reterr);

	if (r == 0)
		r = check_journal(sqlite->writer, reterr);
	if (r == 0)
		r = make_sure_of_log(sqlite, reterr);
	if (r == 0)
		r = check_pages(sqlite->writer, reterr);
	if (r == 0)
		r = sqlite_schema_update(sqlite->writer, reterr);
	if (r == 0)
		r = count_commits(sqlite, reterr);
	if (r < 0)
		return r;
	code = prepare(sqlite->writer, writes, sqlite->writes, WRITES);
	if (code == SQLITE_OK)
		code = count_ended(sqlite);
	if (code != SQLITE_OK)
		return sqlite_problem(sqlite->writer, code, SQLITE_FILE, reterr);
	return 0;
}

static int open_reader(struct sqlite *sqlite, const char *path, struct problem *reterr)
{
	int code, r = open_connection(path, &sqlite->reader, reterr);

	if (r < 0)
		return r;
	code = sqlite3_exec(sqlite->reader, "PRAGMA query_only = ON", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = prepare(sqlite->reader, reads, sqlite->reads, READS);
	return code == SQLITE_OK ? 0 : sqlite_problem(sqlite->reader, code, SQLITE_FILE, reterr);
}

static void free_sqlite(struct sqlite *sqlite)
{
	latest_fini(&sqlite->latest);
	free(sqlite);
}

/* The writer last: the last connection takes what is in the log into the file. */
static void close_store(void *state)
{
	struct sqlite *sqlite = state;

	sqlite_sync_close(sqlite);
	sqlite_drop_mark(sqlite);
	for (size_t i = 0; i < READS; i++)
		sqlite3_finalize(sqlite->reads[i]);
	sqlite3_close(sqlite->reader);
	for (size_t i = 0; i < WRITES; i++)
		sqlite3_finalize(sqlite->writes[i]);
	sqlite3_close(sqlite->writer);
	fd_close(sqlite->lock_fd);
	free_sqlite(sqlite);
}

/* SQLite throws the log of an empty file away. */
static int check_log(const char *path, int lock_fd, struct problem *reterr)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_size == 0
		       ? sqlite_witness_check(sqlite_witness_read(lock_fd), 0, reterr)
		       : 0;
}

static int open_store(const struct store_options *options, void **ret_state, struct problem *reterr)
{
	struct sqlite *sqlite = calloc(1, sizeof(*sqlite));
	char path[PATH_MAX + sizeof(SQLITE_FILE)];
	int r;

	if (!sqlite)
		return store_no_memory(reterr);
	/* Nobody asks how much memory SQLite has, and its count takes a lock for each piece.  Refused once it has begun, so only the first counts. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite->options = *options;
	sqlite->look_ms = INT64_MAX;
	fit_print(path, sizeof(path), "%s/" SQLITE_FILE, options->state_dir);
	if (latest_init(&sqlite->latest, store_group_room(options)) < 0) {
		free(sqlite);
		return store_no_memory(reterr);
	}
	r = sqlite_folder_open(options->state_dir, &sqlite->lock_fd, reterr);
	if (r < 0) {
		free_sqlite(sqlite);
		return r;
	}
	r = check_log(path, sqlite->lock_fd, reterr);
	if (r == 0)
		r = open_writer(sqlite, path, reterr);
	if (r == 0)
		r = open_reader(sqlite, path, reterr);
	if (r < 0) {
		close_store(sqlite);
		return r;
	}
	sqlite3_db_config(sqlite->writer, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	*ret_state = sqlite;
	return 0;
}

const struct store_kind store_sqlite = {
	.name = "sqlite",
	.blocks = true,
	.open = open_store,
	.close = close_store,
	.commit = sqlite_commit,
	.after = sqlite_sync_after,
	.tend = sqlite_tend,
	.pause_ns = sqlite_pause_ns,
	.read = sqlite_read,
	.scan = sqlite_scan,
	.survey = sqlite_survey,
	.mark = sqlite_mark,
	.survey_marked = sqlite_survey_marked,
	.tenants = sqlite_tenants,
	.count_before = sqlite_count_before,
	.list = sqlite_list,
};
