/* source.c - a configuration file as text: read whole, its tokens looked over, its comments blanked. */
#include "conf/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fd.h"

/* What ends a word; and what a word must not have, for libconfuse gives it a meaning or drops it. */
#define WORD_ENDS " \t\r\n#\"'{}=,"
#define WORD_REFUSED "+*()|\\$;"

enum token { TOKEN_NONE, TOKEN_WORD, TOKEN_STRING, TOKEN_EQUALS, TOKEN_COMMA, TOKEN_OPEN, TOKEN_CLOSE };

struct scan {
	const char *path;
	struct source *source;
	struct problem *reterr;
	char *at, *end;
	int line;
	enum token before; /* the one before `at` */
	bool key;          /* a key, or the kind of a section, is what may follow */
	int section, list; /* the line on which the open one begins; 0: none is open */
};

void source_fini(struct source *source)
{
	free(source->data);
	free(source->opened);
	*source = (struct source){0};
}

#define refuse(scan, line, format, ...) \
	problem_set((scan)->reterr, -EINVAL, PROBLEM_BAD_FIELD, NULL, "%s:%d: " format, (scan)->path, line, \
		##__VA_ARGS__)

static void took(struct scan *scan, enum token token, bool key)
{
	scan->before = token;
	scan->key = key;
	scan->source->last = scan->line;
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static int refuse_character(struct scan *scan, char c)
{
	if (is_control(c))
		return refuse(scan, scan->line, "a control character (0x%02x)", (unsigned char)c);
	return refuse(scan, scan->line, "unexpected %c; a value that has it must be put in quotes", c);
}

static int scan_comment(struct scan *scan)
{
	for (; scan->at < scan->end && *scan->at != '\n'; scan->at++)
		*scan->at = ' ';
	return 0;
}

/* Double quotes know \" and \\ and no other escapes; within single quotes a backslash only hides ' and itself. */
static int scan_escape(struct scan *scan, char quote)
{
	char next = scan->at[1];

	if (next == quote || next == '\\')
		scan->at++;
	else if (quote == '"' && next != '\n')
		return refuse(scan, scan->line, "unknown escape \\%c; use single quotes around backslashes",
			is_control(next) ? '?' : next);
	return 0;
}

/* Whether the word or string at `at` is the value that a key waits for, and not a key, a title or one of a list. */
static bool is_value(const struct scan *scan)
{
	return scan->before == TOKEN_EQUALS;
}

static int scan_string(struct scan *scan)
{
	char quote = *scan->at++;
	int r = 0;

	if (scan->key)
		return refuse(scan, scan->line, "unexpected string; keys have no quotes");
	for (; r == 0 && *scan->at != quote && *scan->at != '\n'; scan->at++) {
		if (is_control(*scan->at))
			return refuse_character(scan, *scan->at);
		if (quote == '"' && strncmp(scan->at, "${", 2) == 0)
			return refuse(scan, scan->line,
				"${...} is not replaced by anything here; use single quotes around it");
		if (*scan->at == '\\')
			r = scan_escape(scan, quote);
	}
	if (r < 0)
		return r;
	if (*scan->at != quote)
		return refuse(scan, scan->line, "the string has no closing %c on its line", quote);
	scan->at++;
	took(scan, TOKEN_STRING, is_value(scan));
	return 0;
}

static bool is_comment_of_c(const char *at)
{
	return at[0] == '/' && (at[1] == '/' || at[1] == '*');
}

static int scan_word(struct scan *scan)
{
	for (; *scan->at == '\0' || !strchr(WORD_ENDS, *scan->at); scan->at++) {
		if (is_control(*scan->at) || strchr(WORD_REFUSED, *scan->at))
			return refuse_character(scan, *scan->at);
		if (is_comment_of_c(scan->at))
			return refuse(scan, scan->line,
				"comments begin with #; a value with %.2s needs quotes", scan->at);
	}
	took(scan, TOKEN_WORD, is_value(scan));
	return 0;
}

static int note_section(struct scan *scan)
{
	struct source *source = scan->source;
	int *opened;

	if (source->n_opened == SOURCE_SECTIONS_MAX)
		return refuse(scan, scan->line, "more than %d sections", SOURCE_SECTIONS_MAX);
	opened = reallocarray(source->opened, source->n_opened + 1, sizeof(*opened));
	if (!opened)
		return -ENOMEM;
	source->opened = opened;
	opened[source->n_opened++] = scan->line;
	return 0;
}

static int scan_open(struct scan *scan)
{
	bool list = scan->before == TOKEN_EQUALS;

	scan->at++;
	took(scan, TOKEN_OPEN, !list);
	if (scan->list)
		return refuse(
			scan, scan->line, "unexpected { in the list that begins on line %d", scan->list);
	if (list) {
		scan->list = scan->line;
		return 0;
	}
	if (scan->section)
		return refuse(scan, scan->line, "unexpected { in the section that begins on line %d",
			scan->section);
	scan->section = scan->line;
	return note_section(scan);
}

static int scan_close(struct scan *scan)
{
	bool empty = scan->before == TOKEN_OPEN;

	scan->at++;
	took(scan, TOKEN_CLOSE, true);
	if (scan->list && empty)
		return refuse(scan, scan->line, "an empty list; leave the key out instead");
	if (!scan->list && !scan->section)
		return refuse(scan, scan->line, "unexpected }");
	if (!scan->list)
		scan->section = 0;
	scan->list = 0;
	return 0;
}

static int scan_equals(struct scan *scan)
{
	scan->at++;
	took(scan, TOKEN_EQUALS, false);
	return 0;
}

static int scan_comma(struct scan *scan)
{
	scan->at++;
	took(scan, TOKEN_COMMA, false);
	return 0;
}

static int scan_blank(struct scan *scan)
{
	scan->line += *scan->at == '\n';
	scan->at++;
	return 0;
}

static const struct {
	const char *characters;
	int (*scan)(struct scan *scan);
} tokens[] = {
	{" \t\r\n", scan_blank  },
	{"#",       scan_comment},
	{"\"'",     scan_string },
	{"{",       scan_open   },
	{"}",       scan_close  },
	{"=",       scan_equals },
	{",",       scan_comma  },
};

static int scan_token(struct scan *scan)
{
	for (size_t i = 0; *scan->at && i < ARRAY_LEN(tokens); i++)
		if (strchr(tokens[i].characters, *scan->at))
			return tokens[i].scan(scan);
	return scan_word(scan);
}

static int scan_all(struct scan *scan)
{
	int r = 0;

	while (r == 0 && scan->at < scan->end)
		r = scan_token(scan);
	if (r == 0 && scan->list)
		return refuse(scan, scan->list, "the list that begins here has no closing }");
	if (r == 0 && scan->section)
		return refuse(scan, scan->section, "the section that begins here has no closing }");
	return r;
}

static int read_all(int fd, struct buf *buf)
{
	char block[4096]; /* modest: it may be on a task's stack */
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0) {
		int r = n < 0 ? -errno : buf_add(buf, block, (size_t)n);

		if (r < 0 && r != -EINTR)
			return r;
	}
	return buf_add(buf, "\n", 1); /* ends the last line, and a comment on it */
}

static int read_file(const char *path, struct source *source, struct problem *reterr)
{
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(buf_fini) struct buf buf = {.max = SOURCE_BYTES_MAX};
	int r = fd < 0 ? -errno : read_all(fd, &buf);

	if (r < 0)
		return problem_set(
			reterr, r, PROBLEM_BAD_FIELD, NULL, "%s: cannot be read: %s", path, strerror(-r));
	source->data = buf_take(&buf, &source->bytes);
	return 0;
}

int source_read(const char *path, struct source *source, struct problem *reterr)
{
	int r = read_file(path, source, reterr);
	struct scan scan = {.path = path, .source = source, .reterr = reterr, .line = 1, .key = true};

	if (r < 0)
		return r;
	scan.at = source->data;
	scan.end = source->data + source->bytes;
	return scan_all(&scan);
}
