/* test_map.c - the map: what it keeps, whom it counts, and that it holds under many hands. */
#include <errno.h>
#include <penstock/map.h>
#include <stdio.h>
#include <string.h>

#include "crew.h"

enum { MANY = 2000, MEMBERS = 6 };

/* A value that counts: the test holds it too, so that it can look at it to the end. */
struct item {
	int holds; /* atomic */
	int number;
};

static void hold(void *value)
{
	__atomic_fetch_add(&((struct item *)value)->holds, 1, __ATOMIC_RELAXED);
}

static void drop(void *value)
{
	__atomic_fetch_sub(&((struct item *)value)->holds, 1, __ATOMIC_RELAXED);
}

static const struct pen_map_options counted = {.shards = 4, .hold = hold, .drop = drop};

static struct pen_map *new_map(const struct pen_map_options *options)
{
	struct pen_map *map = pen_map_new(options);

	ck_assert_ptr_nonnull(map);
	return map;
}

static int store(struct pen_map *map, const char *key, void *value)
{
	return pen_map_store(map, key, strlen(key), value);
}

START_TEST(a_stored_value_is_loaded_until_it_is_deleted)
{
	struct pen_map *map = new_map(NULL);
	int value;

	ck_assert_ptr_null(pen_map_load(map, "key", 3));
	ck_assert_ptr_null(pen_map_delete(map, "key", 3));
	ck_assert_int_eq(store(map, "key", &value), 0);
	ck_assert_ptr_eq(pen_map_load(map, "key", 3), &value);
	ck_assert_ptr_null(pen_map_load(map, "key", 2));
	ck_assert_ptr_null(pen_map_load(map, "kez", 3));
	ck_assert_uint_eq(pen_map_len(map), 1);
	ck_assert_ptr_eq(pen_map_delete(map, "key", 3), &value);
	ck_assert_ptr_null(pen_map_load(map, "key", 3));
	ck_assert_ptr_null(pen_map_delete(map, "key", 3));
	ck_assert_uint_eq(pen_map_len(map), 0);
	pen_map_free(map);
	pen_map_free(NULL);
}
END_TEST

START_TEST(keys_are_bytes_of_any_length_up_to_the_limit)
{
	struct pen_map *map = new_map(NULL);
	char *longest = calloc(1, PEN_MAP_KEY_MAX + 1);
	int values[4];

	ck_assert_ptr_nonnull(longest);
	ck_assert_int_eq(pen_map_store(map, NULL, 0, &values[0]), 0);
	ck_assert_int_eq(pen_map_store(map, "\0", 1, &values[1]), 0);
	ck_assert_int_eq(pen_map_store(map, "\0a", 2, &values[2]), 0);
	ck_assert_int_eq(pen_map_store(map, longest, PEN_MAP_KEY_MAX, &values[3]), 0);
	ck_assert_int_eq(pen_map_store(map, longest, PEN_MAP_KEY_MAX + 1, &values[3]), -EINVAL);
	ck_assert_ptr_eq(pen_map_load(map, NULL, 0), &values[0]);
	ck_assert_ptr_eq(pen_map_load(map, "\0", 1), &values[1]);
	ck_assert_ptr_eq(pen_map_load(map, "\0a", 2), &values[2]);
	ck_assert_ptr_eq(pen_map_load(map, longest, PEN_MAP_KEY_MAX), &values[3]);
	ck_assert_ptr_null(pen_map_load(map, longest, PEN_MAP_KEY_MAX + 1));
	ck_assert_uint_eq(pen_map_len(map), 4);
	pen_map_free(map);
	free(longest);
}
END_TEST

START_TEST(a_map_grows_and_keeps_everything)
{
	struct pen_map_options one_shard = {.shards = 1};
	struct pen_map *map = new_map(&one_shard);
	static int values[MANY];

	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(pen_map_store(map, &i, sizeof(i), &values[i]), 0);
	ck_assert_uint_eq(pen_map_len(map), MANY);
	for (int i = 0; i < MANY; i += 2)
		ck_assert_ptr_eq(pen_map_delete(map, &i, sizeof(i)), &values[i]);
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_eq(pen_map_load(map, &i, sizeof(i)), i % 2 ? &values[i] : NULL);
	ck_assert_uint_eq(pen_map_len(map), MANY / 2);
	pen_map_free(map);
}
END_TEST

START_TEST(each_pointer_kept_or_given_is_held_and_each_let_go_is_dropped)
{
	struct pen_map *map = new_map(&counted);
	struct item a = {0}, b = {0};
	void *value;

	ck_assert_int_eq(store(map, "k", &a), 0);
	ck_assert_int_eq(a.holds, 1);
	ck_assert_ptr_eq(pen_map_load(map, "k", 1), &a);
	ck_assert_int_eq(a.holds, 2);
	ck_assert_int_eq(store(map, "k", &b), 0); /* a is let go */
	ck_assert_int_eq(a.holds, 1);
	ck_assert_int_eq(b.holds, 1);
	ck_assert_int_eq(pen_map_load_or_store(map, "k", 1, &a, &value), 1);
	ck_assert_ptr_eq(value, &b);
	ck_assert_int_eq(a.holds, 1);
	ck_assert_int_eq(b.holds, 2);
	ck_assert_ptr_eq(pen_map_delete(map, "k", 1), &b); /* the map's hold is ours now */
	ck_assert_int_eq(b.holds, 2);
	ck_assert_int_eq(pen_map_load_or_store(map, "k", 1, &a, &value), 0);
	ck_assert_ptr_eq(value, &a);
	ck_assert_int_eq(a.holds, 3);
	pen_map_free(map);
	ck_assert_int_eq(a.holds, 2);
	ck_assert_int_eq(b.holds, 2);
}
END_TEST

START_TEST(storing_the_same_value_again_leaves_it_held_once)
{
	struct pen_map *map = new_map(&counted);
	struct item a = {0};

	ck_assert_int_eq(store(map, "k", &a), 0);
	ck_assert_int_eq(store(map, "k", &a), 0);
	ck_assert_int_eq(a.holds, 1);
	pen_map_free(map);
	ck_assert_int_eq(a.holds, 0);
}
END_TEST

START_TEST(no_value_is_einval_and_changes_nothing)
{
	struct pen_map *map = new_map(NULL);
	void *value = &value;

	ck_assert_int_eq(store(map, "k", NULL), -EINVAL);
	ck_assert_int_eq(pen_map_load_or_store(map, "k", 1, NULL, &value), -EINVAL);
	ck_assert_ptr_eq(value, &value);
	ck_assert_uint_eq(pen_map_len(map), 0);
	pen_map_free(map);
}
END_TEST

START_TEST(shards_are_a_power_of_two_up_to_4096)
{
	static const struct {
		size_t shards;
		bool right;
	} rows[] = {
		{0,    true },
                {1,    true },
                {4096, true },
                {3,    false},
                {8192, false}
        };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pen_map_options options = {.shards = rows[i].shards};
		struct pen_map *map = pen_map_new(&options);

		ck_assert_msg(!map == !rows[i].right, "%zu shards", rows[i].shards);
		pen_map_free(map);
	}
}
END_TEST

struct walk {
	struct pen_map *map;
	int seen[MANY];
	int calls, stop_after;
	bool held;
};

static bool see(const void *key, size_t key_bytes, void *value, void *arg)
{
	struct walk *walk = arg;
	struct item *item = value;
	int number;

	ck_assert_uint_eq(key_bytes, sizeof(number));
	memcpy(&number, key, sizeof(number));
	ck_assert_int_eq(item->number, number);
	walk->seen[number]++;
	walk->held &= item->holds >= 1;
	return ++walk->calls != walk->stop_after;
}

static struct item *fill(struct pen_map *map, int n)
{
	struct item *items = calloc((size_t)n, sizeof(*items));

	ck_assert_ptr_nonnull(items);
	for (int i = 0; i < n; i++) {
		items[i].number = i;
		ck_assert_int_eq(pen_map_store(map, &i, sizeof(i), &items[i]), 0);
	}
	return items;
}

static void assert_all_held(const struct item *items, int n, int holds)
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(items[i].holds, holds);
}

START_TEST(a_range_sees_each_entry_once)
{
	struct pen_map *map = new_map(&counted);
	static struct walk walk = {.held = true};
	struct item *items;

	ck_assert_int_eq(pen_map_range(map, see, &walk), 0);
	ck_assert_int_eq(walk.calls, 0);
	items = fill(map, MANY);
	ck_assert_int_eq(pen_map_range(map, see, &walk), 0);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(walk.seen[i], 1);
	ck_assert(walk.held);
	assert_all_held(items, MANY, 1);
	pen_map_free(map);
	assert_all_held(items, MANY, 0);
	free(items);
}
END_TEST

START_TEST(a_range_stops_when_it_is_told_and_lets_go_of_the_rest)
{
	struct pen_map *map = new_map(&counted);
	static struct walk walk = {.stop_after = 5};
	struct item *items = fill(map, 100);

	ck_assert_int_eq(pen_map_range(map, see, &walk), 0);
	ck_assert_int_eq(walk.calls, 5);
	assert_all_held(items, 100, 1);
	pen_map_free(map);
	free(items);
}
END_TEST

static bool see_and_empty(const void *key, size_t key_bytes, void *value, void *arg)
{
	struct walk *walk = arg;

	for (int i = 0; i < MANY; i++)
		if (pen_map_delete(walk->map, &i, sizeof(i)))
			walk->seen[i] = -1; /* the hold passed on is never given back */
	walk->held &= ((struct item *)value)->holds >= 2;
	ck_assert_uint_eq(key_bytes, sizeof(int));
	ck_assert_int_eq(memcmp(key, &((struct item *)value)->number, sizeof(int)), 0);
	return ++walk->calls != walk->stop_after;
}

START_TEST(fn_may_empty_the_map_under_its_own_feet)
{
	struct pen_map *map = new_map(&counted);
	static struct walk walk = {.held = true};
	struct item *items = fill(map, MANY);

	walk.map = map;
	ck_assert_int_eq(pen_map_range(map, see_and_empty, &walk), 0);
	ck_assert_int_ge(walk.calls, 1);
	ck_assert_int_lt(walk.calls, MANY); /* those of the first shard, which had been seen together */
	ck_assert(walk.held);
	ck_assert_uint_eq(pen_map_len(map), 0);
	pen_map_free(map);
	assert_all_held(items, MANY, 1);
	free(items);
}
END_TEST

struct contest {
	struct pen_map *map;
	struct item items[MANY];
	int firsts; /* atomic */
};

/* All go for the same keys; each key has one first. */
static void load_or_store_all(void *arg)
{
	struct contest *contest = arg;
	void *value;

	for (int i = 0; i < MANY; i++) {
		int r = pen_map_load_or_store(contest->map, &i, sizeof(i), &contest->items[i], &value);

		if (r < 0 || value != &contest->items[i])
			ck_abort_msg("key %d gave %d", i, r);
		drop(value);
		if (r == 0)
			__atomic_fetch_add(&contest->firsts, 1, __ATOMIC_RELAXED);
	}
}

KIND_TEST(of_many_who_store_a_key_one_is_first)
{
	struct contest *contest = calloc(1, sizeof(*contest));
	struct crew crew;

	contest->map = new_map(&counted);
	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++)
		crew_go(&crew, load_or_store_all, contest);
	crew_join(&crew);
	ck_assert_int_eq(contest->firsts, MANY);
	ck_assert_uint_eq(pen_map_len(contest->map), MANY);
	assert_all_held(contest->items, MANY, 1);
	pen_map_free(contest->map);
	free(contest);
}

static bool count(const void *key, size_t key_bytes, void *value, void *arg)
{
	(void)key;
	(void)key_bytes;
	(void)value;
	++*(int *)arg;
	return true;
}

static void come_go_and_look(void *arg)
{
	struct contest *contest = arg;

	for (int i = 0; i < MANY; i++) {
		int key = (i * 7) % 100, seen = 0;
		struct item *item;

		if (pen_map_store(contest->map, &key, sizeof(key), &contest->items[key]) < 0)
			ck_abort_msg("out of memory");
		key = (key + 50) % 100;
		item = i % 2 ? pen_map_load(contest->map, &key, sizeof(key))
			     : pen_map_delete(contest->map, &key, sizeof(key));
		if (item)
			drop(item);
		if (i % 100 == 0 && pen_map_range(contest->map, count, &seen) < 0)
			ck_abort_msg("out of memory");
		if (seen > 100)
			ck_abort_msg("%d of 100 keys were seen", seen);
	}
}

KIND_TEST(under_many_hands_every_hold_is_dropped)
{
	struct contest *contest = calloc(1, sizeof(*contest));
	struct crew crew;

	contest->map = new_map(&counted);
	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++)
		crew_go(&crew, come_go_and_look, contest);
	crew_join(&crew);
	pen_map_free(contest->map);
	assert_all_held(contest->items, MANY, 0);
	free(contest);
}

int main(void)
{
	TCase *tcase = tcase_create("map");

	tcase_add_test(tcase, a_stored_value_is_loaded_until_it_is_deleted);
	tcase_add_test(tcase, keys_are_bytes_of_any_length_up_to_the_limit);
	tcase_add_test(tcase, a_map_grows_and_keeps_everything);
	tcase_add_test(tcase, each_pointer_kept_or_given_is_held_and_each_let_go_is_dropped);
	tcase_add_test(tcase, storing_the_same_value_again_leaves_it_held_once);
	tcase_add_test(tcase, no_value_is_einval_and_changes_nothing);
	tcase_add_test(tcase, shards_are_a_power_of_two_up_to_4096);
	tcase_add_test(tcase, a_range_sees_each_entry_once);
	tcase_add_test(tcase, a_range_stops_when_it_is_told_and_lets_go_of_the_rest);
	tcase_add_test(tcase, fn_may_empty_the_map_under_its_own_feet);
	tcase_add_kind_test(tcase, of_many_who_store_a_key_one_is_first);
	tcase_add_kind_test(tcase, under_many_hands_every_hold_is_dropped);
	return crew_run_suite("map", tcase);
}
