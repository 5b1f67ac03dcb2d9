/* echo.c - the job that gives back its spec; wire writes it straight from the job. */
#include "work/inside.h"

void echo_run(struct pen_ctx *ctx, struct work *work, const struct job *job, const struct work_terms *terms,
	struct outcome *outcome)
{
	(void)ctx;
	(void)work;
	(void)job;
	(void)terms;
	outcome->end = OUTCOME_SUCCEEDED;
}
