/* jobs.h - what results.c, retry.c and bulk.c share with jobs.c. */
#ifndef HTTP_JOBS_H
#define HTTP_JOBS_H

#include "http/inside.h"

/* The id in the path; -ENOENT with words in request->problem when it is none. */
int job_id(struct request *request, struct uuid *ret_id);

/* The seconds that Prefer says to wait, in one of perhaps several such headers; 0: none. */
uint64_t job_preferred_wait(const struct request *request);

/* Whether the body is of this type, in UTF-8. */
bool job_type_is(const struct request *request, const char *wanted);

/* 0, or -EINVAL with words in request->problem: its body is encoded. */
int job_check_encoding(struct request *request);

/* Read a job that a client has sent, within the limits of the configuration; as wire_read_job(). */
int job_read(const struct conf *conf, const char *text, size_t bytes, struct job **ret_job,
	struct problem *reterr);

/* Answer that the job, or the one that it repeats, is accepted: 202.  0 or -ENOMEM. */
int job_accepted(const struct job *job, const struct uuid *job_id, enum job_state state, struct reply *reply);
/* Have the job pass on the trace that the request is part of, if it is of any.  0 or -ENOMEM. */
int job_add_trace(const struct request *request, struct job *job);

#endif
