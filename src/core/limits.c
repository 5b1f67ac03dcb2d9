/* limits.c - see limits.h: one row a limit, in the order of enum limit. */
#include "core/limits.h"

#define AT(member) offsetof(struct limits, member)

const struct limit_field limit_fields[LIMITS] = {
	[LIMIT_MAX_RUNNING] = {"max_running",      "max-running",      LIMIT_NUMBER, AT(max_running),     0, 65536    },
	[LIMIT_MAX_QUEUED] = {"max_queued",       "max-queued",       LIMIT_NUMBER, AT(max_queued),      0, 100000000},
	[LIMIT_WEIGHT] = {"weight",           "weight",           LIMIT_NUMBER, AT(weight),          1, 1000     },
	[LIMIT_RATE] = {"rate",             "rate",             LIMIT_OFTEN,  AT(starts.rate),     0, 0        },
	[LIMIT_BURST] = {"burst",            "burst",            LIMIT_NUMBER, AT(starts.burst),    0, BURST_MAX},
	[LIMIT_HOST_CONNECTIONS] = {"host_connections", "host-connections", LIMIT_NUMBER,
			       AT(host_connections),						      1, 65536    },
	[LIMIT_KEY_MAX_RUNNING] = {"key_max_running",  "key-max-running",  LIMIT_NUMBER, AT(key_max_running), 1,
			       65536										  },
};

#undef AT

static void *at(const struct limits *limits, enum limit limit)
{
	return (char *)limits + limit_fields[limit].offset;
}

uint64_t limit_get(const struct limits *limits, enum limit limit)
{
	const void *from = at(limits, limit);

	if (limit_fields[limit].type == LIMIT_OFTEN)
		return limit_of_rate(*(const struct rate *)from);
	return *(const uint32_t *)from;
}

void limit_set(struct limits *limits, enum limit limit, uint64_t value)
{
	void *to = at(limits, limit);

	if (limit_fields[limit].type == LIMIT_OFTEN)
		*(struct rate *)to = limit_to_rate(value);
	else
		*(uint32_t *)to = (uint32_t)value;
}
