/*
 * queue.h - one tenant's jobs that may run: a line for each priority 9..0, FIFO inside one.  Pure, intrusive.
 *
 * Of a long line only the first are here.  The others are elsewhere and counted as `away`; whoever keeps the queue
 * fetches them in their order, and nobody may push in front of them meanwhile but who was at the head before.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stddef.h>

#define PRIORITIES 10

struct queue_item {
	struct queue_item *next, *prev;
	struct queue *queue; /* NULL: in none */
	int priority;
};

struct queue_line {
	struct queue_item *head, *tail;
	size_t len, away;
};

struct queue {
	struct queue_line lines[PRIORITIES];
	size_t len, away; /* of all lines */
};

void queue_push(struct queue *queue, struct queue_item *item, int priority);       /* behind its equals */
void queue_push_front(struct queue *queue, struct queue_item *item, int priority); /* before its equals */
void queue_remove(struct queue_item *item);                                        /* nothing when in none */

/* Whose turn it is: NULL when there is none, or it is of one that is away. */
struct queue_item *queue_first(const struct queue *queue);
struct queue_item *queue_pop(struct queue *queue);

/* So many more of a line are away; less than zero: so many fewer. */
void queue_count_away(struct queue *queue, int priority, ptrdiff_t change);

#endif
