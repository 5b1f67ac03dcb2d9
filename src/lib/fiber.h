/*
 * fiber.h - a stack and the context at rest on it, told to the sanitizers and to valgrind at every step.
 */
#ifndef PEN_LIB_FIBER_H
#define PEN_LIB_FIBER_H

#include <stddef.h>

#include "base/sanitizer.h"

#ifdef PEN__TSAN
struct pen__tsan_fiber {
	void *handle;
	unsigned uses; /* before this one */
};
#endif

struct pen__fiber {
	void *context; /* where it left off */
#ifdef PEN__ASAN
	const void *base;
	size_t bytes;
	void *fake_stack;
#endif
#ifdef PEN__TSAN
	struct pen__tsan_fiber tsan;
#endif
	unsigned valgrind_id;
};

/* The fiber that the calling thread has been all along; it leaves when it makes no more of them. */
void pen__fiber_adopt_thread(struct pen__fiber *fiber);
void pen__fiber_leave_thread(void);

/* A fresh fiber that will run `entry()` on base..top.  entry calls pen__fiber_entered() first. */
void pen__fiber_make(struct pen__fiber *fiber, void *base, void *top, void (*entry)(void));
void pen__fiber_entered(void);

/* After its last switch, called by another: it will never run again. */
void pen__fiber_destroy(struct pen__fiber *fiber);

/* Leave `from` (the caller) for `to`; returns when somebody switches back.  `last`: from will never come back. */
void pen__fiber_switch(struct pen__fiber *from, struct pen__fiber *to, int last);

#endif
