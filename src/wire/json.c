/*
 * json.c - see json.h.  The depth is checked before jansson sees the text, because its parser recurses and a
 * task's stack is small.
 */
#include "wire/json.h"

#include <errno.h>

#include "wire/wire.h"

static int too_deep(struct text text, const char *at, size_t depth_max, struct problem *reterr)
{
	size_t line = 1, column = 1;

	for (const char *c = text.at; c < at; c++) {
		line += *c == '\n';
		column = *c == '\n' ? 1 : column + 1;
	}
	return problem_set(reterr, -EINVAL, PROBLEM_NOT_JSON, NULL,
		"line %zu, column %zu: arrays and objects are nested more than %zu deep", line, column,
		depth_max);
}

/* Jansson's own words, but where they speak to its programmers. */
static const char *words_of(const json_error_t *error)
{
	return json_error_code(error) == json_error_null_character ? "\\u0000 is not allowed in a string"
								   : error->text;
}

int json_read(struct text text, size_t depth_max, json_t **ret_json, struct problem *reterr)
{
	const size_t levels = depth_max < WIRE_DEPTH_MAX ? depth_max : WIRE_DEPTH_MAX;
	const char *deep = text_too_deep(text, levels);
	json_error_t error = {0};
	json_t *json;

	if (deep)
		return too_deep(text, deep, levels, reterr);
	errno = 0;
	json = json_loadb(text.at, text.bytes, JSON_REJECT_DUPLICATES, &error);
	/* Where memory runs out, jansson says nothing, or even that the text is wrong. */
	if (!json && (errno == ENOMEM || error.text[0] == '\0'))
		return json_no_memory(reterr);
	if (!json)
		return problem_set(reterr, -EINVAL, PROBLEM_NOT_JSON, NULL, "line %d, column %d: %s",
			error.line, error.column, words_of(&error));
	*ret_json = json;
	return 0;
}

int json_no_memory(struct problem *reterr)
{
	return problem_set(reterr, -ENOMEM, PROBLEM_MEMORY, NULL, "there is not enough memory for this now");
}
