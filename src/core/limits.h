/* limits.h - what a tenant may use. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stdint.h>

struct limits {
	uint32_t max_running; /* jobs at one time; 0: none may run */
	uint32_t max_queued;  /* accepted and not running, scheduled ones too */
	uint32_t weight;      /* of its share when workers are short; 1..1000 */
};

#endif
