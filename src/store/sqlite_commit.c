/* sqlite_commit.c - a group of operations as one transaction, and retention in it; see sqlite.h. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "store/attempts.h"
#include "store/sqlite.h"

enum { PAGES_A_COMMIT = 32 }; /* that are given back */

/* What a row has besides its request and its result, and what one that is accepted must have room for: an end without a result, too. */
enum { ROW_ROOM = ATTEMPTS_BYTES_MAX + 1024, END_ROOM = ROW_ROOM + 8192 };

static void bind_progress(
	struct binding *to, const struct store_op *op, unsigned char kept[static ATTEMPTS_BYTES_MAX])
{
	const struct progress *progress = &op->progress;
	const char *state = job_state_name(progress->state);
	const size_t kept_bytes = attempts_pack(progress, kept);

	bind_blob(to, op->job->id.bytes, sizeof(op->job->id.bytes));
	bind_text(to, state, strlen(state));
	bind_int(to, progress->next_run_at_ms);
	bind_int(to, progress->started_ms);
	bind_int(to, progress->attempts);
	bind_int(to, progress->failures);
	bind_int(to, progress->crashes);
	bind_blob(to, kept, kept_bytes);
	bind_int(to, progress->expires_at_ms);
	bind_int(to, sqlite_job_checksum(op, kept, kept_bytes));
}

static void bind_job(struct binding *to, const struct job *job)
{
	const char *kind = job_kind_name(job->kind);

	bind_int(to, (int64_t)job->sequence);
	bind_text(to, job->tenant, strlen(job->tenant));
	bind_text(to, kind, strlen(kind));
	bind_int(to, job->priority);
	bind_int(to, job->created_ms);
	bind_int(to, job->run_at_ms);
	bind_text(to, job->request, strlen(job->request));
}

static size_t end_bytes(const struct store_op *op)
{
	return strlen(op->job->request) + op->result->body_bytes;
}

static void bind_end(struct binding *to, const struct store_op *op)
{
	bind_int(to, op->progress.finished_ms);
	bind_blob(to, op->result->body, op->result->body_bytes);
	bind_int(to, (int64_t)end_bytes(op));
}

/* Run one of the statements for an operation.  0 and whether it found the row that it is for, or -errno. */
static int run(struct sqlite *sqlite, enum sqlite_write write, const struct store_op *op, bool *ret_found)
{
	struct binding to = {.statement = sqlite->writes[write]};
	unsigned char kept[ATTEMPTS_BYTES_MAX];
	int r;

	bind_progress(&to, op, kept);
	if (write == WRITE_ACCEPT)
		bind_job(&to, op->job);
	else if (write == WRITE_FINISH)
		bind_end(&to, op);
	r = sqlite_run(to.statement, to.error);
	*ret_found = r == 0 && sqlite3_changes(sqlite->writer) > 0;
	return r;
}

/* One ended job fewer.  Bytes that are damaged must not make the rest look like more than there may be, which would be forgotten then. */
static void take_off(struct tally *ended, int64_t bytes)
{
	const size_t there = ended->bytes, counted = bytes < 0 || bytes > INT32_MAX ? 0 : (size_t)bytes;

	ended->jobs -= ended->jobs > 0;
	ended->bytes -= counted < there ? counted : there;
}

/* An ended job is to run once more. */
static int take_back(struct sqlite *sqlite, const struct store_op *op, struct tally *ended, bool *ret_found)
{
	struct binding to = {.statement = sqlite->writes[WRITE_AGAIN]};
	unsigned char kept[ATTEMPTS_BYTES_MAX];
	int code = SQLITE_DONE;

	bind_progress(&to, op, kept);
	while (!to.error && (code = sqlite3_step(to.statement)) == SQLITE_ROW) {
		take_off(ended, sqlite3_column_int64(to.statement, 0));
		*ret_found = true;
	}
	sqlite3_reset(to.statement);
	return to.error ? to.error : sqlite_error(code);
}

static bool row_fits(const struct sqlite *sqlite, const struct store_op *op)
{
	const size_t most = (size_t)sqlite3_limit(sqlite->writer, SQLITE_LIMIT_LENGTH, -1);
	size_t bytes = strlen(op->job->request) + (op->type == STORE_ACCEPT ? END_ROOM : ROW_ROOM);

	if (op->result)
		bytes += op->result->body_bytes;
	return bytes <= most;
}

/* SQLite would refuse the whole transaction, which is nobody else's fault.  What follows is no reason to go half way. */
static bool fits(const struct sqlite *sqlite, const struct store_op *op)
{
	const struct store_op *follower = op->with && op->with->follows ? op->with : NULL;

	return row_fits(sqlite, op) && (!follower || row_fits(sqlite, follower));
}

static int apply(struct sqlite *sqlite, struct store_op *op, struct tally *ended)
{
	static const enum sqlite_write writes[STORE_OPS] = {
		[STORE_ACCEPT] = WRITE_ACCEPT,
		[STORE_CHANGE] = WRITE_CHANGE,
		[STORE_FINISH] = WRITE_FINISH,
	};
	bool found = false;
	int r = 0;

	if (op->type == STORE_TENANT)
		return sqlite_set_tenant(sqlite, op);
	if (op->type != STORE_CHANGE && !fits(sqlite, op)) { /* what a change adds was left room for */
		op->error = -E2BIG;
		return 0;
	}
	if (op->type == STORE_ACCEPT && op->job->key)
		r = sqlite_take_key(sqlite, op);
	if (r > 0 || r == -EBADMSG || r == -ENOKEY) { /* none of which keeps another job of the group back */
		op->error = r > 0 ? -EEXIST : r;
		return 0;
	}
	if (r == 0)
		r = run(sqlite, writes[op->type], op, &found);
	if (r == 0 && found && op->type == STORE_FINISH) {
		sqlite_look_at(sqlite, op->progress.finished_ms + sqlite_retention_ms(sqlite) + 1);
		ended->jobs++;
		ended->bytes += end_bytes(op);
	}
	if (r == 0 && !found && op->type == STORE_CHANGE && op->progress.state == JOB_QUEUED)
		r = take_back(sqlite, op, ended, &found);
	if (r == 0 && !found)
		op->error = op->type == STORE_ACCEPT ? -EEXIST : -ESTALE;
	return r;
}

/* Of when the jobs are whose ids the statement gives. */
struct span {
	int64_t first_ms, last_ms;
	size_t n;
};

static void take_in(struct span *span, sqlite3_stmt *statement)
{
	struct uuid id = {0};
	int64_t ms;

	sqlite_id(statement, 0, &id);
	ms = uuid_time_ms(&id);
	span->first_ms = span->n == 0 || ms < span->first_ms ? ms : span->first_ms;
	span->last_ms = span->n == 0 || ms > span->last_ms ? ms : span->last_ms;
	span->n++;
}

/* At most `steps` of those that ended before a time, the oldest first. */
static int forget(struct sqlite *sqlite, int64_t before_ms, size_t steps, struct tally *ended)
{
	struct binding old = {.statement = sqlite->writes[WRITE_FORGET]};
	struct binding remember = {.statement = sqlite->writes[WRITE_FORGOTTEN]};
	struct span span = {0};
	int code = SQLITE_DONE;

	bind_int(&old, before_ms);
	bind_int(&old, (int64_t)steps);
	while (!old.error && (code = sqlite3_step(old.statement)) == SQLITE_ROW) {
		take_in(&span, old.statement);
		take_off(ended, sqlite3_column_int64(old.statement, 1));
	}
	sqlite3_reset(old.statement);
	if (old.error || code != SQLITE_DONE || span.n == 0)
		return old.error ? old.error : sqlite_error(code);
	bind_int(&remember, span.first_ms);
	bind_int(&remember, span.last_ms);
	return sqlite_run(remember.statement, remember.error);
}

/* One by one, as each is as large as it is. */
static int forget_bytes(struct sqlite *sqlite, size_t steps, struct tally *ended)
{
	int r = 0;

	while (r == 0 && steps-- > 0 && ended->jobs > 0 && ended->bytes > sqlite->options.retention_bytes)
		r = forget(sqlite, INT64_MAX, 1, ended);
	return r;
}

static int forget_some(struct sqlite *sqlite, size_t steps, struct tally *ended)
{
	const struct store_options *options = &sqlite->options;
	size_t excess = ended->jobs > options->retention_jobs ? ended->jobs - options->retention_jobs : 0;
	int r = 0;

	if (excess > 0)
		r = forget(sqlite, INT64_MAX, excess < steps ? excess : steps, ended);
	if (r == 0)
		r = forget_bytes(sqlite, steps, ended);
	if (r == 0 && excess < steps && sqlite_look_is_due(sqlite))
		r = forget(sqlite, clock_wall_ms() - sqlite_retention_ms(sqlite), steps - excess, ended);
	return r;
}

/* So that it can be missed; see sqlite_witness.c. */
static int count_itself(struct sqlite *sqlite)
{
	struct binding to = {.statement = sqlite->writes[WRITE_COUNT]};

	bind_int(&to, sqlite->commits + 1);
	return sqlite_run(to.statement, to.error);
}

static int fill(
	struct sqlite *sqlite, struct store_op *const *ops, size_t n, size_t steps, struct tally *ended)
{
	int r = 0;

	latest_look(&sqlite->latest, ops, n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (latest_leaves_out(&sqlite->latest, i))
			continue;
		if (ops[i]->follows && ops[i - 1]->error)
			ops[i]->error = -ECANCELED;
		else
			r = apply(sqlite, ops[i], ended);
	}
	latest_settle(&sqlite->latest, ops, n);
	if (r == 0)
		r = forget_some(sqlite, steps, ended);
	if (r == 0 && sqlite_look_is_due(sqlite))
		r = sqlite_forget_keys(sqlite, steps);
	if (r == 0)
		r = count_itself(sqlite);
	return r;
}

int sqlite_transact(
	struct sqlite *sqlite, struct store_op *const *ops, size_t n, size_t forget_steps, size_t pages)
{
	struct tally ended = sqlite->ended; /* as the transaction will leave it */
	bool due = sqlite_look_is_due(sqlite);
	int r = sqlite_sync_begin(sqlite, ops, n);

	if (r == 0)
		r = sqlite_run(sqlite->writes[WRITE_BEGIN], 0);
	if (r == 0)
		r = fill(sqlite, ops, n, forget_steps, &ended);
	if (r == 0)
		r = sqlite_give_back(sqlite, pages);
	if (r == 0)
		r = sqlite_run(sqlite->writes[WRITE_COMMIT], 0);
	if (r == 0) {
		sqlite->ended = ended;
		if (due)
			sqlite->look_ms = INT64_MAX;
		sqlite->commits++;
	} else if (!sqlite3_get_autocommit(sqlite->writer)) { /* some errors have rolled back already */
		sqlite_run(sqlite->writes[WRITE_ROLLBACK], 0);
	}
	sqlite_sync_end(sqlite, r);
	return r;
}

/* More steps than the group can have added, so that what is too much grows less. */
int sqlite_commit(void *state, struct store_op *const *ops, size_t n)
{
	return sqlite_transact(state, ops, n, 2 * n, PAGES_A_COMMIT);
}
