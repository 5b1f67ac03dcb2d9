/* limits.h - what a tenant may use, and what its jobs are like that do not say. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stdint.h>

#include "core/durability.h"

struct limits {
	uint32_t max_running;       /* jobs at one time; 0: none may run */
	uint32_t max_queued;        /* accepted and not running, scheduled ones too */
	uint32_t weight;            /* of its share when workers are short; 1..1000 */
	enum durability durability; /* of its jobs that do not say */
};

#endif
