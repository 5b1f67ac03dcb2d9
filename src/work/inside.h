/* inside.h - what the kinds share: the options, one row a kind, and the ends that any kind may come to. */
#ifndef WORK_INSIDE_H
#define WORK_INSIDE_H

#include "work/work.h"

struct cgroups;
struct spawner;
struct transfers;
struct own;
struct endpoints;

struct work {
	struct work_options options;
	struct transfers *transfers; /* of http jobs */
	struct endpoints *endpoints; /* that they should leave alone */
	struct own *own;             /* the addresses of this machine, for them */
	struct cgroups *cgroups;     /* of commands; NULL: none are delegated */
	struct spawner *spawner;     /* of commands: penstock-exec */
};

/*
 * The attempt could not go on and `error` (-errno) says why: TIMEOUT or CANCELLED when that was the end of `ctx`, else
 * work_refused().  Whether another attempt may help is left to the kind, which outcome->kind says.
 */
void work_broken_off(struct pen_ctx *ctx, int error, struct outcome *outcome);

/* The system had no memory, descriptor or the like: FAILED, worth another attempt. */
void work_refused(int error, struct outcome *outcome);

/* One a kind, each in its file. */
void echo_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome);
void sleep_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome);
void http_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome);
void command_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct work_terms *terms, struct outcome *outcome);

#endif
