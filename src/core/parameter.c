/* parameter.c - see parameter.h. */
#include "core/parameter.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fit.h"

#define TYPES "a type is one of: text MIN..MAX, int MIN..MAX, enum WORD,WORD..., path under /FOLDER"

size_t parameter_name_span(const char *text)
{
	size_t len = 0;

	while (isascii((unsigned char)text[len]) &&
		(isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == '-'))
		len++;
	return len;
}

static bool skip(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

/* A whole number in its shortest form. */
static bool read_number(const char **at, int64_t *ret)
{
	const char *digits = **at == '-' ? *at + 1 : *at;
	size_t n = strspn(digits, "0123456789");
	char *end;

	if (n == 0 || (digits[0] == '0' && (n > 1 || digits != *at)))
		return false;
	errno = 0;
	*ret = strtoll(*at, &end, 10);
	*at = end;
	return errno == 0;
}

static const char *read_range(const char **at, struct parameter *parameter)
{
	if (!read_number(at, &parameter->min) || !skip(at, "..") || !read_number(at, &parameter->max))
		return "a range is written MIN..MAX, in whole numbers";
	return parameter->min > parameter->max ? "the range is empty" : NULL;
}

static const char *read_text(const char **at, struct parameter *parameter)
{
	const char *why = read_range(at, parameter);

	if (!why && (parameter->min < 0 || parameter->max > PARAMETER_VALUE_MAX))
		why = "a text has from 0 to 4096 bytes";
	return why;
}

static const char *read_enum(const char **at, struct parameter *parameter)
{
	size_t word = 0;

	parameter->words = *at;
	for (; **at && **at != '}' && **at != ' '; (*at)++) {
		word = **at == ',' ? 0 : word + 1;
		if (word == 0 && (*at == parameter->words || (*at)[-1] == ','))
			return "a word of an enum is empty";
	}
	parameter->words_len = (size_t)(*at - parameter->words);
	return word == 0 ? "a word of an enum is empty" : NULL;
}

static const char *read_path(const char **at, struct parameter *parameter)
{
	parameter->words = *at;
	parameter->words_len = strcspn(*at, "{}");
	*at += parameter->words_len;
	if (parameter->words[0] != '/')
		return "a folder begins with /";
	while (parameter->words_len > 0 && parameter->words[parameter->words_len - 1] == '/')
		parameter->words_len--;
	return NULL;
}

static const struct {
	const char *word;
	const char *(*read)(const char **at, struct parameter *parameter); /* gives what is wrong */
} types[] = {
	[PARAMETER_TEXT] = {"text ",       read_text },
	[PARAMETER_INT] = {"int ",        read_range},
	[PARAMETER_ENUM] = {"enum ",       read_enum },
	[PARAMETER_PATH] = {"path under ", read_path },
};

static const char *read_type(const char **at, struct parameter *parameter)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (skip(at, types[i].word)) {
			parameter->type = (enum parameter_type)i;
			return types[i].read(at, parameter);
		}
	return TYPES;
}

int parameter_read(const char **at, struct parameter *ret_parameter, const char **ret_why)
{
	struct parameter parameter = {.type = PARAMETER_TEXT, .max = PARAMETER_VALUE_MAX};
	const char *text = *at + 1;

	*ret_why = NULL;
	parameter.name = text;
	parameter.name_len = parameter_name_span(text);
	text += parameter.name_len;
	if (**at == '{' && parameter.name_len > 0 && *text == ':') {
		text++;
		*ret_why = read_type(&text, &parameter);
	}
	if (!*ret_why && (**at != '{' || parameter.name_len == 0 || parameter.name_len > PARAMETER_NAME_MAX ||
				 *text != '}'))
		*ret_why = "a parameter is written {name} or {name:type}, with letters, digits, '-' and '_'";
	if (*ret_why)
		return -EINVAL;
	*at = text + 1;
	*ret_parameter = parameter;
	return 0;
}

static bool is_number_within(const struct parameter *parameter, const char *value)
{
	int64_t number;

	return read_number(&value, &number) && !*value && number >= parameter->min &&
	       number <= parameter->max;
}

static bool is_word(const struct parameter *parameter, const char *value)
{
	size_t len = strlen(value), n;

	for (size_t at = 0; at < parameter->words_len; at += n + 1) {
		for (n = 0; at + n < parameter->words_len && parameter->words[at + n] != ',';)
			n++;
		if (n == len && memcmp(parameter->words + at, value, n) == 0)
			return true;
	}
	return false;
}

/* Each component a name: not empty, not "." and not "..". */
static bool is_relative(const char *value)
{
	for (size_t n;; value += n + 1) {
		n = strcspn(value, "/");
		if (n == 0 || (n == 1 && value[0] == '.') || (n == 2 && memcmp(value, "..", 2) == 0))
			return false;
		if (!value[n])
			return true;
	}
}

static bool fits(const struct parameter *parameter, const char *value)
{
	int64_t bytes = (int64_t)strlen(value);

	switch (parameter->type) {
	case PARAMETER_INT:
		return is_number_within(parameter, value);
	case PARAMETER_ENUM:
		return is_word(parameter, value);
	case PARAMETER_PATH:
		return is_relative(value);
	case PARAMETER_TEXT:
		break;
	}
	return bytes >= parameter->min && bytes <= parameter->max;
}

int parameter_check(const struct parameter *parameter, const char *value, char why[static PARAMETER_WHY_MAX])
{
	int words = (int)parameter->words_len;

	if (fits(parameter, value))
		return 0;
	if (parameter->type == PARAMETER_INT)
		fit_print(why, PARAMETER_WHY_MAX, "must be a whole number from %" PRId64 " to %" PRId64,
			parameter->min, parameter->max);
	else if (parameter->type == PARAMETER_ENUM)
		fit_print(why, PARAMETER_WHY_MAX, "must be one of: %.*s", words, parameter->words);
	else if (parameter->type == PARAMETER_PATH)
		fit_print(why, PARAMETER_WHY_MAX,
			"must be a path from %.*s/ on, in which no part is empty, \".\" or \"..\"", words,
			parameter->words);
	else if (parameter->min == 0)
		fit_print(
			why, PARAMETER_WHY_MAX, "the value is longer than %" PRId64 " bytes", parameter->max);
	else
		fit_print(why, PARAMETER_WHY_MAX, "must have from %" PRId64 " to %" PRId64 " bytes",
			parameter->min, parameter->max);
	return -EINVAL;
}
