/* limits.h - what a tenant may use, and what its jobs are like that do not say. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stdint.h>

#include "core/bucket.h"
#include "core/durability.h"

/* What becomes of a job when as many of its limit_key wait and run already as may run. */
enum key_policy { KEY_QUEUE, KEY_REJECT, KEY_CANCEL_OLDEST, KEY_CANCEL_NEWEST };

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

#endif
