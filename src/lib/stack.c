/* stack.c - slabs of task stacks; see stack.h. */
#include "lib/stack.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum { STACKS_A_SLAB = 64, GUARDS_MAX = 16000 };

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

struct pen__stack *pen__stack_get(struct pen__stacks *stacks)
{
	struct pen__stack *stack;

	pen__lock_take(&stacks->lock);
	if (!stacks->free)
		slab_add(stacks);
	stack = stacks->free;
	if (stack)
		stacks->free = stack->next;
	pen__lock_drop(&stacks->lock);
	return stack;
}

void pen__stack_put(struct pen__stacks *stacks, struct pen__stack *stack)
{
	madvise(stack->base, pen__stack_bytes(stacks), MADV_DONTNEED);
	pen__lock_take(&stacks->lock);
	stack->next = stacks->free;
	stacks->free = stack;
	pen__lock_drop(&stacks->lock);
}
