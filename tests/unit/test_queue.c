/* test_queue.c - a tenant's queue: by priority, first in first out inside one, against a plain list. */
#include "core/queue.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

enum { ITEMS = 200, OPS = 40000 };

START_TEST(the_highest_priority_goes_first_and_equals_in_the_order_of_their_coming)
{
	static const int priorities[] = {5, 0, 9, 5, 9, 0, 3, 5};
	static const size_t order[] = {2, 4, 0, 3, 7, 6, 1, 5};
	struct queue_item items[ARRAY_LEN(priorities)] = {0};
	struct queue queue = {0};

	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		queue_push(&queue, &items[i], priorities[i]);
	ck_assert_uint_eq(queue.len, ARRAY_LEN(items));
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		ck_assert_ptr_eq(queue_pop(&queue), &items[order[i]]);
	ck_assert_ptr_null(queue_pop(&queue));
	ck_assert_uint_eq(queue.len, 0);
}
END_TEST

START_TEST(what_is_given_back_goes_before_its_equals_but_not_before_its_betters)
{
	struct queue_item first = {0}, second = {0}, better = {0}, back = {0};
	struct queue queue = {0};

	queue_push(&queue, &first, 5);
	queue_push(&queue, &second, 5);
	queue_push(&queue, &better, 6);
	queue_push_front(&queue, &back, 5);
	ck_assert_ptr_eq(queue_pop(&queue), &better);
	ck_assert_ptr_eq(queue_pop(&queue), &back);
	ck_assert_ptr_eq(queue_pop(&queue), &first);
	queue_push_front(&queue, &first, 5);
	ck_assert_ptr_eq(queue_pop(&queue), &first);
	ck_assert_ptr_eq(queue_pop(&queue), &second);
	queue_push_front(&queue, &back, 0);
	queue_push(&queue, &first, 0);
	ck_assert_ptr_eq(queue_pop(&queue), &back);
	ck_assert_ptr_eq(queue_pop(&queue), &first);
}
END_TEST

START_TEST(of_the_heads_is_told_since_when_the_one_waits_that_has_waited_longest)
{
	struct queue_item old = {.since_ns = 10}, older = {.since_ns = 5}, behind = {.since_ns = 1};
	struct queue queue = {0};

	ck_assert_int_eq(queue_since_ns(&queue), INT64_MAX);
	queue_count_away(&queue, 9, 1);
	ck_assert_int_eq(queue_since_ns(&queue), INT64_MAX);
	queue_push(&queue, &old, 7);
	queue_push(&queue, &older, 2);
	queue_push(&queue, &behind, 2);
	ck_assert_int_eq(queue_since_ns(&queue), 5);
	queue_remove(&older);
	queue_remove(&behind);
	ck_assert_int_eq(queue_since_ns(&queue), 10);
}
END_TEST

START_TEST(one_that_is_in_none_may_be_removed)
{
	struct queue_item item = {0}, other = {0};
	struct queue queue = {0};

	queue_remove(&item);
	queue_push(&queue, &item, 1);
	queue_push(&queue, &other, 1);
	ck_assert_ptr_eq(queue_pop(&queue), &item);
	queue_remove(&item);
	ck_assert_uint_eq(queue.len, 1);
	queue_remove(&other);
	queue_remove(&other);
	ck_assert_uint_eq(queue.len, 0);
	ck_assert_ptr_null(other.queue);
	ck_assert_ptr_null(queue_pop(&queue));
}
END_TEST

/* A step of priority is ten of waiting. */
START_TEST(one_that_has_waited_for_long_enough_goes_before_its_betters)
{
	static const struct {
		int priority;
		int64_t since_ns;
	} waiting[] = {
		{9, 95 },
		{0, 5  }, /* as good as 9 since 95, and of those 9 goes first */
		{9, 96 },
		{5, 44 }, /* as good as 9 since 84 */
		{0, 4  }, /* behind the other 0, for whom it waits */
		{4, 200},
	};
	static const size_t order[] = {3, 0, 1, 4, 2, 5};
	struct queue_item items[ARRAY_LEN(waiting)] = {0};
	struct queue queue = {.ageing_ns = 10};

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		items[i].since_ns = waiting[i].since_ns;
		queue_push(&queue, &items[i], waiting[i].priority);
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		ck_assert_ptr_eq(queue_pop(&queue), &items[order[i]]);
	ck_assert_ptr_null(queue_pop(&queue));
}
END_TEST

START_TEST(without_ageing_the_highest_priority_goes_first_however_long_others_wait)
{
	struct queue_item low = {.since_ns = INT64_MIN}, high = {.since_ns = INT64_MAX};
	struct queue queue = {0};

	queue_push(&queue, &low, 0);
	queue_push(&queue, &high, 1);
	ck_assert_ptr_eq(queue_pop(&queue), &high);
	ck_assert_ptr_eq(queue_pop(&queue), &low);
}
END_TEST

/* At each moment another one of priority 9 comes, and one goes. */
START_TEST(priority_0_does_not_starve)
{
	enum { AGEING = 10, STREAM = 1000 };
	struct queue_item low = {.since_ns = 0}, stream[STREAM] = {0};
	struct queue queue = {.ageing_ns = AGEING};
	int64_t now = 0;

	queue_push(&queue, &low, 0);
	while (low.queue) {
		ck_assert_int_lt(now, STREAM);
		stream[now].since_ns = now;
		queue_push(&queue, &stream[now++], 9);
		queue_pop(&queue);
	}
	ck_assert_int_ge(now, 9 * AGEING);
	ck_assert_int_le(now, 9 * AGEING + 2);
}
END_TEST

START_TEST(a_line_that_is_away_is_waited_for_by_lower_ones_only)
{
	struct queue_item high = {.since_ns = 50}, low = {.since_ns = 0}, middle = {.since_ns = 30};
	struct queue queue = {.ageing_ns = 10};

	queue_count_away(&queue, 2, 1);
	ck_assert_ptr_null(queue_first(&queue));
	queue_push(&queue, &low, 1);
	ck_assert_ptr_null(queue_pop(&queue));
	queue_push(&queue, &high, 3);
	ck_assert_ptr_eq(queue_pop(&queue), &high);
	queue_push(&queue, &middle, 2);
	queue_count_away(&queue, 2, -1);
	ck_assert_ptr_eq(queue_pop(&queue), &low);
	ck_assert_ptr_eq(queue_pop(&queue), &middle);
}
END_TEST

/* Two queues, each beside a list of what is in it in the order in which it must come out. */
static struct trial {
	struct queue queue;
	struct queue_item *list[ITEMS];
	size_t n;
} trials[2];

static struct queue_item items[ITEMS];
static int priorities[ITEMS];

static int priority_of(const struct queue_item *item)
{
	return priorities[item - items];
}

static void list_insert(struct trial *trial, struct queue_item *item, bool in_front)
{
	int priority = priority_of(item);
	size_t at = 0;

	while (at < trial->n && (priority_of(trial->list[at]) > priority ||
					(!in_front && priority_of(trial->list[at]) == priority)))
		at++;
	memmove(&trial->list[at + 1], &trial->list[at], (trial->n - at) * sizeof(trial->list[0]));
	trial->list[at] = item;
	trial->n++;
}

static void list_remove(struct trial *trial, const struct queue_item *item)
{
	size_t at = 0;

	while (trial->list[at] != item)
		at++;
	trial->n--;
	memmove(&trial->list[at], &trial->list[at + 1], (trial->n - at) * sizeof(trial->list[0]));
}

static struct trial *trial_of(const struct queue_item *item)
{
	for (size_t i = 0; i < ARRAY_LEN(trials); i++)
		for (size_t j = 0; j < trials[i].n; j++)
			if (trials[i].list[j] == item)
				return &trials[i];
	return NULL;
}

static void push_one(struct trial *trial, struct queue_item *item, uint64_t *random)
{
	bool in_front = seeded(random) % 4 == 0;
	int priority = priorities[item - items] = (int)seeded_below(random, PRIORITIES);

	list_insert(trial, item, in_front);
	(in_front ? queue_push_front : queue_push)(&trial->queue, item, priority);
}

static void pop_one(struct trial *trial)
{
	struct queue_item *first = trial->n > 0 ? trial->list[0] : NULL;

	if (queue_pop(&trial->queue) != first)
		ck_abort_msg("another was popped than the first of %zu", trial->n);
	if (first)
		list_remove(trial, first);
}

START_TEST(a_queue_is_as_a_list_that_is_sorted)
{
	uint64_t random = 8;
	size_t popped = 0;

	for (int op = 0; op < OPS; op++) {
		struct queue_item *item = &items[seeded_below(&random, ITEMS)];
		struct trial *trial = &trials[seeded(&random) % 2], *in = trial_of(item);
		uint64_t dice = seeded_below(&random, 10);

		if (dice < (op / 2000 % 2 ? 3 : 7)) { /* they fill up and empty */
			if (!in)
				push_one(trial, item, &random);
		} else if (dice < 8) {
			popped += trial->n > 0;
			pop_one(trial);
		} else {
			queue_remove(item);
			if (in)
				list_remove(in, item);
		}
		if (trial->queue.len != trial->n)
			ck_abort_msg("%zu instead of %zu", trial->queue.len, trial->n);
	}
	ck_assert_uint_gt(popped, OPS / 20);
	for (size_t i = 0; i < ARRAY_LEN(trials); i++)
		while (trials[i].n > 0)
			pop_one(&trials[i]);
	ck_assert_ptr_null(queue_pop(&trials[0].queue));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("queue");

	tcase_add_test(tcase, the_highest_priority_goes_first_and_equals_in_the_order_of_their_coming);
	tcase_add_test(tcase, what_is_given_back_goes_before_its_equals_but_not_before_its_betters);
	tcase_add_test(tcase, one_that_has_waited_for_long_enough_goes_before_its_betters);
	tcase_add_test(tcase, without_ageing_the_highest_priority_goes_first_however_long_others_wait);
	tcase_add_test(tcase, priority_0_does_not_starve);
	tcase_add_test(tcase, a_line_that_is_away_is_waited_for_by_lower_ones_only);
	tcase_add_test(tcase, of_the_heads_is_told_since_when_the_one_waits_that_has_waited_longest);
	tcase_add_test(tcase, one_that_is_in_none_may_be_removed);
	tcase_add_test(tcase, a_queue_is_as_a_list_that_is_sorted);
	return unit_run("queue", tcase);
}
