/*
 * poller.h - a loop's epoll set: tasks wait for descriptors, others wake the loop by an eventfd.
 *
 * A descriptor is armed for one event at a time (EPOLLONESHOT), only while a task waits for it.  Touched by its own
 * loop's thread only, but for pen__poller_wake().
 */
#ifndef PEN_LIB_POLLER_H
#define PEN_LIB_POLLER_H

#include <penstock/io.h>

#include "lib/wait.h"

struct pen__poller_entry {
	struct pen__wait *wait[2]; /* who waits to read, to write */
	bool known;                /* to epoll, as far as we know: closing takes it out behind our back */
};

struct pen__poller {
	int epoll_fd, event_fd;
	struct pen__poller_entry *entries; /* by descriptor */
	size_t n_entries;
};

int pen__poller_init(struct pen__poller *poller);
void pen__poller_fini(struct pen__poller *poller);

/* Make ready whom an event concerns, sleeping for the first one until `deadline_ns` (0: not at all). */
void pen__poller_poll(struct pen__poller *poller, int64_t deadline_ns);

/* End the sleep of pen__poller_poll(); any thread. */
void pen__poller_wake(struct pen__poller *poller);

#endif
