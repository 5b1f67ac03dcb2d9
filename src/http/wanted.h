/* wanted.h - which jobs a request is about that names none: the filters of its query. */
#ifndef HTTP_WANTED_H
#define HTTP_WANTED_H

#include "http/inside.h"

struct wanted {
	struct store_query query;
	struct wire_label labels[PARAMETERS_MAX];
	size_t n_labels;
};

/* Borrows the request's target, and the query borrows `wanted`.  0, or -EINVAL with words in the request. */
int wanted_read(struct request *request, struct wanted *wanted);

#endif
