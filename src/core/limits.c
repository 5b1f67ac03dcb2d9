/* limits.c - see limits.h: one row a limit, in the order of enum limit. */
#include "core/limits.h"

#include <string.h>

#define AT(member) offsetof(struct limits, member)

const struct limit_field limit_fields[LIMITS] = {
	[LIMIT_MAX_RUNNING] = {"max_running", "max-running", AT(max_running), 0, 65536    },
	[LIMIT_MAX_QUEUED] = {"max_queued",  "max-queued",  AT(max_queued),  0, 100000000},
	[LIMIT_WEIGHT] = {"weight",      "weight",      AT(weight),      1, 1000     },
};

#undef AT

uint32_t limit_get(const struct limits *limits, enum limit limit)
{
	uint32_t value;

	memcpy(&value, (const char *)limits + limit_fields[limit].offset, sizeof(value));
	return value;
}

void limit_set(struct limits *limits, enum limit limit, uint32_t value)
{
	memcpy((char *)limits + limit_fields[limit].offset, &value, sizeof(value));
}
