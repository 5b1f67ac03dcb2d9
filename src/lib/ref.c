/* ref.c - counting references; a count that has reached 0 never rises again. */
#include <penstock/ref.h>

#include "lib/abort.h"

/* Relaxed: whoever takes a reference has one already, and with it sees the object. */
void pen_ref_get(struct pen_ref *ref)
{
	uint32_t before = __atomic_fetch_add(&ref->value, 1, __ATOMIC_RELAXED);

	PEN__REQUIRE(before != 0, "a reference was taken to an object that is gone");
	PEN__REQUIRE(before != UINT32_MAX, "an object has too many references");
}

/* Release: what this holder wrote comes before the put; acquire: the last one sees what all others wrote. */
bool pen_ref_put(struct pen_ref *ref)
{
	uint32_t before = __atomic_fetch_sub(&ref->value, 1, __ATOMIC_ACQ_REL);

	PEN__REQUIRE(before != 0, "a reference was given back that nobody had");
	return before == 1;
}
