/* tree.h - all processes below this one, as /proc tells them. */
#ifndef EXEC_TREE_H
#define EXEC_TREE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Send a signal to each process below this one, parents before their children.  Gives how many there were; 0 also when
 * they cannot be told.  One that was started meanwhile may have been missed; members of the group `except` (0: none) are left out.
 */
size_t tree_signal(int number, pid_t except);

/*
 * Send SIGKILL to all.  They are stopped first, until no more come, so that what starts processes faster than they can be
 * killed has an end too: one that is stopped starts none, and counts where the number of processes is limited.
 */
size_t tree_kill(void);

#endif
