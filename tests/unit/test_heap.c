/* test_heap.c - the least comes first, any can be taken out: against a plain list under random operations. */
#include "base/heap.h"

#include <stdlib.h>

#include "seeded.h"
#include "unit.h"

enum { ITEMS = 600, OPS = 30000, CHILDREN = 4 };

static struct heap_item items[ITEMS];

static void set_up(struct heap *heap)
{
	*heap = (struct heap){0};
	for (size_t i = 0; i < ITEMS; i++)
		heap_item_init(&items[i]);
}

/* By a look at every item; `ret_n`: how many are in. */
static const struct heap_item *least_of_all(size_t *ret_n)
{
	const struct heap_item *least = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < ITEMS; i++) {
		if (!heap_has(&items[i]))
			continue;
		++*ret_n;
		if (!least || items[i].key < least->key)
			least = &items[i];
	}
	return least;
}

/* Each item knows its place, and none comes before its parent. */
static void must_be_sound(const struct heap *heap)
{
	for (size_t i = 0; i < heap->len; i++) {
		if (heap->nodes[i].item->place != i)
			ck_abort_msg("the item at %zu says %zu", i, heap->nodes[i].item->place);
		if (i > 0 && heap->nodes[(i - 1) / CHILDREN].key > heap->nodes[i].key)
			ck_abort_msg("the item at %zu is before its parent", i);
	}
}

static void must_be_as_the_list(const struct heap *heap)
{
	size_t n;
	const struct heap_item *least = least_of_all(&n), *first = heap_first(heap);

	if (heap->len != n || !first != !least || (first && first->key != least->key))
		ck_abort_msg("%zu items instead of %zu, or not the least first", heap->len, n);
	must_be_sound(heap);
}

/* Keys of few values are often equal; of many hardly ever. */
static int64_t random_key(uint64_t *random, uint64_t keys)
{
	uint64_t bits = seeded(random);

	if (bits % 50 == 0)
		return bits % 100 ? INT64_MAX : INT64_MIN;
	return keys ? (int64_t)seeded_below(random, keys) : (int64_t)bits;
}

static void random_op(struct heap *heap, uint64_t *random, uint64_t keys, uint64_t pushes_in_ten)
{
	struct heap_item *item = &items[seeded_below(random, ITEMS)], *first;

	if (seeded_below(random, 10) < pushes_in_ten) {
		if (heap_has(item))
			return;
		item->key = random_key(random, keys);
		if (heap_push(heap, item) != 0 || !heap_has(item))
			ck_abort_msg("an item was not pushed");
	} else if (seeded(random) % 2) {
		heap_remove(heap, item); /* also one that is out */
		if (heap_has(item))
			ck_abort_msg("an item was not removed");
	} else {
		first = heap_first(heap);
		if (heap_pop(heap) != first || (first && heap_has(first)))
			ck_abort_msg("popped was not the first");
	}
}

START_TEST(a_heap_is_as_a_list_of_which_the_least_is_taken)
{
	static const uint64_t keys[] = {0, 1, 10, 1000};
	uint64_t random = 5 + (uint64_t)_i;
	struct heap heap;

	set_up(&heap);
	for (int op = 0; op < OPS; op++) {
		random_op(&heap, &random, keys[_i], op / 3000 % 2 ? 3 : 8); /* it fills up and empties */
		must_be_as_the_list(&heap);
	}
	heap_fini(&heap);
}
END_TEST

static int by_key(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

START_TEST(all_come_out_in_order)
{
	int64_t keys[ITEMS];
	uint64_t random = 6;
	struct heap heap;

	set_up(&heap);
	for (size_t i = 0; i < ITEMS; i++) {
		items[i].key = keys[i] = (int64_t)seeded(&random);
		ck_assert_int_eq(heap_push(&heap, &items[i]), 0);
	}
	qsort(keys, ITEMS, sizeof(*keys), by_key);
	for (size_t i = 0; i < ITEMS; i++)
		ck_assert_int_eq(heap_pop(&heap)->key, keys[i]);
	ck_assert_ptr_null(heap_pop(&heap));
	heap_fini(&heap);
}
END_TEST

START_TEST(an_empty_heap_has_no_first)
{
	struct heap heap;

	set_up(&heap);
	ck_assert_ptr_null(heap_first(&heap));
	ck_assert_ptr_null(heap_pop(&heap));
	heap_remove(&heap, &items[0]);
	ck_assert_int_eq(heap_push(&heap, &items[0]), 0);
	ck_assert_ptr_eq(heap_first(&heap), &items[0]);
	ck_assert_ptr_eq(heap_first(&heap), &items[0]); /* it stays in */
	heap_remove(&heap, &items[0]);
	heap_remove(&heap, &items[0]);
	ck_assert_ptr_null(heap_first(&heap));
	heap_fini(&heap);
}
END_TEST

START_TEST(an_ended_heap_does_not_touch_its_items)
{
	struct heap_item *item = malloc(sizeof(*item));
	struct heap heap = {0};

	ck_assert_ptr_nonnull(item);
	heap_item_init(item);
	item->key = 7;
	ck_assert_int_eq(heap_push(&heap, item), 0);
	free(item); /* a sanitizer sees who touches it */
	heap_fini(&heap);
	ck_assert_ptr_null(heap_first(&heap));
}
END_TEST

static int64_t turned_round(const struct heap_item *item)
{
	return -item->key;
}

START_TEST(items_whose_keys_change_come_out_in_their_new_order)
{
	struct heap_item changing[101];
	struct heap heap = {0};

	for (int n = 0; n <= 101; n++) {
		for (int i = 0; i < n; i++) {
			heap_item_init(&changing[i]);
			changing[i].key = i * 37 % 101;
			ck_assert_int_eq(heap_push(&heap, &changing[i]), 0);
		}
		heap_rekey(&heap, turned_round);
		for (int64_t last = INT64_MIN; heap_first(&heap); last = heap_pop(&heap)->key)
			ck_assert_int_ge(heap_first(&heap)->key, last);
	}
	heap_fini(&heap);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("heap");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_heap_is_as_a_list_of_which_the_least_is_taken, 0, 4);
	tcase_add_test(tcase, all_come_out_in_order);
	tcase_add_test(tcase, an_empty_heap_has_no_first);
	tcase_add_test(tcase, an_ended_heap_does_not_touch_its_items);
	tcase_add_test(tcase, items_whose_keys_change_come_out_in_their_new_order);
	return unit_run("heap", tcase);
}
