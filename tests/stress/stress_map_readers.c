/*
 * stress_map_readers.c - readers and writers without a lock while keys come, go and move: none sees another's value, none misses a key that
 * stays, and who alone changes a key finds what it stored last.
 */
#include <penstock/map.h>
#include <string.h>

#include "stress.h"

enum { MEMBERS = 10, MAPS = 30, ROUNDS = 600000 / MAPS / STRESS_LESS, KEYS = 600, KEY_BYTES_MAX = 40 };

/* Keys that are never taken out come first, then those that one member alone changes, each member every tenth. */
enum { STAYING = 60, OWNED_END = STAYING + 12 * MEMBERS };

/* Two values a key, so that a store changes something; they outlive the map, which does not count them. */
struct place {
	struct pen_map *map;
	char values[KEYS][2];
	const char *last[KEYS]; /* of those that are owned; NULL: it is not there */
};

/* Keys of three lengths: two lie in their slots, the third elsewhere. */
static size_t key_of(unsigned number, char key[static KEY_BYTES_MAX])
{
	static const size_t lengths[] = {sizeof number, 16, KEY_BYTES_MAX};

	memset(key, 'k', KEY_BYTES_MAX);
	memcpy(key, &number, sizeof number);
	return lengths[number % 3];
}

static void check_value(const struct place *place, const char *value, unsigned number)
{
	STRESS_CHECK(value == &place->values[number][0] || value == &place->values[number][1],
		"key %u has another's value", number);
}

static bool is_owned(unsigned number)
{
	return number >= STAYING && number < OWNED_END;
}

/* Any key but those that another owns. */
static unsigned pick_key(struct member *member)
{
	unsigned number = pick(member, KEYS);

	return is_owned(number) ? number - number % MEMBERS + member->number : number;
}

static void check_last(const struct place *place, const char *value, unsigned number)
{
	STRESS_CHECK(!is_owned(number) || value == place->last[number],
		"key %u has not its owner's last value", number);
}

static void look(struct place *place, unsigned number)
{
	char key[KEY_BYTES_MAX];
	size_t n = key_of(number, key);
	const char *value = pen_map_load(place->map, key, n);

	STRESS_CHECK(value || number >= STAYING, "key %u, which stays, was missed", number);
	check_last(place, value, number);
	if (value)
		check_value(place, value, number);
}

static void store(struct member *member, struct place *place, unsigned number)
{
	char key[KEY_BYTES_MAX], *value = &place->values[number][pick(member, 2)];
	size_t n = key_of(number, key);

	STRESS_CHECK(pen_map_store(place->map, key, n, value) == 0, "store failed");
	if (!is_owned(number))
		return;
	place->last[number] = value;
	look(place, number);
}

static void take_out(struct place *place, unsigned number)
{
	char key[KEY_BYTES_MAX];
	size_t n = key_of(number, key);
	const char *value = number < STAYING ? NULL : pen_map_delete(place->map, key, n);

	check_last(place, value, number);
	if (is_owned(number))
		place->last[number] = NULL;
	if (value)
		check_value(place, value, number);
}

static void work(struct member *member)
{
	struct place *place = member->shared;

	for (unsigned i = stress_rounds(ROUNDS); i > 0; i--) {
		unsigned number = pick_key(member);

		switch (pick(member, 8)) {
		case 0:
			store(member, place, number);
			break;
		case 1:
			take_out(place, number);
			break;
		default:
			look(place, number % 2 ? number : number % STAYING);
		}
	}
}

/* A map grows while it is young, so there are many. */
static void run_map(uint64_t *random)
{
	struct pen_map_options options = {.shards = 1u << stress_random(random) % 3};
	struct member filler = {.random = stress_random(random)};
	struct place place = {.map = pen_map_new(&options)};

	STRESS_CHECK(place.map, "no map");
	for (unsigned number = 0; number < STAYING; number++)
		store(&filler, &place, number);
	stress_members(random, MEMBERS, work, &place);
	for (unsigned number = STAYING; number < KEYS; number++)
		take_out(&place, number);
	STRESS_CHECK(pen_map_len(place.map) == STAYING, "%zu keys are left", pen_map_len(place.map));
	pen_map_free(place.map);
}

static void run(uint64_t *random)
{
	for (int i = 0; i < MAPS; i++)
		run_map(random);
}

int main(int argc, char **argv)
{
	return stress_main(
		argc, argv, "readers and writers without a lock keep to each key's own value", run);
}
