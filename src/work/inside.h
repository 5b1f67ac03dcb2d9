/* inside.h - what the kinds share: the options, and one row a kind. */
#ifndef WORK_INSIDE_H
#define WORK_INSIDE_H

#include "work/work.h"

struct transfers;

struct work {
	struct work_options options;
	struct transfers *transfers; /* of http jobs */
};

/* How the end of a context becomes the end of an attempt: TIMEOUT or CANCELLED with words. */
void work_ended_by(struct pen_ctx *ctx, struct outcome *outcome);

/* One a kind, each in its file. */
void echo_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome);
void sleep_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome);
void http_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome);
void command_run(struct pen_ctx *ctx, struct work *work, const struct job *job,
	const struct command_def *command, struct outcome *outcome);

#endif
