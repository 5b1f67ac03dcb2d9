/* tenants.h - what is set for tenants, for the store in memory: a text for each.  One thread. */
#ifndef STORE_TENANTS_H
#define STORE_TENANTS_H

#include "store/store.h"

struct tenant_note;

/* By name; NULL: none. */
struct tenant_notes {
	struct tenant_note *by_name;
};

/*
 * In two steps, of which only the first may fail: make what an operation is to put there (0, with NULL in `*ret_fresh` where a text is to
 * go, or -ENOMEM); and put it, which takes it.  0, or -ENOMEM and takes nothing.
 */
int tenant_note_new(const struct store_op *op, struct tenant_note **ret_fresh);
void tenant_note_free(struct tenant_note *note); /* NULL is allowed */
int tenant_notes_put(struct tenant_notes *notes, const struct store_op *op, struct tenant_note *fresh);

int tenant_notes_each(const struct tenant_notes *notes, store_tenant_fn fn, void *arg);
void tenant_notes_fini(struct tenant_notes *notes);

#endif
