/* sleep.c - the job that waits. */
#include <penstock/time.h>

#include "work/inside.h"

void sleep_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome)
{
	int r = pen_sleep(ctx, job->spec.sleep.for_ns);

	(void)work;
	(void)terms;
	if (r < 0)
		work_broken_off(ctx, r, outcome);
	else
		outcome->end = OUTCOME_SUCCEEDED;
}
