/* kinds.c - the table of kinds. */
#include "wire/kinds.h"

static const struct wire_kind *const kinds[JOB_KINDS] = {
	[JOB_ECHO] = &wire_echo,
	[JOB_SLEEP] = &wire_sleep,
	[JOB_HTTP] = &wire_http,
	[JOB_COMMAND] = &wire_command,
};

const struct wire_kind *wire_kind(enum job_kind kind)
{
	return kinds[kind];
}
