/* test_live.c - the log of a running command: one writes, several read, none waits for another. */
#include <check.h>
#include <penstock/chan.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "work/live.h"

static struct log_record next(struct live_reader *reader)
{
	struct log_record record;

	ck_assert(live_next(reader, &record));
	return record;
}

static void ck_attempt(struct live_reader *reader, uint32_t attempt)
{
	struct log_record record = next(reader);

	ck_assert_int_eq(record.what, LOG_ATTEMPT);
	ck_assert_uint_eq(record.attempt, attempt);
}

static void ck_output(struct live_reader *reader, const char *text)
{
	struct log_record record = next(reader);

	ck_assert_int_eq(record.what, LOG_OUTPUT);
	ck_assert_uint_eq(record.bytes, strlen(text));
	ck_assert_mem_eq(record.data, text, record.bytes);
}

static void ck_dry(struct live_reader *reader)
{
	struct log_record record;

	ck_assert(!live_next(reader, &record));
}

static void write_text(struct live *live, const char *text)
{
	live_add(live, OUTPUT_STDOUT, text, strlen(text));
}

START_TEST(a_reader_hears_of_an_attempt_and_of_what_it_writes)
{
	struct live *live = live_new();
	struct live_reader early = {0}, late = {0};

	ck_assert_int_eq(live_open(live, &early), 0);
	ck_dry(&early);
	ck_assert(!live_runs(&early));
	live_begin(live, 1, 1000);
	ck_assert(live_runs(&early));
	write_text(live, "a");
	ck_assert_int_eq(live_open(live, &late), 0);
	write_text(live, "b");
	live_end(live);
	for (int i = 0; i < 2; i++) {
		struct live_reader *reader = i ? &late : &early;

		ck_attempt(reader, 1);
		ck_output(reader, "a");
		ck_output(reader, "b");
		ck_dry(reader);
		ck_assert(!live_runs(reader));
		ck_assert_int_eq(pen_chan_try_recv(reader->news, NULL), 0);
		live_close(reader);
	}
	live_free(live);
}
END_TEST

START_TEST(who_follows_hears_of_the_next_attempt_and_who_comes_then_of_that_one_only)
{
	struct live *live = live_new();
	struct live_reader first = {0}, second = {0};

	ck_assert_int_eq(live_open(live, &first), 0);
	live_begin(live, 1, 1000);
	write_text(live, "a");
	live_end(live);
	live_begin(live, 2, 1000);
	write_text(live, "b");
	ck_assert_int_eq(live_open(live, &second), 0);
	ck_attempt(&first, 1);
	ck_output(&first, "a");
	ck_attempt(&first, 2);
	ck_output(&first, "b");
	ck_attempt(&second, 2);
	ck_output(&second, "b");
	live_close(&first);
	live_close(&second);
	live_free(live);
}
END_TEST

START_TEST(the_attempt_is_told_even_where_its_beginning_was_missed)
{
	struct live *live = live_new();
	struct live_reader reader = {0};
	struct log_record record;

	ck_assert_int_eq(live_open(live, &reader), 0);
	live_begin(live, 7, 64);
	for (int i = 0; i < 100; i++)
		write_text(live, "0123456789");
	record = next(&reader);
	ck_assert_int_eq(record.what, LOG_MISSED);
	ck_assert_uint_eq(record.missed, 980);
	ck_attempt(&reader, 7);
	ck_output(&reader, "0123456789");
	ck_output(&reader, "0123456789");
	ck_dry(&reader);
	live_close(&reader);
	live_free(live);
}
END_TEST

START_TEST(without_a_log_a_command_goes_on)
{
	live_begin(NULL, 1, 1000);
	write_text(NULL, "a");
	live_end(NULL);
	live_free(NULL);
}
END_TEST

enum { WRITES = UNIT_SANITIZER ? 2000 : 20000, READERS = 3 };

/* Until it has heard the last byte; gives how many it has heard and missed. */
static void *read_all(void *arg)
{
	struct live_reader *reader = arg;
	size_t bytes = 0;
	struct log_record record;

	while (bytes < (size_t)WRITES * 10) {
		while (live_next(reader, &record))
			bytes += record.what == LOG_OUTPUT ? record.bytes : (size_t)record.missed;
		if (bytes < (size_t)WRITES * 10 && pen_chan_recv(NULL, reader->news, NULL) < 0)
			break;
	}
	return (void *)bytes;
}

START_TEST(many_read_what_one_writes_and_none_waits_for_ever)
{
	struct live *live = live_new();
	struct live_reader readers[READERS] = {0};
	pthread_t threads[READERS];

	for (size_t i = 0; i < READERS; i++) {
		ck_assert_int_eq(live_open(live, &readers[i]), 0);
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_all, &readers[i]), 0);
	}
	live_begin(live, 1, 4096);
	for (int i = 0; i < WRITES; i++)
		write_text(live, "0123456789");
	live_end(live);
	for (size_t i = 0; i < READERS; i++) {
		void *bytes;

		pthread_join(threads[i], &bytes);
		ck_assert_uint_eq((size_t)bytes, (size_t)WRITES * 10);
		live_close(&readers[i]);
	}
	live_free(live);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("live");

	tcase_add_test(tcase, a_reader_hears_of_an_attempt_and_of_what_it_writes);
	tcase_add_test(tcase, who_follows_hears_of_the_next_attempt_and_who_comes_then_of_that_one_only);
	tcase_add_test(tcase, the_attempt_is_told_even_where_its_beginning_was_missed);
	tcase_add_test(tcase, without_a_log_a_command_goes_on);
	tcase_add_test(tcase, many_read_what_one_writes_and_none_waits_for_ever);
	tcase_set_timeout(tcase, 60);
	return unit_run("live", tcase);
}
