/* test_store_sqlite.c - the store in a file: what outlives it, and what it is refused for. */
#define UNIT_FORKS 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "sqlite_ops.h"
#include "store/attempts.h"
#include "store/sqlite.h"

/* It must not be possible; gives the words. */
static const char *refused(int error)
{
	static struct problem problem;
	void *store;

	problem = (struct problem){0};
	ck_assert_int_eq(store_sqlite.open(&small, &store, &problem), error);
	ck_assert_str_eq(problem.code, PROBLEM_STORE);
	return problem.message;
}

static void put(void *store, enum store_op_type type, struct job *job, enum job_state state)
{
	ck_assert_int_eq(sqlite_commit_one(store, type, job, state), 0);
}

/* What the lists gave. */
static struct {
	struct uuid ids[16];
	struct store_place places[16];
	enum job_state states[16];
	size_t n, n_damaged;
	char damage[512];
} found;

static int find(void *arg, struct store_found *job)
{
	ck_assert_ptr_eq(arg, &found);
	ck_assert(!job->record.job == !!job->damage);
	if (job->damage) {
		found.n_damaged++;
		strcpy(found.damage, job->damage);
		return 0;
	}
	ck_assert(uuid_equal(&job->id, &job->record.job->id));
	ck_assert_uint_eq(job->place.sequence, job->record.job->sequence);
	found.ids[found.n] = job->id;
	found.places[found.n] = job->place;
	found.states[found.n++] = job->record.progress.state;
	return 0;
}

static void list(void *store, struct store_scan scan)
{
	ck_assert_int_eq(store_sqlite.scan(store, &scan, find, &found), 0);
}

/* All that have not ended, by what they wait for. */
static void list_all(void *store)
{
	found.n = found.n_damaged = 0;
	list(store, (struct store_scan){STORE_READY, "default", 0, PLACE_FIRST, 16});
	list(store, (struct store_scan){STORE_READY, "default", 7, PLACE_FIRST, 16});
	list(store, (struct store_scan){.list = STORE_LATER, .after = PLACE_FIRST, .limit = 16});
	list(store, (struct store_scan){.list = STORE_BROKEN_OFF, .after = PLACE_FIRST, .limit = 16});
}

START_TEST(a_record_is_the_same_after_reopening)
{
	CLEANUP(job_unrefp) struct job *job = new_job(7);
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct store_op *op = new_op(STORE_CHANGE, job, JOB_SCHEDULED, NULL);
	void *store = opened();

	job->run_at_ms = NOW_MS + 1;
	put(store, STORE_ACCEPT, job, JOB_QUEUED);
	ck_assert_int_eq(progress_started(&op->progress, NOW_MS + 3), 0);
	progress_ended(&op->progress, NOW_MS + 4, "connect", "nobody there");
	op->progress.failures = 5;
	op->progress.crashes = 6;
	op->progress.next_run_at_ms = NOW_MS + 7;
	op->progress.expires_at_ms = NOW_MS + 2;
	ck_assert_int_eq(store_sqlite.commit(store, &op, 1), 0);
	ck_assert_int_eq(op->error, 0);
	store_sqlite.close(store);
	store = opened();
	ck_assert_int_eq(store_sqlite.read(store, &job->id, &record), 0);
	ck_assert_str_eq(record.job->request, job->request);
	ck_assert_int_eq(record.job->priority, 7);
	ck_assert_int_eq(record.job->created_ms, job->created_ms);
	ck_assert_int_eq(record.job->run_at_ms, NOW_MS + 1);
	ck_assert_int_eq(record.progress.expires_at_ms, NOW_MS + 2);
	ck_assert_uint_eq(record.job->sequence, job->sequence);
	ck_assert_int_eq(record.progress.state, JOB_SCHEDULED);
	ck_assert_int_eq(record.progress.attempts, 1);
	ck_assert_int_eq(record.progress.failures, 5);
	ck_assert_int_eq(record.progress.crashes, 6);
	ck_assert_int_eq(record.progress.started_ms, NOW_MS + 3);
	ck_assert_int_eq(record.progress.next_run_at_ms, NOW_MS + 7);
	ck_assert_uint_eq(record.progress.n_kept, 1);
	ck_assert_int_eq(record.progress.kept[0].finished_ms, NOW_MS + 4);
	ck_assert_str_eq(record.progress.kept[0].message, "nobody there");
	store_sqlite.close(store);
	store_op_free(op);
}
END_TEST

START_TEST(a_result_is_the_same_after_reopening_down_to_its_tag)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	CLEANUP(store_record_fini) struct store_record before = {0}, after = {0};
	void *store = opened();

	put(store, STORE_ACCEPT, job, JOB_QUEUED);
	put(store, STORE_FINISH, job, JOB_SUCCEEDED);
	ck_assert_int_eq(store_sqlite.read(store, &job->id, &before), 0);
	store_sqlite.close(store);
	store = opened();
	ck_assert_int_eq(store_sqlite.read(store, &job->id, &after), 0);
	ck_assert_str_eq(after.result->body, before.result->body);
	ck_assert_str_eq(after.result->etag, before.result->etag);
	ck_assert_int_eq(after.result->finished_ms, before.result->finished_ms);
	store_sqlite.close(store);
}
END_TEST

static void put_at(void *store, enum store_op_type type, struct job *job, enum job_state state,
	int64_t due_ms, int64_t expires_ms)
{
	struct store_op *op = new_op(type, job, state, NULL);

	op->progress.next_run_at_ms = due_ms;
	op->progress.expires_at_ms = expires_ms;
	ck_assert_int_eq(store_sqlite.commit(store, &op, 1), 0);
	ck_assert_int_eq(op->error, 0);
	store_op_free(op);
}

static void assert_found(struct job *const *jobs, size_t n, const size_t *order)
{
	ck_assert_uint_eq(found.n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert(uuid_equal(&found.ids[i], &jobs[order[i]]->id));
}

START_TEST(the_unfinished_are_listed_by_what_they_wait_for_and_in_that_order)
{
	static const enum job_state states[] = {
		JOB_SCHEDULED, JOB_RUNNING, JOB_QUEUED, JOB_SCHEDULED, JOB_CANCELLING, JOB_QUEUED};
	static const size_t order[] = {2, 5, 3, 0, 1, 4};
	struct job *jobs[ARRAY_LEN(states)], *ended = new_job(0);
	void *store = opened();

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		jobs[i] = new_job(0);
		put(store, STORE_ACCEPT, jobs[i], JOB_QUEUED);
	}
	put(store, STORE_ACCEPT, ended, JOB_QUEUED);
	for (size_t i = ARRAY_LEN(states); i-- > 0;)
		put_at(store, STORE_CHANGE, jobs[i], states[i], NOW_MS + 10 - (int64_t)i, 0);
	put(store, STORE_FINISH, ended, JOB_FAILED);
	store_sqlite.close(store);
	store = opened();
	list_all(store);
	assert_found(jobs, ARRAY_LEN(states), order);
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		ck_assert_int_eq(found.states[i], states[order[i]]);
		job_unref(jobs[i]);
	}
	store_sqlite.close(store);
	job_unref(ended);
}
END_TEST

START_TEST(a_list_goes_on_behind_a_place_also_among_those_that_stand_at_the_same_time)
{
	static const size_t by_due[] = {1, 2, 0}, by_expiry[] = {0, 2, 1};
	static const int64_t due[] = {8, 7, 7}, expires[] = {1, 2, 1};
	struct job *jobs[ARRAY_LEN(due)];
	void *store = opened();

	for (size_t i = 0; i < ARRAY_LEN(due); i++) {
		jobs[i] = new_job(0);
		put_at(store, STORE_ACCEPT, jobs[i], JOB_SCHEDULED, due[i], expires[i]);
	}
	for (int list_of = STORE_LATER; list_of <= STORE_EXPIRING; list_of++) {
		struct store_scan scan = {.list = (enum store_list)list_of, .after = PLACE_FIRST, .limit = 1};

		found.n = 0;
		for (size_t i = 0; i < ARRAY_LEN(due); i++) {
			list(store, scan);
			scan.after = found.places[i];
		}
		list(store, scan);
		assert_found(jobs, ARRAY_LEN(due), list_of == STORE_LATER ? by_due : by_expiry);
	}
	store_sqlite.close(store);
	for (size_t i = 0; i < ARRAY_LEN(due); i++)
		job_unref(jobs[i]);
}
END_TEST

/* Whether each of the statements that read a list goes through an index, in its order. */
START_TEST(a_list_is_read_by_its_index_alone)
{
	sqlite3_stmt *statement = NULL;
	struct sqlite *sqlite;
	void *store = opened();

	sqlite = store;
	for (int read = READ_READY; read <= READ_SCHEDULED; read++) {
		CLEANUP(freep) char *sql = NULL;

		ck_assert_int_gt(
			asprintf(&sql, "EXPLAIN QUERY PLAN %s", sqlite3_sql(sqlite->reads[read])), 0);
		ck_assert_int_eq(sqlite3_prepare_v2(sqlite->reader, sql, -1, &statement, NULL), SQLITE_OK);
		while (sqlite3_step(statement) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(statement, 3);

			ck_assert_msg(!strstr(step, "TEMP B-TREE"), "%s: %s", sql, step);
			ck_assert_msg(!strstr(step, "SCAN") || strstr(step, "INDEX"), "%s: %s", sql, step);
			ck_assert_msg(
				!strstr(step, "SEARCH") || strstr(step, "INDEX jobs_"), "%s: %s", sql, step);
		}
		sqlite3_finalize(statement);
	}
	store_sqlite.close(store);
}
END_TEST

/* By state. */
static int add_up(void *arg, const char *tenant, int priority, enum job_state state, size_t jobs)
{
	size_t *counts = arg;

	ck_assert_str_eq(tenant, "default");
	counts[state] += jobs * (priority == 7 ? 100 : 1);
	return 0;
}

START_TEST(a_survey_counts_those_that_wait_and_tells_the_last_sequence)
{
	size_t counts[JOB_STATES] = {0};
	uint64_t last = 1;
	struct job *jobs[7];
	void *store = opened();

	ck_assert_int_eq(store_sqlite.survey(store, add_up, counts, &last), 0);
	ck_assert_uint_eq(last, 0);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		jobs[i] = new_job(i % 3 == 0 ? 7 : 0);
		put(store, STORE_ACCEPT, jobs[i], i == 1 || i == 3 ? JOB_SCHEDULED : JOB_QUEUED);
		last = jobs[i]->sequence;
	}
	put(store, STORE_CHANGE, jobs[2], JOB_RUNNING);
	put(store, STORE_FINISH, jobs[6], JOB_FAILED);
	ck_assert_int_eq(store_sqlite.survey(store, add_up, counts, &last), 0);
	ck_assert_uint_eq(last, jobs[6]->sequence);
	ck_assert_uint_eq(counts[JOB_QUEUED], 102);
	ck_assert_uint_eq(counts[JOB_SCHEDULED], 101);
	ck_assert_uint_eq(counts[JOB_RUNNING] + counts[JOB_FAILED], 0);
	store_sqlite.close(store);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		job_unref(jobs[i]);
}
END_TEST

START_TEST(what_retention_has_removed_is_known_from_what_never_was_also_after_reopening)
{
	CLEANUP(job_unrefp) struct job *old = new_job(0), *kept = new_job(0);
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct uuid later;
	void *store;

	small.retention_jobs = 1;
	store = opened();
	uuid_new(&later, NOW_MS + HOUR_MS);
	put(store, STORE_ACCEPT, old, JOB_QUEUED);
	put(store, STORE_ACCEPT, kept, JOB_QUEUED);
	put(store, STORE_FINISH, old, JOB_FAILED);
	store_sqlite.close(store);
	store = opened(); /* which counts the ended anew */
	put(store, STORE_FINISH, kept, JOB_FAILED);
	store_sqlite.close(store);
	store = opened();
	ck_assert_int_eq(store_sqlite.read(store, &old->id, &record), -ESTALE);
	ck_assert_int_eq(store_sqlite.read(store, &later, &record), -ENOENT);
	ck_assert_int_eq(store_sqlite.read(store, &kept->id, &record), 0);
	store_sqlite.close(store);
}
END_TEST

START_TEST(a_key_is_known_after_reopening_and_needs_its_job_no_more)
{
	struct job *job = new_job(0), *again = new_job(0);
	struct store_op *op = new_op(STORE_ACCEPT, again, JOB_QUEUED, NULL);
	void *store;

	small.retention_jobs = 0;
	job->key = strdup("a");
	again->key = strdup("a");
	store = opened();
	put(store, STORE_ACCEPT, job, JOB_QUEUED);
	put(store, STORE_FINISH, job, JOB_SUCCEEDED);
	store_sqlite.close(store);
	store = opened();
	ck_assert_int_eq(store_sqlite.commit(store, &op, 1), 0);
	ck_assert_int_eq(op->error, -EEXIST);
	ck_assert(uuid_equal(&op->receipt.id, &job->id));
	ck_assert(op->receipt.same);
	store_sqlite.close(store);
	store_op_free(op);
	job_unref(job);
	job_unref(again);
}
END_TEST

START_TEST(a_file_of_the_first_format_is_brought_up_to_date)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	CLEANUP(store_record_fini) struct store_record record = {0};
	void *store = opened();

	put(store, STORE_ACCEPT, job, JOB_QUEUED);
	store_sqlite.close(store);
	tamper("DROP TABLE tenants; DROP TABLE keys; DROP INDEX jobs_ended; DROP INDEX jobs_ready; DROP INDEX jobs_later;"
	       "DROP INDEX jobs_expiring; DROP INDEX jobs_broken_off;"
	       "CREATE INDEX jobs_unfinished ON jobs (sequence) WHERE finished_ms = 0; ALTER TABLE jobs DROP COLUMN bytes;"
	       "ALTER TABLE jobs DROP COLUMN checksum; ALTER TABLE forgotten DROP COLUMN commits;"
	       "CREATE INDEX jobs_ended ON jobs (finished_ms) WHERE finished_ms > 0; PRAGMA user_version = 1");
	unlink(in_folder("/lock")); /* which had no count of transactions then */
	store = opened();
	ck_assert_int_eq(store_sqlite.read(store, &job->id, &record), 0);
	put(store, STORE_FINISH, job, JOB_FAILED);
	store_sqlite.close(store);
}
END_TEST

static void assert_damaged(const struct job *job, const char *sql, const char *words)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	void *store;

	tamper(sql);
	store = opened();
	list_all(store);
	ck_assert_uint_eq(found.n, 1); /* the other one */
	ck_assert_uint_eq(found.n_damaged, 1);
	ck_assert_msg(strstr(found.damage, words) != NULL, "%s", found.damage);
	ck_assert_int_eq(store_sqlite.read(store, &job->id, &record), -EBADMSG);
	ck_assert_ptr_null(record.job);
	store_sqlite.close(store);
}

START_TEST(a_row_that_cannot_be_read_back_is_told_and_keeps_no_other_back)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0), *other = new_job(0);
	void *store = opened();

	put(store, STORE_ACCEPT, job, JOB_QUEUED);
	put(store, STORE_ACCEPT, other, JOB_QUEUED);
	store_sqlite.close(store);
	assert_damaged(job, "UPDATE jobs SET kept = x'0102' WHERE sequence = 1", "attempts");
	assert_damaged(job, "UPDATE jobs SET kept = NULL, request = '{' WHERE sequence = 1", "request");
	assert_damaged(job, "UPDATE jobs SET state = 'lost' WHERE sequence = 1", "state");
	assert_damaged(job, "UPDATE jobs SET state = 'succeeded' WHERE sequence = 1", "end");
}
END_TEST

/* Its request, and its result, are so long. */
static struct store_op *sized_op(enum store_op_type type, struct job *job, size_t bytes)
{
	struct store_op *op = new_op(type, job, type == STORE_ACCEPT ? JOB_QUEUED : JOB_SUCCEEDED, NULL);
	char *text = calloc(1, bytes + 1);

	memset(text, ' ', bytes);
	if (type == STORE_ACCEPT) {
		free(job->request);
		job->request = text;
		return op;
	}
	result_unref(op->result);
	op->result = result_new(&job->id, JOB_SUCCEEDED, op->progress.finished_ms, text, bytes);
	free(text);
	return op;
}

/* Commit them together; what each has come to is in its place. */
static void commit_sized(void *store, struct store_op **ops, size_t n, const int *errors)
{
	ck_assert_int_eq(store_sqlite.commit(store, ops, n), 0);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(ops[i]->error, errors[i]);
		ops[i]->with = NULL;
		store_op_free(ops[i]);
	}
}

START_TEST(what_is_larger_than_a_row_may_be_is_refused_and_keeps_no_other_back)
{
	enum { MOST = 100000, NEARLY = 80000 };
	CLEANUP(job_unrefp) struct job *large = new_job(0), *job = new_job(0), *follower = new_job(0);
	struct sqlite *store = opened();
	struct store_op *ops[2];

	sqlite3_limit(store->writer, SQLITE_LIMIT_LENGTH, MOST);
	large->key = strdup("free again");
	ops[0] = sized_op(STORE_ACCEPT, large, MOST - 100);
	ops[1] = sized_op(STORE_ACCEPT, job, NEARLY);
	commit_sized(store, ops, 2, (int[]){-E2BIG, 0});
	ops[0] = sized_op(STORE_ACCEPT, large, 10);
	commit_sized(store, ops, 1, (int[]){0});
	ops[0] = sized_op(STORE_FINISH, job, NEARLY);
	ops[1] = sized_op(STORE_FINISH, large, NEARLY);
	commit_sized(store, ops, 2, (int[]){-E2BIG, 0});
	ops[0] = sized_op(STORE_FINISH, job, 4000);
	ops[1] = sized_op(STORE_ACCEPT, follower, MOST);
	ops[1]->follows = true;
	ops[0]->with = ops[1];
	commit_sized(store, ops, 2, (int[]){-E2BIG, -ECANCELED});
	ops[0] = sized_op(STORE_FINISH, job, 4000);
	commit_sized(store, ops, 1, (int[]){0});
	store_sqlite.close(store);
}
END_TEST

START_TEST(the_folder_is_made_for_its_owner_alone)
{
	static const char *const names[] = {"", "/jobs.db", "/lock"};
	struct stat status;

	store_sqlite.close(opened());
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ck_assert_int_eq(stat(in_folder(names[i]), &status), 0);
		ck_assert_int_eq(status.st_mode & 077, 0);
	}
}
END_TEST

START_TEST(a_folder_in_use_is_refused_and_says_by_whom)
{
	char words[64];
	void *store = opened();
	int status;
	pid_t pid;

	snprintf(words, sizeof(words), "in use by another penstockd, process %d", (int)getpid());
	pid = fork();
	if (pid == 0)
		_exit(strstr(refused(-EBUSY), words) ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	store_sqlite.close(store);
	store_sqlite.close(opened());
}
END_TEST

START_TEST(a_place_that_is_no_folder_of_ours_is_refused)
{
	int fd = open(in_folder(""), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_ptr_nonnull(strstr(refused(-ENOTDIR), "cannot be opened"));
	ck_assert_int_eq(unlink(in_folder("")), 0);
	small.state_dir = "/nowhere/at/all";
	ck_assert_ptr_nonnull(strstr(refused(-ENOENT), "cannot be made"));
	if (geteuid() == 0) {
		small.state_dir = in_folder("");
		ck_assert_int_eq(mkdir(small.state_dir, 0700), 0);
		ck_assert_int_eq(chown(small.state_dir, 1, 1), 0);
	} else {
		small.state_dir = "/";
	}
	ck_assert_ptr_nonnull(strstr(refused(-EPERM), "belongs to user"));
}
END_TEST

START_TEST(a_file_that_is_not_ours_or_from_a_newer_program_is_refused)
{
	int fd;

	store_sqlite.close(opened());
	tamper("PRAGMA user_version = 1000");
	ck_assert_ptr_nonnull(strstr(refused(-ENOTSUP), "format 1000"));
	tamper("PRAGMA application_id = 1");
	ck_assert_ptr_nonnull(strstr(refused(-EINVAL), "another program"));
	unlink(in_folder("/jobs.db"));
	tamper("CREATE TABLE a (b)");
	ck_assert_ptr_nonnull(strstr(refused(-EINVAL), "another program"));
	fd = open(in_folder("/jobs.db"), O_TRUNC | O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < 512; i++)
		ck_assert_int_eq(write(fd, "no database ", 12), 12);
	close(fd);
	ck_assert_ptr_nonnull(strstr(refused(-EBADMSG), "not a database"));
}
END_TEST

START_TEST(a_group_that_finds_no_room_leaves_nothing_and_can_be_tried_again)
{
	CLEANUP(job_unrefp) struct job *first = new_job(0), *second = new_job(0);
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct rlimit limit, full;
	struct stat log;
	void *store = opened();

	put(store, STORE_ACCEPT, first, JOB_QUEUED);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(stat(in_folder("/jobs.db-wal"), &log), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	full = limit;
	full.rlim_cur = (rlim_t)log.st_size;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_lt(sqlite_commit_one(store, STORE_ACCEPT, second, JOB_QUEUED), 0);
	ck_assert_int_eq(store_sqlite.read(store, &second->id, &record), -ENOENT);
	ck_assert_int_eq(store_sqlite.read(store, &first->id, &record), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	put(store, STORE_ACCEPT, second, JOB_QUEUED);
	list_all(store);
	ck_assert_uint_eq(found.n, 2);
	store_sqlite.close(store);
}
END_TEST

START_TEST(attempts_that_were_packed_are_the_same_and_a_part_of_them_is_not_taken)
{
	static unsigned char bytes[ATTEMPTS_BYTES_MAX];
	struct progress packed = {0}, unpacked = {0};
	size_t n, n_whole = 0;

	for (int i = 0; i < 25; i++) {
		ck_assert_int_eq(progress_started(&packed, NOW_MS + i), 0);
		progress_ended(&packed, NOW_MS + i + 1, i % 2 ? "connect" : "", i % 2 ? "nobody there" : "");
	}
	n = attempts_pack(&packed, bytes);
	ck_assert_int_eq(attempts_unpack(bytes, n, &unpacked), 0);
	ck_assert_uint_eq(unpacked.n_kept, ATTEMPTS_KEPT);
	for (size_t i = 0; i < ATTEMPTS_KEPT; i++)
		ck_assert_mem_eq(&unpacked.kept[i], &packed.kept[i], offsetof(struct attempt, code));
	ck_assert_str_eq(unpacked.kept[1].code, packed.kept[1].code);
	ck_assert_str_eq(unpacked.kept[1].message, packed.kept[1].message);
	progress_fini(&unpacked);
	for (size_t part = 1; part < n; part++) {
		int r = attempts_unpack(bytes, part, &unpacked);

		ck_assert(r == 0 || r == -EBADMSG);
		n_whole += r == 0;
		progress_fini(&unpacked);
	}
	ck_assert_uint_eq(
		n_whole, ATTEMPTS_KEPT - 1); /* cut between two, which the row's length would tell */
	progress_fini(&packed);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("store_sqlite");

	tcase_add_checked_fixture(tcase, make_store_folder, remove_store_folder);
	tcase_add_test(tcase, a_record_is_the_same_after_reopening);
	tcase_add_test(tcase, a_result_is_the_same_after_reopening_down_to_its_tag);
	tcase_add_test(tcase, the_unfinished_are_listed_by_what_they_wait_for_and_in_that_order);
	tcase_add_test(tcase, a_list_goes_on_behind_a_place_also_among_those_that_stand_at_the_same_time);
	tcase_add_test(tcase, a_list_is_read_by_its_index_alone);
	tcase_add_test(tcase, a_survey_counts_those_that_wait_and_tells_the_last_sequence);
	tcase_add_test(tcase, what_retention_has_removed_is_known_from_what_never_was_also_after_reopening);
	tcase_add_test(tcase, a_key_is_known_after_reopening_and_needs_its_job_no_more);
	tcase_add_test(tcase, a_file_of_the_first_format_is_brought_up_to_date);
	tcase_add_test(tcase, a_row_that_cannot_be_read_back_is_told_and_keeps_no_other_back);
	tcase_add_test(tcase, what_is_larger_than_a_row_may_be_is_refused_and_keeps_no_other_back);
	tcase_add_test(tcase, the_folder_is_made_for_its_owner_alone);
	tcase_add_test(tcase, a_folder_in_use_is_refused_and_says_by_whom);
	tcase_add_test(tcase, a_place_that_is_no_folder_of_ours_is_refused);
	tcase_add_test(tcase, a_file_that_is_not_ours_or_from_a_newer_program_is_refused);
	tcase_add_test(tcase, a_group_that_finds_no_room_leaves_nothing_and_can_be_tried_again);
	tcase_add_test(tcase, attempts_that_were_packed_are_the_same_and_a_part_of_them_is_not_taken);
	return crew_run_suite("store_sqlite", tcase);
}
