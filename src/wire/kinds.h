/* kinds.h - what wire must know of each job kind: one file spec_<kind>.c and one row in kinds.c. */
#ifndef WIRE_KINDS_H
#define WIRE_KINDS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/problem.h"
#include "core/job.h"
#include "core/outcome.h"
#include "wire/out.h"
#include "wire/text.h"
#include "wire/where.h"
#include "wire/wire.h"

/* The spec of a job as it came. */
struct spec_in {
	struct where where;
	json_t *json;     /* NULL: there is none */
	struct text text; /* the same as it was sent, but for spaces */
	const struct wire_limits *limits;
};

struct wire_kind {
	bool needs_spec;
	bool result_from_spec; /* known from the spec alone, once the job has succeeded */

	/* Fill job->spec, even if it fails in part: that is freed with the job.  0, -EINVAL or -ENOMEM with words. */
	int (*read_spec)(const struct spec_in *in, struct job *job, struct problem *reterr);

	/* Write the value of "result"; `outcome` is NULL when it is known from the spec. */
	void (*write_result)(struct out *out, const struct job *job, const struct outcome *outcome);
};

extern const struct wire_kind wire_echo, wire_sleep, wire_http, wire_command;

const struct wire_kind *wire_kind(enum job_kind kind);

#endif
