/* results.c - the result cache; see results.h. */
#include "gate/results.h"

#include <errno.h>
#include <penstock/time.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/hash_table.h"

enum { SHARDS = 16, BUCKETS = 64, OVERHEAD = 160 }; /* bytes a kept result costs beside its body */

struct kept {
	struct result *result;
	int64_t since_ns;
	struct kept *next, *prev; /* by age, oldest first */
	UT_hash_handle hh;
};

struct shard {
	pthread_mutex_t lock;
	struct kept *by_id, *by_age;
	struct results_watch *watches[BUCKETS];
	size_t bytes, entries;
	uint64_t hits, misses, evictions, forgets;
};

struct results {
	size_t shard_bytes_max;
	int64_t age_ns;
	struct shard shards[SHARDS];
};

static void result_drop(void *elem)
{
	result_unref(*(struct result **)elem);
}

/* The last bytes of a UUIDv7 are random. */
static struct shard *shard_of(struct results *results, const struct uuid *id)
{
	return &results->shards[id->bytes[15] % SHARDS];
}

static struct results_watch **bucket_of(struct shard *shard, const struct uuid *id)
{
	return &shard->watches[id->bytes[14] % BUCKETS];
}

struct results *results_new(size_t bytes_max, int64_t age_ns)
{
	struct results *results = calloc(1, sizeof *results);

	if (!results)
		return NULL;
	results->shard_bytes_max = bytes_max / SHARDS;
	results->age_ns = age_ns;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&results->shards[i].lock, NULL);
	return results;
}

static size_t cost(const struct result *result)
{
	return sizeof *result + result->body_bytes + OVERHEAD;
}

static void evict(struct shard *shard, struct kept *kept)
{
	HASH_DEL(shard->by_id, kept);
	DL_DELETE(shard->by_age, kept);
	shard->bytes -= cost(kept->result);
	shard->entries--;
	result_unref(kept->result);
	free(kept);
}

/* With the lock: let go of what is too old, and of the oldest while `room` bytes are not free. */
static void trim(struct results *results, struct shard *shard, size_t room, int64_t now_ns)
{
	while (shard->by_age && (shard->by_age->since_ns + results->age_ns <= now_ns ||
					shard->bytes + room > results->shard_bytes_max)) {
		evict(shard, shard->by_age);
		shard->evictions++;
	}
}

void results_free(struct results *results)
{
	if (!results)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = &results->shards[i];

		while (shard->by_age)
			evict(shard, shard->by_age);
		pthread_mutex_destroy(&shard->lock);
	}
	free(results);
}

struct result *results_get(struct results *results, const struct uuid *id)
{
	struct shard *shard = shard_of(results, id);
	struct result *result = NULL;
	struct kept *kept;

	pthread_mutex_lock(&shard->lock);
	trim(results, shard, 0, pen_now_ns());
	HASH_FIND(hh, shard->by_id, id, sizeof *id, kept);
	if (kept)
		result = result_ref(kept->result);
	shard->hits += kept != NULL;
	shard->misses += kept == NULL;
	pthread_mutex_unlock(&shard->lock);
	return result;
}

/* With the lock.  Out of memory only means that it is not kept: the store has it. */
static void keep(struct results *results, struct shard *shard, struct result *result)
{
	struct kept *kept;

	HASH_FIND(hh, shard->by_id, &result->id, sizeof result->id, kept);
	if (kept)
		evict(shard, kept);
	trim(results, shard, cost(result), pen_now_ns());
	if (cost(result) > results->shard_bytes_max || !(kept = malloc(sizeof *kept)))
		return;
	*kept = (struct kept){.result = result_ref(result), .since_ns = pen_now_ns()};
	HASH_ADD_KEYPTR(hh, shard->by_id, &result->id, sizeof result->id, kept);
	if (!HASH_ADDED(hh, kept)) {
		result_unref(result);
		free(kept);
		return;
	}
	DL_APPEND(shard->by_age, kept);
	shard->bytes += cost(result);
	shard->entries++;
}

/* With the lock: each watch has one place in its channel and is taken off here, so the send cannot fail. */
static void tell_watches(struct shard *shard, struct result *result)
{
	struct results_watch **bucket = bucket_of(shard, &result->id), *watch, *next;

	DL_FOREACH_SAFE (*bucket, watch, next) {
		if (!uuid_equal(&watch->id, &result->id))
			continue;
		DL_DELETE(*bucket, watch);
		watch->watching = false;
		result_ref(result);
		if (pen_chan_try_send(watch->arrived, &result) < 0)
			result_unref(result);
	}
}

/* With the lock. */
static void put(struct results *results, struct shard *shard, struct result *result)
{
	keep(results, shard, result);
	tell_watches(shard, result);
}

void results_put(struct results *results, struct result *result)
{
	struct shard *shard = shard_of(results, &result->id);

	pthread_mutex_lock(&shard->lock);
	put(results, shard, result);
	pthread_mutex_unlock(&shard->lock);
}

void results_put_read(struct results *results, struct result *result, uint64_t forgets)
{
	struct shard *shard = shard_of(results, &result->id);

	pthread_mutex_lock(&shard->lock);
	if (shard->forgets == forgets)
		put(results, shard, result);
	pthread_mutex_unlock(&shard->lock);
}

void results_forget(struct results *results, const struct uuid *id)
{
	struct shard *shard = shard_of(results, id);
	struct kept *kept;

	pthread_mutex_lock(&shard->lock);
	HASH_FIND(hh, shard->by_id, id, sizeof *id, kept);
	if (kept)
		evict(shard, kept);
	shard->forgets++;
	pthread_mutex_unlock(&shard->lock);
}

uint64_t results_forgets(struct results *results, const struct uuid *id)
{
	struct shard *shard = shard_of(results, id);
	uint64_t forgets;

	pthread_mutex_lock(&shard->lock);
	forgets = shard->forgets;
	pthread_mutex_unlock(&shard->lock);
	return forgets;
}

int results_watch(struct results *results, const struct uuid *id, struct results_watch *watch)
{
	struct shard *shard = shard_of(results, id);

	*watch = (struct results_watch){.id = *id, .arrived = pen_chan_new(sizeof(struct result *), 1)};
	if (!watch->arrived)
		return -ENOMEM;
	pen_chan_set_drop(watch->arrived, result_drop);
	pthread_mutex_lock(&shard->lock);
	DL_APPEND(*bucket_of(shard, id), watch);
	watch->watching = true;
	pthread_mutex_unlock(&shard->lock);
	return 0;
}

void results_unwatch(struct results *results, struct results_watch *watch)
{
	struct shard *shard = shard_of(results, &watch->id);

	pthread_mutex_lock(&shard->lock);
	if (watch->watching)
		DL_DELETE(*bucket_of(shard, &watch->id), watch);
	watch->watching = false;
	pthread_mutex_unlock(&shard->lock);
	pen_chan_free(watch->arrived);
}

void results_stats(struct results *results, struct gate_stats *stats)
{
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = &results->shards[i];

		pthread_mutex_lock(&shard->lock);
		trim(results, shard, 0, pen_now_ns());
		stats->cache_bytes += shard->bytes;
		stats->cache_entries += shard->entries;
		stats->cache_hits += shard->hits;
		stats->cache_misses += shard->misses;
		stats->cache_evictions += shard->evictions;
		pthread_mutex_unlock(&shard->lock);
	}
}
