/* tenants.c - see tenants.h. */
#include "store/tenants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash_table.h"

struct tenant_note {
	char tenant[TENANT_NAME_MAX + 1];
	char *settings;
	UT_hash_handle hh;
};

void tenant_note_free(struct tenant_note *note)
{
	if (note)
		free(note->settings);
	free(note);
}

int tenant_note_new(const struct store_op *op, struct tenant_note **ret_fresh)
{
	struct tenant_note *note = NULL;

	if (op->settings) {
		note = calloc(1, sizeof(*note));
		if (!note)
			return -ENOMEM;
		strncpy(note->tenant, op->tenant, TENANT_NAME_MAX);
		note->settings = strdup(op->settings);
		if (!note->settings) {
			free(note);
			return -ENOMEM;
		}
	}
	*ret_fresh = note;
	return 0;
}

int tenant_notes_put(struct tenant_notes *notes, const struct store_op *op, struct tenant_note *fresh)
{
	struct tenant_note *old;

	HASH_FIND_STR(notes->by_name, op->tenant, old);
	if (fresh) {
		HASH_ADD_STR(notes->by_name, tenant, fresh);
		if (!HASH_ADDED(hh, fresh))
			return -ENOMEM;
	}
	if (old) {
		HASH_DEL(notes->by_name, old);
		tenant_note_free(old);
	}
	return 0;
}

int tenant_notes_each(const struct tenant_notes *notes, store_tenant_fn fn, void *arg)
{
	int r = 0;

	for (const struct tenant_note *note = notes->by_name; r == 0 && note; note = note->hh.next)
		r = fn(arg, note->tenant, note->settings);
	return r;
}

void tenant_notes_fini(struct tenant_notes *notes)
{
	while (notes->by_name) {
		struct tenant_note *note = notes->by_name;

		HASH_DEL(notes->by_name, note);
		tenant_note_free(note);
	}
}
