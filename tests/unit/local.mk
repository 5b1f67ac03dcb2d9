# tests/unit - one program a module; written by scripts/list-tests
EXTRA_DIST += tests/unit/choice.h
EXTRA_DIST += tests/unit/conf_file.h
EXTRA_DIST += tests/unit/crew.h
EXTRA_DIST += tests/unit/http_server.h
EXTRA_DIST += tests/unit/pair.h
EXTRA_DIST += tests/unit/party.h
EXTRA_DIST += tests/unit/scarce.h
EXTRA_DIST += tests/unit/store_ops.h
EXTRA_DIST += tests/unit/unit.h
EXTRA_DIST += tests/unit/wire_submit.h
EXTRA_DIST += tests/unit/work_command.h
EXTRA_DIST += tests/unit/work_http.h
EXTRA_DIST += tests/unit/work_trial.h

if HAVE_CHECK
UNIT =
TESTS += $(UNIT)

check_PROGRAMS += tests/unit/test_chan
UNIT += tests/unit/test_chan
tests_unit_test_chan_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chan_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_chan_ends
UNIT += tests/unit/test_chan_ends
tests_unit_test_chan_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chan_ends_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_conf
UNIT += tests/unit/test_conf
tests_unit_test_conf_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_conf_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_conf_errors
UNIT += tests/unit/test_conf_errors
tests_unit_test_conf_errors_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_conf_errors_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_counter
UNIT += tests/unit/test_counter
tests_unit_test_counter_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_counter_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_ctl
UNIT += tests/unit/test_ctl
tests_unit_test_ctl_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctl_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_ctx
UNIT += tests/unit/test_ctx
tests_unit_test_ctx_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctx_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_ctx_deadline
UNIT += tests/unit/test_ctx_deadline
tests_unit_test_ctx_deadline_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctx_deadline_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_group
UNIT += tests/unit/test_group
tests_unit_test_group_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_group_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_lib_no_memory
UNIT += tests/unit/test_lib_no_memory
tests_unit_test_lib_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_lib_no_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_map
UNIT += tests/unit/test_map
tests_unit_test_map_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_map_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_mutex
UNIT += tests/unit/test_mutex
tests_unit_test_mutex_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_mutex_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_once
UNIT += tests/unit/test_once
tests_unit_test_once_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_once_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_pipeline
UNIT += tests/unit/test_pipeline
tests_unit_test_pipeline_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pipeline_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_pool
UNIT += tests/unit/test_pool
tests_unit_test_pool_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pool_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_ref
UNIT += tests/unit/test_ref
tests_unit_test_ref_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ref_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_select
UNIT += tests/unit/test_select
tests_unit_test_select_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_select_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_select_ends
UNIT += tests/unit/test_select_ends
tests_unit_test_select_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_select_ends_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_sem
UNIT += tests/unit/test_sem
tests_unit_test_sem_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sem_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_siphash
UNIT += tests/unit/test_siphash
tests_unit_test_siphash_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_siphash_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_stats
UNIT += tests/unit/test_stats
tests_unit_test_stats_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_stats_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_store
UNIT += tests/unit/test_store
tests_unit_test_store_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_store_memory
UNIT += tests/unit/test_store_memory
tests_unit_test_store_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_store_no_memory
UNIT += tests/unit/test_store_no_memory
tests_unit_test_store_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_no_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_time
UNIT += tests/unit/test_time
tests_unit_test_time_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_time_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_waitgroup
UNIT += tests/unit/test_waitgroup
tests_unit_test_waitgroup_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_waitgroup_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_no_memory
UNIT += tests/unit/test_wire_no_memory
tests_unit_test_wire_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_no_memory_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_read
UNIT += tests/unit/test_wire_read
tests_unit_test_wire_read_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_read_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_refuse
UNIT += tests/unit/test_wire_refuse
tests_unit_test_wire_refuse_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_refuse_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_text
UNIT += tests/unit/test_wire_text
tests_unit_test_wire_text_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_text_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_wire_write
UNIT += tests/unit/test_wire_write
tests_unit_test_wire_write_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_write_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_work_command
UNIT += tests/unit/test_work_command
tests_unit_test_work_command_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_command_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_work_command_ends
UNIT += tests/unit/test_work_command_ends
tests_unit_test_work_command_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_command_ends_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_work_echo
UNIT += tests/unit/test_work_echo
tests_unit_test_work_echo_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_echo_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_work_http
UNIT += tests/unit/test_work_http
tests_unit_test_work_http_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_work_http_ends
UNIT += tests/unit/test_work_http_ends
tests_unit_test_work_http_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_ends_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_work_sleep
UNIT += tests/unit/test_work_sleep
tests_unit_test_work_sleep_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_sleep_LDADD = $(TEST_LIBS)

endif
