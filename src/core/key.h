/* key.h - an idempotency key as it is on record: whose it is, and what it stands for. */
#ifndef CORE_KEY_H
#define CORE_KEY_H

#include "core/job.h"

struct key_record {
	char tenant[TENANT_NAME_MAX + 1], key[JOB_KEY_MAX + 1];
	struct uuid id;       /* of its job */
	enum job_state state; /* as it was accepted */
	uint64_t digest;      /* job_digest() of what was asked for */
	int64_t until_ms;     /* wall time */
};

#endif
