/* example.h - what the examples do about errors: say which call failed, and end. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For calls that only fail when memory or the system does: int results, and pointers. */
#define MUST(call) must((call), #call)
#define MUST_HAVE(pointer) must_have((pointer), #pointer)

static inline int must(int r, const char *call)
{
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", call, strerror(-r));
		exit(1);
	}
	return r;
}

static inline void *must_have(void *pointer, const char *call)
{
	if (!pointer) {
		fprintf(stderr, "%s: out of memory\n", call);
		exit(1);
	}
	return pointer;
}

#endif
