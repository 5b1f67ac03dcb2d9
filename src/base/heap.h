/* heap.h - a 4-ary min-heap of items that know their place, so that any can be taken out in O(log n). */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_OUT SIZE_MAX

/* Embedded in what is kept.  Not in a heap: place == HEAP_OUT, which heap_item_init() sets. */
struct heap_item {
	int64_t key; /* the least comes first */
	size_t place;
};

struct heap {
	struct heap_node {
		int64_t key; /* the item's, here because looking at the items would cost a cache miss each */
		struct heap_item *item;
	} * nodes;
	size_t len, size;
};

static inline void heap_item_init(struct heap_item *item)
{
	item->place = HEAP_OUT;
}

static inline bool heap_has(const struct heap_item *item)
{
	return item->place != HEAP_OUT;
}

void heap_fini(struct heap *heap);                           /* forgets the items, does not touch them */
int heap_push(struct heap *heap, struct heap_item *item);    /* by item->key; 0 or -ENOMEM */
void heap_remove(struct heap *heap, struct heap_item *item); /* nothing when it is out */
struct heap_item *heap_first(const struct heap *heap);       /* NULL when empty; stays in */
struct heap_item *heap_pop(struct heap *heap);               /* NULL when empty */

/* Give each item the key that `key_of` says, which may have changed; O(n). */
void heap_rekey(struct heap *heap, int64_t (*key_of)(const struct heap_item *item));

#endif
