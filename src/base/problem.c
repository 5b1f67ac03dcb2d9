/* problem.c - see problem.h. */
#include "base/problem.h"

#include <stdarg.h>

#include "base/fit.h"

int problem_set(
	struct problem *reterr, int error, const char *code, const char *field, const char *format, ...)
{
	va_list args;

	if (!reterr)
		return error;
	reterr->code = code;
	fit_print(reterr->field, sizeof reterr->field, "%s", field ? field : "");
	va_start(args, format);
	fit_vprint(reterr->message, sizeof reterr->message, format, args);
	va_end(args);
	return error;
}
