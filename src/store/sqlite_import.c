/* sqlite_import.c - a folder filled with what another one had, in one transaction; see offline.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/attempts.h"
#include "store/offline.h"
#include "store/sqlite.h"

enum import_write { IMPORT_JOB, IMPORT_KEY, IMPORT_TENANT, IMPORT_FORGOTTEN, IMPORTS };

static const char *const texts[IMPORTS] = {
	[IMPORT_JOB] =
		"INSERT INTO jobs (" SQLITE_CHECKED ", checksum, bytes)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"
		" ON CONFLICT DO NOTHING",
	[IMPORT_KEY] =
		"INSERT INTO keys (" SQLITE_KEY_CHECKED ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		" ON CONFLICT DO NOTHING",
	[IMPORT_TENANT] = "INSERT INTO tenants (" SQLITE_TENANT_CHECKED ", checksum) VALUES (?1, ?2, ?3)"
			  " ON CONFLICT DO NOTHING",
	[IMPORT_FORGOTTEN] = "UPDATE forgotten SET first_ms = ?1, last_ms = ?2",
};

struct store_import {
	struct sqlite *sqlite;
	sqlite3_stmt *writes[IMPORTS];
	uint64_t sequence; /* of the last job */
};

static int check_empty(sqlite3 *database, struct problem *reterr)
{
	int64_t n = 0;
	int code = sqlite_number(database,
		"SELECT count(*) FROM (SELECT 1 FROM jobs UNION ALL SELECT 1 FROM keys"
		" UNION ALL SELECT 1 FROM tenants LIMIT 1)",
		&n);

	if (code != SQLITE_OK)
		return sqlite_problem(database, code, SQLITE_FILE, reterr);
	if (n > 0)
		return problem_set(reterr, -EEXIST, PROBLEM_STORE, "state-dir",
			"the folder has jobs already, or settings of tenants; only into one that has none can be imported");
	return 0;
}

static void import_free(struct store_import *import)
{
	for (size_t i = 0; i < IMPORTS; i++)
		sqlite3_finalize(import->writes[i]);
	store_sqlite.close(import->sqlite);
	free(import);
}

static int begin(struct store_import *import, struct problem *reterr)
{
	sqlite3 *database = import->sqlite->writer;
	int code, r = check_empty(database, reterr);

	if (r < 0)
		return r;
	code = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	for (size_t i = 0; code == SQLITE_OK && i < IMPORTS; i++)
		code = sqlite3_prepare_v2(database, texts[i], -1, &import->writes[i], NULL);
	return code == SQLITE_OK ? 0 : sqlite_problem(database, code, SQLITE_FILE, reterr);
}

int store_import_begin(
	const struct store_options *options, struct store_import **ret_import, struct problem *reterr)
{
	struct store_import *import = calloc(1, sizeof(*import));
	void *sqlite;
	int r = import ? store_sqlite.open(options, &sqlite, reterr) : store_no_memory(reterr);

	if (r < 0) {
		free(import);
		return r;
	}
	import->sqlite = sqlite;
	r = begin(import, reterr);
	if (r < 0) {
		import_free(import);
		return r;
	}
	*ret_import = import;
	return 0;
}

/* 0, -EEXIST: the row was there, or -errno. */
static int insert(struct store_import *import, struct binding *to)
{
	int r = sqlite_run(to->statement, to->error);

	return r == 0 && sqlite3_changes(import->sqlite->writer) == 0 ? -EEXIST : r;
}

static void bind_name(struct binding *to, const char *text)
{
	bind_text(to, text, strlen(text));
}

static void bind_result(struct binding *to, const struct result *result)
{
	if (result)
		bind_blob(to, result->body, result->body_bytes);
	else
		bind_text(to, NULL, 0);
}

int store_import_job(struct store_import *import, const struct store_record *record)
{
	const struct progress *progress = &record->progress;
	const struct result *result = record->result;
	struct job *job = record->job;
	const struct store_op op = {
		.type = result ? STORE_FINISH : STORE_CHANGE,
		.job = record->job,
		.progress = *progress,
		.result = record->result,
	};
	struct binding to = {.statement = import->writes[IMPORT_JOB]};
	unsigned char kept[ATTEMPTS_BYTES_MAX];
	size_t kept_bytes = attempts_pack(progress, kept);

	job->sequence = ++import->sequence; /* only the order is kept */
	bind_blob(&to, job->id.bytes, sizeof(job->id.bytes));
	bind_name(&to, job_state_name(progress->state));
	bind_int(&to, progress->next_run_at_ms);
	bind_int(&to, progress->started_ms);
	bind_int(&to, progress->finished_ms);
	bind_int(&to, progress->attempts);
	bind_int(&to, progress->failures);
	bind_int(&to, progress->crashes);
	bind_blob(&to, kept, kept_bytes);
	bind_result(&to, result);
	bind_int(&to, job->created_ms);
	bind_int(&to, job->run_at_ms);
	bind_int(&to, progress->expires_at_ms);
	bind_name(&to, job->request);
	bind_int(&to, (int64_t)job->sequence);
	bind_name(&to, job->tenant);
	bind_name(&to, job_kind_name(job->kind));
	bind_int(&to, job->priority);
	bind_int(&to, sqlite_job_checksum(&op, kept, kept_bytes));
	bind_int(&to, result ? (int64_t)(strlen(job->request) + result->body_bytes) : 0);
	return insert(import, &to);
}

int store_import_key(struct store_import *import, const struct key_record *key)
{
	struct binding to = {.statement = import->writes[IMPORT_KEY]};
	const char *state = job_state_name(key->state);

	bind_name(&to, key->tenant);
	bind_name(&to, key->key);
	bind_blob(&to, key->id.bytes, sizeof(key->id.bytes));
	bind_name(&to, state);
	bind_int(&to, (int64_t)key->digest);
	bind_int(&to, key->until_ms);
	bind_int(&to, sqlite_key_checksum(key));
	return insert(import, &to);
}

int store_import_tenant(struct store_import *import, const char *tenant, const char *settings)
{
	struct binding to = {.statement = import->writes[IMPORT_TENANT]};

	bind_name(&to, tenant);
	bind_name(&to, settings);
	bind_int(&to, sqlite_tenant_checksum(tenant, settings));
	return insert(import, &to);
}

int store_import_forgotten(struct store_import *import, int64_t first_ms, int64_t last_ms)
{
	struct binding to = {.statement = import->writes[IMPORT_FORGOTTEN]};

	bind_int(&to, first_ms);
	bind_int(&to, last_ms);
	return sqlite_run(to.statement, to.error);
}

int store_import_end(struct store_import *import, bool keep, struct problem *reterr)
{
	sqlite3 *database = import->sqlite->writer;
	int code = sqlite3_exec(database, keep ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
	int r = code == SQLITE_OK ? 0 : sqlite_problem(database, code, SQLITE_FILE, reterr);

	if (r < 0 && !sqlite3_get_autocommit(database))
		sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
	import_free(import);
	return r;
}
