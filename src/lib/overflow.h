/*
 * overflow.h - for a run that asks for it: a stack overflow is told by the task's name before it ends the process.
 *
 * Only where SIGSEGV has its default action.  The handler runs on an alternate stack of the loop's thread, as the task's own is
 * used up; it tells a fault in the guard of the running task's stack, and hands this and any other fault to the
 * default action, so that the exit signal and the core are what they are without it.
 */
#ifndef PEN_LIB_OVERFLOW_H
#define PEN_LIB_OVERFLOW_H

#include <signal.h>
#include <stddef.h>

struct pen__overflow {
	char *stacks; /* of the handler, one a loop; NULL: no overflow is told */
	size_t n, bytes;
	struct sigaction before;
};

/* Take SIGSEGV for a run of `n` loops, if nobody else has.  0 or -ENOMEM. */
int pen__overflow_begin(struct pen__overflow *overflow, size_t n);

/* Give all back, once the loops' threads have left. */
void pen__overflow_end(struct pen__overflow *overflow);

/* Around the run of a loop, in its thread. */
void pen__overflow_enter(struct pen__overflow *overflow, size_t loop, stack_t *ret_before);
void pen__overflow_leave(struct pen__overflow *overflow, const stack_t *before);

#endif
