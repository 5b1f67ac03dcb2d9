/* target.c - see target.h.  libmicrohttpd's own decoding cuts at %00, so the raw target is read here. */
#include "http/target.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/fit.h"

static int refuse(struct problem *reterr, const char *why)
{
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_REQUEST, NULL, "%s", why);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The two digits after a '%', or -1. */
static int escaped(const char *digits)
{
	int high = hex(digits[0]), low = high < 0 ? -1 : hex(digits[1]);

	return low < 0 ? -1 : high << 4 | low;
}

static bool is_control(int c)
{
	return c < ' ' || c == 0x7f;
}

/* What may stand in a target as it is; RFC 3986 has no '#' there, and escapes the rest. */
static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '#';
}

/* Decode `*from` up to one of `stops`, to `to`; `plus` stands for a space in queries.  The end of what was written, or NULL. */
static char *decode(const char **from, const char *stops, bool plus, char *to)
{
	for (; **from && !strchr(stops, **from); (*from)++) {
		int c = **from;

		if (!is_plain(**from))
			return NULL;
		if (c == '%') {
			c = escaped(*from + 1);
			if (is_control(c))
				return NULL;
			*from += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		*to++ = (char)c;
	}
	*to++ = 0;
	return to;
}

static bool has_dot_segment(const char *path)
{
	for (const char *at = path; (at = strchr(at, '/')); at++) {
		size_t len = strcspn(at + 1, "/");

		if ((len == 1 && at[1] == '.') || (len == 2 && at[1] == '.' && at[2] == '.'))
			return true;
	}
	return false;
}

static int add_parameter(struct target *target, const char *name, const char *value, struct problem *reterr)
{
	if (target->n_parameters == PARAMETERS_MAX)
		return refuse(reterr, "there are too many parameters");
	target->parameters[target->n_parameters].name = name;
	target->parameters[target->n_parameters++].value = value;
	return 0;
}

/* Decoding never lengthens, and each piece's NUL stands for the separator before the next. */
static int read_query(const char *raw, char *to, struct target *target, struct problem *reterr)
{
	while (*raw) {
		const char *name = to, *value;
		int r;

		to = decode(&raw, "=&", true, to);
		value = to ? to - 1 : NULL; /* "": a name alone */
		if (to && *raw == '=') {
			raw++;
			value = to;
			to = decode(&raw, "&", true, to);
		}
		if (!to)
			return refuse(
				reterr, "the query has a character that must be escaped, or a bad escape");
		r = add_parameter(target, name, value, reterr);
		if (r < 0)
			return r;
		if (*raw == '&')
			raw++;
	}
	return 0;
}

/* RFC 9112, section 3.2.2: a server must accept the form that proxies are sent.  There is no other host here. */
static const char *skip_authority(const char *raw)
{
	static const char scheme[] = "http://";

	if (strncasecmp(raw, scheme, sizeof scheme - 1) != 0)
		return raw;
	raw += sizeof scheme - 1;
	return raw + strcspn(raw, "/?");
}

int target_read(const char *raw, struct target *ret_target, struct problem *reterr)
{
	char *end;

	ret_target->n_parameters = 0;
	ret_target->id[0] = 0;
	ret_target->path = "";
	ret_target->raw_bytes = strlen(raw);
	if (ret_target->raw_bytes > TARGET_MAX)
		return refuse(reterr, "the target of the request is longer than 2048 bytes");
	raw = skip_authority(raw);
	if (raw[0] != '/')
		return refuse(reterr, "the target of the request does not begin with /");
	end = decode(&raw, "?", false, ret_target->text);
	if (!end)
		return refuse(reterr, "the path has a character that must be escaped, or a bad escape");
	ret_target->path = ret_target->text;
	if (has_dot_segment(ret_target->path))
		return refuse(reterr, "the path has a . or .. segment");
	return *raw == '?' ? read_query(raw + 1, end, ret_target, reterr) : 0;
}

const char *target_parameter(const struct target *target, const char *name)
{
	for (size_t i = 0; i < target->n_parameters; i++)
		if (strcmp(target->parameters[i].name, name) == 0)
			return target->parameters[i].value;
	return NULL;
}

int target_problem(struct problem *reterr, const char *name, const char *format, ...)
{
	char field[sizeof reterr->field], what[sizeof reterr->message / 2];
	va_list args;

	fit_print(field, sizeof field, "?%s", name);
	va_start(args, format);
	fit_vprint(what, sizeof what, format, args);
	va_end(args);
	return problem_set(
		reterr, -EINVAL, PROBLEM_BAD_REQUEST, field, "the parameter %.128s: %s", name, what);
}

/* Whether it goes by one of the names that a route knows; see target.h. */
static bool goes_by(const char *name, const char *known)
{
	size_t len = strlen(known), stem = len - (known[len - 1] == '*' || known[len - 1] == '+');

	return strncmp(name, known, stem) == 0 && (known[len - 1] == '*' || !name[stem]);
}

/* The name that it goes by, or NULL. */
static const char *known_as(const char *name, const char *const *known, size_t n)
{
	for (size_t i = 0; i < n && known[i]; i++)
		if (goes_by(name, known[i]))
			return known[i];
	return NULL;
}

static bool is_before(const struct target *target, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(target->parameters[j].name, target->parameters[i].name) == 0)
			return true;
	return false;
}

int target_check_parameters(
	const struct target *target, const char *const *known, size_t n, struct problem *reterr)
{
	for (size_t i = 0; i < target->n_parameters; i++) {
		const char *name = target->parameters[i].name, *as = known_as(name, known, n);

		if (!as)
			return target_problem(reterr, name, "there is none of this name here");
		if (as[strlen(as) - 1] != '+' && is_before(target, i))
			return target_problem(reterr, name, "is given twice");
	}
	return 0;
}

bool target_match(struct target *target, const char *pattern)
{
	const char *path = target->path, *brace = strchr(pattern, '{');
	size_t before = brace ? (size_t)(brace - pattern) : 0, len;

	if (!brace)
		return strcmp(path, pattern) == 0;
	if (strncmp(path, pattern, before) != 0)
		return false;
	len = strcspn(path + before, "/:");
	if (len == 0 || len > TARGET_ID_MAX || strcmp(path + before + len, strchr(brace, '}') + 1) != 0)
		return false;
	memcpy(target->id, path + before, len);
	target->id[len] = 0;
	return true;
}
