/* switch_ucontext.c - pen__switch where there is no assembly for the machine: right, but a system call each way. */
#include <stdint.h>
#include <ucontext.h>

#include "lib/abort.h"
#include "lib/switch.h"

void pen__switch(void **ret_from, void *to)
{
	ucontext_t here;

	*ret_from = &here;
	PEN__REQUIRE(swapcontext(&here, to) == 0, "swapcontext failed");
}

void *pen__switch_make(void *base, void *top, void (*entry)(void))
{
	ucontext_t *context = (ucontext_t *)(((uintptr_t)top - sizeof *context) & ~(uintptr_t)63);

	PEN__REQUIRE(getcontext(context) == 0, "getcontext failed");
	context->uc_stack.ss_sp = base;
	context->uc_stack.ss_size = (size_t)((char *)context - (char *)base);
	context->uc_link = NULL;
	makecontext(context, entry, 0);
	return context;
}
