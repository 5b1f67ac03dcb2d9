/*
 * sqlite_witness.c - how many transactions there were, told apart from the database; see sqlite.h.
 *
 * A write-ahead log ends where its frames do not fit any more, be it that the power was cut while they were written, or that the
 * disk has lost some which it said it had; SQLite cannot tell one from the other, and goes on with less.  So each transaction
 * counts itself, and once it is committed and synced the count is written into the lock's file too; of a relaxed one it is
 * not, as it may be missing after a power cut (sqlite_sync.c).  That is not synced: it may be behind, never ahead.  If it is ahead, something is missing that was on record.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fit.h"
#include "base/hash.h"
#include "log/log.h"
#include "store/sqlite.h"

#define WITNESS "commits %020" PRId64 " checksum %016" PRIx64 "\n"
#define WITNESS_BYTES (8 + 20 + 10 + 16 + 1) /* less than a sector, which is written whole or not at all */

static void print(char text[static WITNESS_BYTES + 1], int64_t commits)
{
	fit_print(text, WITNESS_BYTES + 1, WITNESS, commits, fnv1a(FNV1A_BEGIN, &commits, sizeof(commits)));
}

void sqlite_witness_write(struct sqlite *sqlite)
{
	char text[WITNESS_BYTES + 1];

	print(text, sqlite->commits);
	if (pwrite(sqlite->lock_fd, text, WITNESS_BYTES, 0) != WITNESS_BYTES && !sqlite->without_witness) {
		sqlite->without_witness = true;
		log_warning("store", "the count of transactions cannot be written, which only costs a check",
			"error=%s", strerror(errno));
	}
}

int64_t sqlite_witness_read(int fd)
{
	char text[WITNESS_BYTES + 1] = {0}, again[WITNESS_BYTES + 1];
	ssize_t bytes = pread(fd, text, WITNESS_BYTES, 0);
	int64_t commits;

	if (bytes == 0) /* a new one, or of a version that wrote none */
		return -1;
	if (bytes == WITNESS_BYTES && sscanf(text, "commits %" SCNd64, &commits) == 1) {
		print(again, commits);
		if (strcmp(text, again) == 0)
			return commits;
	}
	log_warning("store", "the count of transactions is damaged, which only costs a check", "file=lock");
	return -1;
}

int sqlite_witness_check(int64_t witness, int64_t commits, struct problem *reterr)
{
	if (witness <= commits)
		return 0;
	return problem_set(reterr, -EBADMSG, PROBLEM_STORE, "state-dir",
		"%" PRId64 " transactions that were on record are missing: " SQLITE_FILE
		"-wal was damaged or "
		"removed, or an older " SQLITE_FILE " was put back; put back what was there, or remove the "
		"file \"lock\" to go on without them",
		witness - commits);
}
