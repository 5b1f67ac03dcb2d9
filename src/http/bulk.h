/*
 * bulk.h - the bodies of requests with several jobs (application/x-ndjson), which may be much longer than others: so what all
 * of them have together is counted, and bounded.
 */
#ifndef HTTP_BULK_H
#define HTTP_BULK_H

#include <stdbool.h>
#include <stddef.h>

struct request;
struct reply;

/* Whether the request, whose route is known, is to submit several jobs. */
bool bulk_is(const struct request *request);

/* Count more of its body; 0, or -ENOMEM with words in request->problem: there is too much of all together. */
int bulk_count(struct request *request, size_t bytes);

/* Submit them: POST /jobs. */
int bulk_submit(struct request *request, struct reply *reply);

/* It is over: what was counted is no more. */
void bulk_end(struct request *request);

#endif
