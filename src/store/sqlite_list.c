/* sqlite_list.c - a page of jobs, the newest first; see list.h and sqlite.h. */
#include <string.h>

#include "base/clock.h"
#include "store/sqlite.h"

/* As READ_ORDER in sqlite.c has them. */
enum column { COLUMN_SEQUENCE, COLUMN_TENANT, COLUMN_KIND, COLUMN_STATE, COLUMN_FINISHED };

static const char *text_at(sqlite3_stmt *row, enum column column)
{
	const void *text = sqlite3_column_text(row, column);

	return text ? text : "";
}

static bool is_wanted(const struct sqlite *sqlite, sqlite3_stmt *row, const struct listing *listing)
{
	int64_t finished_ms = sqlite3_column_int64(row, COLUMN_FINISHED);

	return !sqlite_is_too_old(sqlite, finished_ms) &&
	       listing_wants(listing, text_at(row, COLUMN_TENANT), job_kind_parse(text_at(row, COLUMN_KIND)),
		       job_state_parse(text_at(row, COLUMN_STATE)));
}

/* What is damaged is logged and left out: the others can still be shown. */
static int add(const struct sqlite *sqlite, sqlite3_stmt *row, struct listing *listing)
{
	struct store_record record = {0};
	int r = sqlite_read_listed(sqlite, row, listing, &record);

	if (r == 0 && record.job)
		listing_add(listing, &record);
	return r;
}

/* Its request and its attempts are only fetched when all else fits. */
static int fetch(const struct sqlite *sqlite, int64_t sequence, struct listing *listing)
{
	struct binding to = {.statement = sqlite->reads[READ_LISTED]};
	int code = SQLITE_DONE, r = 0;

	bind_int(&to, sequence);
	if (!to.error)
		code = sqlite3_step(to.statement);
	if (code == SQLITE_ROW)
		r = add(sqlite, to.statement, listing);
	sqlite3_reset(to.statement);
	if (to.error || r < 0)
		return to.error ? to.error : r;
	return code == SQLITE_ROW ? 0 : sqlite_error(code);
}

/* One reading transaction, as long as the statement is at a row: all is as of one commit. */
static int walk(const struct sqlite *sqlite, sqlite3_stmt *rows, struct listing *listing)
{
	int code, r = 0;

	while (r == 0 && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		int64_t sequence = sqlite3_column_int64(rows, COLUMN_SEQUENCE);

		if (!listing_goes_on(listing, sequence))
			return 0;
		if (is_wanted(sqlite, rows, listing))
			r = fetch(sqlite, sequence, listing);
	}
	return r == 0 ? sqlite_error(code) : r;
}

int sqlite_list(void *state, const struct store_query *query, struct store_page *ret_page)
{
	const struct sqlite *sqlite = state;
	struct binding to = {.statement = sqlite->reads[READ_ORDER]};
	struct listing listing;
	int r = listing_init(&listing, query);

	if (r < 0)
		return r;
	bind_int(&to, query->below);
	r = to.error ? to.error : walk(sqlite, to.statement, &listing);
	sqlite3_reset(to.statement);
	return listing_end(&listing, r, ret_page);
}
