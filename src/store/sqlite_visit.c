/* sqlite_visit.c - a folder looked through beside whoever uses it; see offline.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/fit.h"
#include "store/offline.h"
#include "store/sqlite.h"

enum { WORDS_MAX = 1024, BUSY_MS = 5000 };

enum visit_read { VISIT_FORGOTTEN, VISIT_JOBS, VISIT_KEYS, VISIT_TENANTS, VISIT_PAGES, VISITS };

/* Not by an index, which may be what is damaged. */
static const char *const texts[VISITS] = {
	[VISIT_FORGOTTEN] = "SELECT first_ms, last_ms, commits FROM forgotten",
	[VISIT_JOBS] = "SELECT " SQLITE_RECORD ", bytes FROM jobs NOT INDEXED ORDER BY sequence",
	[VISIT_KEYS] = "SELECT " SQLITE_KEY_CHECKED ", checksum = row_checksum(" SQLITE_KEY_CHECKED
		       ") FROM keys ORDER BY tenant, key",
	[VISIT_TENANTS] = "SELECT " SQLITE_TENANT_CHECKED ", checksum = row_checksum(" SQLITE_TENANT_CHECKED
			  ") FROM tenants ORDER BY tenant",
	[VISIT_PAGES] = "PRAGMA integrity_check",
};

struct visit {
	struct sqlite sqlite; /* for what reads records */
	const struct store_visitor *visitor;
	int64_t witness; /* as it was before the database was looked at */
};

__attribute__((format(printf, 2, 3))) static void tell(const struct visit *visit, const char *format, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, format);
	fit_vprint(words, sizeof(words), format, args);
	va_end(args);
	visit->visitor->wrong(visit->visitor->arg, words);
}

static const char *text_of(sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	return text ? (const char *)text : "";
}

/* For retention. */
static bool bytes_fit(sqlite3_stmt *row, const struct store_record *record)
{
	const struct result *result = record->result;

	return !result || sqlite3_column_int64(row, SQLITE_RECORD_COLUMNS) ==
				  (int64_t)(strlen(record->job->request) + result->body_bytes);
}

static int visit_job(const struct visit *visit, sqlite3_stmt *row)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct problem damage = {0};
	char text[UUID_TEXT] = "of no id";
	struct uuid id;
	int r = sqlite_record(&visit->sqlite, row, &id, &record, &damage);

	if (sqlite_id(row, 0, &id))
		uuid_format(&id, text);
	if (r == -EBADMSG) {
		tell(visit, "job %s: %s", text, damage.message);
		return 0;
	}
	if (r < 0)
		return r;
	if (!bytes_fit(row, &record))
		tell(visit, "job %s: its bytes are counted wrong", text);
	return visit->visitor->job(visit->visitor->arg, &record);
}

static int visit_key(const struct visit *visit, sqlite3_stmt *row)
{
	struct key_record key = {
		.state = job_state_parse(text_of(row, 3)),
		.digest = (uint64_t)sqlite3_column_int64(row, 4),
		.until_ms = sqlite3_column_int64(row, 5),
	};

	if (!sqlite_id(row, 2, &key.id) || key.state == JOB_STATES || !sqlite3_column_int(row, 6) ||
		strlen(text_of(row, 0)) > TENANT_NAME_MAX || strlen(text_of(row, 1)) > JOB_KEY_MAX) {
		tell(visit, "the idempotency key \"%s\" of tenant %s: its checksum is of something else",
			text_of(row, 1), text_of(row, 0));
		return 0;
	}
	strcpy(key.tenant, text_of(row, 0));
	strcpy(key.key, text_of(row, 1));
	return visit->visitor->key(visit->visitor->arg, &key);
}

static int visit_tenant(const struct visit *visit, sqlite3_stmt *row)
{
	const char *tenant = text_of(row, 0);

	if (sqlite3_column_int(row, 2) && tenant_name_valid(tenant))
		return visit->visitor->tenant(visit->visitor->arg, tenant, text_of(row, 1));
	tell(visit, "what is set for tenant %s: its checksum is of something else", tenant);
	return 0;
}

static int visit_forgotten(const struct visit *visit, sqlite3_stmt *row)
{
	struct problem missing = {0};

	if (sqlite_witness_check(visit->witness, sqlite3_column_int64(row, 2), &missing) < 0)
		tell(visit, "%s", missing.message);
	return visit->visitor->forgotten(
		visit->visitor->arg, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1));
}

static int visit_page(const struct visit *visit, sqlite3_stmt *row)
{
	if (strcmp(text_of(row, 0), "ok") != 0)
		tell(visit, SQLITE_FILE ": %s", text_of(row, 0));
	return 0;
}

/* What cannot be read to its end is told, and does not keep back what comes after it. */
static int visit_rows(const struct visit *visit, enum visit_read read)
{
	static int (*const fns[VISITS])(const struct visit *visit, sqlite3_stmt *row) = {
		[VISIT_FORGOTTEN] = visit_forgotten,
		[VISIT_JOBS] = visit_job,
		[VISIT_KEYS] = visit_key,
		[VISIT_TENANTS] = visit_tenant,
		[VISIT_PAGES] = visit_page,
	};
	sqlite3_stmt *statement = NULL;
	int r = 0, code = sqlite3_prepare_v2(visit->sqlite.reader, texts[read], -1, &statement, NULL);

	while (code == SQLITE_OK && r == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		r = fns[read](visit, statement);
		code = SQLITE_OK;
	}
	if (code != SQLITE_OK && code != SQLITE_DONE)
		tell(visit, SQLITE_FILE ": it cannot be read to the end of what it has: %s",
			sqlite3_errmsg(visit->sqlite.reader));
	sqlite3_finalize(statement);
	return r;
}

static int open_reader(struct visit *visit, const char *path, struct problem *reterr)
{
	sqlite3 **reader = &visit->sqlite.reader;
	int code = sqlite3_open_v2(
		path, reader, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_db_config(*reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (code == SQLITE_OK)
		code = sqlite_add_checksum(*reader);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(*reader, BUSY_MS);
	if (code == SQLITE_OK) /* all is read as of one moment */
		code = sqlite3_exec(*reader,
			"PRAGMA cell_size_check = ON; BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL,
			NULL);
	return code == SQLITE_OK ? sqlite_schema_check(*reader, reterr)
				 : sqlite_problem(*reader, code, path, reterr);
}

static int look_through(const struct visit *visit, bool pages)
{
	int r = pages ? visit_rows(visit, VISIT_PAGES) : 0;

	for (enum visit_read read = VISIT_FORGOTTEN; r == 0 && read <= VISIT_TENANTS; read++)
		r = visit_rows(visit, read);
	return r;
}

int store_visit(const struct store_options *options, bool pages, const struct store_visitor *visitor,
	struct problem *reterr)
{
	struct visit visit = {.sqlite.options = *options, .visitor = visitor};
	CLEANUP(fd_closep) int lock_fd = -1;
	char path[PATH_MAX + sizeof("/" SQLITE_FILE)];
	int r;

	fit_print(path, sizeof(path), "%s/lock", options->state_dir);
	lock_fd = open(path, O_RDONLY | O_CLOEXEC);
	/* read before the database, which then has as much, or more: its daemon may go on */
	visit.witness = lock_fd >= 0 ? sqlite_witness_read(lock_fd) : -1;
	fit_print(path, sizeof(path), "%s/" SQLITE_FILE, options->state_dir);
	r = open_reader(&visit, path, reterr);
	if (r == 0)
		r = look_through(&visit, pages);
	sqlite3_close(visit.sqlite.reader);
	return r;
}
