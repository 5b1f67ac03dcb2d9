/* logs.c - see logs.h. */
#include "gate/logs.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash_table.h"

struct held {
	struct uuid id;
	struct live *live;
	size_t holders;
	UT_hash_handle hh;
};

struct logs {
	pthread_mutex_t lock;
	struct held *by_id;
};

struct logs *logs_new(void)
{
	struct logs *logs = calloc(1, sizeof *logs);

	if (logs)
		pthread_mutex_init(&logs->lock, NULL);
	return logs;
}

static void held_free(struct held *held)
{
	if (!held)
		return;
	live_free(held->live);
	free(held);
}

void logs_free(struct logs *logs)
{
	struct held *held, *next;

	if (!logs)
		return;
	HASH_ITER (hh, logs->by_id, held, next) {
		HASH_DEL(logs->by_id, held);
		held_free(held);
	}
	pthread_mutex_destroy(&logs->lock);
	free(logs);
}

/* With the lock. */
static struct held *make(struct logs *logs, const struct uuid *id)
{
	struct held *held = calloc(1, sizeof *held);

	if (!held)
		return NULL;
	held->id = *id;
	held->live = live_new();
	if (held->live)
		HASH_ADD(hh, logs->by_id, id, sizeof held->id, held);
	if (held->live && HASH_ADDED(hh, held))
		return held;
	held_free(held);
	return NULL;
}

struct live *logs_take(struct logs *logs, const struct uuid *id)
{
	struct held *held;

	pthread_mutex_lock(&logs->lock);
	HASH_FIND(hh, logs->by_id, id, sizeof *id, held);
	if (!held)
		held = make(logs, id);
	if (held)
		held->holders++;
	pthread_mutex_unlock(&logs->lock);
	return held ? held->live : NULL;
}

void logs_put(struct logs *logs, const struct uuid *id)
{
	struct held *held;

	pthread_mutex_lock(&logs->lock);
	HASH_FIND(hh, logs->by_id, id, sizeof *id, held);
	if (--held->holders == 0)
		HASH_DEL(logs->by_id, held);
	else
		held = NULL;
	pthread_mutex_unlock(&logs->lock);
	held_free(held);
}
