/* test_store.c - the committer, with a kind of store made for it. */
#define UNIT_FORKS 1
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "store_ops.h"

/* A kind of store that notes what it was asked to do. */
static struct {
	size_t sizes[64], n;
	int error;
	bool in_task, takes_signals;
	struct pen_chan *begun,
		*may_go; /* when not NULL: each commit sends to the one, then waits for the other */
} noted;

static int noted_open(const struct store_options *options, void **ret_state, struct problem *reterr)
{
	if (options->retention_jobs == 0)
		return problem_set(reterr, -EROFS, PROBLEM_STORE, "store", "cannot be written");
	*ret_state = NULL;
	return 0;
}

static void noted_close(void *state)
{
	ck_assert_ptr_null(state);
}

static int noted_commit(void *state, struct store_op *const *ops, size_t n)
{
	sigset_t blocked;

	ck_assert_ptr_null(state);
	ck_assert_ptr_nonnull(ops[n - 1]);
	if (noted.may_go) {
		ck_assert_int_eq(pen_chan_send(NULL, noted.begun, NULL), 0);
		ck_assert_int_eq(pen_chan_recv(NULL, noted.may_go, NULL), 0);
	}
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	noted.takes_signals = !sigismember(&blocked, SIGTERM);
	noted.in_task = pen_in_task();
	noted.sizes[noted.n++] = n;
	return noted.error;
}

static int noted_read(void *state, const struct uuid *id, struct store_record *ret_record)
{
	(void)state, (void)id, (void)ret_record;
	return -EIO;
}

static const struct store_kind quick = {
	.name = "quick",
	.open = noted_open,
	.close = noted_close,
	.commit = noted_commit,
	.read = noted_read,
};

static const struct store_kind slow = {
	.name = "slow",
	.blocks = true,
	.open = noted_open,
	.close = noted_close,
	.commit = noted_commit,
	.read = noted_read,
};

static struct store *open_kind(const struct store_kind *kind, size_t queue_max, size_t group_max)
{
	struct store_options options = small;
	struct store *store;

	options.queue_max = queue_max;
	options.group_max = group_max;
	ck_assert_int_eq(store_open_kind(kind, &options, &store, NULL), 0);
	return store;
}

static void submit_many(struct store *store, size_t n, struct pen_chan *done)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
}

TASK_TEST(what_has_gathered_is_committed_as_one_group)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(&quick, 64, 16);

	submit_many(store, 5, done);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(come_back(done), 0);
	ck_assert_uint_eq(noted.n, 1);
	ck_assert_uint_eq(noted.sizes[0], 5);
	ck_assert(noted.in_task);
	store_close(store);
	pen_chan_free(done);
}

TASK_TEST(a_group_has_a_limit)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(&quick, 64, 3);

	submit_many(store, 7, done);
	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(come_back(done), 0);
	ck_assert_uint_eq(noted.n, 3);
	ck_assert_uint_eq(noted.sizes[0], 3);
	ck_assert_uint_eq(noted.sizes[1], 3);
	ck_assert_uint_eq(noted.sizes[2], 1);
	store_close(store);
	pen_chan_free(done);
}

/* Operations that go together; gives the first. */
static struct store_op *new_batch(size_t n, struct pen_chan *done)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct store_op *first = NULL;

	while (n-- > 0) {
		struct store_op *op = new_op(STORE_ACCEPT, job, JOB_QUEUED, done);

		op->with = first;
		first = op;
	}
	return first;
}

/* It must come back whole; gives its error, which each of it has. */
static int come_back_whole(struct pen_chan *done, size_t n)
{
	struct store_op *first = next_back(done), *op;
	int error = first->error;

	for (op = first; op; op = op->with, n--)
		ck_assert_int_eq(op->error, error);
	ck_assert_uint_eq(n, 0);
	store_op_free(first);
	return error;
}

static struct store *open_for_batches(void)
{
	struct store_options options = small;
	struct store *store;

	options.group_max = 4;
	options.batch_max = 10;
	ck_assert_int_eq(store_open_kind(&quick, &options, &store, NULL), 0);
	return store;
}

TASK_TEST(what_goes_together_is_never_parted)
{
	struct pen_chan *done = new_done();
	struct store *store = open_for_batches();

	submit_many(store, 3, done);
	ck_assert_int_eq(store_submit(NULL, store, new_batch(10, done)), 0);
	submit_many(store, 1, done);
	ck_assert_int_eq(store_submit(NULL, store, new_batch(2, done)), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(come_back(done), 0);
	ck_assert_int_eq(come_back_whole(done, 10), 0);
	ck_assert_int_eq(come_back(done), 0);
	ck_assert_int_eq(come_back_whole(done, 2), 0);
	ck_assert_uint_eq(noted.n, 2);
	ck_assert_uint_eq(noted.sizes[0], 13);
	ck_assert_uint_eq(noted.sizes[1], 3);
	store_close(store);
	pen_chan_free(done);
}

TASK_TEST(what_goes_together_fails_together_and_is_freed_together)
{
	struct pen_chan *done = new_done();
	struct store *store = open_for_batches();

	noted.error = -EIO;
	ck_assert_int_eq(store_submit(NULL, store, new_batch(10, done)), 0);
	ck_assert_int_eq(come_back_whole(done, 10), -EIO);
	pen_chan_close(done);
	ck_assert_int_eq(store_submit(NULL, store, new_batch(10, done)), 0);
	store_close(store); /* nobody wants it: it is freed */
	pen_chan_free(done);
}

TASK_TEST(the_first_of_a_group_tells_its_size_and_each_its_time)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(&quick, 64, 16);
	int64_t took = 0;

	submit_many(store, 3, done);
	for (size_t i = 0; i < 3; i++) {
		struct store_op *op = next_back(done);

		ck_assert_uint_eq(op->group_jobs, i == 0 ? 3 : 0);
		ck_assert_int_gt(op->commit_ns, 0);
		ck_assert(i == 0 || op->commit_ns == took);
		took = op->commit_ns;
		store_op_free(op);
	}
	store_close(store);
	pen_chan_free(done);
}

TASK_TEST(a_group_that_fails_fails_for_each_of_it)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(&quick, 64, 16);

	noted.error = -ENOSPC;
	submit_many(store, 3, done);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(come_back(done), -ENOSPC);
	noted.error = 0;
	submit_many(store, 1, done);
	ck_assert_int_eq(come_back(done), 0);
	store_close(store);
	pen_chan_free(done);
}

PLACE_TEST(a_kind_that_blocks_works_on_a_thread_without_signals)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(&slow, 64, 16);

	submit_many(store, 1, done);
	ck_assert_int_eq(come_back(done), 0);
	ck_assert(!noted.in_task);
	ck_assert(!noted.takes_signals);
	store_close(store);
	pen_chan_free(done);
}

/* From here on each commit waits to be let go. */
static void hold_commits(void)
{
	noted.begun = pen_chan_new(0, 0);
	noted.may_go = pen_chan_new(0, 0);
	ck_assert_ptr_nonnull(noted.begun);
	ck_assert_ptr_nonnull(noted.may_go);
}

static void wait_for_commit(void)
{
	ck_assert_int_eq(pen_chan_recv(NULL, noted.begun, NULL), 0);
}

static void let_commit_go(void)
{
	ck_assert_int_eq(pen_chan_send(NULL, noted.may_go, NULL), 0);
}

static void free_held(void)
{
	pen_chan_free(noted.begun);
	pen_chan_free(noted.may_go);
}

PLACE_TEST(while_one_group_is_written_the_next_gathers)
{
	struct pen_chan *done = new_done();
	struct store *store;

	hold_commits();
	store = open_kind(&slow, 64, 16);
	submit_many(store, 1, done);
	wait_for_commit();
	submit_many(store, 9, done);
	let_commit_go();
	wait_for_commit();
	let_commit_go();
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(come_back(done), 0);
	store_close(store);
	ck_assert_uint_eq(noted.n, 2);
	ck_assert_uint_eq(noted.sizes[0], 1);
	ck_assert_uint_eq(noted.sizes[1], 9);
	free_held();
	pen_chan_free(done);
}

static void closing_commits(const struct store_kind *store_kind)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(store_kind, 64, 2);

	submit_many(store, 5, done);
	store_close(store);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(come_back(done), 0);
	ck_assert_uint_eq(pen_chan_len(done), 0);
	pen_chan_free(done);
}

PLACE_TEST(closing_commits_what_is_queued)
{
	closing_commits(&quick);
	closing_commits(&slow);
}

PLACE_TEST(a_sender_waits_for_room_no_longer_than_its_context)
{
	struct pen_chan *done = new_done();
	struct pen_ctx *late = ctx_soon_late();
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct store_op *op = new_op(STORE_ACCEPT, job, JOB_QUEUED, done);
	struct store *store;

	hold_commits();
	store = open_kind(&quick, 1, 1);
	submit_many(store, 1, done);
	wait_for_commit();
	submit_many(store, 1, done); /* the queue is full now */
	ck_assert_int_eq(store_submit(late, store, op), -ETIMEDOUT);
	store_op_free(op); /* it was not taken */
	let_commit_go();
	wait_for_commit();
	let_commit_go();
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(come_back(done), 0);
	store_close(store);
	free_held();
	pen_ctx_unref(late);
	pen_chan_free(done);
}

PLACE_TEST(what_nobody_waits_for_any_more_is_freed)
{
	struct pen_chan *done = new_done();
	struct store *store = open_kind(&quick, 64, 16);

	pen_chan_close(done);
	submit_many(store, 3, done);
	store_close(store);
	pen_chan_free(done);
}

TASK_TEST(a_store_that_cannot_be_opened_says_why)
{
	struct store_options options = small;
	struct problem problem = {0};
	struct store *store = NULL;

	options.kind = "paper";
	ck_assert_int_eq(store_open(&options, &store, &problem), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.message, "\"paper\""));
	options.kind = "memory";
	options.group_max = 0;
	ck_assert_int_eq(store_open(&options, &store, &problem), -EINVAL);
	options.group_max = 1;
	options.queue_max = SIZE_MAX;
	ck_assert_int_eq(store_open(&options, &store, &problem), -EINVAL);
	options.queue_max = 1;
	options.retention_jobs = 0;
	ck_assert_int_eq(store_open_kind(&quick, &options, &store, &problem), -EROFS);
	ck_assert_str_eq(problem.message, "cannot be written");
	ck_assert_ptr_null(store);
	store_close(store);
}

START_TEST(a_kind_that_does_not_block_needs_a_runtime)
{
	struct problem problem = {0};
	struct store *store = NULL;

	ck_assert_int_eq(store_open(&small, &store, &problem), -ESRCH);
	ck_assert_str_eq(problem.code, PROBLEM_STORE);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("store");

	tcase_add_test(tcase, what_has_gathered_is_committed_as_one_group);
	tcase_add_test(tcase, a_group_has_a_limit);
	tcase_add_test(tcase, what_goes_together_is_never_parted);
	tcase_add_test(tcase, what_goes_together_fails_together_and_is_freed_together);
	tcase_add_test(tcase, the_first_of_a_group_tells_its_size_and_each_its_time);
	tcase_add_test(tcase, a_group_that_fails_fails_for_each_of_it);
	tcase_add_place_test(tcase, a_kind_that_blocks_works_on_a_thread_without_signals);
	tcase_add_place_test(tcase, while_one_group_is_written_the_next_gathers);
	tcase_add_place_test(tcase, closing_commits_what_is_queued);
	tcase_add_place_test(tcase, a_sender_waits_for_room_no_longer_than_its_context);
	tcase_add_place_test(tcase, what_nobody_waits_for_any_more_is_freed);
	tcase_add_test(tcase, a_store_that_cannot_be_opened_says_why);
	tcase_add_test(tcase, a_kind_that_does_not_block_needs_a_runtime);
	return crew_run_suite("store", tcase);
}
