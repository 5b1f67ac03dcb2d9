/* queue.c - see queue.h. */
#include "core/queue.h"

static void linked(struct queue *queue, struct queue_item *item, int priority)
{
	item->queue = queue;
	item->priority = priority;
	queue->lines[priority].len++;
	queue->len++;
}

void queue_push(struct queue *queue, struct queue_item *item, int priority)
{
	struct queue_line *line = &queue->lines[priority];

	item->prev = line->tail;
	item->next = NULL;
	*(item->prev ? &item->prev->next : &line->head) = item;
	line->tail = item;
	linked(queue, item, priority);
}

void queue_push_front(struct queue *queue, struct queue_item *item, int priority)
{
	struct queue_line *line = &queue->lines[priority];

	item->prev = NULL;
	item->next = line->head;
	*(item->next ? &item->next->prev : &line->tail) = item;
	line->head = item;
	linked(queue, item, priority);
}

void queue_remove(struct queue_item *item)
{
	struct queue *queue = item->queue;
	struct queue_line *line;

	if (!queue)
		return;
	line = &queue->lines[item->priority];
	*(item->prev ? &item->prev->next : &line->head) = item->next;
	*(item->next ? &item->next->prev : &line->tail) = item->prev;
	item->queue = NULL;
	line->len--;
	queue->len--;
}

struct queue_item *queue_first(const struct queue *queue)
{
	const struct queue_line *line = &queue->lines[PRIORITIES - 1];

	while (line > queue->lines && !line->head && line->away == 0)
		line--;
	return line->head;
}

struct queue_item *queue_pop(struct queue *queue)
{
	struct queue_item *first = queue_first(queue);

	if (first)
		queue_remove(first);
	return first;
}

void queue_count_away(struct queue *queue, int priority, ptrdiff_t change)
{
	queue->lines[priority].away += (size_t)change;
	queue->away += (size_t)change;
}
