/*
 * kind.h - what a kind of store must do.  The functions are called one at a time, but for `read`, which may
 * come from any thread at any time between open and close.
 */
#ifndef STORE_KIND_H
#define STORE_KIND_H

#include "store/store.h"

struct store_kind {
	const char *name;
	bool blocks; /* needs a thread of its own */
	int (*open)(const struct store_options *options, void **ret_state, struct problem *reterr);
	void (*close)(void *state);
	/* All of it or nothing: 0 or -errno. */
	int (*commit)(void *state, struct store_op *const *ops, size_t n);
	int (*read)(void *state, const struct uuid *id, struct store_record *ret_record);
};

/* store_open() with a kind that need not be in the table; `options->kind` is not looked at. */
int store_open_kind(const struct store_kind *kind, const struct store_options *options,
	struct store **ret_store, struct problem *reterr);

extern const struct store_kind store_memory;

#endif
