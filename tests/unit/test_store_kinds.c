/* test_store_kinds.c - what is promised of every kind of store. */
#define UNIT_FORKS 1
#include <errno.h>

#include "store_kinds.h"

STORE_TEST(what_is_on_record_can_be_read_and_changes)
{
	struct store *store = open_store(&small);
	CLEANUP(job_unrefp) struct job *job = new_job(7);
	struct store_record found = {0};

	assert_error(store, &job->id, -ENOENT);
	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	ck_assert_int_eq(store_read(store, &job->id, &found), 0);
	ck_assert(uuid_equal(&found.job->id, &job->id));
	ck_assert_int_eq(found.job->priority, 7);
	ck_assert_ptr_null(found.result);
	store_record_fini(&found);
	record(store, STORE_CHANGE, job, JOB_RUNNING);
	assert_state(store, &job->id, JOB_RUNNING);
	record(store, STORE_FINISH, job, JOB_FAILED);
	ck_assert_int_eq(store_read(store, &job->id, &found), 0);
	ck_assert_int_eq(found.progress.state, JOB_FAILED);
	ck_assert_str_eq(found.result->body, "{}");
	store_record_fini(&found);
	store_close(store);
}

STORE_TEST(a_record_has_attempts_of_its_own)
{
	struct store *store = open_store(&small);
	struct pen_chan *done = new_done();
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct store_op *op = new_op(STORE_CHANGE, job, JOB_RUNNING, done);
	CLEANUP(store_record_fini) struct store_record found = {0};

	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	ck_assert_int_eq(progress_started(&op->progress, NOW_MS), 0);
	progress_ended(&op->progress, NOW_MS + 1, "connect", "nobody there");
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	ck_assert_int_eq(come_back(done), 0);
	ck_assert_int_eq(store_read(store, &job->id, &found), 0);
	ck_assert_uint_eq(found.progress.n_kept, 1);
	ck_assert_str_eq(found.progress.kept[0].message, "nobody there");
	store_close(store);
	pen_chan_free(done);
}

STORE_TEST(the_last_of_a_job_s_operations_in_one_group_counts)
{
	struct store *store = open_store(&small);
	struct pen_chan *done = new_done();
	CLEANUP(job_unrefp) struct job *job = new_job(0);

	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_CHANGE, job, JOB_RUNNING, done)), 0);
	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_FINISH, job, JOB_SUCCEEDED, done)), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(come_back(done), 0);
	assert_state(store, &job->id, JOB_SUCCEEDED);
	store_close(store);
	pen_chan_free(done);
}

STORE_TEST(an_end_that_is_refused_takes_the_start_before_it_along)
{
	struct store *store = open_store(&small);
	struct pen_chan *done = new_done();
	CLEANUP(job_unrefp) struct job *job = new_job(0), *other = new_job(0);
	struct store_op *start = new_op(STORE_CHANGE, job, JOB_RUNNING, done),
			*end = new_op(STORE_FINISH, job, JOB_FAILED, done),
			*fresh = new_op(STORE_ACCEPT, other, JOB_QUEUED, done);

	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	record(store, STORE_FINISH, job, JOB_SUCCEEDED);
	start->next = end;
	end->next = fresh;
	ck_assert_int_eq(store_submit(NULL, store, start), 0);
	ck_assert_int_eq(come_back(done), -ESTALE);
	ck_assert_int_eq(come_back(done), -ESTALE);
	ck_assert_int_eq(come_back(done), 0);
	assert_state(store, &job->id, JOB_SUCCEEDED);
	assert_state(store, &other->id, JOB_QUEUED);
	store_close(store);
	pen_chan_free(done);
}

STORE_TEST(an_ended_job_is_forgotten_by_age_even_before_it_is_thrown_out)
{
	struct store *store = open_store(&small);
	struct uuid id;

	clock_wall_set(NOW_MS);
	id = finished_job(store);
	clock_wall_set(NOW_MS + HOUR_MS);
	assert_state(store, &id, JOB_SUCCEEDED);
	clock_wall_set(NOW_MS + HOUR_MS + 1);
	assert_error(store, &id, -ESTALE);
	finished_job(store); /* a commit, which throws it out */
	clock_wall_set(NOW_MS);
	assert_error(store, &id, -ESTALE);
	store_close(store);
}

STORE_TEST(of_too_many_ended_jobs_the_oldest_are_forgotten)
{
	struct store_options options = small;
	struct store *store;
	struct uuid ids[10];

	options.retention_jobs = 3;
	store = open_store(&options);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ids[i] = finished_job(store);
	for (size_t i = 0; i < 7; i++)
		assert_error(store, &ids[i], -ESTALE);
	for (size_t i = 7; i < 10; i++)
		assert_state(store, &ids[i], JOB_SUCCEEDED);
	store_close(store);
}

STORE_TEST(of_ended_jobs_that_take_too_much_the_oldest_are_forgotten)
{
	struct store_options options = small;
	struct uuid ids[100];
	struct store *store;

	options.retention_bytes = 1 << 10;
	store = open_store(&options);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ids[i] = finished_job(store);
	assert_error(store, &ids[0], -ESTALE);
	assert_state(store, &ids[ARRAY_LEN(ids) - 1], JOB_SUCCEEDED);
	store_close(store);
}

STORE_TEST(a_group_may_end_more_jobs_than_are_kept)
{
	struct store_options options = small;
	struct pen_chan *done = new_done();
	struct store *store;
	struct job *jobs[16];

	options.retention_jobs = 0;
	store = open_store(&options);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		jobs[i] = new_job(0);
		record(store, STORE_ACCEPT, jobs[i], JOB_QUEUED);
		ck_assert_int_eq(
			store_submit(NULL, store, new_op(STORE_FINISH, jobs[i], JOB_FAILED, done)), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		ck_assert_int_eq(come_back(done), 0);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		assert_error(store, &jobs[i]->id, -ESTALE);
		job_unref(jobs[i]);
	}
	store_close(store);
	pen_chan_free(done);
}

STORE_TEST(a_job_that_has_not_ended_is_never_forgotten)
{
	struct store_options options = small;
	CLEANUP(job_unrefp) struct job *waiting = new_job(0), *again = new_job(0);
	struct store *store;

	options.retention_jobs = 1;
	store = open_store(&options);
	clock_wall_set(NOW_MS);
	record(store, STORE_ACCEPT, waiting, JOB_QUEUED);
	record(store, STORE_ACCEPT, again, JOB_QUEUED);
	record(store, STORE_FINISH, again, JOB_FAILED);
	record(store, STORE_CHANGE, again, JOB_QUEUED); /* tried again by hand */
	clock_wall_set(NOW_MS + 100 * HOUR_MS);
	for (int i = 0; i < 10; i++)
		finished_job(store);
	assert_state(store, &waiting->id, JOB_QUEUED);
	assert_state(store, &again->id, JOB_QUEUED);
	store_close(store);
}

/* Put the end of a job's n-th attempt on record; gives the operation's error. */
static int finish(struct store *store, struct job *job, enum job_state state, uint32_t attempt)
{
	struct pen_chan *done = new_done();
	struct store_op *op = new_op(STORE_FINISH, job, state, done);
	int error;

	op->progress.attempts = attempt;
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	error = come_back(done);
	pen_chan_free(done);
	return error;
}

static void start(struct store *store, struct job *job, uint32_t attempt)
{
	struct pen_chan *done = new_done();
	struct store_op *op = new_op(STORE_CHANGE, job, JOB_RUNNING, done);

	op->progress.attempts = attempt;
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	ck_assert_int_eq(come_back(done), 0);
	pen_chan_free(done);
}

STORE_TEST(the_end_of_an_attempt_that_is_not_the_latest_is_refused)
{
	struct store *store = open_store(&small);
	CLEANUP(job_unrefp) struct job *job = new_job(0), *unknown = new_job(0);

	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	start(store, job, 1);
	start(store, job, 2);
	ck_assert_int_eq(finish(store, job, JOB_FAILED, 1), -ESTALE);
	assert_state(store, &job->id, JOB_RUNNING);
	ck_assert_int_eq(finish(store, job, JOB_SUCCEEDED, 2), 0);
	ck_assert_int_eq(finish(store, job, JOB_FAILED, 2), -ESTALE);
	ck_assert_int_eq(finish(store, job, JOB_FAILED, 3), -ESTALE);
	assert_state(store, &job->id, JOB_SUCCEEDED);
	ck_assert_int_eq(finish(store, unknown, JOB_FAILED, 1), -ESTALE);
	store_close(store);
}

STORE_TEST(what_is_refused_keeps_nothing_back_in_its_group)
{
	struct store *store = open_store(&small);
	struct pen_chan *done = new_done();
	CLEANUP(job_unrefp) struct job *job = new_job(0), *other = new_job(0);

	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_FINISH, job, JOB_SUCCEEDED, done)), 0);
	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_FINISH, job, JOB_FAILED, done)), 0);
	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
	ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, other, JOB_QUEUED, done)), 0);
	ck_assert_int_eq(come_back(done), 0);
	ck_assert_int_eq(come_back(done), 0);
	ck_assert_int_eq(come_back(done), -ESTALE);
	ck_assert_int_eq(come_back(done), -EEXIST);
	ck_assert_int_eq(come_back(done), 0);
	assert_state(store, &job->id, JOB_SUCCEEDED);
	assert_state(store, &other->id, JOB_QUEUED);
	store_close(store);
	pen_chan_free(done);
}

STORE_TEST(more_than_a_group_may_go_together)
{
	struct store_options options = small;
	struct pen_chan *done = new_done();
	struct store_op *first = NULL;
	struct uuid ids[100];
	struct store *store;

	options.batch_max = ARRAY_LEN(ids);
	store = open_store(&options);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		CLEANUP(job_unrefp) struct job *job = new_job(0);
		struct store_op *op = new_op(STORE_ACCEPT, job, JOB_QUEUED, done);

		ids[i] = job->id;
		op->with = first;
		first = op;
	}
	ck_assert_int_eq(store_submit(NULL, store, first), 0);
	ck_assert_int_eq(come_back(done), 0);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		assert_state(store, &ids[i], JOB_QUEUED);
	store_close(store);
	pen_chan_free(done);
}

/* Put a job's end on record, and with it another job; gives the error of the end. */
static int finish_with(struct store *store, struct job *job, struct job *other)
{
	struct pen_chan *done = new_done();
	struct store_op *op = new_op(STORE_FINISH, job, JOB_SUCCEEDED, done);
	int error;

	op->with = new_op(STORE_ACCEPT, other, JOB_QUEUED, done);
	op->with->follows = true;
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	error = come_back(done);
	pen_chan_free(done);
	return error;
}

STORE_TEST(what_follows_a_refused_operation_is_refused_with_it)
{
	struct store *store = open_store(&small);
	struct job *job = new_job(0), *first = new_job(1), *second = new_job(2);

	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	ck_assert_int_eq(finish_with(store, job, first), 0);
	assert_state(store, &first->id, JOB_QUEUED);
	ck_assert_int_eq(finish_with(store, job, second), -ESTALE);
	assert_error(store, &second->id, -ENOENT);
	store_close(store);
	job_unref(job);
	job_unref(first);
	job_unref(second);
}

/* Accept a job with a key; gives the operation, which has come back. */
static struct store_op *accept_keyed(struct store *store, struct job *job, const char *key)
{
	struct pen_chan *done = new_done();
	struct store_op *op = new_op(STORE_ACCEPT, job, JOB_SCHEDULED, done);

	if (!job->key)
		job->key = strdup(key);
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	op = next_back(done);
	pen_chan_free(done);
	return op;
}

static void key_is_free(struct store *store, struct job *job, const char *key)
{
	struct store_op *op = accept_keyed(store, job, key);

	ck_assert_int_eq(op->error, 0);
	store_op_free(op);
	assert_state(store, &job->id, JOB_SCHEDULED);
}

static void key_is_of(
	struct store *store, struct job *job, const char *key, const struct job *other, bool same)
{
	struct store_op *op = accept_keyed(store, job, key);

	ck_assert_int_eq(op->error, -EEXIST);
	ck_assert(uuid_equal(&op->receipt.id, &other->id));
	ck_assert_int_eq(op->receipt.state, JOB_SCHEDULED);
	ck_assert_int_eq(op->receipt.same, same);
	store_op_free(op);
	assert_error(store, &job->id, -ENOENT);
}

STORE_TEST(what_may_only_be_a_replay_leaves_nothing)
{
	CLEANUP(job_unrefp) struct job *first = new_job(0), *again = new_job(0), *other = new_job(0);
	struct store *store = open_store(&small);
	struct pen_chan *done = new_done();
	struct job *const jobs[] = {other, again, other};
	static const int errors[] = {-ENOKEY, -EEXIST, -ENOKEY};

	key_is_free(store, first, "a");
	again->key = strdup("a");
	other->key = strdup("b");
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		struct store_op *op = new_op(STORE_ACCEPT, jobs[i], JOB_QUEUED, done);

		op->only_replay = true;
		ck_assert_int_eq(store_submit(NULL, store, op), 0);
		op = next_back(done);
		ck_assert_int_eq(op->error, errors[i]);
		ck_assert(i != 1 || uuid_equal(&op->receipt.id, &first->id));
		store_op_free(op);
		assert_error(store, &jobs[i]->id, -ENOENT);
	}
	store_close(store);
	pen_chan_free(done);
}

STORE_TEST(a_key_stands_for_its_tenant_s_job_for_a_day)
{
	struct store_options options = small;
	struct store *store;
	struct job *jobs[6];

	options.retention_ns = 48 * HOUR_MS * PEN_MS;
	store = open_store(&options);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = new_job(i == 2);
	free(jobs[3]->tenant);
	jobs[3]->tenant = strdup("acme");
	clock_wall_set(NOW_MS);
	key_is_free(store, jobs[0], "a");
	key_is_of(store, jobs[1], "a", jobs[0], true);
	key_is_of(store, jobs[2], "a", jobs[0], false); /* of another priority */
	key_is_free(store, jobs[3], "a");
	record(store, STORE_FINISH, jobs[0], JOB_SUCCEEDED);
	clock_wall_set(NOW_MS + 24 * HOUR_MS);
	key_is_of(store, jobs[1], "a", jobs[0], true);
	clock_wall_set(NOW_MS + 24 * HOUR_MS + 1);
	key_is_free(store, jobs[4], "a");
	key_is_of(store, jobs[5], "a", jobs[4], true);
	store_close(store);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		job_unref(jobs[i]);
}

/* Many at once: writers put their own jobs on record while readers look at everybody's. */
enum { WRITERS = 6, JOBS_EACH = 50 };

static struct crowd {
	struct store *store;
	struct job *jobs[WRITERS][JOBS_EACH];
	struct writer {
		struct crowd *crowd;
		size_t row;
	} writers[WRITERS];
} crowd;

static void write_jobs(void *arg)
{
	const struct writer *writer = arg;
	struct store *store = writer->crowd->store;

	for (size_t i = 0; i < JOBS_EACH; i++) {
		struct job *job = writer->crowd->jobs[writer->row][i];

		record(store, STORE_ACCEPT, job, JOB_QUEUED);
		assert_state(store, &job->id, JOB_QUEUED);
		record(store, STORE_FINISH, job, JOB_SUCCEEDED);
	}
}

static void read_jobs(void *arg)
{
	struct crowd *all = arg;

	for (size_t i = 0; i < JOBS_EACH; i++) {
		for (size_t row = 0; row < WRITERS; row++) {
			enum job_state state;
			int r = look(all->store, &all->jobs[row][i]->id, &state);

			ck_assert(r == 0 || r == -ENOENT || r == -ESTALE);
		}
		if (i % 16 == 0)
			pen_yield();
	}
}

static void run_crowd(enum kind kind)
{
	struct store_options options = small;
	struct crew crew;

	options.retention_jobs = 25;
	crowd.store = open_store(&options);
	crew_init(&crew, kind);
	for (size_t row = 0; row < WRITERS; row++)
		for (size_t i = 0; i < JOBS_EACH; i++)
			crowd.jobs[row][i] = new_job(0);
	for (size_t row = 0; row < WRITERS; row++) {
		crowd.writers[row] = (struct writer){&crowd, row};
		crew_go(&crew, write_jobs, &crowd.writers[row]);
		crew_go(&crew, read_jobs, &crowd);
	}
	crew_join(&crew);
	for (size_t row = 0; row < WRITERS; row++)
		for (size_t i = 0; i < JOBS_EACH; i++)
			job_unref(crowd.jobs[row][i]);
	store_close(crowd.store);
}

START_TEST(tasks_and_threads_may_read_and_write_at_once)
{
	begin(_i / KINDS);
	crew_run(2, (struct crew_test){.fn = run_crowd, .kind = (enum kind)(_i % KINDS)});
	remove_store_folder();
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

static void ck_assert_marked(struct store *store, size_t queued, size_t scheduled)
{
	size_t counts[JOB_STATES] = {0};
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	ck_assert_int_eq(store_survey_marked(ctx, store, add_up, counts), 0);
	ck_assert_uint_eq(counts[JOB_QUEUED], queued);
	ck_assert_uint_eq(counts[JOB_SCHEDULED], scheduled);
	pen_ctx_unref(ctx);
}

/* Put this on record, with a mark between. */
static void mark_between(struct store *store, struct store_op *before, struct store_op *after)
{
	struct pen_chan *done = new_done();
	struct store_op *mark = store_mark_op_new(), *ops[] = {before, mark, after};

	ck_assert_ptr_nonnull(mark);
	before->next = mark;
	mark->next = after;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		ops[i]->done = done;
	ck_assert_int_eq(store_submit(NULL, store, before), 0);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		ck_assert_int_eq(come_back(done), 0);
	pen_chan_free(done);
}

STORE_TEST(what_waits_at_a_mark_is_counted_whatever_is_committed_after_it)
{
	struct store *store = open_store(&small);
	struct job *jobs[6];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = new_job(i % 2 ? 7 : 0);
	for (size_t i = 0; i < 4; i++)
		record(store, STORE_ACCEPT, jobs[i], i == 3 ? JOB_SCHEDULED : JOB_QUEUED);
	mark_between(store, new_op(STORE_CHANGE, jobs[0], JOB_RUNNING, NULL),
		new_op(STORE_CHANGE, jobs[1], JOB_SCHEDULED, NULL));
	record(store, STORE_FINISH, jobs[0], JOB_SUCCEEDED);
	record(store, STORE_FINISH, jobs[1], JOB_SUCCEEDED);
	record(store, STORE_CHANGE, jobs[3], JOB_RUNNING);
	record(store, STORE_ACCEPT, jobs[4], JOB_QUEUED);
	ck_assert_marked(store, 101, 100); /* 1 and 2; 3 */
	mark_between(store, new_op(STORE_CHANGE, jobs[3], JOB_QUEUED, NULL),
		new_op(STORE_ACCEPT, jobs[5], JOB_QUEUED, NULL));
	ck_assert_marked(store, 102, 0); /* 2, 3 and 4 */
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		job_unref(jobs[i]);
	store_close(store);
}

STORE_TEST(what_is_marked_is_counted_no_longer_than_its_context_lasts_or_not_at_all)
{
	struct store *store = open_store(&small);
	CLEANUP(job_unrefp) struct job *first = new_job(0), *second = new_job(0);
	size_t counts[JOB_STATES] = {0};
	struct pen_ctx *ctx;

	mark_between(store, new_op(STORE_ACCEPT, first, JOB_QUEUED, NULL),
		new_op(STORE_ACCEPT, second, JOB_QUEUED, NULL));
	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	pen_ctx_cancel(ctx, NULL);
	ck_assert_int_lt(store_survey_marked(ctx, store, add_up, counts), 1);
	ck_assert_uint_eq(store_failed_reads(store), 0);
	pen_ctx_unref(ctx);
	record(store, STORE_FINISH, first, JOB_FAILED);
	mark_between(store, new_op(STORE_FINISH, second, JOB_FAILED, NULL),
		new_op(STORE_CHANGE, first, JOB_QUEUED, NULL));
	store_close(store); /* with what was marked */
}

int main(void)
{
	TCase *tcase = tcase_create("store_kinds");

	tcase_add_store_test(tcase, what_is_on_record_can_be_read_and_changes);
	tcase_add_store_test(tcase, a_record_has_attempts_of_its_own);
	tcase_add_store_test(tcase, the_last_of_a_job_s_operations_in_one_group_counts);
	tcase_add_store_test(tcase, an_end_that_is_refused_takes_the_start_before_it_along);
	tcase_add_store_test(tcase, an_ended_job_is_forgotten_by_age_even_before_it_is_thrown_out);
	tcase_add_store_test(tcase, of_too_many_ended_jobs_the_oldest_are_forgotten);
	tcase_add_store_test(tcase, of_ended_jobs_that_take_too_much_the_oldest_are_forgotten);
	tcase_add_store_test(tcase, a_group_may_end_more_jobs_than_are_kept);
	tcase_add_store_test(tcase, a_job_that_has_not_ended_is_never_forgotten);
	tcase_add_store_test(tcase, the_end_of_an_attempt_that_is_not_the_latest_is_refused);
	tcase_add_store_test(tcase, what_is_refused_keeps_nothing_back_in_its_group);
	tcase_add_store_test(tcase, more_than_a_group_may_go_together);
	tcase_add_store_test(tcase, what_follows_a_refused_operation_is_refused_with_it);
	tcase_add_store_test(tcase, what_may_only_be_a_replay_leaves_nothing);
	tcase_add_store_test(tcase, what_waits_at_a_mark_is_counted_whatever_is_committed_after_it);
	tcase_add_store_test(tcase, what_is_marked_is_counted_no_longer_than_its_context_lasts_or_not_at_all);
	tcase_add_store_test(tcase, a_key_stands_for_its_tenant_s_job_for_a_day);
	tcase_add_loop_test(
		tcase, tasks_and_threads_may_read_and_write_at_once, 0, (int)ARRAY_LEN(kinds) * KINDS);
	return crew_run_suite("store_kinds", tcase);
}
