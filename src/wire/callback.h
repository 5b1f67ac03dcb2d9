/* callback.h - the part of a request that says who is to be told of the job's end. */
#ifndef WIRE_CALLBACK_H
#define WIRE_CALLBACK_H

#include <jansson.h>

#include "base/problem.h"
#include "core/job.h"

/* Read it into the job; NULL and null: nobody is.  0, -EINVAL or -ENOMEM with words in reterr. */
int callback_read(json_t *json, struct job *job, struct problem *reterr);

#endif
