/*
 * timer.h - the timers of a loop: a heap under a lock, so that any thread may arm and cancel; its own loop fires them.
 */
#ifndef PEN_LIB_TIMER_H
#define PEN_LIB_TIMER_H

#include <penstock/base.h>

#include "base/heap.h"
#include "lib/lock.h"

struct pen__loop;

struct pen__timer {
	struct heap_item item;  /* key: when, CLOCK_MONOTONIC ns */
	struct pen__loop *loop; /* atomic; where it is armed; NULL: nowhere */
	bool (*begin)(struct pen__timer
			*timer); /* under the timers' lock, before fire: false to skip it; may be NULL */
	void (*fire)(struct pen__timer *timer); /* on the loop's own stack: short, must not park */
};

struct pen__timers {
	struct pen__lock lock;
	struct heap heap;
	int64_t earliest; /* atomic; a hint for the loop: PEN_NEVER when empty */
};

void pen__timers_init(struct pen__timers *timers);
void pen__timers_fini(struct pen__timers *timers); /* disarms what is left, which may outlive the loop */

/* Fire what is due at `now`. */
void pen__timers_run(struct pen__timers *timers, int64_t now);

void pen__timer_init(struct pen__timer *timer, void (*fire)(struct pen__timer *timer));

/*
 * Arm: on the caller's loop; from a thread, on the loops in turn.  0, -ENOMEM, or -ESRCH where no runtime is running.
 */
int pen__timer_arm(struct pen__timer *timer, int64_t when_ns);

/* True if it was armed and now will not fire; false if it has fired, or its firing has begun, or it never was armed. */
bool pen__timer_cancel(struct pen__timer *timer);

#endif
