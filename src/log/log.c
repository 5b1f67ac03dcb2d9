/* log.c - one line an event; see log.h. */
#include "log/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048 };

static int level_now = LOG_LEVEL_INFO; /* atomic */

void log_set_level(enum log_level level)
{
	__atomic_store_n(&level_now, (int)level, __ATOMIC_RELAXED);
}

int log_level_parse(const char *name, enum log_level *ret_level)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};

	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		if (strcmp(names[level], name) == 0) {
			*ret_level = (enum log_level)level;
			return 0;
		}
	}
	return -EINVAL;
}

/* A line in the making; what does not fit is left out. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static void add(struct line *line, const char *text, size_t bytes)
{
	size_t room = sizeof line->text - 1 - line->len; /* a byte is kept for the newline */

	if (bytes > room)
		bytes = room;
	memcpy(line->text + line->len, text, bytes);
	line->len += bytes;
}

static void add_text(struct line *line, const char *text)
{
	add(line, text, strlen(text));
}

static bool printable(char c)
{
	return c >= ' ' && c <= '~';
}

static bool plain(const char *value)
{
	for (const char *at = value; *at; at++)
		if (!printable(*at) || strchr(" \"\\=", *at))
			return false;
	return *value;
}

/* Quoted where it must be; all but printable ASCII is escaped, also what a terminal would obey. */
static void add_value(struct line *line, const char *value)
{
	char escaped[sizeof "\\x00"];

	if (plain(value)) {
		add_text(line, value);
		return;
	}
	add_text(line, "\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			add_text(line, "\\");
		if (printable(*value)) {
			add(line, value, 1);
			continue;
		}
		snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned)(unsigned char)*value);
		add_text(line, escaped);
	}
	add_text(line, "\"");
}

static void add_signed(struct line *line, long long value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", value);
	add_text(line, text);
}

static void add_unsigned(struct line *line, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", value);
	add_text(line, text);
}

static void add_tenths(struct line *line, double value)
{
	char text[320]; /* the greatest double has 309 digits */

	snprintf(text, sizeof text, "%.1f", value);
	add_text(line, text);
}

static bool skip(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* The conversion whose '%' is before `*at`, which moves behind it.  False: none that log.h allows. */
static bool add_conversion(struct line *line, const char **at, va_list *args)
{
	if (skip(at, "s"))
		add_value(line, va_arg(*args, const char *));
	else if (skip(at, "d"))
		add_signed(line, va_arg(*args, int));
	else if (skip(at, "ld"))
		add_signed(line, va_arg(*args, long));
	else if (skip(at, "lld"))
		add_signed(line, va_arg(*args, long long));
	else if (skip(at, "u"))
		add_unsigned(line, va_arg(*args, unsigned));
	else if (skip(at, "lu"))
		add_unsigned(line, va_arg(*args, unsigned long));
	else if (skip(at, "llu"))
		add_unsigned(line, va_arg(*args, unsigned long long));
	else if (skip(at, "zu"))
		add_unsigned(line, va_arg(*args, size_t));
	else if (skip(at, ".1f"))
		add_tenths(line, va_arg(*args, double));
	else
		return false;
	return true;
}

/* After a conversion that is not known nobody knows where the next value is, so the fields end there. */
static void add_fields(struct line *line, const char *at, va_list *args)
{
	for (;;) {
		size_t literal = strcspn(at, "%");

		add(line, at, literal);
		at += literal;
		if (!*at++)
			return;
		if (!add_conversion(line, &at, args)) {
			add_text(line, "?");
			return;
		}
	}
}

/* Without the newline. */
static void add_event(struct line *line, enum log_level level, const char *module, const char *message)
{
	char prefix[16];

	snprintf(prefix, sizeof prefix, "<%d>", (int)level);
	if (!isatty(STDERR_FILENO))
		add_text(line, prefix);
	add_text(line, module);
	add_text(line, ": ");
	add_text(line, message);
}

void log_write(enum log_level level, const char *module, const char *message, const char *fields, ...)
{
	int saved = errno;
	struct line line;
	va_list args;
	ssize_t n;

	if ((int)level > __atomic_load_n(&level_now, __ATOMIC_RELAXED))
		return;
	line.len = 0;
	add_event(&line, level, module, message);
	if (*fields)
		add_text(&line, " ");
	va_start(args, fields);
	add_fields(&line, fields, &args);
	va_end(args);
	line.text[line.len++] = '\n';
	n = write(STDERR_FILENO, line.text, line.len);
	(void)n; /* there is nobody left to tell */
	errno = saved;
}
