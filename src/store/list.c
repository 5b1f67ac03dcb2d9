/* list.c - see list.h: what is the same for all kinds of store. */
#include "store/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void store_page_fini(struct store_page *page)
{
	for (size_t i = 0; i < page->n; i++)
		store_record_fini(&page->records[i]);
	free(page->records);
	*page = (struct store_page){0};
}

int listing_init(struct listing *listing, const struct store_query *query)
{
	*listing = (struct listing){
		.query = query,
		.looks_left = STORE_LOOK_MAX,
		.bytes_left = STORE_LOOK_BYTES,
		.last = query->below,
	};
	listing->page.records = calloc(query->jobs_max, sizeof(*listing->page.records));
	return listing->page.records ? 0 : -ENOMEM;
}

bool listing_goes_on(struct listing *listing, int64_t place)
{
	if (listing->page.n == listing->query->jobs_max || listing->looks_left == 0 ||
		listing->bytes_left == 0) {
		listing->page.next = listing->last;
		return false;
	}
	listing->looks_left--;
	listing->last = place;
	return true;
}

bool listing_wants(
	const struct listing *listing, const char *tenant, enum job_kind kind, enum job_state state)
{
	const struct store_query *query = listing->query;

	return (!query->tenant || strcmp(query->tenant, tenant) == 0) &&
	       (query->kind == JOB_KINDS || query->kind == kind) &&
	       (!query->states || query->states >> state & 1);
}

int listing_wants_request(struct listing *listing, const char *request, size_t bytes)
{
	const struct store_query *query = listing->query;

	listing->bytes_left -= bytes < listing->bytes_left ? bytes : listing->bytes_left;
	return query->wanted ? query->wanted(query->arg, request, bytes) : 1;
}

void listing_add(struct listing *listing, struct store_record *record)
{
	listing->page.records[listing->page.n++] = *record;
	*record = (struct store_record){0};
}

int listing_end(struct listing *listing, int error, struct store_page *ret_page)
{
	if (error)
		store_page_fini(&listing->page);
	else
		*ret_page = listing->page;
	return error;
}
