/*
 * map.h - a concurrent map from byte keys to pointers, sharded, one lock a shard.
 *
 * A value may be deleted by another while somebody still uses it; so values are counted by their owner: `hold`
 * is called, under the shard's lock, for each pointer that the map keeps or gives out, `drop` for each that it
 * lets go.  With neither, values must outlive the map.
 */
#ifndef PENSTOCK_MAP_H
#define PENSTOCK_MAP_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_map;

struct pen_map_options {
	size_t shards;             /* a power of two, 1..4096; 0: 64 */
	void (*hold)(void *value); /* NULL: nothing */
	void (*drop)(void *value); /* NULL: nothing; never called under a lock */
};

#define PEN_MAP_KEY_MAX 65535 /* bytes of a key, at most */

/* Gives an empty map, or NULL when out of memory or an option is out of range.  `options` may be NULL. */
PEN_API struct pen_map *pen_map_new(const struct pen_map_options *options);

/* Free the map; drops every value.  NULL is allowed. */
PEN_API void pen_map_free(struct pen_map *map);

/* Give the value of the key, held, or NULL. */
PEN_API void *pen_map_load(struct pen_map *map, const void *key, size_t key_bytes);

/* Keep `value` (not NULL; held by the map, a former one dropped).  0, -ENOMEM or -EINVAL. */
PEN_API PEN_MUST_CHECK int pen_map_store(struct pen_map *map, const void *key, size_t key_bytes, void *value);

/*
 * Keep `value` unless the key has one already.  Gives, held, the value that is in the map after the call in
 * `*ret_value`; returns 1 if it was there before, 0 if it is `value`, -ENOMEM or -EINVAL.
 */
PEN_API PEN_MUST_CHECK int pen_map_load_or_store(
	struct pen_map *map, const void *key, size_t key_bytes, void *value, void **ret_value);

/* Take the key out.  Gives its value with the map's hold passed on to the caller, or NULL. */
PEN_API void *pen_map_delete(struct pen_map *map, const void *key, size_t key_bytes);

/*
 * Call `fn` for each entry until it returns false.  Each entry present for the whole call is seen once, others
 * once or not at all, with a value that it had meanwhile; fn may use the map; the value is held while fn runs.  -ENOMEM or 0.
 */
PEN_API PEN_MUST_CHECK int pen_map_range(struct pen_map *map,
	bool (*fn)(const void *key, size_t key_bytes, void *value, void *arg), void *arg);

/* The number of entries; a snapshot. */
PEN_API size_t pen_map_len(struct pen_map *map);

PEN_END

#endif
