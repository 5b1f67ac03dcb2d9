/* limits.h - what a tenant may use, and what its jobs are like that do not say. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "core/durability.h"

struct limits {
	uint32_t max_running;       /* jobs at one time; 0: none may run */
	uint32_t max_queued;        /* accepted and not running, scheduled ones too */
	uint32_t weight;            /* of its share when workers are short; 1..1000 */
	enum durability durability; /* of its jobs that do not say */
};

/* Those of them that can be set while the daemon runs.  Another one is a row here, one in limits.c and one in the configuration's table. */
enum limit { LIMIT_MAX_RUNNING, LIMIT_MAX_QUEUED, LIMIT_WEIGHT, LIMITS };

struct limit_field {
	const char *name; /* in JSON */
	const char *key;  /* in the configuration */
	size_t offset;    /* of a uint32_t in struct limits */
	uint32_t min, max;
};

extern const struct limit_field limit_fields[LIMITS];

uint32_t limit_get(const struct limits *limits, enum limit limit);
void limit_set(struct limits *limits, enum limit limit, uint32_t value);

#endif
