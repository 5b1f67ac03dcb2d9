/* arrivals.c - idempotency keys whose jobs are on their way into the store, where nobody can look for them yet. */
#include <errno.h>
#include <penstock/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/inside.h"

static int no_memory(struct problem *reterr)
{
	return problem_set(reterr, -ENOMEM, PROBLEM_MEMORY, NULL, "no memory for another key");
}

int arrivals_add(struct gate *gate, struct entry *entry, struct problem *reterr)
{
	struct entry *first;
	char *name;

	if (!entry->job->key)
		return 0;
	if (asprintf(&name, "%s %s", entry->job->tenant, entry->job->key) < 0) /* a tenant has no blanks */
		return no_memory(reterr);
	HASH_FIND(by_key, gate->arrivals, name, strlen(name), first);
	if (first) {
		free(name);
		reterr->retry_after_ns = PEN_SECOND;
		return problem_set(reterr, -EINPROGRESS, PROBLEM_KEY_IN_FLIGHT, NULL,
			"a job with this Idempotency-Key is just being put on record");
	}
	HASH_ADD_KEYPTR(by_key, gate->arrivals, name, strlen(name), entry);
	if (!HASH_ADDED(by_key, entry)) {
		free(name);
		return no_memory(reterr);
	}
	entry->arriving = name;
	return 0;
}

void arrivals_remove(struct gate *gate, struct entry *entry)
{
	if (!entry->arriving)
		return;
	HASH_DELETE(by_key, gate->arrivals, entry);
	free(entry->arriving);
	entry->arriving = NULL;
}
