/* command.c - templates of commands; see command.h. */
#include "core/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fit.h"

enum { VALUE_MAX = 4096, NAME_MAX_BYTES = 64 };

/* A piece of a template element: text as it stands, or the name of a parameter. */
struct piece {
	const char *text;
	size_t len;
	bool parameter;
};

/* Bytes at `text` that may be in a parameter's name. */
static size_t name_span(const char *text)
{
	size_t len = 0;

	while (isascii((unsigned char)text[len]) &&
		(isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == '-'))
		len++;
	return len;
}

/* 1 and the next piece at `*at`, which moves behind it; 0 at the end; -EINVAL: a brace that opens no parameter. */
static int next_piece(const char **at, struct piece *piece)
{
	const char *text = *at;

	if (!*text)
		return 0;
	if (*text != '{' && *text != '}') {
		*piece = (struct piece){.text = text, .len = strcspn(text, "{}")};
		*at = text + piece->len;
		return 1;
	}
	*piece = (struct piece){.text = text + 1, .len = name_span(text + 1), .parameter = true};
	if (*text == '}' || piece->len == 0 || piece->len > NAME_MAX_BYTES || piece->text[piece->len] != '}')
		return -EINVAL;
	*at = piece->text + piece->len + 1;
	return 1;
}

static bool piece_is(const struct piece *piece, const char *parameter)
{
	return piece->parameter && strlen(parameter) == piece->len &&
	       memcmp(parameter, piece->text, piece->len) == 0;
}

/* The elements of the template, also where it has none. */
static char *const *elements(const struct command_def *def)
{
	static char *const none[] = {NULL};

	return def->args ? def->args : none;
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
	free_list(def->retryable_codes);
	free(def->directory);
	free(def->user);
	free(def->group);
	free(def->identity);
	free(def->umask);
	*def = (struct command_def){0};
}

int command_template_check(const struct command_def *def, struct problem *reterr)
{
	for (char *const *element = elements(def); *element; element++) {
		const char *at = *element;
		struct piece piece;
		int r;

		do
			r = next_piece(&at, &piece);
		while (r > 0);
		if (r < 0)
			return problem_set(reterr, r, PROBLEM_BAD_FIELD, "args",
				"\"%s\": a parameter is written {name}, with letters, digits, '-' and '_'",
				*element);
	}
	return 0;
}

static const char *value_of(const struct piece *piece, const struct command_spec *spec)
{
	for (size_t i = 0; i < spec->n_args; i++)
		if (piece_is(piece, spec->args[i].name))
			return spec->args[i].value;
	return NULL;
}

static bool template_has(const struct command_def *def, const char *parameter)
{
	for (char *const *element = elements(def); *element; element++) {
		const char *at = *element;
		struct piece piece;

		while (next_piece(&at, &piece) > 0)
			if (piece_is(&piece, parameter))
				return true;
	}
	return false;
}

/* `name` has only the characters of a parameter, so it needs no escapes in a pointer. */
static int bad_arg(struct problem *reterr, const char *name, size_t len, const char *what)
{
	char pointer[sizeof "/spec/args/" + NAME_MAX_BYTES];

	fit_print(pointer, sizeof pointer, "/spec/args/%.*s", (int)len, name);
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, pointer, "%s", what);
}

static int check_arg(const struct command_def *def, const struct command_arg *arg, struct problem *reterr)
{
	size_t len = name_span(arg->name);

	if (len == 0 || len > NAME_MAX_BYTES || arg->name[len])
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/spec/args",
			"\"%s\" cannot be the name of an argument", arg->name);
	if (!template_has(def, arg->name))
		return bad_arg(reterr, arg->name, len, "the command has no such argument");
	if (strlen(arg->value) > VALUE_MAX)
		return bad_arg(reterr, arg->name, len, "the value is longer than 4096 bytes");
	return 0;
}

/* Every parameter of an element given, and none that turns the element into an option, be it by being empty. */
static int check_element(const char *element, const struct command_spec *spec, struct problem *reterr)
{
	struct piece piece, empty = {0}; /* until begun: the parameter before, which gave nothing */
	bool begun = false; /* there is text before, so what follows is not the first character */

	while (next_piece(&element, &piece) > 0) {
		const char *value = value_of(&piece, spec);

		if (piece.parameter && !value)
			return bad_arg(
				reterr, piece.text, piece.len, "this argument of the command is missing");
		if (!begun && piece.parameter && *value == '-')
			return bad_arg(reterr, piece.text, piece.len, "a value here must not begin with '-'");
		if (!begun && empty.parameter && !piece.parameter && *piece.text == '-')
			return bad_arg(reterr, empty.text, empty.len, "a value here must not be empty");
		begun = begun || !piece.parameter || *value;
		empty = piece;
	}
	return 0;
}

int command_check(const struct command_def *def, const struct command_spec *spec, struct problem *reterr)
{
	int r = 0;

	for (size_t i = 0; i < spec->n_args && r == 0; i++)
		r = check_arg(def, &spec->args[i], reterr);
	for (char *const *element = elements(def); *element && r == 0; element++)
		r = check_element(*element, spec, reterr);
	if (r == 0 && spec->stdin_data && !def->stdin_allowed)
		r = problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/spec/stdin",
			"this command takes no standard input");
	if (r == 0 && spec->stdin_bytes > def->stdin_max)
		r = problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/spec/stdin",
			"the standard input of this command may have %zu bytes", def->stdin_max);
	return r;
}

/* Write the element with its values to `to` (NULL: only measure).  Returns its bytes with the NUL. */
static size_t expand(const char *element, const struct command_spec *spec, char *to)
{
	struct piece piece;
	size_t len = 0;

	while (next_piece(&element, &piece) > 0) {
		const char *value = value_of(&piece, spec);
		const char *text = value ? value : piece.text;
		size_t bytes = value ? strlen(value) : piece.len;

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
	char **argv, **next, *text;

	for (char *const *element = elements(def); *element; element++, n++)
		bytes += expand(*element, spec, NULL);
	argv = malloc(n * sizeof *argv + bytes);
	if (!argv)
		return NULL;
	next = argv;
	text = (char *)(argv + n);
	*next++ = text;
	text = stpcpy(text, def->exec) + 1;
	for (char *const *element = elements(def); *element; element++) {
		*next++ = text;
		text += expand(*element, spec, text);
	}
	*next = NULL;
	return argv;
}
