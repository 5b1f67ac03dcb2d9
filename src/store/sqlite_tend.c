/*
 * sqlite_tend.c - what the file needs also when nothing is committed: retention, pages given back, and that what is only written is
 * flushed; see sqlite.h.
 *
 * A file does not become smaller by itself: where jobs were, there are spare pages.  Some are good to have, as the next jobs go there.
 * Once there are more of them than of the others, and SPARE_MANY, they are given back to the file system: a few in each transaction, and
 * more where nothing else is to be done.
 */
#include <penstock/time.h>

#include "base/clock.h"
#include "store/sqlite.h"

/* Pages of 4 KiB: when to begin, when to be content, and how many at one time. */
enum { SPARE_MANY = 4096, SPARE_FEW = 2048, PAGES_A_STEP = 256 };

enum { FORGET_A_STEP = 64 };

static bool too_many(int64_t spare, int64_t all, bool shrinking)
{
	return shrinking ? spare > all / 4 + SPARE_FEW : spare > all / 2 + SPARE_MANY;
}

int sqlite_give_back(struct sqlite *sqlite, size_t pages)
{
	sqlite3_stmt *give = sqlite->writes[WRITE_GIVE_BACK];
	int64_t spare = 0, all = 0;
	int code = sqlite_step_number(sqlite->writes[WRITE_SPARE], &spare);

	if (code == SQLITE_OK)
		code = sqlite_step_number(sqlite->writes[WRITE_PAGES], &all);
	if (code != SQLITE_OK)
		return sqlite_error(code);
	sqlite->shrinking = too_many(spare, all, sqlite->shrinking);
	if (!sqlite->shrinking)
		return 0;
	code = SQLITE_ROW;
	while (pages-- > 0 && code == SQLITE_ROW) /* one each */
		code = sqlite3_step(give);
	sqlite3_reset(give);
	return code == SQLITE_ROW ? 0 : sqlite_error(code);
}

bool sqlite_look_is_due(const struct sqlite *sqlite)
{
	return sqlite->look_ms == INT64_MAX || sqlite->look_ms <= clock_wall_ms();
}

void sqlite_look_at(struct sqlite *sqlite, int64_t ms)
{
	if (sqlite->look_ms != INT64_MAX && ms < sqlite->look_ms)
		sqlite->look_ms = ms;
}

/* When retention has something to do, by the wall's clock; the oldest are the first, so it holds until then. */
static int64_t next_look_ms(struct sqlite *sqlite)
{
	int64_t oldest_ms = 0, until_ms = 0, look_ms = INT64_MAX;

	if (sqlite_step_number(sqlite->writes[WRITE_OLDEST], &oldest_ms) == SQLITE_OK && oldest_ms > 0)
		look_ms = oldest_ms + sqlite_retention_ms(sqlite) + 1;
	if (sqlite_step_number(sqlite->writes[WRITE_OLDEST_KEY], &until_ms) == SQLITE_OK && until_ms > 0 &&
		until_ms < look_ms)
		look_ms = until_ms + 1;
	return look_ms;
}

static bool has_too_many(const struct sqlite *sqlite)
{
	return sqlite->ended.jobs > sqlite->options.retention_jobs ||
	       (sqlite->ended.jobs > 0 && sqlite->ended.bytes > sqlite->options.retention_bytes);
}

int64_t sqlite_pause_ns(void *state)
{
	struct sqlite *sqlite = state;

	if (sqlite->unflushed)
		return sqlite_sync_pause_ns(sqlite);
	if (sqlite->shrinking || has_too_many(sqlite))
		return STORE_STEP_PAUSE_NS;
	if (sqlite->look_ms == INT64_MAX)
		sqlite->look_ms = next_look_ms(sqlite);
	return store_pause_ns(sqlite->look_ms);
}

int sqlite_tend(void *state)
{
	struct sqlite *sqlite = state;
	bool shrank = sqlite->shrinking;
	int r = sqlite_transact(sqlite, NULL, 0, FORGET_A_STEP, PAGES_A_STEP);

	if (r == 0)
		sqlite_sync_after(sqlite);
	if (r == 0 && shrank && !sqlite->shrinking) /* only a checkpoint makes the file shorter */
		r = sqlite_error(sqlite3_wal_checkpoint_v2(
			sqlite->writer, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
	return r;
}
