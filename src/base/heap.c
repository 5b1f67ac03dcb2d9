/* heap.c - a 4-ary min-heap; see heap.h.  Four children a node: half the depth, and they share a cache line. */
#include "base/heap.h"

#include <errno.h>
#include <stdlib.h>

enum { ARITY = 4, SIZE_FIRST = 16 };

static void put(struct heap *heap, size_t place, struct heap_node node)
{
	heap->nodes[place] = node;
	node.item->place = place;
}

static void sift_up(struct heap *heap, size_t place, struct heap_node node)
{
	while (place > 0) {
		size_t parent = (place - 1) / ARITY;

		if (heap->nodes[parent].key <= node.key)
			break;
		put(heap, place, heap->nodes[parent]);
		place = parent;
	}
	put(heap, place, node);
}

static size_t least_child(const struct heap *heap, size_t place)
{
	size_t first = ARITY * place + 1, end = first + ARITY, least = first;

	if (end > heap->len)
		end = heap->len;
	for (size_t child = first + 1; child < end; child++)
		if (heap->nodes[child].key < heap->nodes[least].key)
			least = child;
	return least;
}

static void sift_down(struct heap *heap, size_t place, struct heap_node node)
{
	for (;;) {
		size_t child = least_child(heap, place);

		if (child >= heap->len || heap->nodes[child].key >= node.key)
			break;
		put(heap, place, heap->nodes[child]);
		place = child;
	}
	put(heap, place, node);
}

void heap_fini(struct heap *heap)
{
	free(heap->nodes);
	*heap = (struct heap){0};
}

int heap_push(struct heap *heap, struct heap_item *item)
{
	if (heap->len == heap->size) {
		size_t size = heap->size ? 2 * heap->size : SIZE_FIRST;
		struct heap_node *nodes = reallocarray(heap->nodes, size, sizeof *nodes);

		if (!nodes)
			return -ENOMEM;
		heap->nodes = nodes;
		heap->size = size;
	}
	sift_up(heap, heap->len++, (struct heap_node){item->key, item});
	return 0;
}

void heap_remove(struct heap *heap, struct heap_item *item)
{
	size_t place = item->place;
	struct heap_node last;

	if (!heap_has(item))
		return;
	last = heap->nodes[--heap->len];
	item->place = HEAP_OUT;
	if (last.item == item)
		return;
	if (last.key < heap->nodes[place].key)
		sift_up(heap, place, last);
	else
		sift_down(heap, place, last);
}

struct heap_item *heap_first(const struct heap *heap)
{
	return heap->len ? heap->nodes[0].item : NULL;
}

struct heap_item *heap_pop(struct heap *heap)
{
	struct heap_item *first = heap_first(heap);

	if (first)
		heap_remove(heap, first);
	return first;
}

void heap_rekey(struct heap *heap, int64_t (*key_of)(const struct heap_item *item))
{
	for (size_t i = 0; i < heap->len; i++)
		heap->nodes[i].key = heap->nodes[i].item->key = key_of(heap->nodes[i].item);
	for (size_t i = heap->len / ARITY + 1; i-- > 0;)
		if (i < heap->len)
			sift_down(heap, i, heap->nodes[i]);
}
