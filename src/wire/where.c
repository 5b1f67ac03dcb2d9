/* where.c - see where.h. */
#include "wire/where.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

const struct where where_root = {0};

static void add_name(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '~')
			buf_add(out, "~0", 2);
		else if (*name == '/')
			buf_add(out, "~1", 2);
		else
			buf_add(out, name, 1);
	}
}

static void add_pointer(struct buf *out, const struct where *where)
{
	if (!where->up)
		return;
	add_pointer(out, where->up);
	buf_add(out, "/", 1);
	if (where->name)
		add_name(out, where->name);
	else
		buf_addf(out, "%zu", where->index);
}

static int set_problem(
	const struct where *where, struct problem *reterr, const char *format, va_list arguments)
{
	struct buf pointer = {.max = 4 * sizeof(reterr->field)}; /* a longer one is cut anyway */
	char message[sizeof(reterr->message)];

	vsnprintf(message, sizeof(message), format, arguments);
	add_pointer(&pointer, where);
	problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, pointer.data, "%s", message);
	buf_fini(&pointer);
	return -EINVAL;
}

int where_problem(const struct where *where, struct problem *reterr, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = set_problem(where, reterr, format, arguments);
	va_end(arguments);
	return r;
}

int where_member_problem(
	const struct where *where, const char *name, struct problem *reterr, const char *format, ...)
{
	const struct where member = {.up = where, .name = name};
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = set_problem(&member, reterr, format, arguments);
	va_end(arguments);
	return r;
}
