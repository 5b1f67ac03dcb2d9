/* test_store_tend.c - what a store does when nobody asks it for anything: it forgets, it becomes smaller, it tries whether it can write again. */
#define UNIT_FORKS 1
#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "sqlite_ops.h"

enum { BURST = 1500, LARGE = 40000, MANY_STEPS = 20000 };

#define MB ((off_t)1 << 20)

static void end_one(void *store, struct job *job)
{
	ck_assert_int_eq(sqlite_commit_one(store, STORE_ACCEPT, job, JOB_QUEUED), 0);
	ck_assert_int_eq(sqlite_commit_one(store, STORE_FINISH, job, JOB_SUCCEEDED), 0);
}

static int64_t number(const char *sql)
{
	sqlite3 *database;
	sqlite3_stmt *statement;
	int64_t n;

	ck_assert_int_eq(sqlite3_open(in_folder("/jobs.db"), &database), SQLITE_OK);
	sqlite3_busy_timeout(database, 5000);
	ck_assert_int_eq(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return n;
}

static off_t file_bytes(void)
{
	struct stat status;

	ck_assert_int_eq(stat(in_folder("/jobs.db"), &status), 0);
	return status.st_size;
}

/* A job of some size, in the place of one that small.h makes. */
static struct job *new_large_job(void)
{
	const struct job_stamp stamp = new_stamp();
	struct problem problem = {0};
	static char text[LARGE + 64];
	struct job *job;
	int bytes = snprintf(text, sizeof(text), "{\"kind\":\"echo\",\"spec\":\"%0*d\"}", LARGE, 1);

	ck_assert_int_eq(wire_restore_job(text, (size_t)bytes, &stamp, &job, &problem), 0);
	return job;
}

/* As the committer does it, but for the pauses.  Gives how many steps it took. */
static int tend_until_done(void *store)
{
	int steps = 0;

	while (store_sqlite.pause_ns(store) < PEN_SECOND) {
		ck_assert_int_eq(store_sqlite.tend(store), 0);
		ck_assert_int_lt(++steps, MANY_STEPS);
	}
	return steps;
}

START_TEST(after_a_burst_the_file_becomes_small_again_in_steps_though_nothing_is_committed)
{
	void *store;
	off_t large;

	small.retention_jobs = BURST;
	store = opened();
	for (int i = 0; i < BURST; i++) {
		CLEANUP(job_unrefp) struct job *job = new_large_job();

		end_one(store, job);
	}
	store_sqlite.close(store);
	large = file_bytes();
	ck_assert_int_gt(large, 55 * MB);
	small.retention_jobs = 50;
	store = opened();
	ck_assert_int_gt(tend_until_done(store), 20);
	ck_assert_int_eq(number("SELECT count(*) FROM jobs"), 50);
	ck_assert_int_lt(file_bytes(), 16 * MB);
	ck_assert_int_gt(store_sqlite.pause_ns(store), 60 * PEN_SECOND);
	store_sqlite.close(store);
	ck_assert_int_eq(number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}
END_TEST

START_TEST(spare_pages_are_kept_for_the_next_jobs_while_they_are_not_many)
{
	void *store = opened();
	off_t before;

	for (int i = 0; i < 100; i++) {
		CLEANUP(job_unrefp) struct job *job = new_large_job();

		end_one(store, job);
	}
	store_sqlite.close(store);
	before = file_bytes();
	small.retention_jobs = 0;
	store = opened();
	tend_until_done(store);
	ck_assert_int_eq(number("SELECT count(*) FROM jobs"), 0);
	store_sqlite.close(store);
	ck_assert_int_eq(file_bytes(), before);
}
END_TEST

START_TEST(the_next_step_is_due_when_the_oldest_job_or_key_is_too_old)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	void *store = opened();

	clock_wall_set(NOW_MS);
	ck_assert_int_eq(store_sqlite.pause_ns(store), PEN_NEVER);
	small.retention_ns = 60 * PEN_SECOND;
	store_sqlite.close(store);
	store = opened();
	end_one(store, job);
	ck_assert_int_eq(store_sqlite.pause_ns(store), 60 * PEN_SECOND + PEN_MS);
	clock_wall_set(NOW_MS + 59999);
	ck_assert_int_eq(store_sqlite.pause_ns(store), PEN_SECOND);
	clock_wall_set(NOW_MS + 60001);
	ck_assert_int_eq(store_sqlite.tend(store), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM jobs"), 0);
	ck_assert_int_eq(store_sqlite.pause_ns(store), PEN_NEVER);
	job->key = strdup("a");
	ck_assert_int_eq(sqlite_commit_one(store, STORE_ACCEPT, job, JOB_QUEUED), 0);
	ck_assert_int_eq(store_sqlite.pause_ns(store), 3600 * PEN_SECOND);
	clock_wall_set(NOW_MS + 25 * HOUR_MS);
	ck_assert_int_eq(store_sqlite.tend(store), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM keys"), 0);
	clock_wall_set(0);
	store_sqlite.close(store);
}
END_TEST

START_TEST(the_store_in_memory_has_steps_too)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct store_op *accept = new_op(STORE_ACCEPT, job, JOB_QUEUED, NULL), *finish;
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct problem problem = {0};
	void *store;

	clock_wall_set(NOW_MS);
	finish = new_op(STORE_FINISH, job, JOB_SUCCEEDED, NULL);
	ck_assert_int_eq(store_memory.open(&small, &store, &problem), 0);
	ck_assert_int_eq(store_memory.pause_ns(store), PEN_NEVER);
	ck_assert_int_eq(store_memory.commit(store, &accept, 1), 0);
	ck_assert_int_eq(store_memory.commit(store, &finish, 1), 0);
	ck_assert_int_eq(store_memory.pause_ns(store), HOUR_MS * PEN_MS);
	clock_wall_set(NOW_MS + HOUR_MS + 1);
	ck_assert_int_eq(store_memory.tend(store), 0);
	ck_assert_int_eq(store_memory.pause_ns(store), PEN_NEVER);
	ck_assert_int_eq(store_memory.read(store, &job->id, &record), -ESTALE);
	clock_wall_set(0);
	store_memory.close(store);
	store_op_free(accept);
	store_op_free(finish);
}
END_TEST

START_TEST(an_idle_store_forgets_by_itself)
{
	struct store *store;

	small.kind = "sqlite";
	small.retention_ns = 100 * PEN_MS;
	store = open_store(&small);
	finished_job(store);
	while (number("SELECT count(*) FROM jobs") > 0)
		usleep(10000);
	store_close(store);
}
END_TEST

/* A kind that fails as long as it is told to. */
static int broken;
static size_t n_tended;

static int open_flaky(const struct store_options *options, void **ret_state, struct problem *reterr)
{
	(void)options, (void)reterr;
	*ret_state = NULL;
	return 0;
}

static void close_flaky(void *state)
{
	(void)state;
}

static int commit_flaky(void *state, struct store_op *const *ops, size_t n)
{
	(void)state, (void)ops, (void)n;
	return __atomic_load_n(&broken, __ATOMIC_SEQ_CST);
}

static int tend_flaky(void *state)
{
	(void)state;
	__atomic_add_fetch(&n_tended, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&broken, __ATOMIC_SEQ_CST);
}

static int64_t pause_flaky(void *state)
{
	(void)state;
	return PEN_NEVER;
}

static const struct store_kind flaky = {
	.name = "flaky",
	.blocks = true,
	.open = open_flaky,
	.close = close_flaky,
	.commit = commit_flaky,
	.tend = tend_flaky,
	.pause_ns = pause_flaky,
};

static int commit_one(struct store *store)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct pen_chan *done = new_done();
	int r;

	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
	r = come_back(done);
	pen_chan_free(done);
	return r;
}

START_TEST(trouble_is_told_until_it_has_passed_which_the_store_finds_out_by_itself)
{
	struct problem problem = {0};
	struct store *store;

	ck_assert_int_eq(store_open_kind(&flaky, &small, &store, &problem), 0);
	ck_assert_int_eq(commit_one(store), 0);
	ck_assert_int_eq(store_trouble(store), 0);
	__atomic_store_n(&broken, -ENOSPC, __ATOMIC_SEQ_CST);
	ck_assert_int_eq(commit_one(store), -ENOSPC);
	ck_assert_int_eq(store_trouble(store), -ENOSPC);
	while (__atomic_load_n(&n_tended, __ATOMIC_SEQ_CST) == 0)
		usleep(10000);
	ck_assert_int_eq(store_trouble(store), -ENOSPC);
	__atomic_store_n(&broken, 0, __ATOMIC_SEQ_CST);
	while (store_trouble(store))
		usleep(10000);
	store_close(store);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("store_tend");

	store_in_memory();
	tcase_add_checked_fixture(tcase, make_store_folder, remove_store_folder);
	if (!UNIT_SANITIZER)
		tcase_add_test(tcase,
			after_a_burst_the_file_becomes_small_again_in_steps_though_nothing_is_committed);
	tcase_add_test(tcase, spare_pages_are_kept_for_the_next_jobs_while_they_are_not_many);
	tcase_add_test(tcase, the_next_step_is_due_when_the_oldest_job_or_key_is_too_old);
	tcase_add_test(tcase, the_store_in_memory_has_steps_too);
	tcase_add_test(tcase, an_idle_store_forgets_by_itself);
	tcase_add_test(tcase, trouble_is_told_until_it_has_passed_which_the_store_finds_out_by_itself);
	return crew_run_suite("store_tend", tcase);
}
