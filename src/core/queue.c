/* queue.c - see queue.h. */
#include "core/queue.h"

#include <stdbool.h>

static void linked(struct queue *queue, struct queue_item *item, int priority)
{
	item->queue = queue;
	item->priority = priority;
	queue->lines[priority].len++;
	queue->len++;
	queue->taken |= UINT32_C(1) << priority;
}

static void look_whether_taken(struct queue *queue, int priority)
{
	const struct queue_line *line = &queue->lines[priority];
	const uint32_t bit = UINT32_C(1) << priority;

	queue->taken = line->head || line->away > 0 ? queue->taken | bit : queue->taken & ~bit;
}

void queue_push_before(struct queue *queue, struct queue_item *item, int priority, struct queue_item *other)
{
	struct queue_line *line = &queue->lines[priority];

	item->next = other;
	item->prev = other ? other->prev : line->tail;
	*(item->prev ? &item->prev->next : &line->head) = item;
	*(other ? &other->prev : &line->tail) = item;
	linked(queue, item, priority);
}

void queue_push(struct queue *queue, struct queue_item *item, int priority)
{
	queue_push_before(queue, item, priority, NULL);
}

void queue_push_front(struct queue *queue, struct queue_item *item, int priority)
{
	queue_push_before(queue, item, priority, queue->lines[priority].head);
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
	look_whether_taken(queue, item->priority);
}

static int highest(uint32_t bits)
{
	return 31 - __builtin_clz(bits);
}

/* Whether the one goes before the other, which is of higher priority. */
static bool goes_before(
	const struct queue *queue, const struct queue_item *item, const struct queue_item *other)
{
	return queue->ageing_ns > 0 &&
	       item->since_ns < other->since_ns - (other->priority - item->priority) * queue->ageing_ns;
}

/* From the highest priority down, as far as is known who waits: who is found is beaten only by one that has waited for so much longer. */
struct queue_item *queue_first(const struct queue *queue)
{
	struct queue_item *first = NULL;

	for (uint32_t taken = queue->taken; taken; taken -= UINT32_C(1) << highest(taken)) {
		const struct queue_line *line = &queue->lines[highest(taken)];

		if (!line->head && line->away > 0)
			return first;
		if (line->head && (!first || goes_before(queue, line->head, first)))
			first = line->head;
	}
	return first;
}

int64_t queue_since_ns(const struct queue *queue)
{
	int64_t since_ns = INT64_MAX;

	for (uint32_t taken = queue->taken; taken; taken -= UINT32_C(1) << highest(taken)) {
		const struct queue_item *head = queue->lines[highest(taken)].head;

		if (head && head->since_ns < since_ns)
			since_ns = head->since_ns;
	}
	return since_ns;
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
	look_whether_taken(queue, priority);
}
