/* retry.c - POST /jobs/{id}:retry, and POST /jobs:retry of a page of jobs. */
#include <errno.h>
#include <penstock/group.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "http/cursor.h"
#include "http/jobs.h"
#include "http/wanted.h"

enum { RETRIES_AT_ONCE = 64 }; /* so that they go on record together */

#define RETRYABLE (1u << JOB_FAILED | 1u << JOB_CANCELLED | 1u << JOB_EXPIRED)

int job_retry(struct request *request, struct reply *reply)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct uuid id;
	int r = job_id(request, &id);

	if (r == 0)
		r = gate_look(request_gate(request), &id, &record, &request->problem);
	if (r == 0)
		r = gate_retry(request_gate(request), &id, &request->problem);
	return r < 0 ? r : job_accepted(record.job, &id, JOB_QUEUED, reply);
}

/* What has come of a page; its tasks may be on any loop. */
struct retries {
	struct request *request;
	pthread_mutex_t lock; /* all below, and the request's problem */
	size_t retried, skipped;
	int error;
};

struct retry {
	struct retries *all;
	const struct uuid *id;
};

/* By now it may have been asked for again, or be forgotten; that is no error, as the others are not the worse for it. */
static bool is_skipped(int error)
{
	return error == -EALREADY || error == -EBUSY || error == -ENOENT || error == -ESTALE;
}

/* The first error ends it: there is no more room, or nothing can be put on record. */
static int retry_one(struct pen_ctx *ctx, void *arg)
{
	struct retry *retry = arg;
	struct retries *all = retry->all;
	struct problem problem = {0};
	int r = gate_retry(request_gate(all->request), retry->id, &problem);
	bool skipped = is_skipped(r);

	(void)ctx;
	pthread_mutex_lock(&all->lock);
	all->retried += r == 0;
	all->skipped += skipped;
	if (r < 0 && !skipped && !all->error) {
		all->error = r;
		all->request->problem = problem;
	}
	pthread_mutex_unlock(&all->lock);
	return skipped ? 0 : r;
}

static int start_each(
	struct pen_group *group, struct retry *retries, struct retries *all, const struct store_page *page)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < page->n; i++) {
		retries[i] = (struct retry){all, &page->records[i].job->id};
		r = pen_group_go(group, retry_one, &retries[i]);
	}
	return r;
}

/* 0, or the first error. */
static int retry_page(struct retries *all, const struct store_page *page)
{
	struct retry *retries = calloc(page->n + 1, sizeof(*retries));
	struct pen_group *group = NULL;
	int started = retries ? pen_group_new(&group, request_ctx(all->request), RETRIES_AT_ONCE) : -ENOMEM;
	int r = 0;

	if (started == 0) {
		started = start_each(group, retries, all, page);
		r = pen_group_wait(group);
	}
	pen_group_free(group);
	free(retries);
	if (r == 0 && started == -ECANCELED) /* the server stops */
		return problem_set(&all->request->problem, -ESHUTDOWN, PROBLEM_DRAINING, NULL,
			"the daemon is shutting down and retries no more jobs");
	return r < 0 ? r : started;
}

static int read_query(struct request *request, struct wanted *wanted)
{
	int r = wanted_read(request, wanted);

	if (r < 0)
		return r;
	if (!wanted->query.states)
		wanted->query.states = 1u << JOB_FAILED;
	if (wanted->query.states & ~RETRYABLE)
		return target_problem(&request->problem, "state",
			"must be of failed, cancelled and expired, with commas between: no others can be retried");
	return 0;
}

static int write_retries(struct buf *body, const struct retries *all, int64_t next)
{
	int r = buf_addf(body, "{\"retried\":%zu,\"skipped\":%zu,", all->retried, all->skipped);

	return r < 0 ? r : cursor_add(body, next);
}

int jobs_retry(struct request *request, struct reply *reply)
{
	CLEANUP(store_page_fini) struct store_page page = {0};
	CLEANUP(buf_fini) struct buf body = {0};
	struct retries all = {.request = request, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct wanted wanted;
	int r = read_query(request, &wanted);

	if (r == 0)
		r = gate_list(request_gate(request), &wanted.query, &page, &request->problem);
	if (r == 0)
		r = retry_page(&all, &page);
	if (r == 0)
		r = write_retries(&body, &all, page.next);
	pthread_mutex_destroy(&all.lock);
	return r < 0 ? r : reply_json(reply, MHD_HTTP_OK, &body);
}
