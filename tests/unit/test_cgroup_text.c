/* test_cgroup_text.c - what the kernel writes about control groups, and what is taken from it. */
#include <check.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"
#include "work/cgroup_text.h"

static const struct {
	const char *text, *path; /* NULL: none */
} paths[] = {
	{"0::/system.slice/penstockd.service\n",                         "/system.slice/penstockd.service"},
	{"9:name=systemd:/a\n4:memory:/b\n0::/system.slice/c.service\n", "/system.slice/c.service"        },
	{"0::/",							 ""			       },
	{"0::/\n",						       ""			       },
	{"0::/with:colon/and 0::/again\n",                               "/with:colon/and 0::/again"      },
	{"0::/last",						     "/last"                          },
	{"10::/not version 2\n",					 NULL                             },
	{"4:memory:/a\n1:cpu:/b\n",				      NULL                             },
	{"0::/../../outside.slice\n",                                    NULL                             },
	{"0::/gone.service (deleted)\n",                                 NULL                             },
	{"",							     NULL			     },
	{"0:",							   NULL			     },
};

START_TEST(the_group_of_version_2_is_found_among_those_of_version_1)
{
	size_t bytes;
	const char *path = cgroup_text_path(paths[_i].text, &bytes);

	if (!paths[_i].path) {
		ck_assert_ptr_null(path);
		return;
	}
	ck_assert_ptr_nonnull(path);
	ck_assert_uint_eq(bytes, strlen(paths[_i].path));
	ck_assert_mem_eq(path, paths[_i].path, bytes);
}
END_TEST

START_TEST(a_number_is_found_by_its_whole_name)
{
	static const char text[] = "usage_usec 123\nuser_usec 45\nsystem_usec 9876543210\nuser 7\n";

	ck_assert_int_eq(cgroup_text_value(text, "usage_usec"), 123);
	ck_assert_int_eq(cgroup_text_value(text, "user_usec"), 45);
	ck_assert_int_eq(cgroup_text_value(text, "system_usec"), 9876543210);
	ck_assert_int_eq(cgroup_text_value(text, "user"), 7);
	ck_assert_int_eq(cgroup_text_value(text, "usec"), -1);
	ck_assert_int_eq(cgroup_text_value(text, "nr_periods"), -1);
	ck_assert_int_eq(cgroup_text_value("", "user"), -1);
	ck_assert_int_eq(cgroup_text_value("user", "user"), -1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("cgroup_text");

	tcase_add_loop_test(
		tcase, the_group_of_version_2_is_found_among_those_of_version_1, 0, ARRAY_LEN(paths));
	tcase_add_test(tcase, a_number_is_found_by_its_whole_name);
	return unit_run("cgroup_text", tcase);
}
