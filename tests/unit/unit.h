/* unit.h - the shared end of each unit test program: run one suite, tell TAP. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/*
 * check notes in a file each assertion that it passes, for one who wants to know where a program was when a signal ended it.  Sanitizers
 * and core files tell that too; and all those notes took longer than the tests.
 */
#define _mark_point(file, line) ((void)0)

/*
 * `make check` runs all cases of a program in one process, since under a sanitizer each process costs more than its case.  A program
 * whose cases abort, hang, or leave something behind defines this as 1 before it includes anything: then each has a process
 * of its own, as all have that are started by hand.
 */
#ifndef UNIT_FORKS
#define UNIT_FORKS 0
#endif

/* Under a sanitizer all takes many times as long: there a test does less, and what is large is left to the plain build. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNIT_SANITIZER 1
#else
#define UNIT_SANITIZER 0
#endif

/* Runs and frees the test cases; what main() returns. */
static inline int unit_run(const char *name, TCase *tcase)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	if (UNIT_FORKS)
		srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
