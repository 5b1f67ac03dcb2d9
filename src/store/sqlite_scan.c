/* sqlite_scan.c - lists of the jobs that have not ended; see sqlite.h. */
#include <errno.h>
#include <string.h>

#include "store/sqlite.h"

/* One row to `fn`: as a record, or as damage. */
static int give(const struct sqlite *sqlite, sqlite3_stmt *row, const struct store_scan *scan,
	store_found_fn fn, void *arg)
{
	struct store_found found = {.place = sqlite_place(row, scan->list)};
	struct problem damage = {0};
	int r = sqlite_record(sqlite, row, &found.id, &found.record, &damage);

	if (r == -EBADMSG) {
		found.damage = damage.message;
		sqlite_counted(row, scan, &found);
	}
	if (r == 0 || r == -EBADMSG)
		r = fn(arg, &found);
	store_record_fini(&found.record);
	return r;
}

int sqlite_scan(void *state, const struct store_scan *scan, store_found_fn fn, void *arg)
{
	struct sqlite *sqlite = state;
	struct binding to = {.statement = sqlite->reads[READ_READY + (int)scan->list]};
	int code = SQLITE_DONE, r = 0;

	bind_int(&to, scan->after.ms);
	bind_int(&to, (int64_t)scan->after.sequence);
	bind_int(&to, (int64_t)scan->limit);
	if (scan->list == STORE_READY) {
		bind_text(&to, scan->tenant, strlen(scan->tenant));
		bind_int(&to, scan->priority);
	}
	r = to.error;
	while (r == 0 && (code = sqlite3_step(to.statement)) == SQLITE_ROW)
		r = give(sqlite, to.statement, scan, fn, arg);
	sqlite3_reset(to.statement);
	return r == 0 ? sqlite_error(code) : r;
}

int sqlite_count_before(void *state, const char *tenant, int priority, uint64_t sequence, size_t *ret_jobs)
{
	struct sqlite *sqlite = state;
	struct binding to = {.statement = sqlite->reads[READ_BEFORE]};
	int64_t n = 0;
	int r;

	bind_text(&to, tenant, strlen(tenant));
	bind_int(&to, priority);
	bind_int(&to, (int64_t)sequence);
	if (to.error)
		return to.error;
	r = sqlite_error(sqlite_step_number(to.statement, &n));
	*ret_jobs = (size_t)n;
	return r;
}
