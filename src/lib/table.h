/*
 * table.h - the hash table of one shard of a map: open addressing, which readers may search while a writer is at work.
 *
 * Writers hold the shard's lock.  A search without it (pen__table_peek) is safe because
 *  1. a slot's value is stored last and loaded first, so whoever sees the value sees the key;
 *  2. only taking a key out moves slots; it makes `changes` odd before each move and even after, and a reader who sees another number at
 *     its end than at its beginning has learned nothing (Lameter, "Effective Synchronization on Linux/NUMA Systems": seqlocks);
 *  3. outgrown slots are kept until the table goes: together they are no more than those in use.
 *
 * Keys of up to KEY_INLINE bytes lie in their slot, so that a search costs one miss of the cache; others are counted, for a range
 * goes on using them after they have been taken out.
 */
#ifndef PEN_LIB_TABLE_H
#define PEN_LIB_TABLE_H

#include <penstock/ref.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PEN__KEY_INLINE = 16 };

/* In a slot's `meta`: somebody stores a value without the shard's lock, or what was here is no longer.  Nobody else may then. */
#define PEN__SLOT_CLAIMED (UINT64_C(1) << 63)

struct pen__long_key {
	struct pen_ref ref; /* the table, and each range that has seen it */
	char bytes[];
};

struct pen__slot {
	uint64_t meta;    /* PEN__SLOT_CLAIMED, 47 bits of the key's hash and 16 of its length */
	uint64_t word[2]; /* a short key, filled up with zeros, or the address of a long one */
	void *value;      /* NULL: the slot is free */
};

/* A key that is looked for. */
struct pen__key {
	uint64_t meta;
	uint64_t word[2];
	const void *bytes;
};

static inline uint64_t pen__slot_meta(const struct pen__slot *slot)
{
	return __atomic_load_n(&slot->meta, __ATOMIC_ACQUIRE) & ~PEN__SLOT_CLAIMED;
}

static inline void *pen__slot_value(const struct pen__slot *slot)
{
	return __atomic_load_n(&slot->value, __ATOMIC_ACQUIRE);
}

static inline struct pen__slot pen__slot_copy(const struct pen__slot *slot)
{
	return (struct pen__slot){
		.meta = pen__slot_meta(slot),
		.word = {slot->word[0], slot->word[1]},
		.value = pen__slot_value(slot)
        };
}

struct pen__slots;

struct pen__table {
	struct pen__slots *slots; /* atomic; NULL: none yet */
	uint32_t changes;         /* atomic; odd while slots are moved */
	size_t len;               /* atomic, as pen__table_len() takes no lock */
};

static inline void pen__key_init(struct pen__key *key, uint64_t hash, const void *bytes, size_t n)
{
	*key = (struct pen__key){.meta = (hash & ~(PEN__SLOT_CLAIMED | 0xffff)) | n, .bytes = bytes};
	if (n > 0 && n <= PEN__KEY_INLINE)
		memcpy(key->word, bytes, n);
}

static inline size_t pen__key_bytes(uint64_t meta)
{
	return meta & 0xffff;
}

static inline bool pen__key_is_long(uint64_t meta)
{
	return pen__key_bytes(meta) > PEN__KEY_INLINE;
}

/* A copy of a long key's bytes; NULL: out of memory. */
struct pen__long_key *pen__long_key_new(const void *bytes, size_t n);
void pen__long_key_put(struct pen__long_key *key); /* NULL is allowed */

static inline struct pen__long_key *pen__slot_long_key(const struct pen__slot *slot)
{
	return pen__key_is_long(pen__slot_meta(slot)) ? (struct pen__long_key *)(uintptr_t)slot->word[0]
						      : NULL;
}

/* Lets go of keys and slots; values are the caller's. */
void pen__table_fini(struct pen__table *table);

/* Without the lock, for a short key: true with what there is in `*ret_value` (or NULL), false if the lock must be taken after all. */
bool pen__table_peek(const struct pen__table *table, const struct pen__key *key, void **ret_value);

/*
 * Without the lock: give another value to a short key that is there.  False: not done, the lock must be taken.  The slot is claimed
 * meanwhile, as it is by who moves it or takes it out.
 */
bool pen__table_replace(struct pen__table *table, const struct pen__key *key, void *value);

/* The rest with the shard's lock held. */

/* The key's slot, or NULL. */
struct pen__slot *pen__table_find(struct pen__table *table, const struct pen__key *key);

/* Make room for one key more; 0 or -ENOMEM. */
int pen__table_reserve(struct pen__table *table);

/* Put in a key that is not there, after pen__table_reserve(); a long one is handed over as `long_key`. */
void pen__table_insert(
	struct pen__table *table, const struct pen__key *key, struct pen__long_key *long_key, void *value);

/* Give another value to a slot, and get the former. */
void *pen__slot_exchange(struct pen__slot *slot, void *value);

/* Take a key out, and get its value; its long key is the caller's then. */
void *pen__table_remove(struct pen__table *table, struct pen__slot *slot);

/* The first slot in use that is not before `from`, or NULL: to go through all, begin with NULL and go on with the next address. */
struct pen__slot *pen__table_next(const struct pen__table *table, struct pen__slot *from);

size_t pen__table_len(const struct pen__table *table);

#endif
