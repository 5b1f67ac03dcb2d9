/* ahead.c - see ahead.h. */
#include "base/ahead.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sanitizer.h"

enum { EACH = 256, AHEAD = 256 * 1024 };

/* The sanitizers' heaps are others, which keep what is freed. */
#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE) && !defined(PEN__ASAN) && !defined(PEN__TSAN)
static void grow(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin, end;
	void *block = malloc(AHEAD);

	if (!block)
		return;
	begin = ((uintptr_t)block + page - 1) & ~(page - 1);
	end = ((uintptr_t)block + AHEAD) & ~(page - 1);
	madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
	free(block); /* to the top of the heap, from where the next pieces are cut */
}
#else
static void grow(void)
{
}
#endif

void ahead_ask(void)
{
	static _Thread_local unsigned calls;

	if (++calls % EACH == 0)
		grow();
}
