/* outcome.c - see outcome.h. */
#include "core/outcome.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/fit.h"

const char *outcome_end_name(enum outcome_end end)
{
	static const char *const names[OUTCOME_ENDS] = {
		[OUTCOME_SUCCEEDED] = "succeeded",
		[OUTCOME_FAILED] = "failed",
		[OUTCOME_TIMEOUT] = "timeout",
		[OUTCOME_CANCELLED] = "cancelled",
	};

	return names[end];
}

static void http_fini(struct http_result *http)
{
	headers_free(http->headers, http->n_headers);
	free(http->body);
}

static void command_fini(struct command_result *command)
{
	free(command->stdout_data);
	free(command->stderr_data);
}

void outcome_fini(struct outcome *outcome)
{
	if (outcome->has_result && outcome->kind == JOB_HTTP)
		http_fini(&outcome->result.http);
	else if (outcome->has_result && outcome->kind == JOB_COMMAND)
		command_fini(&outcome->result.command);
	*outcome = (struct outcome){0};
}

void outcome_fail(struct outcome *outcome, enum outcome_end end, const char *code, const char *format, ...)
{
	va_list args;

	outcome->end = end;
	fit_print(outcome->code, sizeof outcome->code, "%s", code);
	va_start(args, format);
	fit_vprint(outcome->message, sizeof outcome->message, format, args);
	va_end(args);
}
