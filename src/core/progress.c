/* progress.c - the attempts of a job so far; see job.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fit.h"
#include "core/job.h"

int progress_copy(struct progress *ret_copy, const struct progress *progress)
{
	struct progress copy = *progress;

	copy.kept = NULL;
	if (progress->n_kept > 0) {
		copy.kept = malloc(progress->n_kept * sizeof *copy.kept);
		if (!copy.kept)
			return -ENOMEM;
		memcpy(copy.kept, progress->kept, progress->n_kept * sizeof *copy.kept);
	}
	*ret_copy = copy;
	return 0;
}

void progress_fini(struct progress *progress)
{
	free(progress->kept);
	*progress = (struct progress){0};
}

/* Room for one more at the end: by forgetting the second, so that the first and the latest stay. */
static struct attempt *next_place(struct progress *progress)
{
	struct attempt *kept;

	if (progress->n_kept == ATTEMPTS_KEPT) {
		memmove(&progress->kept[1], &progress->kept[2], (ATTEMPTS_KEPT - 2) * sizeof *progress->kept);
		return &progress->kept[ATTEMPTS_KEPT - 1];
	}
	kept = reallocarray(progress->kept, progress->n_kept + 1, sizeof *kept);
	if (!kept)
		return NULL;
	progress->kept = kept;
	return &kept[progress->n_kept++];
}

int progress_started(struct progress *progress, int64_t now_ms)
{
	struct attempt *attempt = next_place(progress);

	if (!attempt)
		return -ENOMEM;
	*attempt = (struct attempt){.number = ++progress->attempts, .started_ms = now_ms};
	if (!progress->started_ms)
		progress->started_ms = now_ms;
	return 0;
}

void progress_ended(struct progress *progress, int64_t now_ms, const char *code, const char *message)
{
	struct attempt *attempt;

	if (progress->n_kept == 0)
		return;
	attempt = &progress->kept[progress->n_kept - 1];
	attempt->finished_ms = now_ms;
	fit_print(attempt->code, sizeof attempt->code, "%s", code);
	fit_print(attempt->message, sizeof attempt->message, "%s", message);
}
