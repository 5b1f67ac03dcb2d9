/*
 * lane.h - how many of certain jobs may run at one time, and which of them wait for that.  Pure, intrusive.
 *
 * A job whose turn has come and whose lane is full is set aside, in the line of its tenant.  When the lane has room, the first of each
 * line is offered to its tenant again: which tenant goes on is for the fair share to say, not for the lane.  So of each line one is out
 * at a time; where it finds the lane full again it comes back to where it stood.
 */
#ifndef CORE_LANE_H
#define CORE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"

/* What jobs of one lane have in common. */
enum lane_sort {
	LANE_ENDPOINT, /* a tenant's calls of one endpoint */
	LANE_COMMAND,  /* a configured command, whoever runs it */
	LANE_KEY,      /* a tenant's limit_key */
	LANE_SORTS
};

const char *lane_sort_name(enum lane_sort sort);

#define LANE_UNLIMITED UINT32_MAX

struct lane {
	uint32_t limit, running;
	struct lane_line *lines; /* where somebody is aside, or out */
};

/* Those of one tenant, by priority and then by when they came. */
struct lane_line {
	struct lane *lane;
	struct heap aside;
	bool out; /* the first has been offered, and has neither gone in nor come back */
	struct lane_line *prev, *next;
};

bool lane_has_room(const struct lane *lane);
void lane_enter(struct lane *lane); /* there must be room */
void lane_leave(struct lane *lane);
bool lane_idle(const struct lane *lane); /* nobody runs, is aside or out */

void lane_line_init(struct lane_line *line, struct lane *lane);
void lane_line_fini(struct lane_line *line); /* nobody is aside or out */
bool lane_line_idle(const struct lane_line *line);

/* Its key is its rank: the least goes first.  0 or -ENOMEM. */
int64_t lane_rank(int priority, uint64_t turn);
int lane_set_aside(struct lane_line *line, struct heap_item *item);
void lane_remove(struct lane_line *line, struct heap_item *item); /* nothing when it is not aside */

/* Give the first of the line, which is aside no longer, where there is room for it and none is out yet; else NULL. */
struct heap_item *lane_offer(struct lane_line *line);

/* Give this one of the line, not the first; none may be out. */
void lane_offer_this(struct lane_line *line, struct heap_item *item);

#endif
