/*
 * sqlite.h - the parts of the store in a file, and how they know each other.
 *
 *   sqlite.c            open and close; the prepared statements
 *   sqlite_folder.c     the state folder, and that only one daemon uses it
 *   sqlite_schema.c     what is in the file, by versions
 *   sqlite_checksum.c   of each row, against bits that turn
 *   sqlite_witness.c    how many transactions there were, against a log that has become shorter
 *   sqlite_sync.c       relaxed transactions, and when they are flushed
 *   sqlite_statement.c  binding, stepping, and what SQLite's errors mean to us
 *   sqlite_commit.c     a group of operations as one transaction; retention
 *   sqlite_tend.c       retention and spare pages, also when nothing is committed
 *   sqlite_keys.c       idempotency keys
 *   sqlite_tenants.c    what is set for tenants
 *   sqlite_read.c       records read back
 *   sqlite_scan.c       lists of them
 *   sqlite_survey.c     how many of them wait, now or at a mark
 *   sqlite_list.c       pages of them, the newest first
 *   sqlite_visit.c      all of them read by another program; sqlite_import.c: put into an empty folder
 *
 * Two connections: the committer's thread writes, the other thread reads (kind.h), and a write-ahead log keeps them out of
 * each other's way.  A third while what waits is counted.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "core/key.h"
#include "store/kind.h"
#include "store/latest.h"
#include "store/list.h"

#define SQLITE_FILE "jobs.db"

/* What to do about damage, at the end of a message. */
#define SQLITE_RESCUE "; \"penstock verify\" tells more, and \"penstock export\" saves what can be read"

/* What a job's and a key's checksum are of; and what sqlite_record() reads. */
#define SQLITE_CHECKED \
	"id, state, next_run_at_ms, started_ms, finished_ms, attempts, failures, crashes, kept, result, created_ms, " \
	"run_at_ms, expires_at_ms, request, sequence, tenant, kind, priority"
#define SQLITE_RECORD SQLITE_CHECKED ", checksum = row_checksum(" SQLITE_CHECKED ")"
#define SQLITE_RECORD_COLUMNS 19
#define SQLITE_KEY_CHECKED "tenant, key, id, state, digest, until_ms"
#define SQLITE_TENANT_CHECKED "tenant, settings"

enum sqlite_write {
	WRITE_BEGIN,
	WRITE_COMMIT,
	WRITE_ROLLBACK,
	WRITE_ACCEPT,
	WRITE_CHANGE,
	WRITE_AGAIN, /* an ended job is to run once more */
	WRITE_FINISH,
	WRITE_FORGET,
	WRITE_FORGOTTEN,
	WRITE_FIND_KEY,
	WRITE_ADD_KEY,
	WRITE_FORGET_KEYS,
	WRITE_SET_TENANT,
	WRITE_FORGET_TENANT,
	WRITE_COUNT,
	WRITE_SPARE, /* pages, and all of them */
	WRITE_PAGES,
	WRITE_GIVE_BACK,
	WRITE_OLDEST, /* end on record, and the first end of a key */
	WRITE_OLDEST_KEY,
	WRITES
};

enum sqlite_read {
	READ_JOB,
	READ_FORGOTTEN,
	READ_READY, /* this and those below: in the order of enum store_list */
	READ_LATER,
	READ_EXPIRING,
	READ_BROKEN_OFF,
	READ_QUEUED,    /* how many */
	READ_SCHEDULED, /* of what tenants */
	READ_LAST,
	READ_ORDER, /* the newest first, and one of them */
	READ_LISTED,
	READ_TENANTS,
	READ_BEFORE, /* how many of a line */
	READS
};

/* How many jobs, and the bytes of their requests and results. */
struct tally {
	size_t jobs, bytes;
};

struct sqlite {
	struct store_options options; /* retention, and how jobs are restored */
	int lock_fd;
	sqlite3 *reader;
	sqlite3_stmt *reads[READS];
	sqlite3 *
		marked; /* reads as of the last mark, if there was one: the committer's until the mark is back */
	/* The committer's: */
	sqlite3 *writer;
	sqlite3_stmt *writes[WRITES];
	struct latest latest; /* of the group that is written */
	struct tally ended;   /* on record */
	int64_t commits;      /* transactions so far */
	bool without_witness;
	bool relaxed;     /* the latest transaction was */
	bool unflushed;   /* it may still be lost in a power cut; until then at most: */
	int64_t flush_ns; /* CLOCK_MONOTONIC */
	bool doubtful;    /* something failed meanwhile */
	bool log_is_long; /* it is to be taken into the file */
	bool shrinking;   /* spare pages are being given back */
	int64_t look_ms;  /* when retention has something to do; INT64_MAX: nobody has looked yet */
};

/*
 * sqlite_folder.c: make the folder where there is none, and keep all other daemons off it until the descriptor is closed.
 * 0, or -errno with words in reterr: not ours, cannot be written, in use.
 */
int sqlite_folder_open(const char *folder, int *ret_lock_fd, struct problem *reterr);

/* sqlite_schema.c: make the tables, or bring those of an older version up to date.  0 or -errno with words in reterr. */
int sqlite_schema_update(sqlite3 *database, struct problem *reterr);

/* Only look: 0, or -errno with words in reterr: not ours, or of another version. */
int sqlite_schema_check(sqlite3 *database, struct problem *reterr);

/* sqlite_checksum.c: of the row as the operation leaves it; `kept` is what attempts_pack() made. */
int64_t sqlite_job_checksum(const struct store_op *op, const void *kept, size_t kept_bytes);
int64_t sqlite_key_checksum(const struct key_record *key);
int64_t sqlite_tenant_checksum(const char *tenant, const char *settings);

/* Give a connection row_checksum(COLUMN, ...), of a row as it is.  One of SQLite's results. */
int sqlite_add_checksum(sqlite3 *database);

/*
 * sqlite_witness.c: write how many transactions there were into the lock's file; read it (-1: there is none that can be believed);
 * and compare: 0, or -EBADMSG with words in reterr if the database has less.
 */
void sqlite_witness_write(struct sqlite *sqlite);
int64_t sqlite_witness_read(int lock_fd);
int sqlite_witness_check(int64_t witness, int64_t commits, struct problem *reterr);

/*
 * sqlite_sync.c: at start, make sure of what is in the log; one of SQLite's results.  And make sure of what is
 * still only written, before the writer is closed.
 */
int sqlite_sync_open(struct sqlite *sqlite);
void sqlite_sync_close(struct sqlite *sqlite);

/* Before a transaction of these operations, choose whether it is synced (0 or -errno); and after it, or its failure. */
int sqlite_sync_begin(struct sqlite *sqlite, struct store_op *const *ops, size_t n);
void sqlite_sync_end(struct sqlite *sqlite, int error);
void sqlite_sync_after(void *state); /* a commit: take the log into the file once it is long */

/* While something is unflushed: how long until a synced one must follow. */
int64_t sqlite_sync_pause_ns(const struct sqlite *sqlite);

/* sqlite_statement.c: one of SQLite's results as 0 or -errno, and the words for it. */
int sqlite_error(int code);
int sqlite_problem(sqlite3 *database, int code, const char *what, struct problem *reterr);

/* Fill in a statement's parameters from the first on; the first error sticks.  Texts and bytes are borrowed until it was run. */
struct binding {
	sqlite3_stmt *statement;
	int at, error;
};

void bind_int(struct binding *to, int64_t value);
void bind_text(struct binding *to, const char *text, size_t bytes); /* NULL is allowed */
void bind_blob(struct binding *to, const void *data, size_t bytes);

/* A column of the row that a statement is at as a job's id; false, and nothing is given, if it is none. */
bool sqlite_id(sqlite3_stmt *row, int column, struct uuid *ret_id);

/* Run a statement that gives no rows, unless an earlier `error`.  0 or -errno. */
int sqlite_run(sqlite3_stmt *statement, int error);

/* The first column of a statement's only row, which is a number.  SQLITE_OK and the number, or another of its results. */
int sqlite_step_number(sqlite3_stmt *statement, int64_t *ret_number);

/* Run SQL text whose first row's first column is a number.  0 and the number, or one of SQLite's errors. */
int sqlite_number(sqlite3 *database, const char *sql, int64_t *ret_number);

/*
 * sqlite_commit.c: a group of operations as one transaction, in which at most so many jobs and keys are forgotten, and so many spare
 * pages given back.
 */
int sqlite_transact(
	struct sqlite *sqlite, struct store_op *const *ops, size_t n, size_t forget_steps, size_t pages);

/* sqlite_tend.c: within a transaction, give back at most so many spare pages, if there are too many.  0 or -errno. */
int sqlite_give_back(struct sqlite *sqlite, size_t pages);

/*
 * Whether something may be too old by now: to look costs two statements, so a transaction before that leaves it.  And: at a time, something
 * will be.
 */
bool sqlite_look_is_due(const struct sqlite *sqlite);
void sqlite_look_at(struct sqlite *sqlite, int64_t ms);

/* sqlite_keys.c: within a transaction.  0 (the key is free, and is now the job's) or 1 (in use: op->receipt); or -errno; -ENOKEY: only_replay. */
int sqlite_take_key(struct sqlite *sqlite, struct store_op *op);
int sqlite_forget_keys(struct sqlite *sqlite, size_t steps);

/* sqlite_tenants.c: within a transaction.  0 or -errno. */
int sqlite_set_tenant(struct sqlite *sqlite, const struct store_op *op);

/* How long an ended job is known. */
static inline int64_t sqlite_retention_ms(const struct sqlite *sqlite)
{
	return sqlite->options.retention_ns / 1000000;
}

/* sqlite_read.c: a row of SQLITE_RECORD as a record; an empty one is filled.  0, -ENOMEM, or -EBADMSG with words in reterr. */
int sqlite_record(const struct sqlite *sqlite, sqlite3_stmt *row, struct uuid *ret_id,
	struct store_record *record, struct problem *reterr);

/* Where it stands in a list, whatever else can be read of it. */
struct store_place sqlite_place(sqlite3_stmt *row, enum store_list list);

/* Where a row that cannot be read back is counted; see struct store_found. */
void sqlite_counted(sqlite3_stmt *row, const struct store_scan *scan, struct store_found *found);

/* Whether a job that ended then has been forgotten by its age; 0: it has not ended. */
bool sqlite_is_too_old(const struct sqlite *sqlite, int64_t finished_ms);

/* Fill an empty record from READ_LISTED's row, unless it is not wanted, or damaged, which is logged.  0 or -errno. */
int sqlite_read_listed(
	const struct sqlite *sqlite, sqlite3_stmt *row, struct listing *listing, struct store_record *record);

/* sqlite.c: of a statement, for a connection that has none of its own. */
const char *sqlite_read_text(enum sqlite_read read);

/* sqlite_survey.c */
void sqlite_drop_mark(struct sqlite *sqlite);

/* sqlite_commit.c, sqlite_tend.c, sqlite_read.c, sqlite_scan.c, sqlite_survey.c, sqlite_tenants.c and sqlite_list.c: functions of kind.h. */
int sqlite_tend(void *sqlite);
int64_t sqlite_pause_ns(void *sqlite);
int sqlite_commit(void *sqlite, struct store_op *const *ops, size_t n);
int sqlite_read(void *sqlite, const struct uuid *id, struct store_record *ret_record);
int sqlite_scan(void *sqlite, const struct store_scan *scan, store_found_fn fn, void *arg);
int sqlite_survey(void *sqlite, store_survey_fn fn, void *arg, uint64_t *ret_last);
int sqlite_mark(void *sqlite);
int sqlite_survey_marked(void *sqlite, struct pen_ctx *ctx, store_survey_fn fn, void *arg);
int sqlite_count_before(void *sqlite, const char *tenant, int priority, uint64_t sequence, size_t *ret_jobs);
int sqlite_tenants(void *sqlite, store_tenant_fn fn, void *arg);
int sqlite_list(void *sqlite, const struct store_query *query, struct store_page *ret_page);

#endif
