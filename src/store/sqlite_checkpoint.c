/*
 * sqlite_checkpoint.c - the log is taken into the file beside the committer; see sqlite.h.
 *
 * A checkpoint writes a thousand pages and waits for the disk twice, and whoever submits would wait for that with the committer.  So a
 * thread does it, over a connection of its own, while the committer goes on to write the log.  But for one that ends with the last frame
 * the log does not begin anew; so once it is LOG_FULL the committer does what is left of it, which is little, by itself.
 *
 * What is in the log is on the disk then, since only a synced commit asks for a checkpoint, and until it is over none is relaxed.  So the
 * thread's connection does not sync the log: if that failed, here, the committer would not hear of it (sqlite_sync.c).
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "store/sqlite.h"
#include "store/thread.h"

enum { LOG_FULL = 8192 /* frames */ };

enum work { WORK_NONE, WORK_ASKED, WORK_END };

struct checkpoint {
	pthread_t thread;
	pthread_mutex_t lock; /* of what is between the two */
	pthread_cond_t changed;
	enum work work;
	sqlite3 *taker;
	sqlite3_io_methods methods; /* of its log */
	int asked_at;               /* the committer's: how long the log was */
};

static int sync_nothing(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

/* SQLite opens the log when it reads for the first time. */
static int leave_log_unsynced(struct checkpoint *checkpoint)
{
	sqlite3_file *log = NULL;
	int code = sqlite3_exec(checkpoint->taker, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_file_control(checkpoint->taker, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (code != SQLITE_OK || !log || !log->pMethods)
		return code != SQLITE_OK ? code : SQLITE_ERROR;
	checkpoint->methods = *log->pMethods;
	checkpoint->methods.xSync = sync_nothing;
	log->pMethods = &checkpoint->methods;
	return SQLITE_OK;
}

static int open_taker(struct checkpoint *checkpoint, sqlite3 *writer)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int code = sqlite3_open_v2(sqlite3_db_filename(writer, "main"), &checkpoint->taker, flags, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_db_config(checkpoint->taker, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (code == SQLITE_OK)
		code = leave_log_unsynced(checkpoint);
	return code;
}

/* What it cannot take it will be asked for again. */
static void *take(void *arg)
{
	struct checkpoint *checkpoint = arg;

	pthread_mutex_lock(&checkpoint->lock);
	while (checkpoint->work != WORK_END) {
		if (checkpoint->work == WORK_NONE) {
			pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
			continue;
		}
		pthread_mutex_unlock(&checkpoint->lock);
		sqlite3_wal_checkpoint_v2(checkpoint->taker, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		pthread_mutex_lock(&checkpoint->lock);
		if (checkpoint->work == WORK_ASKED)
			checkpoint->work = WORK_NONE;
		pthread_cond_broadcast(&checkpoint->changed);
	}
	pthread_mutex_unlock(&checkpoint->lock);
	return NULL;
}

static void checkpoint_free(struct checkpoint *checkpoint)
{
	sqlite3_close(checkpoint->taker);
	pthread_cond_destroy(&checkpoint->changed);
	pthread_mutex_destroy(&checkpoint->lock);
	free(checkpoint);
}

static struct checkpoint *checkpoint_new(sqlite3 *writer)
{
	struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

	if (!checkpoint)
		return NULL;
	pthread_mutex_init(&checkpoint->lock, NULL);
	pthread_cond_init(&checkpoint->changed, NULL);
	if (open_taker(checkpoint, writer) == SQLITE_OK &&
		thread_start(&checkpoint->thread, "store-log", take, checkpoint) == 0)
		return checkpoint;
	checkpoint_free(checkpoint);
	return NULL;
}

/* Made when the log is long for the first time.  False: there is none, so the committer does it all. */
static bool have_thread(struct sqlite *sqlite)
{
	if (!sqlite->checkpoint && !sqlite->without_thread) {
		sqlite->checkpoint = checkpoint_new(sqlite->writer);
		sqlite->without_thread = !sqlite->checkpoint;
		if (sqlite->without_thread)
			log_warning("store", "the log is taken in by the committer, which costs time", "");
	}
	return sqlite->checkpoint;
}

static void ask(struct checkpoint *checkpoint, int frames)
{
	if (frames < checkpoint->asked_at) /* it has begun anew */
		checkpoint->asked_at = 0;
	if (frames - checkpoint->asked_at < LOG_LONG)
		return;
	checkpoint->asked_at = frames;
	pthread_mutex_lock(&checkpoint->lock);
	checkpoint->work = WORK_ASKED;
	pthread_cond_broadcast(&checkpoint->changed);
	pthread_mutex_unlock(&checkpoint->lock);
}

bool sqlite_checkpoint_goes_on(struct sqlite *sqlite)
{
	bool goes_on;

	if (!sqlite->checkpoint)
		return false;
	pthread_mutex_lock(&sqlite->checkpoint->lock);
	goes_on = sqlite->checkpoint->work == WORK_ASKED;
	pthread_mutex_unlock(&sqlite->checkpoint->lock);
	return goes_on;
}

int sqlite_checkpoint_now(struct sqlite *sqlite, bool *ret_all)
{
	struct checkpoint *checkpoint = sqlite->checkpoint;
	int code, all = 0, taken = 0;

	if (checkpoint) {
		pthread_mutex_lock(&checkpoint->lock);
		while (checkpoint->work == WORK_ASKED)
			pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
		pthread_mutex_unlock(&checkpoint->lock);
	}
	code = sqlite3_wal_checkpoint_v2(sqlite->writer, "main", SQLITE_CHECKPOINT_PASSIVE, &all, &taken);
	*ret_all = code == SQLITE_OK && taken == all; /* else somebody reads */
	return code;
}

bool sqlite_checkpoint_look(struct sqlite *sqlite, int frames)
{
	bool all = true;

	if (frames < LOG_LONG)
		return true;
	if (frames < LOG_FULL && have_thread(sqlite))
		ask(sqlite->checkpoint, frames);
	else
		sqlite_checkpoint_now(sqlite, &all);
	return all;
}

void sqlite_checkpoint_end(struct sqlite *sqlite)
{
	struct checkpoint *checkpoint = sqlite->checkpoint;

	if (!checkpoint)
		return;
	pthread_mutex_lock(&checkpoint->lock);
	checkpoint->work = WORK_END;
	pthread_cond_broadcast(&checkpoint->changed);
	pthread_mutex_unlock(&checkpoint->lock);
	pthread_join(checkpoint->thread, NULL);
	sqlite->checkpoint = NULL;
	checkpoint_free(checkpoint);
}
