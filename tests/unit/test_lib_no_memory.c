/*
 * test_lib_no_memory.c - every allocation of the library may fail: the call says so, and nothing is left.
 *
 * Each trial runs a runtime of one loop from beginning to end, so that stacks are made anew and may fail as
 * well.
 */
#include <penstock/chan.h>
#include <penstock/group.h>
#include <penstock/map.h>
#include <penstock/mutex.h>
#include <penstock/once.h>
#include <penstock/pipeline.h>
#include <penstock/pool.h>
#include <penstock/sem.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>
#include <stdio.h>
#include <stdlib.h>

#include "scarce.h"
#include "unit.h"

enum { WORKERS = 150, KEYS = 20 };

static int run_here(void *arg)
{
	struct pen_run_options options = {.loops = 1};

	return pen_run(&options, *(int (**)(void *))arg, NULL);
}

static void try_in_a_task(int (*fn)(void *arg))
{
	scarce_try(run_here, &fn);
}

static int plain_things(void *arg)
{
	struct pen_waitgroup *wg = pen_waitgroup_new();
	struct pen_sem *sem = pen_sem_new(1);
	struct pen_mutex *mutex = pen_mutex_new();
	struct pen_rwmutex *rwmutex = pen_rwmutex_new();
	struct pen_once *once = pen_once_new();
	bool all = wg && sem && mutex && rwmutex && once;

	(void)arg;
	pen_waitgroup_free(wg);
	pen_sem_free(sem);
	pen_mutex_free(mutex);
	pen_rwmutex_free(rwmutex);
	pen_once_free(once);
	return all ? 0 : -ENOMEM;
}

START_TEST(plain_things_are_there_or_null)
{
	scarce_try(plain_things, NULL);
}
END_TEST

static int return_0(struct pen_ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 0;
}

static int group_of_two(void *arg)
{
	struct pen_group *group;
	int r = pen_group_new(&group, NULL, 2);

	(void)arg;
	if (r < 0)
		return r;
	r = pen_group_go(group, return_0, NULL);
	if (r == 0)
		r = pen_group_try_go(group, return_0, NULL);
	if (pen_group_wait(group) != 0)
		r = -EIO;
	pen_group_free(group);
	return r;
}

START_TEST(a_group_starts_a_task_or_is_as_before)
{
	try_in_a_task(group_of_two);
}
END_TEST

static int count_workers(struct pen_ctx *ctx, void *arg)
{
	(void)ctx;
	++*(int *)arg;
	return 0;
}

/* More workers than one slab has stacks. */
static int pool_of_many(void *arg)
{
	struct pen_pool *pool;
	int worked = 0;
	int r = pen_pool_new(&pool, NULL, WORKERS, count_workers, &worked, NULL);

	(void)arg;
	if (r < 0)
		return worked == 0 ? r : -EIO;
	r = pen_pool_wait(NULL, pool);
	pen_pool_free(pool);
	return worked == WORKERS ? r : -EIO;
}

START_TEST(a_pool_has_all_workers_or_has_run_none)
{
	try_in_a_task(pool_of_many);
}
END_TEST

static int send_one(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	return pen_chan_send(ctx, out, &arg);
}

static int copy(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	(void)ctx;
	(void)arg;
	*(void **)out_elem = *(void *const *)in_elem;
	return 0;
}

static int pipeline_of_three(void *arg)
{
	struct pen_pipeline *pipeline;
	struct pen_chan *chan;
	int r = pen_pipeline_new(&pipeline, NULL);

	if (r < 0)
		return r;
	r = pen_pipeline_source(pipeline, sizeof(arg), 1, send_one, arg, &chan);
	if (r == 0)
		r = pen_pipeline_stage(pipeline, chan, 2, sizeof(arg), 1, copy, NULL, &chan);
	if (r == 0)
		r = pen_pipeline_merge(pipeline, &chan, 1, 1, &chan);
	if (r == 0 && pen_pipeline_wait(pipeline) != 0)
		r = -EIO;
	pen_pipeline_free(pipeline);
	return r;
}

START_TEST(a_pipeline_grows_by_a_whole_stage_or_not)
{
	try_in_a_task(pipeline_of_three);
}
END_TEST

static bool count(const void *key, size_t key_bytes, void *value, void *arg)
{
	(void)key;
	(void)key_bytes;
	(void)value;
	++*(int *)arg;
	return true;
}

static int fill(struct pen_map *map)
{
	void *value;
	int r = 0;

	for (int i = 0; i < KEYS && r >= 0; i++)
		r = i % 2 ? pen_map_store(map, &i, sizeof(i), map)
			  : pen_map_load_or_store(map, &i, sizeof(i), map, &value);
	return r < 0 ? r : 0;
}

/* One shard, so that its table grows; where it cannot grow it does without. */
static int map_of_many(void *arg)
{
	struct pen_map_options options = {.shards = 1};
	struct pen_map *map = pen_map_new(&options);
	int seen = 0;
	int r = map ? fill(map) : -ENOMEM;

	(void)arg;
	if (r == 0)
		r = pen_map_range(map, count, &seen);
	if (r == 0 && seen != KEYS)
		r = -EIO;
	pen_map_free(map);
	return r;
}

START_TEST(a_map_keeps_an_entry_or_is_as_before)
{
	scarce_try(map_of_many, NULL);
}
END_TEST

/* With room for each entry, and none for a table. */
START_TEST(a_map_that_cannot_grow_goes_on_in_the_table_it_has)
{
	struct pen_map_options options = {.shards = 1};
	struct pen_map *map = pen_map_new(&options);
	int first = -1, r = pen_map_store(map, &first, sizeof(first), map);

	for (int i = 0; i < KEYS && r == 0; i++) {
		scarce_left = 1;
		r = pen_map_store(map, &i, sizeof(i), map);
	}
	scarce_left = -1;
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(pen_map_len(map), KEYS + 1);
	for (int i = -1; i < KEYS; i++)
		ck_assert_ptr_eq(pen_map_load(map, &i, sizeof(i)), map);
	pen_map_free(map);
}
END_TEST

int main(void)
{
	TCase *tcase;

	if (scarce_is_skipped())
		return EXIT_SUCCESS;
	tcase = tcase_create("lib_no_memory");
	tcase_add_test(tcase, plain_things_are_there_or_null);
	tcase_add_test(tcase, a_group_starts_a_task_or_is_as_before);
	tcase_add_test(tcase, a_pool_has_all_workers_or_has_run_none);
	tcase_add_test(tcase, a_pipeline_grows_by_a_whole_stage_or_not);
	tcase_add_test(tcase, a_map_keeps_an_entry_or_is_as_before);
	tcase_add_test(tcase, a_map_that_cannot_grow_goes_on_in_the_table_it_has);
	return unit_run("lib_no_memory", tcase);
}
