/* queue.c - see queue.h. */
#include "core/queue.h"

static void linked(struct queue *queue, struct queue_item *item, int priority)
{
	item->queue = queue;
	item->priority = priority;
	queue->len++;
}

void queue_push(struct queue *queue, struct queue_item *item, int priority)
{
	struct queue_item *tail = queue->tail[priority];

	item->prev = tail;
	item->next = NULL;
	*(tail ? &tail->next : &queue->head[priority]) = item;
	queue->tail[priority] = item;
	linked(queue, item, priority);
}

void queue_push_front(struct queue *queue, struct queue_item *item, int priority)
{
	struct queue_item *head = queue->head[priority];

	item->prev = NULL;
	item->next = head;
	*(head ? &head->prev : &queue->tail[priority]) = item;
	queue->head[priority] = item;
	linked(queue, item, priority);
}

void queue_remove(struct queue_item *item)
{
	struct queue *queue = item->queue;

	if (!queue)
		return;
	*(item->prev ? &item->prev->next : &queue->head[item->priority]) = item->next;
	*(item->next ? &item->next->prev : &queue->tail[item->priority]) = item->prev;
	item->queue = NULL;
	queue->len--;
}

struct queue_item *queue_pop(struct queue *queue)
{
	for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
		struct queue_item *head = queue->head[priority];

		if (head) {
			queue_remove(head);
			return head;
		}
	}
	return NULL;
}
