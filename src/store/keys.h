/*
 * keys.h - idempotency keys in memory: of each which job it stands for, until when.  One thread.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/store.h"

struct key;

/* By name, and in the order in which they end; zeroed: none. */
struct keys {
	struct key *by_name, *by_age;
};

/* One for the job that an operation accepts, in no set yet; NULL: out of memory. */
struct key *key_new(const struct store_op *op, int64_t now_ms);
void key_free(struct key *key); /* NULL is allowed */

/* Whether the job's key stands for another one; then `receipt` is of that. */
bool keys_find(const struct keys *keys, const struct job *job, int64_t now_ms, struct store_receipt *receipt);

/* Takes the key; one of the same name goes.  0, or -ENOMEM and takes nothing. */
int keys_add(struct keys *keys, struct key *key);

/* Let go of at most `steps` whose time is over. */
void keys_forget(struct keys *keys, int64_t now_ms, size_t steps);

/* When the first of them ends; INT64_MAX: there is none. */
int64_t keys_first_ms(const struct keys *keys);
void keys_fini(struct keys *keys);

#endif
