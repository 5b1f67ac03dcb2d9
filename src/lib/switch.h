/*
 * switch.h - leave one stack, go on with another.
 *
 * Saves what the ABI says a call preserves and nothing else (no signal mask: that would be a system call).  Own assembly for
 * x86-64 and aarch64, ucontext elsewhere; configure chooses the file.
 */
#ifndef PEN_LIB_SWITCH_H
#define PEN_LIB_SWITCH_H

#include <stddef.h>

/* Save the running context, its handle in `*ret_from`, and go on with `to`. */
void pen__switch(void **ret_from, void *to);

/* Give the handle of a fresh context that will run `entry()`, which must not return, on the stack below `top`. */
void *pen__switch_make(void *base, void *top, void (*entry)(void));

#endif
