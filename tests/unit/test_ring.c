/* test_ring.c - the latest pieces of an output, and readers that may be too late for some. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/ring.h"
#include "unit.h"

enum { HEAD = 16 }; /* bytes that a piece takes beside its own */

static void add(struct ring *ring, enum output output, const char *text)
{
	struct piece piece = {.at_ms = 5000, .output = output, .attempt = 3, .bytes = strlen(text)};

	ring_add(ring, &piece, text);
}

/* What comes next must be this piece. */
static void ck_next(const struct ring *ring, struct ring_place *place, enum output output, const char *text)
{
	char data[PIECE_MAX];
	struct piece piece;
	uint64_t missed;

	ck_assert(ring_next(ring, place, &piece, data, &missed));
	ck_assert_uint_eq(missed, 0);
	ck_assert_uint_eq(piece.bytes, strlen(text));
	ck_assert_mem_eq(data, text, piece.bytes);
	ck_assert_int_eq(piece.output, output);
	ck_assert_int_eq(piece.at_ms, 5000);
	ck_assert_uint_eq(piece.attempt, 3);
}

static uint64_t missed(const struct ring *ring, struct ring_place *place)
{
	char data[PIECE_MAX];
	struct piece piece;
	uint64_t bytes;

	ck_assert(ring_next(ring, place, &piece, data, &bytes));
	return bytes;
}

static void ck_no_more(const struct ring *ring, struct ring_place *place)
{
	char data[PIECE_MAX];
	struct piece piece;
	uint64_t bytes;

	ck_assert(!ring_next(ring, place, &piece, data, &bytes));
	ck_assert_uint_eq(bytes, 0);
}

START_TEST(pieces_come_in_the_order_of_both_outputs)
{
	struct ring_place place = {0};
	struct ring ring;

	ring_init(&ring, 1000);
	ck_no_more(&ring, &place);
	add(&ring, OUTPUT_STDOUT, "one");
	add(&ring, OUTPUT_STDERR, "two");
	add(&ring, OUTPUT_EITHER, "");
	ck_next(&ring, &place, OUTPUT_STDOUT, "one");
	ck_next(&ring, &place, OUTPUT_STDERR, "two");
	ck_next(&ring, &place, OUTPUT_EITHER, "");
	ck_no_more(&ring, &place);
	add(&ring, OUTPUT_STDOUT, "three");
	ck_next(&ring, &place, OUTPUT_STDOUT, "three");
	ck_no_more(&ring, &place);
	ring_fini(&ring);
}
END_TEST

START_TEST(each_reader_has_its_own_place)
{
	struct ring_place early = {0}, late;
	struct ring ring;

	ring_init(&ring, 1000);
	add(&ring, OUTPUT_STDOUT, "one");
	late = ring_end(&ring);
	ck_no_more(&ring, &late);
	add(&ring, OUTPUT_STDOUT, "two");
	ck_next(&ring, &late, OUTPUT_STDOUT, "two");
	ck_next(&ring, &early, OUTPUT_STDOUT, "one");
	ck_next(&ring, &early, OUTPUT_STDOUT, "two");
	ring_fini(&ring);
}
END_TEST

START_TEST(who_is_too_late_is_told_of_so_many_bytes_and_goes_on_with_the_oldest)
{
	struct ring_place place = {0};
	struct ring ring;

	ring_init(&ring, 2 * (HEAD + 4));
	add(&ring, OUTPUT_STDOUT, "aaaa");
	ck_next(&ring, &place, OUTPUT_STDOUT, "aaaa");
	add(&ring, OUTPUT_STDOUT, "bbbb");
	add(&ring, OUTPUT_STDERR, "cc");
	add(&ring, OUTPUT_STDOUT, "dddd");
	add(&ring, OUTPUT_STDOUT, "eeee");
	ck_assert_uint_eq(missed(&ring, &place), 6);
	ck_next(&ring, &place, OUTPUT_STDOUT, "dddd");
	ck_next(&ring, &place, OUTPUT_STDOUT, "eeee");
	ck_no_more(&ring, &place);
	ring_fini(&ring);
}
END_TEST

/* What comes out must be what went in but for what is said to be missed, whatever the sizes. */
START_TEST(nothing_is_lost_without_being_counted)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 20, 40, 100, 1000};
	struct ring_place place = {0};
	size_t max = sizes[_i];
	unsigned next = 0, seen = 0, seed = 1;
	struct ring ring;

	ring_init(&ring, max);
	for (int round = 0; round < 2000; round++) {
		char data[PIECE_MAX];
		struct piece piece = {.output = OUTPUT_STDOUT, .attempt = 1};
		uint64_t lost;

		seed = seed * 1103515245 + 12345;
		piece.bytes = seed >> 16 & 31;
		for (size_t i = 0; i < piece.bytes; i++)
			data[i] = (char)(next++ % 251);
		ring_add(&ring, &piece, data);
		ck_assert_uint_le(ring.size, max);
		if (seed >> 24 & 3)
			continue;
		while (ring_next(&ring, &place, &piece, data, &lost)) {
			seen += (unsigned)lost;
			for (size_t i = 0; lost == 0 && i < piece.bytes; i++)
				ck_assert_int_eq(data[i], (char)(seen++ % 251));
		}
		ck_assert_uint_eq(seen, next);
	}
	ring_fini(&ring);
}
END_TEST

START_TEST(of_a_piece_that_is_larger_than_the_ring_its_end_is_held)
{
	struct ring_place place = {0};
	struct ring ring;

	ring_init(&ring, HEAD + 3);
	add(&ring, OUTPUT_STDOUT, "a");
	add(&ring, OUTPUT_STDOUT, "abcdef");
	ck_assert_uint_eq(missed(&ring, &place), 4);
	ck_next(&ring, &place, OUTPUT_STDOUT, "def");
	ck_no_more(&ring, &place);
	ring_fini(&ring);
}
END_TEST

START_TEST(a_ring_takes_no_more_memory_than_there_is_output)
{
	struct ring ring;

	ring_init(&ring, 1 << 30);
	ck_assert_uint_eq(ring.size, 0);
	add(&ring, OUTPUT_STDOUT, "a");
	ck_assert_uint_le(ring.size, 4096);
	ring_fini(&ring);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ring");

	tcase_add_test(tcase, pieces_come_in_the_order_of_both_outputs);
	tcase_add_test(tcase, each_reader_has_its_own_place);
	tcase_add_test(tcase, who_is_too_late_is_told_of_so_many_bytes_and_goes_on_with_the_oldest);
	tcase_add_loop_test(tcase, nothing_is_lost_without_being_counted, 0, 9);
	tcase_add_test(tcase, of_a_piece_that_is_larger_than_the_ring_its_end_is_held);
	tcase_add_test(tcase, a_ring_takes_no_more_memory_than_there_is_output);
	return unit_run("ring", tcase);
}
