/*
 * test_store_damage.c - a bit of a file turns, or a file becomes shorter: what is read back is right, or it is told.
 *
 * A folder with jobs of all sorts is made once; then, again and again, one thing in a copy of its files is damaged and the store opened.
 */
#define UNIT_FORKS 1
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "seeded.h"
#include "sqlite_ops.h"

#define SEED UINT64_C(20)

enum { TRIALS = UNIT_SANITIZER ? 40 : 400 };
enum { JOBS = 60, FILES = 3, WORDS_MIN = 20 };

static const char *const names[FILES] = {"/jobs.db", "/jobs.db-wal", "/lock"};

/* A file's bytes as they were. */
static struct whole {
	unsigned char *bytes;
	size_t n; /* 0: it is not there */
} whole[FILES];

static struct job *jobs[JOBS];
static struct store_record before[JOBS];
static bool given[JOBS];
static size_t n_refused, n_told, n_right;

static void put(void *store, enum store_op_type type, struct job *job, enum job_state state)
{
	struct store_op *op = new_op(type, job, state, NULL);

	if (type != STORE_ACCEPT)
		ck_assert_int_eq(progress_started(&op->progress, NOW_MS), 0);
	ck_assert_int_eq(store_sqlite.commit(store, &op, 1), 0);
	ck_assert_int_eq(op->error, 0);
	store_op_free(op);
}

static void make_jobs(void *store)
{
	for (int i = 0; i < JOBS; i++) {
		char key[16];

		jobs[i] = new_job(i % 10);
		snprintf(key, sizeof(key), "key %d", i);
		jobs[i]->key = i % 4 ? NULL : strdup(key);
		put(store, STORE_ACCEPT, jobs[i], JOB_QUEUED);
		if (i % 3 > 0)
			put(store, STORE_CHANGE, jobs[i], JOB_RUNNING);
		if (i % 3 > 1)
			put(store, STORE_FINISH, jobs[i], JOB_SUCCEEDED);
	}
	for (int i = 0; i < JOBS; i++)
		ck_assert_int_eq(store_sqlite.read(store, &jobs[i]->id, &before[i]), 0);
}

static void keep(struct whole *file, const char *name)
{
	struct stat status;
	int fd = open(in_folder(name), O_RDONLY | O_CLOEXEC);

	*file = (struct whole){0};
	if (fd < 0)
		return;
	ck_assert_int_eq(fstat(fd, &status), 0);
	file->n = (size_t)status.st_size;
	file->bytes = malloc(file->n + 1);
	ck_assert_int_eq(read(fd, file->bytes, file->n), status.st_size);
	close(fd);
}

static void write_file(const char *name, const unsigned char *bytes, size_t n)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

/* One thing in one of the files, the larger ones more often; says what. */
static void damage(uint64_t *dice, char what[static 160])
{
	uint64_t at = seeded_below(dice, whole[0].n + whole[1].n + 1024);
	bool shorter = seeded_below(dice, 8) == 0;
	unsigned char bit = (unsigned char)(1 << seeded_below(dice, 8));
	size_t file = 0;

	for (size_t i = 0; i < FILES; i++)
		if (whole[i].bytes)
			write_file(names[i], whole[i].bytes, whole[i].n);
	while (file < FILES - 1 && at >= whole[file].n)
		at -= whole[file++].n;
	at %= whole[file].n;
	snprintf(what, 160, "%s, byte %zu of %zu, bit %x%s", names[file], (size_t)at, whole[file].n, bit,
		shorter ? ", and all after it gone" : "");
	whole[file].bytes[at] ^= bit;
	write_file(names[file], whole[file].bytes, shorter ? at : whole[file].n);
	whole[file].bytes[at] ^= bit;
}

static int find(void *arg, struct store_found *found)
{
	const char *what = arg;
	int i = 0;

	ck_assert(!found->record.job == !!found->damage);
	while (i < JOBS && !uuid_equal(&jobs[i]->id, &found->id))
		i++;
	if (found->record.job)
		ck_assert_msg(
			i < JOBS && !given[i] && !job_state_ended(before[i].progress.state), "%s", what);
	if (i < JOBS)
		given[i] = true;
	else
		n_told++;
	return 0;
}

static int list(void *store, struct store_scan scan, char *what)
{
	scan.after = PLACE_FIRST;
	scan.limit = JOBS + 1;
	return store_sqlite.scan(store, &scan, find, what);
}

/* Those that have not ended. */
static int list_all(void *store, char *what)
{
	int r = list(store, (struct store_scan){.list = STORE_LATER}, what);

	for (int priority = 0; r == 0 && priority < 10; priority++)
		r = list(store,
			(struct store_scan){.list = STORE_READY, .tenant = "default", .priority = priority},
			what);
	return r < 0 ? r : list(store, (struct store_scan){.list = STORE_BROKEN_OFF}, what);
}

static void assert_same(const struct store_record *record, const struct store_record *was, const char *what)
{
	ck_assert_msg(strcmp(record->job->request, was->job->request) == 0, "%s", what);
	ck_assert_msg(record->job->created_ms == was->job->created_ms, "%s", what);
	ck_assert_msg(record->progress.state == was->progress.state, "%s", what);
	ck_assert_msg(record->progress.attempts == was->progress.attempts, "%s", what);
	ck_assert_msg(record->progress.n_kept == was->progress.n_kept, "%s", what);
	ck_assert_msg(!record->result == !was->result, "%s", what);
	if (record->result)
		ck_assert_msg(strcmp(record->result->etag, was->result->etag) == 0, "%s", what);
}

/* What the store gives is right, or it says that it cannot; and nobody is left out. */
static void look_at_all(void *store, char *what)
{
	size_t told_before = n_told;
	int r;

	memset(given, 0, sizeof(given));
	r = list_all(store, what);
	ck_assert_msg(r == 0 || r == -EBADMSG || r == -EIO, "%s: %s", what, strerror(-r));
	for (int i = 0; i < JOBS; i++) {
		CLEANUP(store_record_fini) struct store_record record = {0};
		int error = store_sqlite.read(store, &jobs[i]->id, &record);

		ck_assert_msg(error == 0 || error == -EBADMSG, "%s: %s", what, strerror(-error));
		n_told += error != 0;
		if (error == 0)
			assert_same(&record, &before[i], what);
		if (r == 0 && !job_state_ended(before[i].progress.state))
			ck_assert_msg(given[i] || n_told > told_before, "%s: job %d was left out", what, i);
	}
	n_told += r != 0;
	n_right += n_told == told_before;
}

/* A key stands for its job, or it is told that it cannot be read. */
static void ask_for_keys(void *store, const char *what)
{
	for (int i = 0; i < JOBS; i++) {
		CLEANUP(job_unrefp) struct job *again = jobs[i]->key ? new_job(i % 10) : NULL;
		struct store_op *op;
		int r;

		if (!again)
			continue;
		again->key = strdup(jobs[i]->key);
		op = new_op(STORE_ACCEPT, again, JOB_QUEUED, NULL);
		r = store_sqlite.commit(store, &op, 1);
		if (r == 0)
			r = op->error;
		ck_assert_msg(r == -EEXIST || r == -EBADMSG, "%s: %s", what, strerror(-r));
		if (r == -EEXIST)
			ck_assert_msg(
				op->receipt.same && uuid_equal(&op->receipt.id, &jobs[i]->id), "%s", what);
		store_op_free(op);
	}
}

static void assert_damage_is_told(uint64_t *dice)
{
	struct problem problem = {0};
	char what[160];
	void *store;

	unlink(in_folder("/jobs.db-shm"));
	unlink(in_folder("/jobs.db-wal"));
	damage(dice, what);
	if (store_sqlite.open(&small, &store, &problem) < 0) {
		ck_assert_msg(strlen(problem.message) >= WORDS_MIN, "%s: %s", what, problem.message);
		n_refused++;
		return;
	}
	look_at_all(store, what);
	ask_for_keys(store, what);
	store_sqlite.close(store);
}

static void free_all(void)
{
	for (int i = 0; i < JOBS; i++) {
		store_record_fini(&before[i]);
		job_unref(jobs[i]);
	}
	for (size_t i = 0; i < FILES; i++)
		free(whole[i].bytes);
}

static void try_damage(uint64_t seed, bool with_log)
{
	uint64_t dice = seed;
	void *store = opened();

	make_jobs(store);
	if (!with_log)
		store_sqlite.close(store);
	for (size_t i = 0; i < FILES; i++)
		keep(&whole[i], names[i]);
	ck_assert(with_log == !!whole[1].bytes);
	if (with_log)
		store_sqlite.close(store);
	for (int i = 0; i < TRIALS; i++)
		assert_damage_is_told(&dice);
	printf("# seed %llu: refused %zu times, %zu records told, no harm done %zu times\n",
		(unsigned long long)seed, n_refused, n_told, n_right);
	ck_assert_uint_gt(n_refused, 0);
	free_all();
}

START_TEST(damage_to_a_file_that_was_closed_is_told_or_does_no_harm)
{
	try_damage(SEED, false);
	ck_assert_uint_gt(n_told, 0);
	ck_assert_uint_gt(n_right, 0);
}
END_TEST

START_TEST(damage_to_a_log_that_a_crash_left_is_told_or_does_no_harm)
{
	try_damage(SEED + 1, true);
}
END_TEST

START_TEST(a_log_that_is_gone_is_missed_and_nothing_is_made_in_its_place)
{
	void *store = opened();
	struct problem problem = {0};
	struct stat status;

	make_jobs(store);
	keep(&whole[0], names[0]);
	keep(&whole[1], names[1]);
	keep(&whole[2], names[2]);
	store_sqlite.close(store);
	write_file(names[0], whole[0].bytes, 0);
	write_file(names[1], whole[1].bytes, whole[1].n);
	write_file(names[2], whole[2].bytes, whole[2].n);
	ck_assert_int_eq(store_sqlite.open(&small, &store, &problem), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(problem.message, "are missing"));
	ck_assert_int_eq(stat(in_folder(names[1]), &status), 0);
	ck_assert_int_eq(status.st_size, (off_t)whole[1].n);
	write_file(names[0], whole[0].bytes, whole[0].n);
	store_sqlite.close(opened());
	write_file(names[0], whole[0].bytes, whole[0].n);
	write_file(names[2], whole[2].bytes, whole[2].n);
	ck_assert_int_eq(store_sqlite.open(&small, &store, &problem), -EBADMSG);
	unlink(in_folder("/lock"));
	store_sqlite.close(opened()); /* as the message says */
	free_all();
}
END_TEST

static int accept_one(void *store, bool relaxed)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct store_op *op = new_op(STORE_ACCEPT, job, JOB_QUEUED, NULL);
	int r;

	op->relaxed = relaxed;
	r = store_sqlite.commit(store, &op, 1);
	store_op_free(op);
	return r;
}

/* As a power cut may leave it: the log ends before one more transaction, of which the rest knows. */
static int open_without(bool relaxed)
{
	void *store = opened();
	struct problem problem = {0};
	int r;

	ck_assert_int_eq(accept_one(store, false), 0);
	keep(&whole[0], names[0]);
	keep(&whole[1], names[1]);
	ck_assert_int_eq(accept_one(store, relaxed), 0);
	keep(&whole[2], names[2]);
	store_sqlite.close(store);
	for (size_t i = 0; i < FILES; i++)
		write_file(names[i], whole[i].bytes, whole[i].n);
	r = store_sqlite.open(&small, &store, &problem);
	if (r == 0)
		store_sqlite.close(store);
	free_all();
	return r;
}

START_TEST(a_log_may_lack_what_was_relaxed_and_nothing_else)
{
	ck_assert_int_eq(open_without(true), 0);
	ck_assert_int_eq(open_without(false), -EBADMSG);
}
END_TEST

START_TEST(a_key_that_is_damaged_is_not_taken_for_one_that_has_become_too_old)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0), *again = new_job(0);
	void *store = opened();

	job->key = strdup("key");
	again->key = strdup("key");
	put(store, STORE_ACCEPT, job, JOB_QUEUED);
	tamper("UPDATE keys SET until_ms = 1");
	ck_assert_int_eq(sqlite_commit_one(store, STORE_ACCEPT, again, JOB_QUEUED), -EBADMSG);
	store_sqlite.close(store);
}
END_TEST

/* Else there would be more of them, by that number, than retention allows. */
START_TEST(damage_to_the_bytes_of_one_that_ended_has_no_other_forgotten)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct job *ended[3];
	void *store = opened();

	for (size_t i = 0; i < ARRAY_LEN(ended); i++) {
		ended[i] = new_job(0);
		put(store, STORE_ACCEPT, ended[i], JOB_QUEUED);
		put(store, STORE_FINISH, ended[i], JOB_SUCCEEDED);
	}
	tamper("UPDATE jobs SET bytes = 1 << 40 WHERE sequence = 1");
	put(store, STORE_CHANGE, ended[0], JOB_QUEUED); /* takes it off the sum */
	store_sqlite.close(store);
	tamper("UPDATE jobs SET bytes = -1 WHERE sequence = 2");
	store = opened();
	put(store, STORE_FINISH, ended[0], JOB_SUCCEEDED); /* then what is too much would go */
	ck_assert_int_eq(store_sqlite.read(store, &ended[2]->id, &record), 0);
	store_sqlite.close(store);
	for (size_t i = 0; i < ARRAY_LEN(ended); i++)
		job_unref(ended[i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("store_damage");

	store_in_memory();
	tcase_add_checked_fixture(tcase, make_store_folder, remove_store_folder);
	tcase_add_test(tcase, damage_to_a_file_that_was_closed_is_told_or_does_no_harm);
	tcase_add_test(tcase, damage_to_a_log_that_a_crash_left_is_told_or_does_no_harm);
	tcase_add_test(tcase, a_log_that_is_gone_is_missed_and_nothing_is_made_in_its_place);
	tcase_add_test(tcase, a_key_that_is_damaged_is_not_taken_for_one_that_has_become_too_old);
	tcase_add_test(tcase, damage_to_the_bytes_of_one_that_ended_has_no_other_forgotten);
	tcase_add_test(tcase, a_log_may_lack_what_was_relaxed_and_nothing_else);
	return crew_run_suite("store_damage", tcase);
}
