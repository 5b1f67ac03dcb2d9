/*
 * problem.c - the one place where a problem's code becomes an HTTP status, a title and
 * application/problem+json (RFC 9457).
 */
#include "base/problem.h"

#include <string.h>

#include "base/cleanup.h"
#include "wire/out.h"
#include "wire/wire.h"

static const struct kind {
	const char *code;
	int status;
	const char *title;
} kinds[] = {
	{PROBLEM_NOT_JSON,      400, "The body is not acceptable JSON"         },
	{PROBLEM_BAD_FIELD,     400, "A member of the body is wrong"           },
	{PROBLEM_BAD_REQUEST,   400, "The request is wrong"                    },
	{PROBLEM_NOT_FOUND,     404, "There is no such resource"               },
	{PROBLEM_NO_SUCH_JOB,   404, "There is no such job"                    },
	{PROBLEM_METHOD,        405, "The resource does not take this method"  },
	{PROBLEM_TIMEOUT,       408, "The request took too long"               },
	{PROBLEM_NOT_RETRYABLE, 409, "The job cannot be run again"             },
	{PROBLEM_FINISHED,      409, "The job has ended already"               },
        {PROBLEM_NO_LOG,        409, "The job has no log"                      },
	{PROBLEM_KEY_IN_FLIGHT, 409, "The key's job is on its way"             },
	{PROBLEM_EXPIRED,       410, "The job was known once and is forgotten" },
	{PROBLEM_PRECONDITION,  412, "The resource is not as the request wants"},
	{PROBLEM_TOO_LARGE,     413, "The body is too large"                   },
	{PROBLEM_NOT_JSON_TYPE, 415, "The body is of another type"             },
	{PROBLEM_KEY,           422, "The key was used for another job"        },
	{PROBLEM_NOT_TAKEN,     424, "Another job of the request was refused"  },
	{PROBLEM_BACKLOG,       429, "Too many jobs are waiting"               },
	{PROBLEM_TENANTS,       429, "There are too many tenants"              },
	{PROBLEM_LIMIT_KEY,     429, "Too many jobs have this limit_key"       },
	{PROBLEM_HEADER,        431, "The head of the request is too large"    },
        {PROBLEM_MEMORY,        503, "Out of memory"                           },
	{PROBLEM_DRAINING,      503, "The daemon is stopping"                  },
        {PROBLEM_STORE,         503, "The store cannot be used"                },
	{PROBLEM_INTERNAL,      500, "Something went wrong inside"             }, /* and any other */
};

static const struct kind *kind_of(const struct problem *problem)
{
	const struct kind *kind = kinds, *last = &kinds[ARRAY_LEN(kinds) - 1];

	while (kind < last && (!problem->code || strcmp(kind->code, problem->code) != 0))
		kind++;
	return kind;
}

int wire_problem_status(const struct problem *problem)
{
	return kind_of(problem)->status;
}

static void write_errors(struct out *out, const struct problem *problem)
{
	out_open(out, "errors", '[');
	out_open(out, NULL, '{');
	if (problem->field[0] == '?')
		out_string(out, "parameter", problem->field + 1);
	else
		out_string(out, "pointer", problem->field);
	out_string(out, "detail", problem->message);
	out_close(out, '}');
	out_close(out, ']');
}

int wire_write_problem(
	struct buf *to, const struct problem *problem, const char *instance, const char *request_id)
{
	const struct kind *kind = kind_of(problem);
	struct out out = {.buf = to};
	char type[64] = "urn:penstock:problem:";

	out_open(&out, NULL, '{');
	out_string(&out, "type", strncat(type, kind->code, sizeof(type) - strlen(type) - 1));
	out_string(&out, "title", kind->title);
	out_int(&out, "status", kind->status);
	out_string(&out, "detail", problem->message);
	if (instance)
		out_string(&out, "instance", instance);
	out_string(&out, "code", kind->code);
	if (request_id)
		out_string(&out, "request_id", request_id);
	if (problem->field[0])
		write_errors(&out, problem);
	out_close(&out, '}');
	return to->error;
}
