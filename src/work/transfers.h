/*
 * transfers.h - libcurl on the loops: a straight-line call that performs one easy handle.
 *
 * Each loop has its own multi handles, each driven by one task ("pump").  libcurl looks for a reusable connection by walking a list,
 * so a multi handle takes at most TRANSFERS_A_MULTI transfers before the loop opens another.
 *
 * All of one loop's handles are touched by that loop's tasks only, and no callback of libcurl parks: so there are no locks, and a
 * multi handle is never entered twice.
 */
#ifndef WORK_TRANSFERS_H
#define WORK_TRANSFERS_H

#include <penstock/ctx.h>

#include "work/outside.h"

enum { TRANSFERS_A_MULTI = 256 };

struct transfers;

int transfers_new(struct transfers **ret_transfers); /* in a task; 0 or -ENOMEM */
void transfers_free(
	struct transfers *transfers); /* waits for the pumps; no transfer may be left; NULL is allowed */

/* An easy handle, once outside_load() was called, with all but its buffers' sizes at the default, and its return; on the same loop.  NULL: out of memory. */
CURL *transfers_take_easy(struct transfers *transfers);
void transfers_give_easy(struct transfers *transfers, CURL *easy);

/*
 * Perform `easy`, waiting until it is done or `ctx` ends; then the transfer is aborted.  0 with libcurl's verdict in `*ret_code`;
 * -ECANCELED, -ETIMEDOUT, -ENOMEM or what the system said.
 */
int transfers_perform(struct pen_ctx *ctx, struct transfers *transfers, CURL *easy, CURLcode *ret_code);

/* From a callback of libcurl: let transfers_perform() of this handle return `error` at once, whatever libcurl makes of it. */
void transfers_give_up(CURL *easy, int error);

#endif
