/* jobs.h - what results.c and bulk.c share with jobs.c. */
#ifndef HTTP_JOBS_H
#define HTTP_JOBS_H

#include "http/inside.h"

/* The id in the path; -ENOENT with words in request->problem when it is none. */
int job_id(struct request *request, struct uuid *ret_id);

/* The seconds that Prefer says to wait, in one of perhaps several such headers; 0: none. */
uint64_t job_preferred_wait(const struct request *request);

/* Whether the body is of this type, in UTF-8. */
bool job_type_is(const struct request *request, const char *wanted);

#endif
