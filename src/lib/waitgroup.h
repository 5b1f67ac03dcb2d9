/* waitgroup.h - the inside of a wait group, for those that embed one: all zeroes is one whose count is 0. */
#ifndef PEN_LIB_WAITGROUP_H
#define PEN_LIB_WAITGROUP_H

#include <penstock/waitgroup.h>

#include "lib/lock.h"
#include "lib/wait.h"

struct pen_waitgroup {
	struct pen__lock lock;
	int count;
	struct pen__waitq waiters; /* nobody waits while the count is 0 */
};

/*
 * Whether the count is 0 and nobody waits.  If so, nobody touches the group any more who did before: whoever
 * brought the count to 0 has dropped the lock.
 */
bool pen__waitgroup_idle(struct pen_waitgroup *wg);

/* Wait until the count is 0, whatever it takes. */
void pen__waitgroup_join(struct pen_waitgroup *wg);

#endif
