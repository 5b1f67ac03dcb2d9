/* text.c - see text.h: a scanner that knows strings, brackets and spaces, and trusts jansson for the rest. */
#include "wire/text.h"

#include <ctype.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_spaces(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

/* From a string's opening quote to behind its closing one. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\' && end - at > 1)
			at++;
	return at < end ? at + 1 : end;
}

static const char *skip_scalar(const char *at, const char *end)
{
	while (at < end && !is_space(*at) && !strchr(",]}", *at))
		at++;
	return at;
}

/* From an opening bracket to behind the one that closes it. */
static const char *skip_nested(const char *at, const char *end)
{
	size_t depth = 0;

	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		at++;
		if (depth == 0)
			break;
	}
	return at;
}

static struct text take_value(const char **at, const char *end)
{
	const char *from = skip_spaces(*at, end);

	if (from == end)
		*at = end;
	else if (*from == '"')
		*at = skip_string(from, end);
	else if (*from == '{' || *from == '[')
		*at = skip_nested(from, end);
	else
		*at = skip_scalar(from, end);
	return (struct text){from, (size_t)(*at - from)};
}

bool text_next(struct text *rest, struct text *ret_name, struct text *ret_value)
{
	const char *at = rest->at, *end = rest->at + rest->bytes;
	struct text name, value;

	at = skip_spaces(at, end);
	if (at == end || (*at != '{' && *at != ','))
		return false;
	at = skip_spaces(at + 1, end);
	if (at == end || *at != '"')
		return false;
	name = take_value(&at, end);
	at = skip_spaces(at, end);
	if (at == end || *at != ':')
		return false;
	at++;
	value = take_value(&at, end);
	*rest = (struct text){at, (size_t)(end - at)};
	*ret_name = name;
	*ret_value = value;
	return true;
}

bool text_element(struct text *rest, struct text *ret_value)
{
	const char *end = rest->at + rest->bytes, *at = skip_spaces(rest->at, end);
	struct text value;

	if (at == end || (*at != '[' && *at != ','))
		return false;
	at = skip_spaces(at + 1, end);
	if (at == end || *at == ']')
		return false;
	value = take_value(&at, end);
	at = skip_spaces(at, end);
	*rest = (struct text){at, (size_t)(end - at)};
	*ret_value = value;
	return true;
}

bool text_member(struct text object, const char *name, struct text *ret_value)
{
	struct text key, value;

	while (text_next(&object, &key, &value)) {
		if (!text_is(key, name))
			continue;
		*ret_value = value;
		return true;
	}
	return false;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef",
		   *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return found ? (int)(found - digits) : 0;
}

/* The character of an escape, `*at` being behind its backslash; one that is not ASCII becomes -1. */
static int take_escape(const char **at, const char *end)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const char c = *(*at)++;
	const char *letter;
	int code = 0;

	if (c == 'u') {
		for (int i = 0; i < 4 && *at < end; i++)
			code = code << 4 | hex_digit(*(*at)++);
		return code < 128 ? code : -1;
	}
	letter = c ? strchr(letters, c) : NULL;
	return letter ? meanings[letter - letters] : (unsigned char)c;
}

static bool says(struct text string, const char *ascii, int (*fold)(int c))
{
	const char *at, *end;
	int c;

	if (string.bytes < 2)
		return false;
	at = string.at + 1;
	end = string.at + string.bytes - 1;
	for (; at < end && *ascii; ascii++) {
		c = (unsigned char)*at++;
		if (c == '\\' && at < end)
			c = take_escape(&at, end);
		if (c < 0 || fold(c) != fold((unsigned char)*ascii))
			return false;
	}
	return at == end && !*ascii;
}

static int as_it_is(int c)
{
	return c;
}

static int ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool text_is(struct text string, const char *ascii)
{
	return says(string, ascii, as_it_is);
}

bool text_is_nocase(struct text string, const char *ascii)
{
	return says(string, ascii, ascii_lower);
}

int text_compact(struct buf *out, struct text text)
{
	const char *at = text.at, *end = text.at + text.bytes, *from = at;

	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
		} else if (is_space(*at)) {
			buf_add(out, from, (size_t)(at - from));
			from = at = skip_spaces(at, end);
		} else {
			at++;
		}
	}
	return buf_add(out, from, (size_t)(at - from));
}

const char *text_too_deep(struct text text, size_t max)
{
	const char *at = text.at, *end = text.at + text.bytes;
	size_t depth = 0;

	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		if ((*at == '{' || *at == '[') && ++depth > max)
			return at;
		if ((*at == '}' || *at == ']') && depth > 0)
			depth--;
		at++;
	}
	return NULL;
}
