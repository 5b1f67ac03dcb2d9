/*
 * resting.c - tenants that have no jobs, but have spent tokens that they have not got back.
 *
 * Who was forgotten before its bucket is full would come back with a full one.  All that is to be known of such a tenant is its
 * bucket, so it is kept by itself: of idle tenants there may be many.  It goes when the bucket is full, or when there are jobs again.
 */
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>

#include "gate/inside.h"

struct resting {
	struct heap_item full; /* in gate->filling: when it is */
	struct bucket bucket;
	struct bucket_size size;
	UT_hash_handle hh;
	char name[];
};

static struct resting *find(const struct gate *gate, const char *name)
{
	struct resting *resting;

	HASH_FIND_STR(gate->resting, name, resting);
	return resting;
}

static struct resting *resting_new(struct gate *gate, const char *name)
{
	size_t bytes = strlen(name) + 1;
	struct resting *resting = calloc(1, sizeof *resting + bytes);

	if (!resting)
		return NULL;
	memcpy(resting->name, name, bytes);
	heap_item_init(&resting->full);
	HASH_ADD_STR(gate->resting, name, resting);
	if (HASH_ADDED(hh, resting))
		return resting;
	free(resting);
	return NULL;
}

static void wake(struct gate *gate, struct resting *resting)
{
	heap_remove(&gate->filling, &resting->full);
	HASH_DEL(gate->resting, resting);
	free(resting);
}

/* Whether there was memory for it; else it rests no longer. */
static bool rest(struct gate *gate, struct resting *resting, int64_t now_ns)
{
	heap_remove(&gate->filling, &resting->full);
	resting->full.key = bucket_full_ns(&resting->bucket, &resting->size, now_ns);
	if (heap_push(&gate->filling, &resting->full) == 0)
		return true;
	wake(gate, resting);
	return false;
}

bool resting_begin(struct gate *gate, const struct tenant *tenant, int64_t now_ns)
{
	struct resting *resting = resting_new(gate, tenant->name);

	if (!resting)
		return false;
	resting->bucket = tenant->starts;
	resting->size = tenant->limits.starts;
	return rest(gate, resting, now_ns);
}

void resting_end(struct gate *gate, struct tenant *tenant)
{
	struct resting *resting = find(gate, tenant->name);

	if (!resting)
		return;
	tenant->starts = resting->bucket;
	wake(gate, resting);
}

bool resting_is(const struct gate *gate, const char *name)
{
	return find(gate, name);
}

size_t resting_count(const struct gate *gate)
{
	return HASH_COUNT(gate->resting);
}

/* Whose bucket would no longer be full for want of memory is not held to its rate this once. */
static void set_limits(struct gate *gate, struct resting *resting)
{
	int64_t now_ns = pen_now_ns();
	struct limits limits;

	control_limits(gate, resting->name, &limits);
	bucket_resize(&resting->bucket, &resting->size, &limits.starts, now_ns);
	resting->size = limits.starts;
	rest(gate, resting, now_ns);
}

void resting_set_limits(struct gate *gate, const char *name)
{
	struct resting *resting = find(gate, name);

	if (resting)
		set_limits(gate, resting);
}

void resting_reconfigure(struct gate *gate)
{
	struct resting *resting, *next;

	HASH_ITER (hh, gate->resting, resting, next)
		set_limits(gate, resting);
}

void resting_look(struct gate *gate, int64_t now_ns)
{
	struct heap_item *item;

	while ((item = heap_first(&gate->filling)) && item->key <= now_ns)
		wake(gate, (struct resting *)((char *)item - offsetof(struct resting, full)));
}

void resting_free(struct gate *gate)
{
	while (gate->resting)
		wake(gate, gate->resting);
}
