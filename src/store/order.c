/* order.c - see order.h. */
#include "store/order.h"

#include <errno.h>
#include <stdlib.h>

enum { SIZE_FIRST = 256 };

void order_fini(struct order *order)
{
	free(order->slots);
	*order = (struct order){0};
}

int order_reserve(struct order *order, size_t n)
{
	size_t size = order->size ? order->size : SIZE_FIRST;
	struct order_slot *slots;

	if (n <= order->size - order->len)
		return 0;
	while (size - order->len < n)
		size *= 2;
	slots = realloc(order->slots, size * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	order->slots = slots;
	order->size = size;
	return 0;
}

int64_t order_add(struct order *order, void *thing)
{
	order->slots[order->len++] = (struct order_slot){++order->last, thing};
	return order->last;
}

/* How many slots are below a place. */
static size_t count_below(const struct order *order, int64_t place)
{
	size_t from = 0, to = order->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (order->slots[middle].place < place)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

void order_set(struct order *order, int64_t place, void *thing)
{
	order->slots[count_below(order, place)].thing = thing;
}

static void close_holes(struct order *order)
{
	size_t len = 0;

	for (size_t i = 0; i < order->len; i++)
		if (order->slots[i].thing)
			order->slots[len++] = order->slots[i];
	order->len = len;
	order->holes = 0;
}

void order_remove(struct order *order, int64_t place)
{
	order_set(order, place, NULL);
	if (++order->holes > order->len / 2)
		close_holes(order);
}

void *order_below(const struct order *order, int64_t place, int64_t *ret_place)
{
	for (size_t i = count_below(order, place); i-- > 0;) {
		if (!order->slots[i].thing)
			continue;
		*ret_place = order->slots[i].place;
		return order->slots[i].thing;
	}
	return NULL;
}
