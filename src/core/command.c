/* command.c - templates of commands; see command.h. */
#include "core/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 4096, NAME_MAX_BYTES = 64 };

/* A piece of a template element: text as it stands, or the name of a parameter. */
struct piece {
	const char *text;
	size_t len;
	bool parameter;
};

static bool name_char(char c)
{
	return isascii((unsigned char)c) && (isalnum((unsigned char)c) || c == '_' || c == '-');
}

/* The next piece at `*at`, which moves behind it.  1, 0 at the end, or -EINVAL for a brace that opens no parameter. */
static int next_piece(const char **at, struct piece *piece)
{
	const char *text = *at;
	size_t len;

	if (!*text)
		return 0;
	if (*text == '}')
		return -EINVAL;
	if (*text != '{') {
		len = strcspn(text, "{}");
		*piece = (struct piece){.text = text, .len = len};
		*at = text + len;
		return 1;
	}
	len = 0;
	while (name_char(text[1 + len]))
		len++;
	if (len == 0 || len > NAME_MAX_BYTES || text[1 + len] != '}')
		return -EINVAL;
	*piece = (struct piece){.text = text + 1, .len = len, .parameter = true};
	*at = text + len + 2;
	return 1;
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

void command_def_fini(struct command_def *def)
{
	free(def->name);
	free(def->exec);
	free_list(def->args);
	free_list(def->env);
	free(def->directory);
	*def = (struct command_def){0};
}

int command_template_check(const struct command_def *def, struct problem *reterr)
{
	for (char **element = def->args; element && *element; element++) {
		const char *at = *element;
		struct piece piece;
		int r;

		while ((r = next_piece(&at, &piece)) > 0)
			;
		if (r < 0)
			return problem_set(reterr, r, PROBLEM_BAD_FIELD, "args",
				"\"%s\": a parameter is written {name}, with letters, digits, '-' and '_'",
				*element);
	}
	return 0;
}

static const struct command_arg *find_arg(const struct command_spec *spec, const struct piece *piece)
{
	for (size_t i = 0; i < spec->n_args; i++)
		if (strlen(spec->args[i].name) == piece->len &&
			memcmp(spec->args[i].name, piece->text, piece->len) == 0)
			return &spec->args[i];
	return NULL;
}

static bool template_names(const struct command_def *def, const char *name)
{
	for (char **element = def->args; element && *element; element++) {
		const char *at = *element;
		struct piece piece;

		while (next_piece(&at, &piece) > 0)
			if (piece.parameter && strlen(name) == piece.len &&
				memcmp(name, piece.text, piece.len) == 0)
				return true;
	}
	return false;
}

static int bad_arg(struct problem *reterr, const char *name, size_t len, const char *what)
{
	char pointer[sizeof "/spec/args/" + NAME_MAX_BYTES];

	snprintf(pointer, sizeof pointer, "/spec/args/%.*s",
		(int)(len < NAME_MAX_BYTES ? len : NAME_MAX_BYTES), name);
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, pointer, "%s", what);
}

/* Every parameter of an element given, and none able to turn the element into an option. */
static int check_element(const char *element, const struct command_spec *spec, struct problem *reterr)
{
	bool begun =
		false; /* something stands before, so what follows is not the element's first character */
	struct piece piece;

	while (next_piece(&element, &piece) > 0) {
		const struct command_arg *arg;

		if (!piece.parameter) {
			begun = true;
			continue;
		}
		arg = find_arg(spec, &piece);
		if (!arg)
			return bad_arg(
				reterr, piece.text, piece.len, "this argument of the command is missing");
		if (!begun && arg->value[0] == '-')
			return bad_arg(reterr, piece.text, piece.len, "a value here must not begin with '-'");
		begun = begun || arg->value[0];
	}
	return 0;
}

int command_check(const struct command_def *def, const struct command_spec *spec, struct problem *reterr)
{
	int r = 0;

	for (size_t i = 0; i < spec->n_args; i++) {
		const struct command_arg *arg = &spec->args[i];

		if (!template_names(def, arg->name))
			return bad_arg(
				reterr, arg->name, strlen(arg->name), "the command has no such argument");
		if (strlen(arg->value) > VALUE_MAX)
			return bad_arg(
				reterr, arg->name, strlen(arg->name), "the value is longer than 4096 bytes");
	}
	for (char **element = def->args; element && *element && r == 0; element++)
		r = check_element(*element, spec, reterr);
	if (r == 0 && spec->stdin_data && !def->stdin_allowed)
		r = problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/spec/stdin",
			"this command takes no standard input");
	return r;
}

/* Write the element's text to `to` (NULL: only measure).  Returns its bytes with the NUL. */
static size_t expand(const char *element, const struct command_spec *spec, char *to)
{
	struct piece piece;
	size_t len = 0;

	while (next_piece(&element, &piece) > 0) {
		const struct command_arg *arg = piece.parameter ? find_arg(spec, &piece) : NULL;
		const char *text = arg ? arg->value : piece.parameter ? "" : piece.text;
		size_t bytes = arg ? strlen(arg->value) : piece.parameter ? 0 : piece.len;

		if (to)
			memcpy(to + len, text, bytes);
		len += bytes;
	}
	if (to)
		to[len] = 0;
	return len + 1;
}

char **command_argv(const struct command_def *def, const struct command_spec *spec)
{
	size_t n = 2, bytes = strlen(def->exec) + 1;
	char **argv, *text;

	for (char **element = def->args; element && *element; element++, n++)
		bytes += expand(*element, spec, NULL);
	argv = malloc(n * sizeof *argv + bytes);
	if (!argv)
		return NULL;
	text = (char *)(argv + n);
	n = 0;
	argv[n++] = text;
	text = stpcpy(text, def->exec) + 1;
	for (char **element = def->args; element && *element; element++) {
		argv[n++] = text;
		text += expand(*element, spec, text);
	}
	argv[n] = NULL;
	return argv;
}
