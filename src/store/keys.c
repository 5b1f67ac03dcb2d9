/* keys.c - see keys.h. */
#include "store/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/hash_table.h"

#define NAME_BYTES (TENANT_NAME_MAX + 1 + JOB_KEY_MAX + 1)

struct key {
	char name[NAME_BYTES]; /* the tenant's, NUL, the key */
	struct store_receipt receipt;
	uint64_t digest;
	int64_t until_ms;
	struct key *prev, *next; /* by age */
	UT_hash_handle hh;
};

/* Zeroed to the end, so that all of it can be compared. */
static void set_name(char name[static NAME_BYTES], const struct job *job)
{
	memset(name, 0, NAME_BYTES);
	strncpy(name, job->tenant, TENANT_NAME_MAX);
	strncpy(name + strlen(name) + 1, job->key, JOB_KEY_MAX);
}

struct key *key_new(const struct store_op *op, int64_t now_ms)
{
	struct key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	set_name(key->name, op->job);
	key->receipt = (struct store_receipt){.id = op->job->id, .state = op->progress.state};
	key->digest = job_digest(op->job);
	key->until_ms = now_ms + STORE_KEY_MS;
	return key;
}

void key_free(struct key *key)
{
	free(key);
}

bool keys_find(const struct keys *keys, const struct job *job, int64_t now_ms, struct store_receipt *receipt)
{
	char name[NAME_BYTES];
	struct key *key;

	set_name(name, job);
	HASH_FIND(hh, keys->by_name, name, sizeof(name), key);
	if (!key || key->until_ms < now_ms)
		return false;
	*receipt = key->receipt;
	receipt->same = key->digest == job_digest(job);
	return true;
}

static void drop(struct keys *keys, struct key *key)
{
	HASH_DEL(keys->by_name, key);
	DL_DELETE(keys->by_age, key);
	key_free(key);
}

int keys_add(struct keys *keys, struct key *key)
{
	struct key *old;

	HASH_FIND(hh, keys->by_name, key->name, sizeof(key->name), old);
	if (old)
		drop(keys, old);
	HASH_ADD(hh, keys->by_name, name, sizeof(key->name), key);
	if (!HASH_ADDED(hh, key))
		return -ENOMEM;
	DL_APPEND(keys->by_age, key);
	return 0;
}

void keys_forget(struct keys *keys, int64_t now_ms, size_t steps)
{
	while (steps-- > 0 && keys->by_age && keys->by_age->until_ms < now_ms)
		drop(keys, keys->by_age);
}

int64_t keys_first_ms(const struct keys *keys)
{
	return keys->by_age ? keys->by_age->until_ms : INT64_MAX;
}

void keys_fini(struct keys *keys)
{
	while (keys->by_age)
		drop(keys, keys->by_age);
}
