/* sqlite_keys.c - idempotency keys, in the transaction of their job; see sqlite.h. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/fit.h"
#include "log/log.h"
#include "store/sqlite.h"

static void bind_name(struct binding *to, const struct job *job)
{
	bind_text(to, job->tenant, strlen(job->tenant));
	bind_text(to, job->key, strlen(job->key));
}

/* Whether it still stands is only believed of a row whose checksum fits. */
static int read_receipt(sqlite3_stmt *row, struct store_op *op)
{
	struct store_receipt *receipt = &op->receipt;
	const void *state = sqlite3_column_text(row, 1);

	if (!sqlite_id(row, 0, &receipt->id) || !state || !sqlite3_column_int(row, 3))
		return -EBADMSG;
	receipt->state = job_state_parse(state);
	receipt->same = (uint64_t)sqlite3_column_int64(row, 2) == job_digest(op->job);
	if (receipt->state == JOB_STATES)
		return -EBADMSG;
	return sqlite3_column_int(row, 4) ? 1 : 0;
}

static void tell_damage(const struct job *job)
{
	log_error("store", "an idempotency key on record cannot be read back", "tenant=%s", job->tenant);
}

static int find(struct sqlite *sqlite, struct store_op *op, int64_t now_ms)
{
	struct binding to = {.statement = sqlite->writes[WRITE_FIND_KEY]};
	int code, r;

	bind_name(&to, op->job);
	bind_int(&to, now_ms);
	if (to.error)
		return to.error;
	code = sqlite3_step(to.statement);
	r = code == SQLITE_ROW ? read_receipt(to.statement, op) : sqlite_error(code);
	sqlite3_reset(to.statement);
	if (code == SQLITE_ROW && r == -EBADMSG)
		tell_damage(op->job);
	return r;
}

int sqlite_take_key(struct sqlite *sqlite, struct store_op *op)
{
	struct binding to = {.statement = sqlite->writes[WRITE_ADD_KEY]};
	const char *state = job_state_name(op->progress.state);
	const int64_t now_ms = clock_wall_ms();
	struct key_record key = {
		.id = op->job->id,
		.state = op->progress.state,
		.digest = job_digest(op->job),
		.until_ms = now_ms + STORE_KEY_MS,
	};
	int r = find(sqlite, op, now_ms);

	if (r != 0)
		return r;
	if (op->only_replay)
		return -ENOKEY;
	fit_print(key.tenant, sizeof(key.tenant), "%s", op->job->tenant);
	fit_print(key.key, sizeof(key.key), "%s", op->job->key);
	sqlite_look_at(sqlite, key.until_ms + 1);
	bind_name(&to, op->job);
	bind_blob(&to, op->job->id.bytes, sizeof(op->job->id.bytes));
	bind_text(&to, state, strlen(state));
	bind_int(&to, (int64_t)key.digest);
	bind_int(&to, key.until_ms);
	bind_int(&to, sqlite_key_checksum(&key));
	return sqlite_run(to.statement, to.error);
}

int sqlite_forget_keys(struct sqlite *sqlite, size_t steps)
{
	struct binding to = {.statement = sqlite->writes[WRITE_FORGET_KEYS]};

	bind_int(&to, clock_wall_ms());
	bind_int(&to, (int64_t)steps);
	return sqlite_run(to.statement, to.error);
}
