/* test_fd.c - descriptors end with their scope, and closing hides no error. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "unit.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static int open_any(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

START_TEST(a_closed_descriptor_is_minus_one_and_closed)
{
	int fd = open_any(), was = fd;

	fd = fd_close(fd);
	ck_assert_int_eq(fd, -1);
	ck_assert(!is_open(was));
}
END_TEST

START_TEST(no_descriptor_may_be_closed_too)
{
	errno = EXDEV;
	ck_assert_int_eq(fd_close(-1), -1);
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

START_TEST(closing_keeps_the_error_of_before)
{
	int fd = open_any();

	errno = EXDEV;
	fd_close(fd);
	ck_assert_int_eq(errno, EXDEV);
	ck_assert_int_eq(fd_close(fd), -1); /* EBADF, which would hide why it is closed */
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

START_TEST(a_descriptor_ends_with_its_scope)
{
	int was, kept;

	{
		CLEANUP(fd_closep) int fd = open_any(), taken = open_any();

		was = fd;
		kept = taken;
		taken = -1;
	}
	ck_assert(!is_open(was));
	ck_assert(is_open(kept));
	fd_closep(&kept);
	ck_assert_int_eq(kept, -1);
	fd_closep(&kept);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fd");

	tcase_add_test(tcase, a_closed_descriptor_is_minus_one_and_closed);
	tcase_add_test(tcase, no_descriptor_may_be_closed_too);
	tcase_add_test(tcase, closing_keeps_the_error_of_before);
	tcase_add_test(tcase, a_descriptor_ends_with_its_scope);
	return unit_run("fd", tcase);
}
