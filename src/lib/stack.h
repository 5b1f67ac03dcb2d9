/*
 * stack.h - stacks for tasks, cut from slabs.
 *
 * One mapping a stack would end at vm.max_map_count; so stacks come from slabs of many.  Below each lies a guard page: by
 * MADV_GUARD_INSTALL (Linux 6.13), which does not split the mapping, else by mprotect for the first GUARDS_MAX stacks
 * and not at all for later ones.
 *
 * The memory of stacks that are not in use goes back to the system, a batch at a time and neighbours in one call: each call costs
 * all processors that run the program an interrupt.
 */
#ifndef PEN_LIB_STACK_H
#define PEN_LIB_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/lock.h"

struct pen__stack {
	struct pen__stack *next;
	char *base; /* the lowest usable byte, above the guard */
};

struct pen__stacks {
	struct pen__lock lock;
	size_t bytes; /* of one stack with its guard page; a multiple of the page */
	size_t page;
	size_t guarded;         /* stacks guarded by mprotect */
	bool can_madvise_guard; /* until the kernel says no */
	struct pen__stack *free;
	struct pen__stack *dirty; /* free too, but their memory is not given back yet */
	size_t n_dirty;
	struct pen__slab *slabs;
};

/* Usable bytes of each stack. */
static inline size_t pen__stack_bytes(const struct pen__stacks *stacks)
{
	return stacks->bytes - stacks->page;
}

void pen__stacks_init(struct pen__stacks *stacks, size_t usable_bytes);
void pen__stacks_fini(struct pen__stacks *stacks); /* unmaps all */

struct pen__stack *pen__stack_get(struct pen__stacks *stacks); /* any thread; NULL: out of memory */

/* Give a stack back; its memory goes to the system with that of others. */
void pen__stack_put(struct pen__stacks *stacks, struct pen__stack *stack);

#endif
