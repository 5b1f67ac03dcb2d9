/*
 * scarce.h - memory that runs out when a test wants it to: the allocator's own functions, counted and made to
 * fail.
 *
 * Included by one file of a program.  Sanitizers bring their own allocator, so there SCARCE is 0 and such
 * tests are skipped.
 */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SCARCE 0
#elif defined(__has_feature)
#define SCARCE !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SCARCE 1
#endif

/* Whether there is nothing to be tried, and says so. */
static inline bool scarce_is_skipped(void)
{
	if (!SCARCE)
		printf("1..0 # SKIP a sanitizer has its own allocator\n");
	return !SCARCE;
}

/* Allocations that still succeed (below 0: all), and blocks alive; and whether after one that fails all succeed again. */
static long scarce_left = -1, scarce_alive;
static bool scarce_once __attribute__((unused)); /* where a sanitizer has the allocator */

#if SCARCE

/* glibc's own names for what the functions below stand in front of. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *block);

static bool scarce_fails(void)
{
	if (scarce_left < 0)
		return false;
	if (scarce_left > 0) {
		scarce_left--;
		return false;
	}
	if (scarce_once)
		scarce_left = -1;
	errno = ENOMEM;
	return true;
}

static void *scarce_count(void *block)
{
	scarce_alive += block != NULL;
	return block;
}

void *malloc(size_t bytes)
{
	return scarce_fails() ? NULL : scarce_count(__libc_malloc(bytes));
}

void *calloc(size_t n, size_t bytes)
{
	return scarce_fails() ? NULL : scarce_count(__libc_calloc(n, bytes));
}

void *realloc(void *block, size_t bytes)
{
	void *grown = scarce_fails() ? NULL : __libc_realloc(block, bytes);

	return block ? grown : scarce_count(grown);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	return scarce_fails() ? NULL : scarce_count(__libc_memalign(alignment, bytes));
}

void free(void *block)
{
	scarce_alive -= block != NULL;
	__libc_free(block);
}

#endif

/*
 * Call `fn(arg)` with room for 0, 1, 2, ... allocations until it succeeds.  Each time before, it must say
 * -ENOMEM and leave no block behind; in the end it must have needed some, and leave none either.  `fn` has no
 * ck_assert(), which allocates.
 */
static inline void scarce_try(int (*fn)(void *arg), void *arg)
{
	long n = 0, alive;
	int r = fn(arg); /* so that what is made once is made */

	ck_assert_int_eq(r, 0);
	for (r = -ENOMEM; r != 0; n++) {
		alive = scarce_alive;
		scarce_left = n;
		r = fn(arg);
		scarce_left = -1;
		ck_assert_msg(r == 0 || r == -ENOMEM, "with room for %ld: %d", n, r);
		ck_assert_msg(
			scarce_alive == alive, "with room for %ld, %ld are left", n, scarce_alive - alive);
	}
	ck_assert_int_gt(n, 1);
}

#endif
