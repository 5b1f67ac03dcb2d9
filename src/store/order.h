/*
 * order.h - things by their place in a row that only grows at its end, for the store in memory: 16 bytes a thing.
 *
 * Those taken out leave holes, which go when there are more of them than of things.
 */
#ifndef STORE_ORDER_H
#define STORE_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_slot {
	int64_t place; /* from 1 on, ascending */
	void *thing;   /* NULL: a hole */
};

/* Zeroed: empty. */
struct order {
	struct order_slot *slots;
	size_t len, size, holes;
	int64_t last; /* the place given last */
};

void order_fini(struct order *order);

int order_reserve(struct order *order, size_t n);                /* room for `n` more; 0 or -ENOMEM */
int64_t order_add(struct order *order, void *thing);             /* with room for it; gives its place */
void order_set(struct order *order, int64_t place, void *thing); /* another at a place that has one */
void order_remove(struct order *order, int64_t place);           /* what is there */

/* The last thing below a place, and its own place; NULL: there is none. */
void *order_below(const struct order *order, int64_t place, int64_t *ret_place);

#endif
