/* sign.h - signatures of calls, by Standard Webhooks: HMAC-SHA256 over id, time and body. */
#ifndef WORK_SIGN_H
#define WORK_SIGN_H

#include <stdint.h>

#include "base/buf.h"
#include "core/signing.h"

/*
 * Append the value of "webhook-signature": one signature for each of the key's secrets, so that a receiver who knows any of them can check it.
 * 0 or -ENOMEM.
 */
int sign_call(struct buf *out, const struct signing_key *key, const char *id, int64_t timestamp_s,
	const char *body, size_t body_bytes);

#endif
