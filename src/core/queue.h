/*
 * queue.h - one tenant's jobs that may run: a line for each priority 9..0, FIFO inside one.  Pure, intrusive.
 *
 * Of the heads of the lines that one goes first which has waited longest, where each step of priority counts as `ageing_ns` of
 * waiting.  So a job is overtaken only by those that came before it, and by those of higher priority that came within so many
 * times `ageing_ns` after it as they are steps above: priority 0 does not starve.  That order does not change while they wait, so
 * no clock is needed.  With an ageing of 0 the highest priority goes first, however long the others have waited.
 *
 * Of a long line only the first are here.  The others are elsewhere and counted as `away`; whoever keeps the queue
 * fetches them in their order, and nobody may push in front of them meanwhile but who was at the head before.  A line of which all
 * are away is waited for by those of lower priority, as its head may have been there for long, and not by those of higher.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#define PRIORITIES 10

struct queue_item {
	struct queue_item *next, *prev;
	struct queue *queue; /* NULL: in none */
	int priority;
	int64_t since_ns; /* since when it waits, by any clock that does not go back */
};

struct queue_line {
	struct queue_item *head, *tail;
	size_t len, away;
};

struct queue {
	size_t len, away;  /* of all lines */
	int64_t ageing_ns; /* 0: priorities are strict; may be changed at any time */
	uint32_t taken;    /* 1u << priority of each line that is not empty; the others need no look */
	struct queue_line lines[PRIORITIES];
};

/* Behind its equals, before them, and before one of them (NULL: behind all); of its members `since_ns` is set. */
void queue_push(struct queue *queue, struct queue_item *item, int priority);
void queue_push_front(struct queue *queue, struct queue_item *item, int priority);
void queue_push_before(struct queue *queue, struct queue_item *item, int priority, struct queue_item *other);
void queue_remove(struct queue_item *item); /* nothing when in none */

/* Whose turn it is: NULL when there is none, or it is of one that is away. */
struct queue_item *queue_first(const struct queue *queue);
struct queue_item *queue_pop(struct queue *queue);

/* Since when the head waits that has waited longest, of those that are here; INT64_MAX: there is none. */
int64_t queue_since_ns(const struct queue *queue);

/* So many more of a line are away; less than zero: so many fewer. */
void queue_count_away(struct queue *queue, int priority, ptrdiff_t change);

#endif
