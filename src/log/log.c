/* log.c - one line an event; see log.h. */
#include "log/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048, SPEC_MAX = 16 };

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

static bool plain(const char *value)
{
	for (const char *at = value; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == '"' || *at == '\\' || *at == '=' || *at == 0x7f)
			return false;
	return *value;
}

/* Quoted where it must be, so that no value can forge a line or a key. */
static void add_value(struct line *line, const char *value)
{
	char escape[5];

	if (plain(value)) {
		add_text(line, value);
		return;
	}
	add_text(line, "\"");
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '"' || c == '\\')
			snprintf(escape, sizeof escape, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			snprintf(escape, sizeof escape, "\\x%02x", c);
		else
			snprintf(escape, sizeof escape, "%c", c);
		add_text(line, escape);
	}
	add_text(line, "\"");
}

/* The conversion at `format` ("%s", "%zu", "%.1f"), copied to `spec`; what follows it. */
static const char *take_spec(const char *format, char spec[static SPEC_MAX])
{
	size_t len = 1 + strcspn(format + 1, "diuxsfc");

	if (len + 2 > SPEC_MAX || !format[len]) {
		spec[0] = 0;
		return format + strlen(format);
	}
	memcpy(spec, format, len + 1);
	spec[len + 1] = 0;
	return format + len + 1;
}

/*
 * One conversion.  The format was checked by the compiler where log_write() is called, so handing on the piece is safe.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void add_conversion(struct line *line, const char *spec, va_list *args)
{
	char text[64] = "";
	char kind = spec[0] ? spec[strlen(spec) - 1] : 0;

	if (kind == 's')
		add_value(line, va_arg(*args, const char *));
	else if (kind == 'f')
		snprintf(text, sizeof text, spec, va_arg(*args, double));
	else if (strstr(spec, "ll") || strstr(spec, "l") || strstr(spec, "z"))
		snprintf(text, sizeof text, spec, va_arg(*args, long long));
	else if (kind)
		snprintf(text, sizeof text, spec, va_arg(*args, int));
	add_text(line, text);
}
#pragma GCC diagnostic pop

static void add_fields(struct line *line, const char *format, va_list *args)
{
	char spec[SPEC_MAX];

	while (*format) {
		size_t literal = strcspn(format, "%");

		add(line, format, literal);
		format += literal;
		if (*format) {
			format = take_spec(format, spec);
			add_conversion(line, spec, args);
		}
	}
}

void log_write(enum log_level level, const char *module, const char *message, const char *fields, ...)
{
	struct line line = {.len = 0};
	char prefix[8];
	va_list args;
	ssize_t n;

	if ((int)level > __atomic_load_n(&level_now, __ATOMIC_RELAXED))
		return;
	snprintf(prefix, sizeof prefix, "<%d>", (int)level);
	if (!isatty(STDERR_FILENO))
		add_text(&line, prefix);
	add_text(&line, module);
	add_text(&line, ": ");
	add_text(&line, message);
	if (*fields)
		add_text(&line, " ");
	va_start(args, fields);
	add_fields(&line, fields, &args);
	va_end(args);
	line.text[line.len++] = '\n';
	n = write(STDERR_FILENO, line.text, line.len);
	(void)n; /* there is nobody left to tell */
}
