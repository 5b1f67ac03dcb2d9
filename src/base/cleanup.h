/* cleanup.h - undo when a scope ends; hand over what must outlive it. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define TAKE_PTR(p) \
	({ \
		__typeof__(p) taken_ = (p); \
		(p) = NULL; \
		taken_; \
	})
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* For CLEANUP() on anything from malloc. */
static inline void freep(void *p)
{
	free(*(void **)p);
}

#endif
