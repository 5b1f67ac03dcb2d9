/*
 * map.c - a map in shards: a small chained table each, under a lock of its own.
 *
 * Keys may come from anybody, so they are hashed with SipHash-1-3 under a random key: nobody outside can
 * choose keys that fall into one chain.  The upper half of the hash picks the shard, the lower half the
 * chain.  A shard doubles its table when it holds more entries than chains; it never shrinks.  Entries are
 * counted, because a range goes on using their keys after they have left the table.
 */
#include <penstock/map.h>

#include <errno.h>
#include <penstock/ref.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/lock.h"
#include "lib/siphash.h"

enum {
	SHARDS_DEFAULT = 64,
	SHARDS_MAX = 4096,
	CHAINS_FIRST = 8,
};

struct entry {
	struct entry *next;
	uint64_t hash;
	void *value;        /* under the shard's lock */
	struct pen_ref ref; /* the table, and each range that has seen it */
	uint32_t key_bytes;
	char key[];
};

struct shard {
	struct pen__lock lock;
	size_t len;      /* atomic; written under the lock */
	size_t n_chains; /* 0 or a power of two */
	struct entry **chains;
} __attribute__((aligned(64)));

struct pen_map {
	uint64_t secret[2]; /* of the hash */
	size_t n_shards;
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
	map->hold = options.hold ? options.hold : no_count;
	map->drop = options.drop ? options.drop : no_count;
	choose_secret(map);
	return map;
}

static void entry_put(struct entry *entry)
{
	if (entry && pen_ref_put(&entry->ref))
		free(entry);
}

static void shard_fini(struct pen_map *map, struct shard *shard)
{
	for (size_t i = 0; i < shard->n_chains; i++) {
		struct entry *entry = shard->chains[i];

		while (entry) {
			struct entry *next = entry->next;

			map->drop(entry->value);
			entry_put(entry);
			entry = next;
		}
	}
	free(shard->chains);
}

void pen_map_free(struct pen_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->n_shards; i++)
		shard_fini(map, &map->shards[i]);
	free(map);
}

static struct shard *shard_of(struct pen_map *map, uint64_t hash)
{
	return &map->shards[hash >> 32 & (map->n_shards - 1)];
}

static bool is_key(const struct entry *entry, uint64_t hash, const void *key, size_t bytes)
{
	return entry->hash == hash && entry->key_bytes == bytes &&
	       (bytes == 0 || memcmp(entry->key, key, bytes) == 0);
}

/* The link that points at the entry, or the one at the end of its chain; NULL in a shard without chains. */
static struct entry **find(struct shard *shard, uint64_t hash, const void *key, size_t bytes)
{
	struct entry **link;

	if (shard->n_chains == 0)
		return NULL;
	link = &shard->chains[hash & (shard->n_chains - 1)];
	while (*link && !is_key(*link, hash, key, bytes))
		link = &(*link)->next;
	return link;
}

/* With the lock held: a table twice the size, or the first. */
static int grow(struct shard *shard)
{
	size_t n = shard->n_chains ? shard->n_chains * 2 : CHAINS_FIRST;
	struct entry **chains = calloc(n, sizeof *chains), *entry;

	if (!chains)
		return -ENOMEM;
	for (size_t i = 0; i < shard->n_chains; i++) {
		while ((entry = shard->chains[i])) {
			shard->chains[i] = entry->next;
			entry->next = chains[entry->hash & (n - 1)];
			chains[entry->hash & (n - 1)] = entry;
		}
	}
	free(shard->chains);
	shard->chains = chains;
	shard->n_chains = n;
	return 0;
}

/* With the lock held.  A table that cannot grow goes on with longer chains. */
static int make_room(struct shard *shard)
{
	if (shard->len < shard->n_chains || grow(shard) == 0 || shard->n_chains > 0)
		return 0;
	return -ENOMEM;
}

/* With the lock held, so nobody else writes; pen_map_len() reads without it. */
static void set_len(struct shard *shard, size_t len)
{
	__atomic_store_n(&shard->len, len, __ATOMIC_RELAXED);
}

static struct entry *entry_new(uint64_t hash, const void *key, size_t key_bytes, void *value)
{
	struct entry *entry = malloc(sizeof *entry + key_bytes);

	if (!entry)
		return NULL;
	*entry = (struct entry){
		.hash = hash, .value = value, .ref = PEN_REF_ONE, .key_bytes = (uint32_t)key_bytes};
	if (key_bytes > 0)
		memcpy(entry->key, key, key_bytes);
	return entry;
}

/* A change of one key on its way; the shard is locked from put_begin() to put_end(). */
struct put {
	struct shard *shard;
	struct entry **link; /* points at the key's entry, or NULL */
	struct entry *spare; /* one made beforehand, outside the lock */
};

static int put_begin(struct put *put, struct pen_map *map, const void *key, size_t key_bytes, void *value)
{
	uint64_t hash;

	if (!value || key_bytes > PEN_MAP_KEY_MAX)
		return -EINVAL;
	hash = pen__siphash(map->secret, key, key_bytes);
	put->shard = shard_of(map, hash);
	put->spare = entry_new(hash, key, key_bytes, value);
	if (!put->spare)
		return -ENOMEM;
	pen__lock_take(&put->shard->lock);
	if (make_room(put->shard) < 0) {
		pen__lock_drop(&put->shard->lock);
		entry_put(put->spare);
		return -ENOMEM;
	}
	put->link = find(put->shard, hash, key, key_bytes);
	return 0;
}

static void put_insert(struct put *put)
{
	*put->link = put->spare;
	put->spare = NULL;
	set_len(put->shard, put->shard->len + 1);
}

static void put_end(struct put *put)
{
	pen__lock_drop(&put->shard->lock);
	entry_put(put->spare);
}

int pen_map_store(struct pen_map *map, const void *key, size_t key_bytes, void *value)
{
	void *former = NULL;
	struct put put;
	int r = put_begin(&put, map, key, key_bytes, value);

	if (r < 0)
		return r;
	map->hold(value);
	if (*put.link) {
		former = (*put.link)->value;
		(*put.link)->value = value;
	} else {
		put_insert(&put);
	}
	put_end(&put);
	if (former)
		map->drop(former);
	return 0;
}

int pen_map_load_or_store(
	struct pen_map *map, const void *key, size_t key_bytes, void *value, void **ret_value)
{
	struct put put;
	int r = put_begin(&put, map, key, key_bytes, value);

	if (r < 0)
		return r;
	r = *put.link != NULL;
	if (!r) {
		map->hold(value);
		put_insert(&put);
	}
	*ret_value = (*put.link)->value;
	map->hold(*ret_value);
	put_end(&put);
	return r;
}

void *pen_map_load(struct pen_map *map, const void *key, size_t key_bytes)
{
	uint64_t hash = pen__siphash(map->secret, key, key_bytes);
	struct shard *shard = shard_of(map, hash);
	struct entry **link;
	void *value = NULL;

	pen__lock_take(&shard->lock);
	link = find(shard, hash, key, key_bytes);
	if (link && *link) {
		value = (*link)->value;
		map->hold(value);
	}
	pen__lock_drop(&shard->lock);
	return value;
}

void *pen_map_delete(struct pen_map *map, const void *key, size_t key_bytes)
{
	uint64_t hash = pen__siphash(map->secret, key, key_bytes);
	struct shard *shard = shard_of(map, hash);
	struct entry **link, *entry = NULL;
	void *value = NULL;

	pen__lock_take(&shard->lock);
	link = find(shard, hash, key, key_bytes);
	if (link && (entry = *link)) {
		*link = entry->next;
		value = entry->value;
		set_len(shard, shard->len - 1);
	}
	pen__lock_drop(&shard->lock);
	entry_put(entry);
	return value;
}

size_t pen_map_len(struct pen_map *map)
{
	size_t len = 0;

	for (size_t i = 0; i < map->n_shards; i++)
		len += __atomic_load_n(&map->shards[i].len, __ATOMIC_RELAXED);
	return len;
}

/* What one shard held at one instant; all held. */
struct snapshot {
	size_t len, size;
	struct seen {
		struct entry *entry;
		void *value;
	} * seen;
};

static int snapshot_reserve(struct snapshot *snapshot, size_t size)
{
	struct seen *seen = reallocarray(snapshot->seen, size, sizeof *seen);

	if (!seen)
		return -ENOMEM;
	snapshot->seen = seen;
	snapshot->size = size;
	return 0;
}

/* With the lock held, and room enough. */
static void snapshot_fill(struct snapshot *snapshot, struct pen_map *map, struct shard *shard)
{
	snapshot->len = 0;
	for (size_t i = 0; i < shard->n_chains; i++) {
		for (struct entry *entry = shard->chains[i]; entry; entry = entry->next) {
			pen_ref_get(&entry->ref);
			map->hold(entry->value);
			snapshot->seen[snapshot->len++] = (struct seen){entry, entry->value};
		}
	}
}

/* Memory is asked for outside the lock, so the shard may have grown meanwhile: then again, with more. */
static int snapshot_take(struct snapshot *snapshot, struct pen_map *map, struct shard *shard)
{
	size_t len;

	for (;;) {
		pen__lock_take(&shard->lock);
		len = shard->len;
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
		struct seen *seen = &snapshot->seen[i];

		more = more && fn(seen->entry->key, seen->entry->key_bytes, seen->value, arg);
		map->drop(seen->value);
		entry_put(seen->entry);
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
