/* limits.h - what a tenant may use, and what its jobs are like that do not say. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "core/bucket.h"
#include "core/durability.h"

/* What becomes of a job when as many of its limit_key wait and run already as may run. */
enum key_policy { KEY_QUEUE, KEY_REJECT, KEY_CANCEL_OLDEST, KEY_CANCEL_NEWEST };

#define KEY_POLICY_WORDS "queue reject cancel-oldest cancel-newest"

struct limits {
	uint32_t max_running;       /* jobs at one time, or slots of them; 0: none may run */
	uint32_t max_queued;        /* accepted and not running, scheduled ones too */
	uint32_t weight;            /* of its share when workers are short; 1..1000 */
	enum durability durability; /* of its jobs that do not say */
	struct bucket_size starts;  /* how often its attempts may begin */
	int64_t ageing_ns;          /* of waiting that counts as a step of priority; 0: none does */
	int64_t timeout_max_ns;     /* of an attempt; 0: as the daemon's */
	uint32_t host_connections;  /* http jobs at one time for one endpoint */
	uint32_t key_max_running;   /* jobs at one time of one limit_key */
	enum key_policy key_policy;
};

/* Those of them that can be set while the daemon runs.  Another one is a row here, one in limits.c and one in the configuration's table. */
enum limit {
	LIMIT_MAX_RUNNING,
	LIMIT_MAX_QUEUED,
	LIMIT_WEIGHT,
	LIMIT_RATE,
	LIMIT_BURST,
	LIMIT_HOST_CONNECTIONS,
	LIMIT_KEY_MAX_RUNNING,
	LIMIT_KEY_POLICY,
	LIMIT_AGEING,
	LIMIT_TIMEOUT_MAX,
	LIMIT_DURABILITY,
	LIMITS
};

enum limit_type {
	LIMIT_NUMBER, /* uint32_t */
	LIMIT_OFTEN,  /* struct rate */
	LIMIT_TIME,   /* int64_t ns */
	LIMIT_CHOICE, /* an enum */
	LIMIT_TYPES
};

struct limit_field {
	const char *name; /* in JSON */
	const char *key;  /* in the configuration */
	enum limit_type type;
	size_t offset;     /* in struct limits */
	int64_t min, max;  /* of a number or a time */
	const char *words; /* of a choice, see base/words.h */
};

extern const struct limit_field limit_fields[LIMITS];

/* A value of any type; of a rate its count and, times 2^32, its seconds. */
uint64_t limit_get(const struct limits *limits, enum limit limit);
void limit_set(struct limits *limits, enum limit limit, uint64_t value);

static inline uint64_t limit_of_rate(struct rate rate)
{
	return (uint64_t)rate.seconds << 32 | rate.count;
}

static inline struct rate limit_to_rate(uint64_t value)
{
	return (struct rate){.count = (uint32_t)value, .seconds = (uint32_t)(value >> 32)};
}

#endif
