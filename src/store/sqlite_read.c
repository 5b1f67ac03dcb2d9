/* sqlite_read.c - records read back, and checked on the way; see sqlite.h. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fit.h"
#include "log/log.h"
#include "store/attempts.h"
#include "store/sqlite.h"

/* As SQLITE_RECORD has them. */
enum column {
	COLUMN_ID,
	COLUMN_STATE,
	COLUMN_NEXT_RUN_AT,
	COLUMN_STARTED,
	COLUMN_FINISHED,
	COLUMN_ATTEMPTS,
	COLUMN_FAILURES,
	COLUMN_CRASHES,
	COLUMN_KEPT,
	COLUMN_RESULT,
	COLUMN_CREATED,
	COLUMN_RUN_AT,
	COLUMN_EXPIRES_AT,
	COLUMN_REQUEST,
	COLUMN_SEQUENCE,
	COLUMN_TENANT, /* this and the next two are in the request too, and here for the indexes */
	COLUMN_KIND,
	COLUMN_PRIORITY,
	COLUMN_FITS, /* its checksum does */
	COLUMNS
};

_Static_assert(COLUMNS == SQLITE_RECORD_COLUMNS, "what comes after them is counted from there");

static int damaged(const char *what, struct problem *reterr)
{
	return problem_set(reterr, -EBADMSG, PROBLEM_STORE, NULL, "%s", what);
}

static int read_id(sqlite3_stmt *row, struct uuid *id, struct problem *reterr)
{
	return sqlite_id(row, COLUMN_ID, id) ? 0 : damaged("its id is none", reterr);
}

static int read_progress(sqlite3_stmt *row, struct progress *progress, struct problem *reterr)
{
	const void *state = sqlite3_column_text(row, COLUMN_STATE);
	const void *kept = sqlite3_column_blob(row, COLUMN_KEPT);
	int r;

	progress->state = state ? job_state_parse(state) : JOB_STATES;
	progress->next_run_at_ms = sqlite3_column_int64(row, COLUMN_NEXT_RUN_AT);
	progress->started_ms = sqlite3_column_int64(row, COLUMN_STARTED);
	progress->finished_ms = sqlite3_column_int64(row, COLUMN_FINISHED);
	progress->expires_at_ms = sqlite3_column_int64(row, COLUMN_EXPIRES_AT);
	progress->attempts = (uint32_t)sqlite3_column_int64(row, COLUMN_ATTEMPTS);
	progress->failures = (uint32_t)sqlite3_column_int64(row, COLUMN_FAILURES);
	progress->crashes = (uint32_t)sqlite3_column_int64(row, COLUMN_CRASHES);
	if (progress->state == JOB_STATES)
		return damaged("its state is none", reterr);
	if (job_state_ended(progress->state) != (progress->finished_ms > 0))
		return damaged("its state and its end do not fit together", reterr);
	r = attempts_unpack(kept, (size_t)sqlite3_column_bytes(row, COLUMN_KEPT), progress);
	return r == -EBADMSG ? damaged("its attempts cannot be read", reterr) : r;
}

static int read_job(const struct sqlite *sqlite, sqlite3_stmt *row, const struct uuid *id,
	struct job **ret_job, struct problem *reterr)
{
	const struct job_stamp stamp = {
		.id = *id,
		.sequence = (uint64_t)sqlite3_column_int64(row, COLUMN_SEQUENCE),
		.created_ms = sqlite3_column_int64(row, COLUMN_CREATED),
		.run_at_ms = sqlite3_column_int64(row, COLUMN_RUN_AT),
	};
	const void *request = sqlite3_column_text(row, COLUMN_REQUEST);
	struct problem why = {0};
	int r;

	if (!request)
		return damaged("it has no request", reterr);
	r = sqlite->options.restore(
		request, (size_t)sqlite3_column_bytes(row, COLUMN_REQUEST), &stamp, ret_job, &why);
	if (r == 0 || r == -ENOMEM)
		return r;
	return problem_set(reterr, -EBADMSG, PROBLEM_STORE, NULL, "its request is not one: %s %s", why.field,
		why.message);
}

static int read_result(sqlite3_stmt *row, struct store_record *record, struct problem *reterr)
{
	const struct progress *progress = &record->progress;
	const void *body = sqlite3_column_blob(row, COLUMN_RESULT);

	if (!job_state_ended(progress->state))
		return 0;
	if (!body)
		return damaged("it has no result", reterr);
	record->result = result_new(&record->job->id, progress->state, progress->finished_ms, body,
		(size_t)sqlite3_column_bytes(row, COLUMN_RESULT));
	return record->result ? 0 : -ENOMEM;
}

int sqlite_record(const struct sqlite *sqlite, sqlite3_stmt *row, struct uuid *ret_id,
	struct store_record *record, struct problem *reterr)
{
	int r = read_id(row, ret_id, reterr);

	if (r == 0)
		r = read_progress(row, &record->progress, reterr);
	if (r == 0)
		r = read_job(sqlite, row, ret_id, &record->job, reterr);
	if (r == 0)
		r = read_result(row, record, reterr);
	if (r == 0 && !sqlite3_column_int(row, COLUMN_FITS)) /* last: the others say what it is */
		r = damaged("its checksum is of something else", reterr);
	if (r < 0)
		store_record_fini(record);
	return r;
}

struct store_place sqlite_place(sqlite3_stmt *row, enum store_list list)
{
	struct store_place place = {.sequence = (uint64_t)sqlite3_column_int64(row, COLUMN_SEQUENCE)};

	if (list == STORE_LATER)
		place.ms = sqlite3_column_int64(row, COLUMN_NEXT_RUN_AT);
	else if (list == STORE_EXPIRING)
		place.ms = sqlite3_column_int64(row, COLUMN_EXPIRES_AT);
	return place;
}

static const char *text_at(sqlite3_stmt *row, enum column column)
{
	const void *text = sqlite3_column_text(row, column);

	return text ? text : "";
}

/* What the list says itself needs no row. */
void sqlite_counted(sqlite3_stmt *row, const struct store_scan *scan, struct store_found *found)
{
	const bool line = scan->list == STORE_READY;

	fit_print(found->tenant, sizeof(found->tenant), "%s",
		line ? scan->tenant : text_at(row, COLUMN_TENANT));
	found->priority = line ? scan->priority : sqlite3_column_int(row, COLUMN_PRIORITY);
	if (line)
		found->state = JOB_QUEUED;
	else if (scan->list == STORE_LATER)
		found->state = JOB_SCHEDULED;
	else
		found->state = job_state_parse(text_at(row, COLUMN_STATE));
}

/* Of an id that is not on record. */
static int missing(struct sqlite *sqlite, const struct uuid *id)
{
	struct binding to = {.statement = sqlite->reads[READ_FORGOTTEN]};
	int code;

	bind_int(&to, uuid_time_ms(id));
	if (to.error)
		return to.error;
	code = sqlite3_step(to.statement);
	sqlite3_reset(to.statement);
	if (code == SQLITE_ROW)
		return -ESTALE;
	return code == SQLITE_DONE ? -ENOENT : sqlite_error(code);
}

bool sqlite_is_too_old(const struct sqlite *sqlite, int64_t finished_ms)
{
	return finished_ms > 0 && finished_ms + sqlite_retention_ms(sqlite) < clock_wall_ms();
}

static void tell_damage(const struct uuid *id, const struct problem *problem)
{
	char text[UUID_TEXT];

	uuid_format(id, text);
	log_error("store", "a record cannot be read back", "id=%s why=%s", text, problem->message);
}

int sqlite_read(void *state, const struct uuid *id, struct store_record *ret_record)
{
	struct sqlite *sqlite = state;
	struct binding to = {.statement = sqlite->reads[READ_JOB]};
	struct store_record record = {0};
	struct problem problem = {0};
	struct uuid same;
	int code, r = 0;

	bind_blob(&to, id->bytes, sizeof(id->bytes));
	code = to.error ? SQLITE_ERROR : sqlite3_step(to.statement);
	if (code == SQLITE_ROW)
		r = sqlite_record(sqlite, to.statement, &same, &record, &problem);
	sqlite3_reset(to.statement);
	if (code == SQLITE_DONE)
		return missing(sqlite, id);
	if (code != SQLITE_ROW)
		return to.error ? to.error : sqlite_error(code);
	if (r == -EBADMSG)
		tell_damage(id, &problem);
	if (r == 0 && sqlite_is_too_old(sqlite, record.progress.finished_ms)) {
		store_record_fini(&record);
		r = -ESTALE;
	}
	if (r == 0)
		*ret_record = record;
	return r;
}

int sqlite_read_listed(
	const struct sqlite *sqlite, sqlite3_stmt *row, struct listing *listing, struct store_record *record)
{
	const void *request = sqlite3_column_text(row, COLUMN_REQUEST);
	struct problem problem = {0};
	struct uuid id = {0};
	int r = 1;

	if (request)
		r = listing_wants_request(
			listing, request, (size_t)sqlite3_column_bytes(row, COLUMN_REQUEST));
	if (r <= 0)
		return r;
	/* all of it is read, as its checksum is of all */
	r = sqlite_record(sqlite, row, &id, record, &problem);
	if (r == 0)
		result_unref(TAKE_PTR(record->result));
	if (r != -EBADMSG)
		return r;
	tell_damage(&id, &problem);
	listing->page.damaged++;
	return 0;
}
