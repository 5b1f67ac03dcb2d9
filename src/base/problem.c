/* problem.c - see problem.h. */
#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cut back to the last whole UTF-8 character. */
static void cut_at_character(char *text, size_t size)
{
	size_t len = strlen(text), lead = len;

	if (len + 1 < size)
		return;
	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead > 0 && (unsigned char)text[lead - 1] >= 0xc0)
		text[lead - 1] = 0;
}

int problem_set(
	struct problem *reterr, int error, const char *code, const char *field, const char *format, ...)
{
	va_list args;

	if (!reterr)
		return error;
	reterr->code = code;
	snprintf(reterr->field, sizeof reterr->field, "%s", field ? field : "");
	cut_at_character(reterr->field, sizeof reterr->field);
	va_start(args, format);
	vsnprintf(reterr->message, sizeof reterr->message, format, args);
	va_end(args);
	cut_at_character(reterr->message, sizeof reterr->message);
	return error;
}
