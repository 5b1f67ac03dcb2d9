/*
 * map.c - a map in shards: a table each, under a lock of its own.
 *
 * Keys may come from anybody, so they are hashed with SipHash-1-3 under a random key: nobody outside can choose keys that fall into
 * one place.  The highest bits of the hash pick the shard, lower ones the place in its table.  A shard doubles its table when it is
 * seven eighths full; it never shrinks.
 *
 * Where values are not counted, loading a key that fits into its slot takes no lock and writes nothing: readers of one
 * shard on several cores do not pull its cache line from each other.  Storing another value for such a key claims its slot alone.
 */
#include <penstock/map.h>

#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/lock.h"
#include "lib/siphash.h"
#include "lib/table.h"

enum {
	SHARDS_DEFAULT = 64,
	SHARDS_MAX = 4096,
	SHARD_SHIFT = 52, /* the bits of a hash that 4096 shards take */
	PEEKS = 3,        /* before a reader takes the lock after all */
};

/* Readers without the lock do not touch the line that it is on. */
struct shard {
	struct pen__table table __attribute__((aligned(64)));
	struct pen__lock lock __attribute__((aligned(64)));
};

struct pen_map {
	uint64_t secret[2]; /* of the hash */
	size_t n_shards;
	bool counts; /* values have an owner who counts them */
	void (*hold)(void *value);
	void (*drop)(void *value);
	struct shard shards[];
};

static void no_count(void *value)
{
	(void)value;
}

/* Where the system has no randomness yet, the time and an address must do. */
static void choose_secret(struct pen_map *map)
{
	if (getrandom(map->secret, sizeof map->secret, GRND_NONBLOCK) == (ssize_t)sizeof map->secret)
		return;
	map->secret[0] = (uint64_t)pen_now_ns();
	map->secret[1] = (uintptr_t)map;
}

struct pen_map *pen_map_new(const struct pen_map_options *given)
{
	struct pen_map_options options = given ? *given : (struct pen_map_options){0};
	size_t shards = options.shards ? options.shards : SHARDS_DEFAULT;
	struct pen_map *map;
	size_t bytes;

	if (shards > SHARDS_MAX || (shards & (shards - 1)) != 0)
		return NULL;
	bytes = sizeof *map + shards * sizeof map->shards[0];
	map = aligned_alloc(_Alignof(struct pen_map), bytes);
	if (!map)
		return NULL;
	memset(map, 0, bytes);
	map->n_shards = shards;
	map->counts = options.hold || options.drop;
	map->hold = options.hold ? options.hold : no_count;
	map->drop = options.drop ? options.drop : no_count;
	choose_secret(map);
	return map;
}

static void shard_fini(struct pen_map *map, struct shard *shard)
{
	for (struct pen__slot *slot = NULL; (slot = pen__table_next(&shard->table, slot)); slot++)
		map->drop(slot->value);
	pen__table_fini(&shard->table);
}

void pen_map_free(struct pen_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->n_shards; i++)
		shard_fini(map, &map->shards[i]);
	free(map);
}

/* Hash the key and find its shard; no key is longer than what map.h says. */
static inline __attribute__((always_inline)) struct shard *look_up_sized(
	struct pen_map *map, const void *bytes, size_t n, struct pen__key *ret_key)
{
	uint64_t hash = pen__siphash_inline(map->secret, bytes, n);

	pen__key_init(ret_key, hash, bytes, n);
	return &map->shards[hash >> SHARD_SHIFT & (map->n_shards - 1)];
}

/* Numbers and UUIDs are what most maps have for keys: for them the compiler knows the size. */
static struct shard *look_up(struct pen_map *map, const void *bytes, size_t n, struct pen__key *ret_key)
{
	switch (n) {
	case 8:
		return look_up_sized(map, bytes, 8, ret_key);
	case 16:
		return look_up_sized(map, bytes, 16, ret_key);
	default:
		return look_up_sized(map, bytes, n, ret_key);
	}
}

/* It can be loaded, and its value replaced, without the lock. */
static bool is_plain(const struct pen_map *map, const struct pen__key *key)
{
	return !map->counts && !pen__key_is_long(key->meta);
}

/* A change of one key on its way; the shard is locked from put_begin() to put_end(). */
struct put {
	struct shard *shard;
	struct pen__key key;
	struct pen__slot *slot;         /* of the key; NULL: it is not there */
	struct pen__long_key *long_key; /* made beforehand, outside the lock, where one may be needed */
};

static int put_aim(struct put *put, struct pen_map *map, const void *key, size_t key_bytes, void *value)
{
	if (!value || key_bytes > PEN_MAP_KEY_MAX)
		return -EINVAL;
	put->shard = look_up(map, key, key_bytes, &put->key);
	put->long_key = NULL;
	return 0;
}

static int put_begin(struct put *put)
{
	if (pen__key_is_long(put->key.meta) &&
		!(put->long_key = pen__long_key_new(put->key.bytes, pen__key_bytes(put->key.meta))))
		return -ENOMEM;
	pen__lock_take(&put->shard->lock);
	put->slot = pen__table_find(&put->shard->table, &put->key);
	if (put->slot || pen__table_reserve(&put->shard->table) == 0)
		return 0;
	pen__lock_drop(&put->shard->lock);
	pen__long_key_put(put->long_key);
	return -ENOMEM;
}

static bool put_in_place(struct put *put, const struct pen_map *map, void *value)
{
	return is_plain(map, &put->key) && pen__table_replace(&put->shard->table, &put->key, value);
}

static void put_insert(struct put *put, void *value)
{
	pen__table_insert(&put->shard->table, &put->key, put->long_key, value);
	put->long_key = NULL;
}

static void put_end(struct put *put)
{
	pen__lock_drop(&put->shard->lock);
	pen__long_key_put(put->long_key);
}

int pen_map_store(struct pen_map *map, const void *key, size_t key_bytes, void *value)
{
	void *former = NULL;
	struct put put;
	int r = put_aim(&put, map, key, key_bytes, value);

	if (r < 0 || put_in_place(&put, map, value) || (r = put_begin(&put)) < 0)
		return r;
	map->hold(value);
	if (put.slot)
		former = pen__slot_exchange(put.slot, value);
	else
		put_insert(&put, value);
	put_end(&put);
	if (former)
		map->drop(former);
	return 0;
}

int pen_map_load_or_store(
	struct pen_map *map, const void *key, size_t key_bytes, void *value, void **ret_value)
{
	struct put put;
	int r = put_aim(&put, map, key, key_bytes, value);

	if (r < 0 || (r = put_begin(&put)) < 0)
		return r;
	r = put.slot != NULL;
	if (r) {
		value = pen__slot_value(put.slot);
	} else {
		map->hold(value);
		put_insert(&put, value);
	}
	map->hold(value);
	put_end(&put);
	*ret_value = value;
	return r;
}

static void *load_locked(struct pen_map *map, struct shard *shard, const struct pen__key *key)
{
	struct pen__slot *slot;
	void *value = NULL;

	pen__lock_take(&shard->lock);
	slot = pen__table_find(&shard->table, key);
	if (slot) {
		value = pen__slot_value(slot);
		map->hold(value);
	}
	pen__lock_drop(&shard->lock);
	return value;
}

void *pen_map_load(struct pen_map *map, const void *key, size_t key_bytes)
{
	struct pen__key sought;
	struct shard *shard;
	void *value;

	if (key_bytes > PEN_MAP_KEY_MAX)
		return NULL;
	shard = look_up(map, key, key_bytes, &sought);
	if (is_plain(map, &sought)) {
		for (int i = 0; i < PEEKS; i++) {
			if (pen__table_peek(&shard->table, &sought, &value))
				return value;
		}
	}
	return load_locked(map, shard, &sought);
}

void *pen_map_delete(struct pen_map *map, const void *key, size_t key_bytes)
{
	struct pen__long_key *long_key = NULL;
	struct pen__key sought;
	struct pen__slot *slot;
	struct shard *shard;
	void *value = NULL;

	if (key_bytes > PEN_MAP_KEY_MAX)
		return NULL;
	shard = look_up(map, key, key_bytes, &sought);
	pen__lock_take(&shard->lock);
	slot = pen__table_find(&shard->table, &sought);
	if (slot) {
		long_key = pen__slot_long_key(slot);
		value = pen__table_remove(&shard->table, slot);
	}
	pen__lock_drop(&shard->lock);
	pen__long_key_put(long_key);
	return value;
}

size_t pen_map_len(struct pen_map *map)
{
	size_t len = 0;

	for (size_t i = 0; i < map->n_shards; i++)
		len += pen__table_len(&map->shards[i].table);
	return len;
}

/* What one shard held at one instant, each with a value that it had meanwhile; all held. */
struct snapshot {
	size_t len, size;
	struct pen__slot *seen;
};

static int snapshot_reserve(struct snapshot *snapshot, size_t size)
{
	struct pen__slot *seen = reallocarray(snapshot->seen, size, sizeof *seen);

	if (!seen)
		return -ENOMEM;
	snapshot->seen = seen;
	snapshot->size = size;
	return 0;
}

/* With the lock held, and room enough. */
static void snapshot_fill(struct snapshot *snapshot, struct pen_map *map, struct shard *shard)
{
	struct pen__long_key *long_key;

	snapshot->len = 0;
	for (struct pen__slot *slot = NULL; (slot = pen__table_next(&shard->table, slot)); slot++) {
		if ((long_key = pen__slot_long_key(slot)))
			pen_ref_get(&long_key->ref);
		snapshot->seen[snapshot->len] = pen__slot_copy(slot);
		map->hold(snapshot->seen[snapshot->len++].value);
	}
}

/* Memory is asked for outside the lock, so the shard may have grown meanwhile: then again, with more. */
static int snapshot_take(struct snapshot *snapshot, struct pen_map *map, struct shard *shard)
{
	size_t len;

	for (;;) {
		pen__lock_take(&shard->lock);
		len = pen__table_len(&shard->table);
		if (len <= snapshot->size)
			break;
		pen__lock_drop(&shard->lock);
		if (snapshot_reserve(snapshot, len + len / 2) < 0)
			return -ENOMEM;
	}
	snapshot_fill(snapshot, map, shard);
	pen__lock_drop(&shard->lock);
	return 0;
}

/* Call fn while it wants more; let go of all in any case. */
static bool snapshot_visit(struct snapshot *snapshot, struct pen_map *map,
	bool (*fn)(const void *key, size_t key_bytes, void *value, void *arg), void *arg)
{
	bool more = true;

	for (size_t i = 0; i < snapshot->len; i++) {
		struct pen__slot *seen = &snapshot->seen[i];
		struct pen__long_key *long_key = pen__slot_long_key(seen);
		const void *key = long_key ? (const void *)long_key->bytes : seen->word;

		more = more && fn(key, pen__key_bytes(seen->meta), seen->value, arg);
		map->drop(seen->value);
		pen__long_key_put(long_key);
	}
	return more;
}

int pen_map_range(
	struct pen_map *map, bool (*fn)(const void *key, size_t key_bytes, void *value, void *arg), void *arg)
{
	struct snapshot snapshot = {0};
	bool more = true;
	int r = 0;

	for (size_t i = 0; i < map->n_shards && more && r == 0; i++) {
		r = snapshot_take(&snapshot, map, &map->shards[i]);
		more = r == 0 && snapshot_visit(&snapshot, map, fn, arg);
	}
	free(snapshot.seen);
	return r;
}
