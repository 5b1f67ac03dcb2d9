/*
 * sqlite_checksum.c - checksums of rows; see sqlite.h.
 *
 * SQLite's pages have none, so a bit that turned on the disk would be read as it is.  A row's is made of what the daemon meant
 * to put on record, never of what it found there, so that a change on top of damage does not hide it.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "store/sqlite.h"

static uint64_t add_number(uint64_t sum, int64_t value)
{
	uint64_t bytes = htole64((uint64_t)value); /* a file may be moved to another machine */

	return fnv1a(sum, &bytes, sizeof(bytes));
}

static uint64_t add_bytes(uint64_t sum, const void *data, size_t bytes)
{
	return fnv1a(add_number(sum, (int64_t)bytes), data, bytes);
}

static uint64_t add_text(uint64_t sum, const char *text)
{
	return add_bytes(sum, text, strlen(text));
}

/* In the order of SQLITE_CHECKED. */
int64_t sqlite_job_checksum(const struct store_op *op, const void *kept, size_t kept_bytes)
{
	const struct result *result = op->type == STORE_FINISH ? op->result : NULL;
	const struct progress *progress = &op->progress;
	const struct job *job = op->job;
	uint64_t sum = add_bytes(FNV1A_BEGIN, job->id.bytes, sizeof(job->id.bytes));

	sum = add_text(sum, job_state_name(progress->state));
	sum = add_number(sum, progress->next_run_at_ms);
	sum = add_number(sum, progress->started_ms);
	sum = add_number(sum, result ? progress->finished_ms : 0);
	sum = add_number(sum, progress->attempts);
	sum = add_number(sum, progress->failures);
	sum = add_number(sum, progress->crashes);
	sum = add_bytes(sum, kept, kept_bytes);
	sum = add_bytes(sum, result ? result->body : "", result ? result->body_bytes : 0);
	sum = add_number(sum, job->created_ms);
	sum = add_number(sum, job->run_at_ms);
	sum = add_number(sum, progress->expires_at_ms);
	sum = add_text(sum, job->request);
	sum = add_number(sum, (int64_t)job->sequence);
	sum = add_text(sum, job->tenant);
	sum = add_text(sum, job_kind_name(job->kind));
	return (int64_t)add_number(sum, job->priority);
}

/* In the order of SQLITE_KEY_CHECKED. */
int64_t sqlite_key_checksum(const struct key_record *key)
{
	uint64_t sum = add_text(FNV1A_BEGIN, key->tenant);

	sum = add_text(sum, key->key);
	sum = add_bytes(sum, key->id.bytes, sizeof(key->id.bytes));
	sum = add_text(sum, job_state_name(key->state));
	sum = add_number(sum, (int64_t)key->digest);
	return (int64_t)add_number(sum, key->until_ms);
}

/* In the order of SQLITE_TENANT_CHECKED. */
int64_t sqlite_tenant_checksum(const char *tenant, const char *settings)
{
	return (int64_t)add_text(add_text(FNV1A_BEGIN, tenant), settings);
}

/* row_checksum(COLUMN, ...): of a row as it is on record. */
static void row_checksum(sqlite3_context *context, int n, sqlite3_value **values)
{
	uint64_t sum = FNV1A_BEGIN;

	for (int i = 0; i < n; i++) {
		const void *data;

		if (sqlite3_value_type(values[i]) == SQLITE_INTEGER) {
			sum = add_number(sum, sqlite3_value_int64(values[i]));
			continue;
		}
		data = sqlite3_value_blob(values[i]);
		sum = add_bytes(sum, data, (size_t)sqlite3_value_bytes(values[i]));
	}
	sqlite3_result_int64(context, (int64_t)sum);
}

int sqlite_add_checksum(sqlite3 *database)
{
	return sqlite3_create_function_v2(database, "row_checksum", -1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, row_checksum, NULL, NULL, NULL);
}
