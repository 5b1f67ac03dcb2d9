/* store_kinds.h - trying what is promised of every kind of store: each kind, in each place. */
#ifndef TESTS_STORE_KINDS_H
#define TESTS_STORE_KINDS_H

#include "store_ops.h"

static const char *const kinds[] = {"memory", "sqlite"};

static inline void begin(int kind)
{
	make_store_folder();
	small.kind = kinds[kind];
}

/* Under a sanitizer in one place. */
enum { PLACES_TRIED = UNIT_SANITIZER ? 1 : PLACES };

static inline void try_store(int n, void (*fn)(enum kind kind))
{
	begin(n / PLACES_TRIED);
	crew_run_place(UNIT_SANITIZER ? TWO_LOOPS : (enum place)(n % PLACES), fn);
	clock_wall_set(0);
	remove_store_folder();
}

#define STORE_TEST(name) CREW_TEST(name, try_store(_i, name##_body))

#define tcase_add_store_test(tcase, name) \
	tcase_add_loop_test(tcase, name, 0, (int)ARRAY_LEN(kinds) * PLACES_TRIED)

#endif
