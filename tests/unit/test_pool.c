/* test_pool.c - workers share an input, and the last one closes the results. */
#define UNIT_FORKS 1
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/pool.h>
#include <signal.h>

#include "crew.h"

enum { JOBS = 300, WORKERS = 5 };

struct work {
	struct pen_chan *jobs, *results;
	int began;             /* atomic */
	unsigned on_loops;     /* atomic; a bit a loop */
	struct pen_ctx *given; /* the context that a worker got */
};

static struct work new_work(void)
{
	return (struct work){.jobs = pen_chan_new(sizeof(int), 2), .results = pen_chan_new(sizeof(int), 2)};
}

static void free_work(struct work *work)
{
	pen_chan_free(work->jobs);
	pen_chan_free(work->results);
}

static int double_all(struct pen_ctx *ctx, void *arg)
{
	struct work *work = arg;
	int job, r;

	__atomic_fetch_add(&work->began, 1, __ATOMIC_RELAXED);
	__atomic_fetch_or(&work->on_loops, 1u << pen_loop_self(), __ATOMIC_RELAXED);
	__atomic_store_n(&work->given, ctx, __ATOMIC_RELAXED);
	while ((r = pen_chan_recv(ctx, work->jobs, &job)) == 0) {
		job *= 2;
		r = pen_chan_send(ctx, work->results, &job);
		if (r < 0)
			break;
	}
	return r == -EPIPE ? 0 : r;
}

static void send_jobs(void *arg)
{
	for (int i = 0; i < JOBS; i++)
		ck_assert_int_eq(pen_chan_send(NULL, arg, &i), 0);
	pen_chan_close(arg);
}

static long sum_until_closed(struct pen_chan *results)
{
	long sum = 0;
	int result;

	while (pen_chan_recv(NULL, results, &result) == 0)
		sum += result;
	return sum;
}

PLACE_TEST(every_job_is_done_once_and_the_last_worker_closes_the_results)
{
	struct work work = new_work();
	struct pen_pool *pool;

	ck_assert_int_eq(pen_pool_new(&pool, NULL, WORKERS, double_all, &work, work.results), 0);
	ck_assert_int_eq(pen_go(send_jobs, work.jobs), 0);
	ck_assert_int_eq(sum_until_closed(work.results), (long)JOBS * (JOBS - 1));
	ck_assert_int_eq(pen_pool_wait(NULL, pool), 0);
	ck_assert_int_eq(work.began, WORKERS);
	ck_assert_uint_eq(work.on_loops, (1u << pen_loops()) - 1);
	ck_assert_ptr_null(work.given);
	pen_pool_free(pool);
	pen_pool_free(NULL);
	free_work(&work);
}

PLACE_TEST(workers_end_with_their_context)
{
	struct work work = new_work();
	struct pen_pool *pool;
	struct pen_ctx *ctx;

	ck_assert_int_eq(pen_ctx_with_cancel(&ctx, NULL), 0);
	ck_assert_int_eq(pen_pool_new(&pool, ctx, WORKERS, double_all, &work, NULL), 0);
	pen_ctx_cancel(ctx, NULL);
	ck_assert_int_eq(pen_pool_wait(NULL, pool), -ECANCELED);
	ck_assert_int_eq(work.began, WORKERS);
	ck_assert_ptr_eq(work.given, ctx);
	ck_assert(!pen_chan_closed(work.results));
	pen_pool_free(pool);
	pen_ctx_unref(ctx);
	free_work(&work);
}

PLACE_TEST(a_wait_that_ends_with_its_context_leaves_the_workers_alone)
{
	struct work work = new_work();
	struct pen_ctx *late = ctx_soon_late();
	struct pen_pool *pool;

	ck_assert_int_eq(pen_pool_new(&pool, NULL, 2, double_all, &work, NULL), 0);
	ck_assert_int_eq(pen_pool_wait(late, pool), -ETIMEDOUT);
	pen_chan_close(work.jobs);
	ck_assert_int_eq(pen_pool_wait(NULL, pool), 0);
	ck_assert_int_eq(pen_pool_wait(late, pool), 0);
	pen_pool_free(pool);
	pen_ctx_unref(late);
	free_work(&work);
}

/* Each takes a job and returns it. */
static int return_one(struct pen_ctx *ctx, void *arg)
{
	struct work *work = arg;
	int job = 0;
	int r = pen_chan_recv(ctx, work->jobs, &job);

	return r < 0 ? r : job;
}

TASK_TEST(the_first_worker_to_fail_leaves_alone_and_its_error_is_the_pools)
{
	struct work work = new_work();
	struct pen_pool *pool;
	int errs[] = {0, -EIO, -ENOSPC};

	ck_assert_int_eq(pen_pool_new(&pool, NULL, 3, return_one, &work, work.results), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert(!pen_chan_closed(work.results));
		ck_assert_int_eq(pen_chan_send(NULL, work.jobs, &errs[i]), 0);
		let_others_park();
	}
	ck_assert(pen_chan_closed(work.results));
	ck_assert_int_eq(pen_pool_wait(NULL, pool), -EIO);
	pen_pool_free(pool);
	free_work(&work);
}

PLACE_TEST(a_pool_may_be_freed_right_after_its_wait)
{
	for (int i = 0; i < 200; i++) {
		struct work work = new_work();
		struct pen_pool *pool;

		ck_assert_int_eq(pen_pool_new(&pool, NULL, 3, double_all, &work, work.results), 0);
		pen_chan_close(work.jobs);
		ck_assert_int_eq(pen_pool_wait(NULL, pool), 0);
		pen_pool_free(pool);
		free_work(&work);
	}
}

PLACE_TEST(a_pool_of_nobody_is_einval)
{
	struct pen_pool *pool = NULL;

	ck_assert_int_eq(pen_pool_new(&pool, NULL, 0, double_all, NULL, NULL), -EINVAL);
	ck_assert_ptr_null(pool);
}

START_TEST(without_a_runtime_there_is_no_pool)
{
	struct work work = new_work();
	struct pen_pool *pool = NULL;

	ck_assert_int_eq(pen_pool_new(&pool, NULL, 2, double_all, &work, work.results), -ESRCH);
	ck_assert_ptr_null(pool);
	ck_assert(!pen_chan_closed(work.results));
	ck_assert_int_eq(work.began, 0);
	free_work(&work);
}
END_TEST

TASK_TEST(freeing_a_pool_with_a_worker_alive_aborts)
{
	struct work work = new_work();
	struct pen_pool *pool;

	ck_assert_int_eq(pen_pool_new(&pool, NULL, 1, double_all, &work, NULL), 0);
	pen_pool_free(pool);
}

int main(void)
{
	TCase *tcase = tcase_create("pool");

	tcase_add_place_test(tcase, every_job_is_done_once_and_the_last_worker_closes_the_results);
	tcase_add_place_test(tcase, workers_end_with_their_context);
	tcase_add_place_test(tcase, a_wait_that_ends_with_its_context_leaves_the_workers_alone);
	tcase_add_test(tcase, the_first_worker_to_fail_leaves_alone_and_its_error_is_the_pools);
	tcase_add_place_test(tcase, a_pool_may_be_freed_right_after_its_wait);
	tcase_add_place_test(tcase, a_pool_of_nobody_is_einval);
	tcase_add_test(tcase, without_a_runtime_there_is_no_pool);
	tcase_add_abort_test(tcase, freeing_a_pool_with_a_worker_alive_aborts);
	return crew_run_suite("pool", tcase);
}
