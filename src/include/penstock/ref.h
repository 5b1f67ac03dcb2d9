/* ref.h - a count of references that tasks and threads share. */
#ifndef PENSTOCK_REF_H
#define PENSTOCK_REF_H

#include <penstock/base.h>

PEN_BEGIN

/* `value` is for the calls below only. */
struct pen_ref {
	uint32_t value;
};

#define PEN_REF_ONE \
	{ \
		1 \
	}

/* One more holder; the caller has one already. */
PEN_API void pen_ref_get(struct pen_ref *ref);

/* One holder fewer; true for the last, which then frees the object and sees all that others wrote before. */
PEN_API PEN_MUST_CHECK bool pen_ref_put(struct pen_ref *ref);

PEN_END

#endif
