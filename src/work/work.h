/*
 * work.h - doing one attempt of a job, whatever its kind: one file a kind, one row a kind in kinds.c.
 */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include <penstock/ctx.h>

#include "core/breaker.h"
#include "core/command.h"
#include "core/guard.h"
#include "core/outcome.h"
#include "core/signing.h"
#include "work/live.h"

struct work_options {
	size_t http_body_max;     /* bytes kept of an answer's body */
	int64_t command_grace_ns; /* from TERM to KILL */
	const char *supervisor;   /* penstock-exec; NULL: where it is found */
};

/* Files of calls over TLS; NULL: the system's authorities, no certificate of our own, its key beside it. */
struct work_tls {
	const char *ca_file, *certificate, *key;
};

/* What the configuration has for an attempt; all of it is borrowed until the attempt is over. */
struct work_terms {
	struct breaker_rules breaker; /* of endpoints that http jobs call */
	struct work_tls tls;
	const struct command_def *command; /* of a command job; NULL: it has none of that name (any more) */
	struct live *live;                 /* where its output is heard while it runs; NULL: nowhere */
	const struct signing_key
		*signing_key; /* of an http job that is to be signed; NULL: as with a command */
	const struct guard *guard,
		*tenant_guard; /* what http jobs may call: of all, and of the job's tenant */
};

struct work;

/* What the kinds need on every loop (curl handles, ...).  In a task; gives a work, or -errno. */
int work_new(const struct work_options *options, struct work **ret_work);
void work_free(struct work *work); /* after the last attempt; NULL is allowed; in a task */

/* The endpoints with which something is wrong: how many are known, and of those open; how often one opened, and a call was put off. */
struct endpoints_numbers {
	uint64_t known, open, openings, put_off;
};

void work_count(struct work *work, struct endpoints_numbers *ret_numbers);

/*
 * Check a job's spec against the definition, and where the paths in it lead: command_check(), then a look at the file
 * system.  0 or -EINVAL with a pointer below "/spec" in reterr.
 */
int work_check_command(
	const struct command_def *def, const struct command_spec *spec, struct problem *reterr);

/* Whether commands can be run here: 0, or -errno and in reterr what is missing. */
int work_can_run_commands(struct problem *reterr);

/*
 * Run one attempt of `job` in the calling task and fill `*outcome` (zeroed by the caller).  Ends soon after `ctx` does: OUTCOME_TIMEOUT
 * when by its deadline, OUTCOME_CANCELLED otherwise; nothing of the attempt is left running.  A command that the terms do not
 * have fails with code "no-such-command", a call to what no guard opens with "blocked-address" or "blocked-port".
 */
void work_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome);

#endif
