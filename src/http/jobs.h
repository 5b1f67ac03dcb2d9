/* jobs.h - what results.c shares with jobs.c. */
#ifndef HTTP_JOBS_H
#define HTTP_JOBS_H

#include "http/inside.h"

/* The id in the path; -ENOENT with words in request->problem when it is none. */
int job_id(struct request *request, struct uuid *ret_id);

#endif
