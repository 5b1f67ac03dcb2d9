/*
 * test_log.c - log lines: one write each, with the level's prefix, and of values that no line, key or level can
 * be forged by.
 *
 * Standard error is a socket that keeps each write apart from the others.
 */
#define UNIT_FORKS 1
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "seeded.h"
#include "unit.h"

enum { LINE_MAX_BYTES = 2048, THREADS = 4, LINES = 400 };

static int ear = -1;

static void listen_to_stderr(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	fd_close(ends[1]);
	ear = ends[0];
}

/* What was written by the next write, NULL if there was none.  It stays until the next call. */
static const char *heard(void)
{
	static char line[2 * LINE_MAX_BYTES];
	ssize_t n = recv(ear, line, sizeof(line) - 1, MSG_DONTWAIT);

	if (n < 0)
		return NULL;
	line[n] = '\0';
	if (strlen(line) != (size_t)n)
		ck_abort_msg("there is a NUL in %s", line);
	return line;
}

static const enum log_level levels[] = {
	LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG};

START_TEST(an_event_is_one_line_with_the_levels_prefix)
{
	log_set_level(LOG_LEVEL_DEBUG);
	log_error("a", "an event", "");
	ck_assert_str_eq(heard(), "<3>a: an event\n");
	log_warning("gate", "another", "key=%s", "value");
	ck_assert_str_eq(heard(), "<4>gate: another key=value\n");
	log_notice("a", "b", "");
	ck_assert_str_eq(heard(), "<5>a: b\n");
	log_info("a", "b", "");
	ck_assert_str_eq(heard(), "<6>a: b\n");
	log_debug("a", "b", "");
	ck_assert_str_eq(heard(), "<7>a: b\n");
	ck_assert_ptr_null(heard());
}
END_TEST

START_TEST(what_is_above_the_level_is_not_written)
{
	for (size_t set = 0; set < ARRAY_LEN(levels); set++) {
		log_set_level(levels[set]);
		for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
			log_write(levels[i], "a", "b", "n=%d", 1);
			ck_assert_int_eq(heard() != NULL, levels[i] <= levels[set]);
		}
	}
}
END_TEST

START_TEST(without_a_word_the_level_is_info)
{
	log_debug("a", "b", "");
	ck_assert_ptr_null(heard());
	log_info("a", "b", "");
	ck_assert_ptr_nonnull(heard());
}
END_TEST

START_TEST(every_level_has_its_word_and_no_other_word_is_one)
{
	static const char *const words[] = {"error", "warning", "notice", "info", "debug"};
	static const char *const others[] = {
		"", "Error", "INFO", "warn", "info ", " info", "6", "infos", "crit"};
	enum log_level level;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		ck_assert_int_eq(log_level_parse(words[i], &level), 0);
		ck_assert_int_eq(level, levels[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		ck_assert_int_eq(log_level_parse(others[i], &level), -EINVAL);
		ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
	}
}
END_TEST

START_TEST(numbers_of_every_sort_are_written)
{
	log_info("a", "b", "d=%d ld=%ld lld=%lld", INT_MIN, LONG_MIN, LLONG_MAX);
	ck_assert_str_eq(heard(), "<6>a: b d=-2147483648 ld=-9223372036854775808 lld=9223372036854775807\n");
	log_info("a", "b", "u=%u lu=%lu llu=%llu zu=%zu", UINT_MAX, ULONG_MAX, ULLONG_MAX, SIZE_MAX);
	ck_assert_str_eq(heard(), "<6>a: b u=4294967295 lu=18446744073709551615 llu=18446744073709551615 "
				  "zu=18446744073709551615\n");
	log_info("a", "b", "f=%.1f g=%.1f s=%s", 0.25, -1234.56, "end");
	ck_assert_str_eq(heard(), "<6>a: b f=0.2 g=-1234.6 s=end\n");
	log_info("a", "b", "f=%.1f s=%s", -DBL_MAX, "end");
	ck_assert_str_eq(strrchr(heard(), ' '), " s=end\n");
}
END_TEST

START_TEST(a_format_that_is_not_allowed_ends_the_fields)
{
	static const struct {
		const char *fields, *line;
	} cases[] = {
		{"a=%s b=%x c=%s",  "<6>m: e a=v b=?\n" },
		{"a=%s 100%% c=%s", "<6>m: e a=v 100?\n"},
		{"a=%s b=%5d c=%s", "<6>m: e a=v b=?\n" },
		{"a=%s b=%",        "<6>m: e a=v b=?\n" },
		{"a=%s b=%n",       "<6>m: e a=v b=?\n" },
		{"a=%s b=%.2f",     "<6>m: e a=v b=?\n" },
		{"a=%s b=%l",       "<6>m: e a=v b=?\n" },
		{"a=%s b=%.*s",     "<6>m: e a=v b=?\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		log_write(LOG_LEVEL_INFO, "m", "e", cases[i].fields, "v", 1, "w");
		ck_assert_str_eq(heard(), cases[i].line);
	}
}
END_TEST

START_TEST(a_value_is_quoted_when_it_must_be)
{
	static const char *const values[][2] = {
		{"plain",               "plain"                        },
		{"a/b:c,d.e-f_g%d[]{}", "a/b:c,d.e-f_g%d[]{}"          },
		{"",                    "\"\""                         },
		{" ",                   "\" \""                        },
		{"a b",                 "\"a b\""                      },
		{"a=b",                 "\"a=b\""                      },
		{"\"",                  "\"\\\"\""                     },
		{"\\",                  "\"\\\\\""                     },
		{"a\nb",                "\"a\\x0ab\""                  },
		{"\r\n<3>gate: forged", "\"\\x0d\\x0a<3>gate: forged\""},
		{"x\" level=\"y",       "\"x\\\" level=\\\"y\""        },
		{"\x1b[2J\x07\x7f",     "\"\\x1b[2J\\x07\\x7f\""       },
		{"\xc3\xa9",            "\"\\xc3\\xa9\""               },
		{"\xe2\x80\xa8",        "\"\\xe2\\x80\\xa8\""          },
		{"\\x0a",               "\"\\\\x0a\""                  },
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		char line[200];

		snprintf(line, sizeof(line), "<6>m: e k=%s z=1\n", values[i][1]);
		log_info("m", "e", "k=%s z=%d", values[i][0], 1);
		ck_assert_str_eq(heard(), line);
	}
}
END_TEST

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* A value as a reader of the log takes it, without its escapes; `*at` moves behind it.  False: not well-formed. */
static bool read_value(const char **at, char *value)
{
	const char *c = *at;
	bool quoted = *c == '"';

	for (c += quoted; *c && *c != (quoted ? '"' : ' '); c++) {
		if (*c < ' ' || *c > '~' || (!quoted && strchr("\"\\=", *c)))
			return false;
		if (*c != '\\') {
			*value++ = *c;
		} else if (c[1] == 'x') {
			*value++ = (char)(hex_digit(c[2]) << 4 | hex_digit(c[3]));
			c += 3;
		} else {
			*value++ = *++c;
		}
	}
	*value = '\0';
	*at = c + quoted;
	return !quoted || *c == '"';
}

static void random_value(char *value, uint64_t *random)
{
	static const char bytes[] = "\"\"\\\\\n\r\t ==<>aZx0%s\x01\x1b\x7f\x80\xff";
	size_t len = seeded_below(random, 60);

	for (size_t i = 0; i < len; i++)
		value[i] = seeded(random) % 2 ? bytes[seeded_below(random, sizeof(bytes) - 1)]
					      : (char)(1 + seeded_below(random, 255));
	value[len] = '\0';
}

START_TEST(any_value_is_read_back_from_its_line_and_forges_none)
{
	uint64_t random = 14;

	for (int round = 0; round < 20000; round++) {
		char first[64], second[64], back[400];
		const char *line, *at;

		random_value(first, &random);
		random_value(second, &random);
		log_info("m", "e", "a=%s b=%s", first, second);
		line = at = heard();
		if (!line || strchr(line, '\n') != line + strlen(line) - 1 ||
			strncmp(line, "<6>m: e a=", 10) != 0)
			ck_abort_msg("%s", line);
		at += 10;
		if (!read_value(&at, back) || strcmp(back, first) != 0 || strncmp(at, " b=", 3) != 0)
			ck_abort_msg("%s", line);
		at += 3;
		((char *)line)[strlen(line) - 1] = '\0';
		if (!read_value(&at, back) || strcmp(back, second) != 0 || *at)
			ck_abort_msg("%s", line);
	}
	ck_assert_ptr_null(heard());
}
END_TEST

START_TEST(a_line_that_is_too_long_is_cut_and_still_one_line)
{
	static const char *const stuff[] = {"a", "\n", "\"", " "};

	for (size_t i = 0; i < ARRAY_LEN(stuff); i++)
		for (size_t n = 480; n < 2200; n += (n > 530 && n < 1990) || n > 2070 ? 13 : 1) {
			char value[2300];
			const char *line;

			memset(value, stuff[i][0], n);
			value[n] = '\0';
			log_info("m", "e", "a=%s b=%s", value, "\nforged");
			line = heard();
			if (!line || strlen(line) > LINE_MAX_BYTES ||
				strchr(line, '\n') != line + strlen(line) - 1)
				ck_abort_msg("%zu of %s", n, stuff[i]);
			if (n > 2100 && strlen(line) != LINE_MAX_BYTES)
				ck_abort_msg("%zu bytes are less than there is room for", strlen(line));
		}
	ck_assert_ptr_null(heard());
}
END_TEST

START_TEST(even_a_message_without_end_is_cut)
{
	char message[3 * LINE_MAX_BYTES];
	const char *line;

	memset(message, 'm', sizeof(message));
	message[sizeof(message) - 1] = '\0';
	log_info("a", message, "n=%d f=%.1f x=%x", 1, DBL_MAX, 2u);
	line = heard();
	ck_assert_uint_eq(strlen(line), LINE_MAX_BYTES);
	ck_assert_int_eq(line[LINE_MAX_BYTES - 1], '\n');
}
END_TEST

START_TEST(logging_keeps_errno)
{
	errno = EXDEV;
	log_info("a", "b", "");
	ck_assert_int_eq(errno, EXDEV);
	log_debug("a", "b", "");
	ck_assert_int_eq(errno, EXDEV);
	close(STDERR_FILENO);
	errno = EXDEV;
	log_info("a", "b", "n=%d", 1);
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

/* The terminal's other end, with standard error on it; -1 if the system has none to give. */
static int open_terminal(void)
{
	int other = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;

	if (other < 0 || grantpt(other) < 0 || unlockpt(other) < 0)
		return fd_close(other);
	terminal = open(ptsname(other), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		return fd_close(other);
	ck_assert_int_ge(dup2(terminal, STDERR_FILENO), 0);
	fd_close(terminal);
	return other;
}

START_TEST(a_terminal_gets_no_prefix)
{
	CLEANUP(fd_closep) int other = open_terminal();
	char line[64] = "";
	size_t n = 0;

	if (other < 0) {
		printf("# a_terminal_gets_no_prefix: SKIP no terminal can be made here\n");
		return;
	}
	log_info("gate", "an event", "key=%s", "\x1b[2J");
	while (!strchr(line, '\n')) {
		ssize_t got = read(other, line + n, sizeof(line) - 1 - n);

		ck_assert_int_gt(got, 0);
		n += (size_t)got;
	}
	ck_assert_str_eq(line, "gate: an event key=\"\\x1b[2J\"\r\n");
}
END_TEST

static void *write_lines(void *arg)
{
	const int *thread = arg;
	char filler[1500];

	memset(filler, 'a' + *thread, sizeof(filler));
	filler[sizeof(filler) - 1] = '\0';
	for (int i = 0; i < LINES; i++) {
		log_set_level(i % 2 ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG);
		log_info("t", "e", "thread=%d line=%d filler=%s", *thread, i, filler);
	}
	return NULL;
}

/* A pipe, as systemd gives: what is not written in one go would mix. */
START_TEST(lines_of_threads_at_the_same_time_are_whole_and_in_order)
{
	static const int numbers[THREADS] = {0, 1, 2, 3};
	pthread_t threads[THREADS];
	int ends[2], next[THREADS] = {0};
	CLEANUP(freep) char *line = NULL;
	size_t size = 0;
	FILE *file;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	fd_close(ends[1]);
	file = fdopen(ends[0], "r");
	ck_assert_ptr_nonnull(file);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_lines, (void *)&numbers[i]), 0);
	for (int n = 0; n < THREADS * LINES; n++) {
		int thread, number;

		ck_assert_int_gt(getline(&line, &size, file), 1500);
		ck_assert_int_eq(sscanf(line, "<6>t: e thread=%d line=%d filler=", &thread, &number), 2);
		ck_assert(thread >= 0 && thread < THREADS);
		ck_assert_int_eq(number, next[thread]++);
		ck_assert_uint_eq(strspn(strrchr(line, '=') + 1, (char[]){(char)('a' + thread), 0}), 1499);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	fclose(file);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("log");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, listen_to_stderr, NULL);
	tcase_add_test(tcase, an_event_is_one_line_with_the_levels_prefix);
	tcase_add_test(tcase, what_is_above_the_level_is_not_written);
	tcase_add_test(tcase, without_a_word_the_level_is_info);
	tcase_add_test(tcase, every_level_has_its_word_and_no_other_word_is_one);
	tcase_add_test(tcase, numbers_of_every_sort_are_written);
	tcase_add_test(tcase, a_format_that_is_not_allowed_ends_the_fields);
	tcase_add_test(tcase, a_value_is_quoted_when_it_must_be);
	tcase_add_test(tcase, any_value_is_read_back_from_its_line_and_forges_none);
	tcase_add_test(tcase, a_line_that_is_too_long_is_cut_and_still_one_line);
	tcase_add_test(tcase, even_a_message_without_end_is_cut);
	tcase_add_test(tcase, logging_keeps_errno);
	tcase_add_test(tcase, a_terminal_gets_no_prefix);
	tcase_add_test(tcase, lines_of_threads_at_the_same_time_are_whole_and_in_order);
	return unit_run("log", tcase);
}
