/*
 * live.h - the log of a command that runs, as it comes: one writes, any number read on, each from its own place and in its own time.
 *
 * Any task or thread.  One lock, held for the copy of a piece; nobody is waited for under it, so a reader holds back neither the
 * command nor another reader.
 */
#ifndef WORK_LIVE_H
#define WORK_LIVE_H

#include <penstock/chan.h>

#include "core/ring.h"

struct live;

struct live *live_new(void);       /* NULL: out of memory */
void live_free(struct live *live); /* NULL is allowed; without readers */

/*
 * An attempt begins, and ends: between those something may come.  `max` bytes are held, whatever later attempts say.  The three are
 * nothing with a NULL live, so that a command goes on when there is no memory for its log.
 */
void live_begin(struct live *live, uint32_t attempt, size_t max);
void live_add(struct live *live, enum output output, const char *data, size_t bytes);
void live_end(struct live *live);

/* Somebody who reads; its own storage. */
struct live_reader {
	struct live_reader *next, *prev;
	struct live *live;
	struct pen_chan *news; /* a signal when there is something new, or an attempt has ended */
	struct ring_place place;
	uint32_t attempt;     /* that it has been told of */
	struct piece pending; /* that was read and is not told of yet */
	bool has_pending;
	char data[PIECE_MAX];
};

/* Read from where the latest attempt began.  0 or -ENOMEM. */
int live_open(struct live *live, struct live_reader *reader);
void live_close(struct live_reader *reader); /* one that was not opened but zeroed, too */

/* Give what comes next; what it points to stands until the next call.  False: there is no more now. */
bool live_next(struct live_reader *reader, struct log_record *ret_record);

/* Whether an attempt is running, so that more may come without a new one. */
bool live_runs(const struct live_reader *reader);

#endif
