# tests/unit - one program a module; written by scripts/list-tests
EXTRA_DIST += tests/unit/conf_file.h
EXTRA_DIST += tests/unit/crew.h
EXTRA_DIST += tests/unit/scarce.h
EXTRA_DIST += tests/unit/store_ops.h
EXTRA_DIST += tests/unit/unit.h
EXTRA_DIST += tests/unit/wire_submit.h

if HAVE_CHECK

check_PROGRAMS += tests/unit/test_conf
TESTS += tests/unit/test_conf
tests_unit_test_conf_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_conf_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_conf_errors
TESTS += tests/unit/test_conf_errors
tests_unit_test_conf_errors_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_conf_errors_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_counter
TESTS += tests/unit/test_counter
tests_unit_test_counter_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_counter_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_ctl
TESTS += tests/unit/test_ctl
tests_unit_test_ctl_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctl_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_group
TESTS += tests/unit/test_group
tests_unit_test_group_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_group_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_lib_no_memory
TESTS += tests/unit/test_lib_no_memory
tests_unit_test_lib_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_lib_no_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_map
TESTS += tests/unit/test_map
tests_unit_test_map_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_map_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_mutex
TESTS += tests/unit/test_mutex
tests_unit_test_mutex_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_mutex_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_once
TESTS += tests/unit/test_once
tests_unit_test_once_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_once_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_pipeline
TESTS += tests/unit/test_pipeline
tests_unit_test_pipeline_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pipeline_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_pool
TESTS += tests/unit/test_pool
tests_unit_test_pool_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pool_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_ref
TESTS += tests/unit/test_ref
tests_unit_test_ref_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ref_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_sem
TESTS += tests/unit/test_sem
tests_unit_test_sem_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sem_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_siphash
TESTS += tests/unit/test_siphash
tests_unit_test_siphash_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_siphash_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_stats
TESTS += tests/unit/test_stats
tests_unit_test_stats_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_stats_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_store
TESTS += tests/unit/test_store
tests_unit_test_store_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_store_memory
TESTS += tests/unit/test_store_memory
tests_unit_test_store_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_store_no_memory
TESTS += tests/unit/test_store_no_memory
tests_unit_test_store_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_no_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_waitgroup
TESTS += tests/unit/test_waitgroup
tests_unit_test_waitgroup_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_waitgroup_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_no_memory
TESTS += tests/unit/test_wire_no_memory
tests_unit_test_wire_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_no_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_read
TESTS += tests/unit/test_wire_read
tests_unit_test_wire_read_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_read_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_refuse
TESTS += tests/unit/test_wire_refuse
tests_unit_test_wire_refuse_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_refuse_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_text
TESTS += tests/unit/test_wire_text
tests_unit_test_wire_text_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_text_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_write
TESTS += tests/unit/test_wire_write
tests_unit_test_wire_write_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_write_LDADD = $(TEST_LIBS)

endif
