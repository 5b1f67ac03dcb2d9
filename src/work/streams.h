/* streams.h - what a command reads and writes, moved by a task for each of the three. */
#ifndef WORK_STREAMS_H
#define WORK_STREAMS_H

#include <penstock/ctx.h>
#include <penstock/waitgroup.h>

#include "work/kept.h"
#include "work/live.h"
#include "work/process.h"

/* One direction of one pipe. */
struct stream {
	struct streams *all;
	int *fd;          /* closed when the stream is over, so that the other side hears of it */
	struct kept kept; /* of an output */
	enum output output;
	const char *data; /* of the input: what is left to write */
	size_t bytes;
};

struct streams {
	struct pen_ctx *ctx; /* ends them all */
	struct pen_waitgroup *moving;
	struct live *live;
	struct stream in, out, err;
};

/* What stands at our ends of the pipes. */
struct streams_ends {
	const char *data; /* for the process to read */
	size_t bytes;
	size_t output_max; /* bytes kept of each output */
	struct live *live; /* who hears of both; NULL: nobody */
};

/*
 * Start moving: data to the process (until it closes its end), its outputs into `kept` and to who hears of them.  Borrows what
 * the ends have, and process, until streams_finish(), which the caller owes even when the start fails.  0 or -ENOMEM.
 */
int streams_start(struct streams *streams, struct process *process, const struct streams_ends *ends);

/* Wait until all are at their end, which is when nobody holds the other ends any more; at most until `deadline_ns`. */
bool streams_ended(struct streams *streams, int64_t deadline_ns);

/* Stop what still moves and wait for its tasks; free all but what is kept. */
void streams_finish(struct streams *streams);

/* Free what is kept. */
void streams_forget(struct streams *streams);

#endif
