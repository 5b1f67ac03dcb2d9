/* command.c - templates of commands; see command.h. */
#include "core/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fit.h"
#include "base/list.h"
#include "core/parameter.h"

/* A piece of a template element: text as it stands, or a parameter. */
struct piece {
	const char *text;
	size_t len;
	bool is_parameter;
	struct parameter parameter;
};

/* 1 and the next piece at `*at`, which moves behind it; 0 at the end; -EINVAL and why: a brace that opens no parameter. */
static int read_piece(const char **at, struct piece *piece, const char **ret_why)
{
	int r;

	if (!**at)
		return 0;
	if (**at != '{' && **at != '}') {
		*piece = (struct piece){.text = *at, .len = strcspn(*at, "{}")};
		*at += piece->len;
		return 1;
	}
	*piece = (struct piece){.is_parameter = true};
	r = parameter_read(at, &piece->parameter, ret_why);
	return r < 0 ? r : 1;
}

/* Of a template that was checked. */
static int next_piece(const char **at, struct piece *piece)
{
	const char *why;

	return read_piece(at, piece, &why);
}

struct text {
	const char *at;
	size_t len;
};

static bool piece_is(const struct piece *piece, const char *parameter)
{
	return piece->is_parameter && strlen(parameter) == piece->parameter.name_len &&
	       memcmp(parameter, piece->parameter.name, piece->parameter.name_len) == 0;
}

/* The elements of the template, also where it has none. */
static char *const *elements(const struct command_def *def)
{
	static char *const none[] = {NULL};

	return def->args ? def->args : none;
}

void command_def_fini(struct command_def *def)
{
	free(def->name);
	free(def->exec);
	list_free(def->args);
	list_free(def->env);
	list_free(def->retryable_codes);
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
		const char *at = *element, *why;
		struct piece piece;
		int r;

		do
			r = read_piece(&at, &piece, &why);
		while (r > 0);
		if (r < 0)
			return problem_set(reterr, r, PROBLEM_BAD_FIELD, "args", "\"%s\": %s", *element, why);
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
	char pointer[sizeof "/spec/args/" + PARAMETER_NAME_MAX];

	fit_print(pointer, sizeof pointer, "/spec/args/%.*s", (int)len, name);
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, pointer, "%s", what);
}

static int check_arg(const struct command_def *def, const struct command_arg *arg, struct problem *reterr)
{
	size_t len = parameter_name_span(arg->name);

	if (len == 0 || len > PARAMETER_NAME_MAX || arg->name[len])
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "/spec/args",
			"\"%s\" cannot be the name of an argument", arg->name);
	if (!template_has(def, arg->name))
		return bad_arg(reterr, arg->name, len, "the command has no such argument");
	if (strlen(arg->value) > PARAMETER_VALUE_MAX)
		return bad_arg(reterr, arg->name, len, "the value is longer than 4096 bytes");
	return 0;
}

/* What stands for a parameter begins with. */
static bool begins_with_hyphen(const struct piece *piece, const char *value)
{
	return piece->parameter.type != PARAMETER_PATH && *value == '-';
}

static int check_value(const struct parameter *parameter, const char *value, struct problem *reterr)
{
	char why[PARAMETER_WHY_MAX];

	if (!value)
		return bad_arg(reterr, parameter->name, parameter->name_len,
			"this argument of the command is missing");
	if (parameter_check(parameter, value, why) < 0)
		return bad_arg(reterr, parameter->name, parameter->name_len, why);
	return 0;
}

/* Every parameter of an element given and fit, and none that turns the element into an option, be it by being empty. */
static int check_element(const char *element, const struct command_spec *spec, struct problem *reterr)
{
	struct piece piece, before = {0}; /* until begun: a parameter that gave nothing */
	bool begun = false; /* there is text before, so what follows is not the first character */

	for (; next_piece(&element, &piece) > 0; before = piece) {
		const struct parameter *parameter = &piece.parameter;
		const char *value = value_of(&piece, spec);

		if (piece.is_parameter && check_value(parameter, value, reterr) < 0)
			return -EINVAL;
		if (!begun && piece.is_parameter && begins_with_hyphen(&piece, value))
			return bad_arg(reterr, parameter->name, parameter->name_len,
				"a value here must not begin with '-'");
		if (!begun && before.is_parameter && !piece.is_parameter && *piece.text == '-')
			return bad_arg(reterr, before.parameter.name, before.parameter.name_len,
				"a value here must not be empty");
		begun = begun || !piece.is_parameter || *value;
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

/* The texts that a piece becomes: of a path its folder comes first. */
static size_t piece_texts(
	const struct piece *piece, const struct command_spec *spec, struct text texts[static 3])
{
	const char *value = value_of(piece, spec);
	size_t n = 0;

	if (!value) {
		texts[n++] = (struct text){piece->text, piece->len};
		return n;
	}
	if (piece->parameter.type == PARAMETER_PATH) {
		texts[n++] = (struct text){piece->parameter.words, piece->parameter.words_len};
		texts[n++] = (struct text){"/", 1};
	}
	texts[n++] = (struct text){value, strlen(value)};
	return n;
}

/* Write the element with its values to `to` (NULL: only measure).  Returns its bytes with the NUL. */
static size_t expand(const char *element, const struct command_spec *spec, char *to)
{
	struct piece piece;
	struct text texts[3];
	size_t len = 0;

	while (next_piece(&element, &piece) > 0) {
		size_t n = piece_texts(&piece, spec, texts);

		for (size_t i = 0; i < n; len += texts[i++].len)
			if (to)
				memcpy(to + len, texts[i].at, texts[i].len);
	}
	if (to)
		to[len] = 0;
	return len + 1;
}

bool command_path(const struct command_def *def, const struct command_spec *spec, size_t n,
	struct command_path *ret_path)
{
	for (char *const *element = elements(def); *element; element++) {
		const char *at = *element;
		struct piece piece;

		while (next_piece(&at, &piece) > 0) {
			if (!piece.is_parameter || piece.parameter.type != PARAMETER_PATH || n-- > 0)
				continue;
			*ret_path = (struct command_path){piece.parameter.name, piece.parameter.name_len,
				piece.parameter.words, piece.parameter.words_len, value_of(&piece, spec)};
			return true;
		}
	}
	return false;
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
