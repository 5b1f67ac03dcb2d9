/* abort.c - the end of a process that broke a contract of the library. */
#include "lib/abort.h"

#include <stdio.h>
#include <stdlib.h>

void pen__abort(const char *file, int line, const char *what)
{
	fprintf(stderr, "libpenstock: %s (%s:%d)\n", what, file, line);
	abort();
}
