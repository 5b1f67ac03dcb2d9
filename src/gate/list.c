/* list.c - pages of jobs, from the store alone: the gate's task has no part in it. */
#include <errno.h>
#include <string.h>

#include "gate/inside.h"

int gate_list(struct gate *gate, const struct store_query *query, struct store_page *ret_page,
	struct problem *reterr)
{
	int r = store_list(gate->store, query, ret_page);

	if (r < 0 && r != -ENOMEM)
		return problem_set(
			reterr, r, PROBLEM_STORE, NULL, "the store could not be read: %s", strerror(-r));
	return r;
}
