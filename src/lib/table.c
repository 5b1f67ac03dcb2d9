/* table.c - searching, growing and closing gaps; see table.h. */
#include "lib/table.h"

#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/alone.h"

enum { SLOTS_FIRST = 8, LOOKS = 100 };

struct pen__slots {
	struct pen__slots *outgrown;
	size_t mask; /* their number, a power of two, less one */
	struct pen__slot slot[] __attribute__((aligned(32)));
};

static size_t home(uint64_t meta, size_t mask)
{
	return meta >> 16 & mask;
}

struct pen__long_key *pen__long_key_new(const void *bytes, size_t n)
{
	struct pen__long_key *key = malloc(sizeof *key + n);

	if (!key)
		return NULL;
	key->ref = (struct pen_ref)PEN_REF_ONE;
	memcpy(key->bytes, bytes, n);
	return key;
}

void pen__long_key_put(struct pen__long_key *key)
{
	if (key && pen_ref_put(&key->ref))
		free(key);
}

void pen__table_fini(struct pen__table *table)
{
	struct pen__slots *slots;

	for (struct pen__slot *slot = NULL; (slot = pen__table_next(table, slot)); slot++)
		pen__long_key_put(pen__slot_long_key(slot));
	while ((slots = table->slots)) {
		table->slots = slots->outgrown;
		free(slots);
	}
}

/* Others without the lock may look on, so each word is stored and loaded whole, and in order. */
static uint64_t load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline bool claim(struct pen__slot *slot, uint64_t meta)
{
	if (pen__alone()) {
		slot->meta = meta | PEN__SLOT_CLAIMED;
		return true;
	}
	return __atomic_compare_exchange_n(
		&slot->meta, &meta, meta | PEN__SLOT_CLAIMED, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* With the shard's lock held.  Who has it claimed stores one value, and is not waited for at all but where it lost its processor there. */
static void await_claim(struct pen__slot *slot)
{
	static const struct timespec moment = {.tv_nsec = 10 * PEN_US};

	for (int looks = 0; !claim(slot, pen__slot_meta(slot)); looks++)
		if (looks >= LOOKS)
			nanosleep(&moment, NULL);
}

static void disclaim(struct pen__slot *slot)
{
	store(&slot->meta, pen__slot_meta(slot));
}

/* A slot that is claimed, or was never in use. */
static void fill(struct pen__slot *slot, const struct pen__slot *from)
{
	store(&slot->meta, pen__slot_meta(from) | PEN__SLOT_CLAIMED);
	store(&slot->word[0], from->word[0]);
	store(&slot->word[1], from->word[1]);
	__atomic_store_n(&slot->value, pen__slot_value(from), __ATOMIC_RELEASE);
	disclaim(slot);
}

static inline __attribute__((always_inline)) bool is_short_key(
	const struct pen__slot *slot, const struct pen__key *key)
{
	return pen__slot_meta(slot) == key->meta && load(&slot->word[0]) == key->word[0] &&
	       load(&slot->word[1]) == key->word[1];
}

static bool is_key(const struct pen__slot *slot, const struct pen__key *key)
{
	if (!pen__key_is_long(key->meta) || pen__slot_meta(slot) != key->meta)
		return is_short_key(slot, key);
	return memcmp(pen__slot_long_key(slot)->bytes, key->bytes, pen__key_bytes(key->meta)) == 0;
}

/* Goes round once at most: to a reader without the lock it may seem that no slot is free.  `*ret_value` is what was there when it looked. */
static inline __attribute__((always_inline)) struct pen__slot *search(struct pen__slots *slots,
	const struct pen__key *key, bool (*is)(const struct pen__slot *slot, const struct pen__key *key),
	void **ret_value)
{
	size_t mask = slots ? slots->mask : 0, i = home(key->meta, mask), end = i + mask + 1;

	for (; slots && i < end; i++) {
		struct pen__slot *slot = &slots->slot[i & mask];

		*ret_value = pen__slot_value(slot);
		if (!*ret_value)
			break;
		if (is(slot, key))
			return slot;
	}
	*ret_value = NULL;
	return NULL;
}

bool pen__table_peek(const struct pen__table *table, const struct pen__key *key, void **ret_value)
{
	uint32_t before = __atomic_load_n(&table->changes, __ATOMIC_ACQUIRE);

	if (before & 1)
		return false;
	search(__atomic_load_n(&table->slots, __ATOMIC_ACQUIRE), key, is_short_key, ret_value);
	return __atomic_load_n(&table->changes, __ATOMIC_RELAXED) == before;
}

bool pen__table_replace(struct pen__table *table, const struct pen__key *key, void *value)
{
	void *former;
	struct pen__slot *slot =
		search(__atomic_load_n(&table->slots, __ATOMIC_ACQUIRE), key, is_short_key, &former);
	bool same;

	if (!slot || !claim(slot, key->meta))
		return false;
	same = is_short_key(slot, key); /* it may have become another's, whose hash is the same */
	if (same)
		__atomic_store_n(&slot->value, value, __ATOMIC_RELEASE);
	disclaim(slot);
	return same;
}

struct pen__slot *pen__table_find(struct pen__table *table, const struct pen__key *key)
{
	void *value;

	return search(table->slots, key, is_key, &value);
}

/* The first free slot at or after the key's home; there always is one. */
static struct pen__slot *find_free(struct pen__slots *slots, uint64_t meta)
{
	size_t i = home(meta, slots->mask);

	while (pen__slot_value(&slots->slot[i]))
		i = (i + 1) & slots->mask;
	return &slots->slot[i];
}

static int grow(struct pen__table *table)
{
	size_t n = table->slots ? (table->slots->mask + 1) * 2 : SLOTS_FIRST;
	size_t bytes = sizeof *table->slots + n * sizeof table->slots->slot[0];
	struct pen__slots *slots = aligned_alloc(_Alignof(struct pen__slots), bytes);

	if (!slots)
		return -ENOMEM;
	memset(slots, 0, bytes);
	slots->outgrown = table->slots;
	slots->mask = n - 1;
	for (struct pen__slot *slot = NULL; (slot = pen__table_next(table, slot)); slot++) {
		await_claim(slot); /* for ever: a value stored here from now on would be lost */
		fill(find_free(slots, pen__slot_meta(slot)), slot);
	}
	__atomic_store_n(&table->slots, slots, __ATOMIC_RELEASE);
	return 0;
}

/* A table that is seven eighths full grows; where there is no memory it goes on until one free slot is left, where searches end. */
int pen__table_reserve(struct pen__table *table)
{
	size_t n = table->slots ? table->slots->mask + 1 : 0, len = table->len + 1;

	if (len <= n - n / 8 || grow(table) == 0 || len < n)
		return 0;
	return -ENOMEM;
}

static void set_len(struct pen__table *table, size_t len)
{
	__atomic_store_n(&table->len, len, __ATOMIC_RELAXED);
}

void pen__table_insert(
	struct pen__table *table, const struct pen__key *key, struct pen__long_key *long_key, void *value)
{
	struct pen__slot slot = {.meta = key->meta, .value = value};

	slot.word[0] = long_key ? (uintptr_t)long_key : key->word[0];
	slot.word[1] = key->word[1];
	fill(find_free(table->slots, key->meta), &slot);
	set_len(table, table->len + 1);
}

void *pen__slot_exchange(struct pen__slot *slot, void *value)
{
	return __atomic_exchange_n(&slot->value, value, __ATOMIC_ACQ_REL);
}

/* Whoever has searched meanwhile without the lock has learned nothing; so nobody is waited for in between. */
static void change_begins(struct pen__table *table)
{
	__atomic_store_n(&table->changes, table->changes + 1, __ATOMIC_RELAXED);
}

static void change_ends(struct pen__table *table)
{
	__atomic_store_n(&table->changes, table->changes + 1, __ATOMIC_RELEASE);
}

/* Knuth, "The Art of Computer Programming" volume 3, section 6.4, algorithm R: what the gap would hide moves into it. */
void *pen__table_remove(struct pen__table *table, struct pen__slot *slot)
{
	struct pen__slots *slots = table->slots;
	struct pen__slot *gap = slot, *next;
	size_t mask = slots->mask;
	void *value;

	await_claim(gap);
	value = pen__slot_value(gap);
	for (size_t i = (size_t)(gap - slots->slot) + 1; pen__slot_value(next = &slots->slot[i & mask]);
		i++) {
		if (((i - home(pen__slot_meta(next), mask)) & mask) <
			((i - (size_t)(gap - slots->slot)) & mask))
			continue;
		await_claim(next);
		change_begins(table);
		fill(gap, next);
		change_ends(table);
		gap = next;
	}
	change_begins(table);
	__atomic_store_n(&gap->value, NULL, __ATOMIC_RELEASE);
	change_ends(table);
	set_len(table, table->len - 1);
	return value;
}

struct pen__slot *pen__table_next(const struct pen__table *table, struct pen__slot *from)
{
	struct pen__slots *slots = table->slots;
	struct pen__slot *slot = from ? from : slots ? slots->slot : NULL;

	while (slot && slot <= &slots->slot[slots->mask] && !pen__slot_value(slot))
		slot++;
	return slot && slot <= &slots->slot[slots->mask] ? slot : NULL;
}

size_t pen__table_len(const struct pen__table *table)
{
	return __atomic_load_n(&table->len, __ATOMIC_RELAXED);
}
