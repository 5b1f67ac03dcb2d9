/* secrets.h - a job's request as its submitter may see it again: without credentials. */
#ifndef WIRE_SECRETS_H
#define WIRE_SECRETS_H

#include "core/job.h"
#include "wire/out.h"

/* Write member `name`: job->request, with "***" for the credentials in it. */
void secrets_write_request(struct out *out, const char *name, const struct job *job);

#endif
