/* test_uuid.c - UUIDv7: ids ascend, no two are alike, and what is no id is refused. */
#define UNIT_FORKS 1
#include "base/uuid.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "unit.h"

#define NOW_MS INT64_C(1764000000000)
#define TIME_MAX ((INT64_C(1) << 48) - 1)

enum { MANY = 1000000, THREADS = 4, A_FEW = 20000, A_MILLISECOND = 4096 };

static int order(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int interrupted; /* so often the system's random numbers are interrupted before they come */
static bool broken;     /* or they never come */
static bool same;       /* or they are always the same */

/* In front of the C library's. */
ssize_t getrandom(void *bytes, size_t n, unsigned flags)
{
	if (same) {
		memset(bytes, 0xff, n);
		return (ssize_t)n;
	}
	if (!broken && !interrupted)
		return syscall(SYS_getrandom, bytes, n, flags);
	errno = broken ? ENOSYS : EINTR;
	interrupted -= !broken;
	return -1;
}

START_TEST(an_id_has_its_version_variant_and_time)
{
	static const int64_t times[] = {1, 1000, NOW_MS, TIME_MAX - 1, TIME_MAX};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct uuid id;

		uuid_new(&id, times[i]);
		ck_assert_int_eq(uuid_time_ms(&id), times[i]);
		ck_assert_int_eq(id.bytes[6] >> 4, 7);
		ck_assert_int_eq(id.bytes[8] >> 6, 2);
	}
}
END_TEST

START_TEST(a_million_ids_of_a_still_clock_ascend_and_run_little_ahead_of_it)
{
	struct uuid last, id;

	same = true; /* it is not by chance that they ascend */
	uuid_new(&last, NOW_MS);
	for (int i = 1; i < MANY; i++) {
		uuid_new(&id, NOW_MS);
		if (order(&last, &id) >= 0)
			ck_abort_msg("id %d is not above the one before", i);
		last = id;
	}
	ck_assert_int_ge(uuid_time_ms(&last), NOW_MS);
	ck_assert_int_le(uuid_time_ms(&last), NOW_MS + MANY / A_MILLISECOND + 1);
}
END_TEST

START_TEST(ids_ascend_when_the_clock_is_set_back_and_follow_when_it_has_caught_up)
{
	static const int64_t clock[] = {
		NOW_MS, NOW_MS - 1, 0, NOW_MS - 3600000, NOW_MS, NOW_MS + 1, NOW_MS, NOW_MS + 9999, 1};
	struct uuid last = {0}, id;
	int64_t most = 0;

	for (size_t i = 0; i < ARRAY_LEN(clock); i++) {
		most = clock[i] > most ? clock[i] : most;
		for (int n = 0; n < 100; n++) {
			uuid_new(&id, clock[i]);
			ck_assert_int_eq(uuid_time_ms(&id), most);
			ck_assert_int_lt(order(&last, &id), 0);
			last = id;
		}
	}
}
END_TEST

static int by_bytes(const void *a, const void *b)
{
	return order(a, b);
}

/* All threads stand at the same millisecond, so that only chance tells their ids apart. */
static void *make_ids(void *arg)
{
	struct uuid *ids = arg;

	for (int i = 0; i < MANY / THREADS; i++)
		uuid_new(&ids[i], NOW_MS);
	return NULL;
}

static void must_all_differ(struct uuid *ids, size_t n)
{
	qsort(ids, n, sizeof(*ids), by_bytes);
	for (size_t i = 1; i < n; i++)
		if (uuid_equal(&ids[i - 1], &ids[i]))
			ck_abort_msg("two of %zu ids are alike", n);
}

START_TEST(ids_of_threads_at_the_same_time_are_all_different_and_ascend_in_each)
{
	CLEANUP(freep) struct uuid *ids = calloc(MANY, sizeof(*ids));
	const size_t each = MANY / THREADS;
	pthread_t threads[THREADS];

	ck_assert_ptr_nonnull(ids);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, make_ids, ids + i * each), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 1; i < MANY; i++)
		if (i % each != 0 && order(&ids[i - 1], &ids[i]) >= 0)
			ck_abort_msg("id %zu is not above the one before", i);
	must_all_differ(ids, MANY);
}
END_TEST

/* Each id of a new millisecond; a random bit that is half of the time set is within ten deviations of it. */
START_TEST(what_is_random_in_an_id_is_so_in_every_bit)
{
	int set[128] = {0};

	for (int i = 0; i < A_FEW; i++) {
		struct uuid id;

		uuid_new(&id, NOW_MS + i);
		for (size_t bit = 0; bit < 128; bit++)
			set[bit] += id.bytes[bit / 8] >> (7 - bit % 8) & 1;
	}
	ck_assert_int_eq(set[52], 0); /* the counter begins in its lower half */
	for (size_t bit = 53; bit < 128; bit++) {
		bool variant = bit == 64 || bit == 65;

		if (!variant && abs(set[bit] - A_FEW / 2) > 10 * 71)
			ck_abort_msg("bit %zu is set %d times of %d", bit, set[bit], A_FEW);
	}
}
END_TEST

START_TEST(an_interrupted_wait_for_randomness_is_taken_up_again)
{
	struct uuid one, other;

	interrupted = 3;
	uuid_new(&one, NOW_MS);
	ck_assert_int_eq(interrupted, 0);
	interrupted = 1;
	uuid_new(&other, NOW_MS);
	ck_assert_mem_ne(one.bytes + 8, other.bytes + 8, 8);
}
END_TEST

START_TEST(without_randomness_there_is_no_id_and_no_going_on)
{
	struct uuid id;

	broken = true;
	uuid_new(&id, NOW_MS);
}
END_TEST

START_TEST(an_id_is_written_as_the_rfc_shows_it_and_reads_back)
{
	static const char written[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	struct uuid id, again;
	char text[UUID_TEXT];

	ck_assert_int_eq(uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", &id), 0);
	ck_assert_int_eq(uuid_time_ms(&id), INT64_C(1645557742000));
	uuid_format(&id, text);
	ck_assert_str_eq(text, written);
	ck_assert_int_eq(uuid_parse("017f22E2-79b0-7cC3-98c4-dC0c0c07398F", &again), 0);
	ck_assert(uuid_equal(&id, &again));
	for (int i = 0; i < 1000; i++) {
		uuid_new(&id, NOW_MS + i);
		uuid_format(&id, text);
		ck_assert_int_eq(uuid_parse(text, &again), 0);
		ck_assert(uuid_equal(&id, &again));
	}
}
END_TEST

START_TEST(the_text_of_ids_has_their_order)
{
	char last[UUID_TEXT] = "", text[UUID_TEXT];

	for (int i = 0; i < A_FEW; i++) {
		struct uuid id;

		uuid_new(&id, NOW_MS + i / 3);
		uuid_format(&id, text);
		if (strcmp(last, text) >= 0)
			ck_abort_msg("%s is followed by %s", last, text);
		memcpy(last, text, sizeof(last));
	}
}
END_TEST

static void must_be_refused(const char *text)
{
	CLEANUP(freep) char *exact = strdup(text); /* a sanitizer sees a byte too many */
	struct uuid id = {.bytes = "untouched"};

	ck_assert_msg(uuid_parse(exact, &id) == -EINVAL, "%s", text);
	ck_assert_str_eq((const char *)id.bytes, "untouched");
}

START_TEST(what_is_no_id_is_refused)
{
	static const char *const texts[] = {
		"",
		" ",
		"1",
		"id",
		"null",
		"../../../etc/passwd",
		"017f22e279b07cc398c4dc0c0c07398f",
		"{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
		"urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		" 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f-",
		"017f22e2-79b0-7cc3-98c4dc0c0c07398f",
		"017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2_79b0_7cc3_98c4_dc0c0c07398f",
		"------------------------------------",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"0x7f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"-17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c0739\xc3\xa9",
		"\xef\xbc\x91\x37\x66\x32\x32-79b0-7cc3-98c4-dc0c0c07398f",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		must_be_refused(texts[i]);
}
END_TEST

START_TEST(no_part_of_an_id_is_one_and_one_wrong_byte_is_enough)
{
	static const char good[UUID_TEXT] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

	for (size_t at = 0; at < UUID_TEXT - 1; at++) {
		char text[UUID_TEXT];
		struct uuid id;

		memcpy(text, good, sizeof(text));
		text[at] = '\0';
		must_be_refused(text);
		for (int byte = 1; byte < 256; byte++) {
			bool hex = strchr("0123456789abcdefABCDEF", byte);

			text[at] = (char)byte;
			if ((uuid_parse(text, &id) == 0) != (good[at] == '-' ? byte == '-' : hex))
				ck_abort_msg("%s", text);
		}
	}
}
END_TEST

START_TEST(ids_are_equal_only_in_all_bytes)
{
	struct uuid id, other;

	uuid_new(&id, NOW_MS);
	other = id;
	ck_assert(uuid_equal(&id, &other));
	for (size_t i = 0; i < 128; i++) {
		other = id;
		other.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert(!uuid_equal(&id, &other));
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("uuid");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_id_has_its_version_variant_and_time);
	tcase_add_test(tcase, a_million_ids_of_a_still_clock_ascend_and_run_little_ahead_of_it);
	tcase_add_test(tcase, ids_ascend_when_the_clock_is_set_back_and_follow_when_it_has_caught_up);
	tcase_add_test(tcase, ids_of_threads_at_the_same_time_are_all_different_and_ascend_in_each);
	tcase_add_test(tcase, what_is_random_in_an_id_is_so_in_every_bit);
	tcase_add_test(tcase, an_interrupted_wait_for_randomness_is_taken_up_again);
	tcase_add_test_raise_signal(tcase, without_randomness_there_is_no_id_and_no_going_on, SIGABRT);
	tcase_add_test(tcase, an_id_is_written_as_the_rfc_shows_it_and_reads_back);
	tcase_add_test(tcase, the_text_of_ids_has_their_order);
	tcase_add_test(tcase, what_is_no_id_is_refused);
	tcase_add_test(tcase, no_part_of_an_id_is_one_and_one_wrong_byte_is_enough);
	tcase_add_test(tcase, ids_are_equal_only_in_all_bytes);
	return unit_run("uuid", tcase);
}
