/* limits.c - see limits.h: one row a limit, in the order of enum limit. */
#include "core/limits.h"

#define AT(member) offsetof(struct limits, member)
#define DAY_NS (INT64_C(86400) * 1000000000)

const struct limit_field limit_fields[LIMITS] = {
	[LIMIT_MAX_RUNNING] = {"max_running",      "max-running",      LIMIT_NUMBER, AT(max_running),     0, 65536,        NULL},
	[LIMIT_MAX_QUEUED] = {"max_queued",       "max-queued",       LIMIT_NUMBER, AT(max_queued),      0, 100000000,    NULL},
	[LIMIT_WEIGHT] = {"weight",           "weight",           LIMIT_NUMBER, AT(weight),          1, 1000,         NULL},
	[LIMIT_RATE] = {"rate",             "rate",             LIMIT_OFTEN,  AT(starts.rate),     0, 0,            NULL},
	[LIMIT_BURST] = {"burst",            "burst",            LIMIT_NUMBER, AT(starts.burst),    0, BURST_MAX,    NULL},
	[LIMIT_HOST_CONNECTIONS] = {"host_connections", "host-connections", LIMIT_NUMBER,
			       AT(host_connections),						      1, 65536,        NULL},
	[LIMIT_KEY_MAX_RUNNING] = {"key_max_running",  "key-max-running",  LIMIT_NUMBER, AT(key_max_running), 1,
			       65536,										      NULL},
	[LIMIT_KEY_POLICY] = {"key_policy",       "key-policy",       LIMIT_CHOICE, AT(key_policy),      0, 0,
			       KEY_POLICY_WORDS										},
	[LIMIT_AGEING] = {"ageing",           "ageing",           LIMIT_TIME,   AT(ageing_ns),       0, 365 * DAY_NS, NULL},
	[LIMIT_TIMEOUT_MAX] = {"timeout_max",      "timeout-max",      LIMIT_TIME,   AT(timeout_max_ns),  0, 365 * DAY_NS,
			       NULL											    },
	[LIMIT_DURABILITY] = {"durability",       "durability",       LIMIT_CHOICE, AT(durability),      0, 0,
			       DURABILITY_WORDS										},
};

#undef AT

static void *at(const struct limits *limits, enum limit limit)
{
	return (char *)limits + limit_fields[limit].offset;
}

/* An enum of these is an unsigned int, as they have no negative numbers. */
_Static_assert(sizeof(enum key_policy) == sizeof(unsigned) && sizeof(enum durability) == sizeof(unsigned),
	"a choice is an unsigned int");

uint64_t limit_get(const struct limits *limits, enum limit limit)
{
	const void *from = at(limits, limit);

	switch (limit_fields[limit].type) {
	case LIMIT_OFTEN:
		return limit_of_rate(*(const struct rate *)from);
	case LIMIT_TIME:
		return (uint64_t) * (const int64_t *)from;
	default:
		return *(const uint32_t *)from;
	}
}

void limit_set(struct limits *limits, enum limit limit, uint64_t value)
{
	void *to = at(limits, limit);

	switch (limit_fields[limit].type) {
	case LIMIT_OFTEN:
		*(struct rate *)to = limit_to_rate(value);
		break;
	case LIMIT_TIME:
		*(int64_t *)to = (int64_t)value;
		break;
	default:
		*(uint32_t *)to = (uint32_t)value;
	}
}
