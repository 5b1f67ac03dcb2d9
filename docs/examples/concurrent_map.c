/* concurrent_map.c - one map for many tasks: load, store, load-or-store, delete, range; in one shard, and in sixty-four. */
#include <penstock/map.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { TASKS = 8, KEYS = 1000 };

static struct pen_map *map;
static struct pen_waitgroup *wg;
static int values[KEYS];

/* All tasks offer each key; the first to come wins, and all see the same value after. */
static void offer(void *arg)
{
	void *value;

	(void)arg;
	for (int key = 0; key < KEYS; key++) {
		MUST(pen_map_load_or_store(map, &key, sizeof key, &values[key], &value));
		if (value != &values[key])
			abort();
	}
	pen_waitgroup_done(wg);
}

static bool count_even(const void *key, size_t bytes, void *value, void *arg)
{
	(void)bytes;
	(void)value;
	*(int *)arg += *(const int *)key % 2 == 0;
	return true;
}

static void run(size_t shards)
{
	int even = 0, key = 7;

	map = MUST_HAVE(pen_map_new(&(struct pen_map_options){.shards = shards}));
	for (size_t i = 0; i < TASKS; i++) {
		pen_waitgroup_add(wg, 1);
		MUST(pen_go_on(i % pen_loops(), offer, NULL));
	}
	MUST(pen_waitgroup_wait(NULL, wg));
	MUST(pen_map_range(map, count_even, &even));
	printf("%zu shards: %zu keys, %d of them even\n", shards, pen_map_len(map), even);
	MUST(pen_map_store(map, &key, sizeof key, &values[0]));
	printf("key 7 has %s value\n",
		pen_map_load(map, &key, sizeof key) == &values[0] ? "another" : "its old");
	pen_map_delete(map, &key, sizeof key);
	printf("key 7 is %s\n", pen_map_load(map, &key, sizeof key) ? "still there" : "gone");
	pen_map_free(map);
}

static int start(void *arg)
{
	(void)arg;
	wg = MUST_HAVE(pen_waitgroup_new());
	run(1);
	run(64);
	pen_waitgroup_free(wg);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
