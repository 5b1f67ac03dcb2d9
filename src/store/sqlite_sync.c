/*
 * sqlite_sync.c - how far what was committed is on the disk, too; see sqlite.h.
 *
 * With synchronous=FULL a commit ends with an fsync of the log.  With NORMAL it ends with a write, so it outlives the process, but
 * not a power cut: that is a relaxed one.  The next synced commit covers all that were before it, and the store is tended in time to
 * make an empty one where no other comes.
 *
 * What an fsync could not write the system takes for written, and no later fsync tries it again.  A transaction that was to be synced
 * is rolled back then, and the next one is written in its place.  The relaxed ones before it are not: nobody would write them again,
 * and a power cut would end the log there, whatever was synced behind.  So the log is written once more, as it reads, before
 * anything is put behind it; also at start, before anything is told, as the daemon before may have ended in such a moment.
 *
 * For the same reason SQLite does not take the log into the file by itself, since it would not tell if the fsync before that failed:
 * it is done after a synced commit only, and once the log is long there are no relaxed ones.  Nobody waits for it whose operation is
 * on record by then.
 */
#include <penstock/time.h>

#include "store/sqlite.h"

#define FLUSH_NS (50 * PEN_MS) /* from the first relaxed commit to the fsync */

enum { LOG_LONG = 1000 /* frames, as SQLite has it */, CHUNK = 16384 };

static int on_commit(void *arg, sqlite3 *database, const char *schema, int frames)
{
	struct sqlite *sqlite = arg;

	(void)database;
	(void)schema;
	sqlite->log_is_long = frames >= LOG_LONG;
	return SQLITE_OK;
}

void sqlite_sync_after(void *state)
{
	struct sqlite *sqlite = state;
	int code, all = 0, taken = 0;

	if (sqlite->unflushed || !sqlite->log_is_long)
		return;
	code = sqlite3_wal_checkpoint_v2(sqlite->writer, NULL, SQLITE_CHECKPOINT_PASSIVE, &all, &taken);
	sqlite->log_is_long = code != SQLITE_OK || taken < all; /* somebody reads: after the next one, then */
}

static int copy(sqlite3_file *log, sqlite3_int64 at, int bytes)
{
	char chunk[CHUNK];
	int code = log->pMethods->xRead(log, chunk, bytes, at);

	return code == SQLITE_OK ? log->pMethods->xWrite(log, chunk, bytes, at) : code;
}

/* All of the log, in its own place.  One of SQLite's results. */
static int rewrite(sqlite3 *database)
{
	sqlite3_file *log = NULL;
	sqlite3_int64 bytes = 0;
	int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

	if (code == SQLITE_OK && (!log || !log->pMethods)) /* nothing has been written */
		return SQLITE_OK;
	if (code == SQLITE_OK)
		code = log->pMethods->xFileSize(log, &bytes);
	if (code != SQLITE_OK || bytes == 0)
		return code;
	for (sqlite3_int64 at = 0; code == SQLITE_OK && at < bytes; at += CHUNK)
		code = copy(log, at, bytes - at < CHUNK ? (int)(bytes - at) : CHUNK);
	return code == SQLITE_OK ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : code;
}

int sqlite_sync_open(struct sqlite *sqlite)
{
	sqlite3_wal_hook(sqlite->writer, on_commit, sqlite);
	return rewrite(sqlite->writer);
}

static bool all_relaxed(struct store_op *const *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ops[i]->relaxed)
			return false;
	return n > 0;
}

static bool is_due(const struct sqlite *sqlite)
{
	return sqlite->unflushed && pen_now_ns() >= sqlite->flush_ns;
}

/* The pragma takes effect when it is prepared, so it cannot be kept as the other statements are. */
static int set_level(struct sqlite *sqlite, bool relaxed)
{
	int code;

	if (sqlite->relaxed == relaxed)
		return 0;
	code = sqlite3_exec(sqlite->writer,
		relaxed ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		sqlite->relaxed = relaxed;
	return sqlite_error(code);
}

int sqlite_sync_begin(struct sqlite *sqlite, struct store_op *const *ops, size_t n)
{
	int code = sqlite->doubtful ? rewrite(sqlite->writer) : SQLITE_OK;

	if (code != SQLITE_OK)
		return sqlite_error(code);
	sqlite->doubtful = false;
	return set_level(sqlite, all_relaxed(ops, n) && !sqlite->log_is_long && !is_due(sqlite));
}

void sqlite_sync_end(struct sqlite *sqlite, int error)
{
	if (error) {
		sqlite->doubtful = sqlite->unflushed;
		return;
	}
	if (sqlite->relaxed && !sqlite->unflushed)
		sqlite->flush_ns = pen_now_ns() + FLUSH_NS;
	sqlite->unflushed = sqlite->relaxed;
	if (!sqlite->unflushed)
		sqlite_witness_write(sqlite);
}

int64_t sqlite_sync_pause_ns(const struct sqlite *sqlite)
{
	int64_t ns = sqlite->flush_ns - pen_now_ns();

	return ns > 0 ? ns : 0;
}

void sqlite_sync_close(struct sqlite *sqlite)
{
	if (sqlite->unflushed && sqlite_transact(sqlite, NULL, 0, 0, 0) < 0)
		sqlite3_db_config(sqlite->writer, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}
