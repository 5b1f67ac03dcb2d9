/* queue.h - one tenant's jobs that may run: by priority 9..0, FIFO inside one.  Pure, intrusive. */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stddef.h>

#define PRIORITIES 10

struct queue_item {
	struct queue_item *next, *prev;
	struct queue *queue; /* NULL: in none */
	int priority;
};

struct queue {
	struct queue_item *head[PRIORITIES], *tail[PRIORITIES];
	size_t len;
};

void queue_push(struct queue *queue, struct queue_item *item, int priority);       /* behind its equals */
void queue_push_front(struct queue *queue, struct queue_item *item, int priority); /* before its equals */
struct queue_item *queue_pop(struct queue *queue);                                 /* NULL when empty */
void queue_remove(struct queue_item *item);                                        /* nothing when in none */

#endif
