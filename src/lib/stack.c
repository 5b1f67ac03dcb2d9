/* stack.c - slabs of task stacks; see stack.h. */
#include "lib/stack.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum { STACKS_A_SLAB = 64, GUARDS_MAX = 16000, DIRTY_MAX = 64 };

struct pen__slab {
	struct pen__slab *next;
	char *memory;
	size_t bytes;
	struct pen__stack stacks[STACKS_A_SLAB];
};

void pen__stacks_init(struct pen__stacks *stacks, size_t usable_bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	*stacks = (struct pen__stacks){
		.page = page,
		.bytes = (usable_bytes + page - 1) / page * page + page,
		.can_madvise_guard = true,
	};
}

void pen__stacks_fini(struct pen__stacks *stacks)
{
	struct pen__slab *slab;

	while ((slab = stacks->slabs)) {
		stacks->slabs = slab->next;
		munmap(slab->memory, slab->bytes);
		free(slab);
	}
}

static void guard(struct pen__stacks *stacks, char *page)
{
	if (stacks->can_madvise_guard && madvise(page, stacks->page, MADV_GUARD_INSTALL) == 0)
		return;
	stacks->can_madvise_guard = false;
	if (stacks->guarded < GUARDS_MAX && mprotect(page, stacks->page, PROT_NONE) == 0)
		stacks->guarded++;
}

/* With stacks->lock held. */
static void slab_add(struct pen__stacks *stacks)
{
	struct pen__slab *slab = malloc(sizeof *slab);

	if (!slab)
		return;
	slab->bytes = STACKS_A_SLAB * stacks->bytes;
	slab->memory = mmap(NULL, slab->bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (slab->memory == MAP_FAILED) {
		free(slab);
		return;
	}
	/* A huge page behind a stack of which 4 KiB are in use would cost 2 MiB. */
	madvise(slab->memory, slab->bytes, MADV_NOHUGEPAGE);
	slab->next = stacks->slabs;
	stacks->slabs = slab;
	for (size_t i = 0; i < STACKS_A_SLAB; i++) {
		char *low = slab->memory + i * stacks->bytes;

		guard(stacks, low);
		slab->stacks[i] = (struct pen__stack){.next = stacks->free, .base = low + stacks->page};
		stacks->free = &slab->stacks[i];
	}
}

static struct pen__stack *pop(struct pen__stack **list)
{
	struct pen__stack *stack = *list;

	if (stack)
		*list = stack->next;
	return stack;
}

struct pen__stack *pen__stack_get(struct pen__stacks *stacks)
{
	struct pen__stack *stack;

	pen__lock_take(&stacks->lock);
	stack = pop(&stacks->dirty);
	if (stack) {
		stacks->n_dirty--;
	} else {
		if (!stacks->free)
			slab_add(stacks);
		stack = pop(&stacks->free);
	}
	pen__lock_drop(&stacks->lock);
	return stack;
}

/* By address; insertion sort, as those of tasks that end one after the other often lie so. */
static size_t sort(struct pen__stack *list, struct pen__stack *sorted[DIRTY_MAX])
{
	size_t n = 0;

	for (; list; list = list->next) {
		size_t i = n++;

		for (; i > 0 && (uintptr_t)sorted[i - 1]->base > (uintptr_t)list->base; i--)
			sorted[i] = sorted[i - 1];
		sorted[i] = list;
	}
	return n;
}

/* A guard between two neighbours stays what it is. */
static void clean(struct pen__stacks *stacks, struct pen__stack *list)
{
	struct pen__stack *sorted[DIRTY_MAX];
	size_t n = sort(list, sorted), first = 0;

	for (size_t i = 1; i <= n; i++) {
		if (i < n && sorted[i]->base == sorted[i - 1]->base + stacks->bytes)
			continue;
		madvise(sorted[first]->base, (i - first) * stacks->bytes - stacks->page, MADV_DONTNEED);
		first = i;
	}
}

void pen__stack_put(struct pen__stacks *stacks, struct pen__stack *stack)
{
	struct pen__stack *list = NULL;

	pen__lock_take(&stacks->lock);
	stack->next = stacks->dirty;
	stacks->dirty = stack;
	if (++stacks->n_dirty == DIRTY_MAX) {
		list = stacks->dirty;
		stacks->dirty = NULL;
		stacks->n_dirty = 0;
	}
	pen__lock_drop(&stacks->lock);
	if (!list)
		return;
	clean(stacks, list);
	pen__lock_take(&stacks->lock);
	while ((stack = pop(&list))) {
		stack->next = stacks->free;
		stacks->free = stack;
	}
	pen__lock_drop(&stacks->lock);
}
