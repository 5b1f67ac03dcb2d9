/*
 * test_store_sync.c - when the store in a file waits for the disk, and what it does when that fails.
 *
 * SQLite calls the fdatasync() and pwrite64() of this program.
 */
#define UNIT_FORKS 1
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "sqlite_ops.h"

#define SOON_NS (100 * PEN_MS)

enum {
	FRAME_BYTES = 24 + 4096,
	FRAMES_LEAST = 4, /* of a transaction that accepts a job */
	LONG_LOG_BYTES = 1000 * FRAME_BYTES,
};

static size_t n_syncs; /* of the log */
static int sync_error;
static bool log_rewritten; /* in one call with its header, which SQLite never does */

static bool is_log(int fd)
{
	char link[32], path[256] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof(path) - 1) > 0 && strstr(path, "-wal");
}

/* It need not reach the disk: nobody cuts the power. */
int fdatasync(int fd)
{
	if (is_log(fd))
		__atomic_add_fetch(&n_syncs, 1, __ATOMIC_SEQ_CST);
	errno = sync_error;
	return sync_error ? -1 : 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at)
{
	log_rewritten |= at == 0 && bytes > 4096;
	return syscall(SYS_pwrite64, fd, data, bytes, at);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at)
{
	return pwrite64(fd, data, bytes, at);
}

static size_t syncs(void)
{
	return __atomic_exchange_n(&n_syncs, 0, __ATOMIC_SEQ_CST);
}

/* Accept a job for each of `letters`, 'r' a relaxed and 's' a synced one, in one transaction. */
static int accept(void *store, const char *letters)
{
	struct store_op *ops[8] = {NULL};
	size_t n = strlen(letters);
	int r;

	for (size_t i = 0; i < n; i++) {
		CLEANUP(job_unrefp) struct job *job = new_job(0);

		ops[i] = new_op(STORE_ACCEPT, job, JOB_QUEUED, NULL);
		ops[i]->relaxed = letters[i] == 'r';
	}
	r = store_sqlite.commit(store, ops, n);
	for (size_t i = 0; i < n; i++)
		store_op_free(ops[i]);
	return r;
}

static void *opened_and_used(void)
{
	void *store = opened();

	ck_assert_int_eq(accept(store, "s"), 0);
	syncs();
	return store;
}

START_TEST(a_relaxed_transaction_is_not_waited_for_and_is_flushed_soon_after)
{
	void *store = opened_and_used();

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(accept(store, "rr"), 0);
	ck_assert_uint_eq(syncs(), 0);
	ck_assert_int_le(store_sqlite.pause_ns(store), SOON_NS);
	ck_assert_int_eq(store_sqlite.tend(store), 0);
	ck_assert_uint_eq(syncs(), 1);
	ck_assert_int_gt(store_sqlite.pause_ns(store), SOON_NS); /* there is nothing to wake up for */
	store_sqlite.close(store);
}
END_TEST

START_TEST(one_that_is_not_relaxed_has_the_whole_group_flushed_and_what_was_before_it)
{
	void *store = opened_and_used();

	ck_assert_int_eq(accept(store, "r"), 0);
	ck_assert_int_eq(accept(store, "rsr"), 0);
	ck_assert_uint_eq(syncs(), 1);
	ck_assert_int_gt(store_sqlite.pause_ns(store), SOON_NS);
	ck_assert_int_eq(accept(store, "r"), 0);
	ck_assert_uint_eq(syncs(), 0);
	store_sqlite.close(store);
	ck_assert_uint_gt(syncs(), 0);
}
END_TEST

START_TEST(relaxed_transactions_without_end_are_flushed_all_the_same)
{
	void *store = opened_and_used();

	while (syncs() == 0)
		ck_assert_int_eq(accept(store, "r"), 0);
	store_sqlite.close(store);
}
END_TEST

START_TEST(an_idle_store_flushes_by_itself)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct pen_chan *done = new_done();
	struct store_op *op = new_op(STORE_ACCEPT, job, JOB_QUEUED, done);
	struct store *store;

	small.kind = "sqlite";
	store = open_store(&small);
	finished_job(store);
	syncs();
	op->relaxed = true;
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	ck_assert_int_eq(come_back(done), 0);
	while (syncs() == 0)
		usleep(1000);
	store_close(store);
	pen_chan_free(done);
}
END_TEST

/* The system takes what it could not write for written: only writing it again helps. */
START_TEST(after_a_failed_fsync_what_was_relaxed_is_written_again_before_anything_else)
{
	void *store = opened_and_used();

	ck_assert_int_eq(accept(store, "r"), 0);
	sync_error = EIO;
	ck_assert_int_eq(accept(store, "s"), -EIO);
	ck_assert(!log_rewritten);
	ck_assert_int_eq(accept(store, "r"), -EIO); /* not behind what may be missing */
	ck_assert(log_rewritten);
	sync_error = 0;
	ck_assert_int_eq(accept(store, "s"), 0);
	ck_assert_int_eq(accept(store, "r"), 0);
	log_rewritten = false;
	ck_assert_int_eq(accept(store, "s"), 0);
	sync_error = EIO;
	ck_assert_int_eq(
		accept(store, "s"), -EIO); /* which is rolled back, and was all that was not flushed */
	sync_error = 0;
	ck_assert_int_eq(accept(store, "s"), 0);
	ck_assert(!log_rewritten);
	store_sqlite.close(store);
}
END_TEST

START_TEST(what_an_earlier_daemon_left_unflushed_is_flushed_at_start)
{
	void *store = opened_and_used(), *next;

	ck_assert_int_eq(accept(store, "r"), 0);
	unlink(in_folder("/lock")); /* so that it is as good as dead */
	syncs();
	next = opened();
	ck_assert_uint_gt(syncs(), 0);
	ck_assert(log_rewritten);
	store_sqlite.close(next);
	store_sqlite.close(store);
}
END_TEST

static off_t bytes_of(const char *file)
{
	struct stat status;

	ck_assert_int_eq(stat(in_folder(file), &status), 0);
	return status.st_size;
}

static void make_log_long(void *store, const char *letters)
{
	while (bytes_of("/jobs.db-wal") < LONG_LOG_BYTES)
		ck_assert_int_eq(accept(store, letters), 0);
}

START_TEST(a_long_log_is_taken_into_the_file_after_a_synced_transaction)
{
	void *store = opened_and_used();
	off_t log, file = bytes_of("/jobs.db");

	store_sqlite.after(store);
	ck_assert_int_eq(bytes_of("/jobs.db"), file); /* it is short */
	make_log_long(store, "ssss");
	ck_assert_int_eq(bytes_of("/jobs.db"), file);
	store_sqlite.after(store);
	ck_assert_int_gt(bytes_of("/jobs.db"), file);
	log = bytes_of("/jobs.db-wal");
	ck_assert_int_eq(accept(store, "ssss"), 0);
	ck_assert_int_eq(bytes_of("/jobs.db-wal"), log); /* from its beginning again */
	store_sqlite.close(store);
}
END_TEST

START_TEST(but_not_after_a_relaxed_one_as_nobody_has_flushed_it)
{
	void *store = opened_and_used();
	off_t file = bytes_of("/jobs.db");
	bool relaxed;

	do {
		syncs();
		ck_assert_int_eq(accept(store, "rrrrrrrr"), 0);
		relaxed = syncs() == 0;
		store_sqlite.after(store);
		ck_assert_uint_eq(relaxed ? syncs() : 0, 0);
		ck_assert(!relaxed || bytes_of("/jobs.db") == file);
	} while (bytes_of("/jobs.db") == file);
	ck_assert_int_lt(bytes_of("/jobs.db-wal"), 2 * LONG_LOG_BYTES);
	store_sqlite.close(store);
}
END_TEST

START_TEST(the_log_of_a_store_that_is_never_idle_stays_short)
{
	struct pen_chan *done = new_done();
	struct store *store;

	small.kind = "sqlite";
	store = open_store(&small);
	for (off_t written = 0; written < 2 * LONG_LOG_BYTES; written += FRAMES_LEAST * FRAME_BYTES) {
		CLEANUP(job_unrefp) struct job *job = new_job(0);

		ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
		ck_assert_int_eq(come_back(done), 0);
	}
	ck_assert_int_lt(bytes_of("/jobs.db-wal"), LONG_LOG_BYTES * 3 / 2);
	store_close(store);
	pen_chan_free(done);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("store_sync");

	store_in_memory();
	tcase_add_checked_fixture(tcase, make_store_folder, remove_store_folder);
	tcase_add_test(tcase, a_relaxed_transaction_is_not_waited_for_and_is_flushed_soon_after);
	tcase_add_test(tcase, one_that_is_not_relaxed_has_the_whole_group_flushed_and_what_was_before_it);
	tcase_add_test(tcase, relaxed_transactions_without_end_are_flushed_all_the_same);
	tcase_add_test(tcase, an_idle_store_flushes_by_itself);
	tcase_add_test(tcase, after_a_failed_fsync_what_was_relaxed_is_written_again_before_anything_else);
	tcase_add_test(tcase, what_an_earlier_daemon_left_unflushed_is_flushed_at_start);
	tcase_add_test(tcase, a_long_log_is_taken_into_the_file_after_a_synced_transaction);
	tcase_add_test(tcase, but_not_after_a_relaxed_one_as_nobody_has_flushed_it);
	tcase_add_test(tcase, the_log_of_a_store_that_is_never_idle_stays_short);
	return crew_run_suite("store_sync", tcase);
}
