/* stress_map.c - items freed with their last hold go in and out of a map: none goes early, none is lost. */
#include <errno.h>
#include <penstock/map.h>
#include <penstock/ref.h>
#include <string.h>

#include "stress.h"

enum { MEMBERS = 12, ROUNDS = 400000 / STRESS_LESS, KEYS = 300 };

/* `sound` turns false as it is freed, should the sanitizer for addresses not be there to see a late use. */
struct item {
	struct pen_ref holds;
	uint32_t key;
	bool sound;
	long *alive; /* atomic */
};

struct place {
	struct pen_map *map;
	long alive; /* atomic; items */
};

static void hold(void *value)
{
	pen_ref_get(&((struct item *)value)->holds);
}

static void drop(void *value)
{
	struct item *item = value;

	if (!pen_ref_put(&item->holds))
		return;
	STRESS_CHECK(item->sound, "an item was freed twice");
	item->sound = false;
	__atomic_sub_fetch(item->alive, 1, __ATOMIC_RELAXED);
	free(item);
}

static struct item *item_new(struct place *place, uint32_t key)
{
	struct item *item = malloc(sizeof(*item));

	STRESS_CHECK(item, "out of memory");
	*item = (struct item){.holds = PEN_REF_ONE, .key = key, .sound = true, .alive = &place->alive};
	__atomic_add_fetch(&place->alive, 1, __ATOMIC_RELAXED);
	return item;
}

/* Takes an item that the map gave. */
static void look_at(struct item *item, uint32_t key)
{
	if (!item)
		return;
	STRESS_CHECK(item->sound && item->key == key, "key %u has a wrong item", key);
	drop(item);
}

static void load(struct place *place, uint32_t key)
{
	look_at(pen_map_load(place->map, &key, sizeof(key)), key);
}

static void delete (struct place *place, uint32_t key)
{
	look_at(pen_map_delete(place->map, &key, sizeof(key)), key);
}

static void store(struct place *place, uint32_t key)
{
	struct item *item = item_new(place, key);

	STRESS_CHECK(pen_map_store(place->map, &key, sizeof(key), item) == 0, "store failed");
	drop(item);
}

static void load_or_store(struct place *place, uint32_t key)
{
	struct item *item = item_new(place, key);
	void *there;
	int r = pen_map_load_or_store(place->map, &key, sizeof(key), item, &there);

	STRESS_CHECK(r == 0 || r == 1, "load_or_store gave %d", r);
	STRESS_CHECK((r == 0) == (there == item), "load_or_store gave %d and another's item", r);
	look_at(there, key);
	drop(item);
}

struct walk {
	struct place *place;
	struct member *member;
	unsigned char seen[KEYS];
};

static bool walk_by(const void *key, size_t key_bytes, void *value, void *arg)
{
	struct walk *walk = arg;
	struct item *item = value;
	uint32_t number;

	STRESS_CHECK(key_bytes == sizeof(number), "a key of %zu bytes", key_bytes);
	memcpy(&number, key, sizeof(number));
	STRESS_CHECK(item->sound && item->key == number, "key %u has a wrong item", number);
	STRESS_CHECK(walk->seen[number]++ == 0, "key %u was seen twice", number);
	if (pick(walk->member, 8) == 0)
		delete (walk->place, number);
	return pick(walk->member, 500) != 0;
}

static void range(struct member *member, struct place *place)
{
	struct walk walk = {.place = place, .member = member};

	STRESS_CHECK(pen_map_range(place->map, walk_by, &walk) == 0, "range failed");
	STRESS_CHECK(pen_map_len(place->map) <= KEYS, "there are more entries than keys");
}

static void work(struct member *member)
{
	static void (*const acts[])(struct place * place, uint32_t key) = {
		load, load, delete, store, load_or_store};

	for (unsigned i = stress_rounds(ROUNDS); i > 0; i--) {
		acts[pick(member, 5)](member->shared, pick(member, KEYS));
		if (pick(member, 500) == 0)
			range(member, member->shared);
	}
}

static void run(uint64_t *random)
{
	struct pen_map_options options = {
		.shards = (size_t)1 << stress_random(random) % 5, .hold = hold, .drop = drop};
	struct place place = {.map = pen_map_new(&options)};

	stress_members(random, MEMBERS, work, &place);
	STRESS_CHECK(place.alive == (long)pen_map_len(place.map), "%ld items live, %zu are in the map",
		place.alive, pen_map_len(place.map));
	pen_map_free(place.map);
	STRESS_CHECK(place.alive == 0, "%ld items are lost", place.alive);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "a map frees no item early and loses none", run);
}
