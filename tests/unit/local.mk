# tests/unit - one program a module; written by scripts/list-tests
EXTRA_DIST += tests/unit/choice.h
EXTRA_DIST += tests/unit/conf_file.h
EXTRA_DIST += tests/unit/crew.h
EXTRA_DIST += tests/unit/gate_lanes.h
EXTRA_DIST += tests/unit/gate_store.h
EXTRA_DIST += tests/unit/gate_trial.h
EXTRA_DIST += tests/unit/hostile_urls.h
EXTRA_DIST += tests/unit/http_server.h
EXTRA_DIST += tests/unit/http_trial.h
EXTRA_DIST += tests/unit/network_stand_in.h
EXTRA_DIST += tests/unit/pair.h
EXTRA_DIST += tests/unit/party.h
EXTRA_DIST += tests/unit/scarce.h
EXTRA_DIST += tests/unit/seeded.h
EXTRA_DIST += tests/unit/sqlite_ops.h
EXTRA_DIST += tests/unit/store_kinds.h
EXTRA_DIST += tests/unit/store_ops.h
EXTRA_DIST += tests/unit/unit.h
EXTRA_DIST += tests/unit/wire_submit.h
EXTRA_DIST += tests/unit/work_command.h
EXTRA_DIST += tests/unit/work_http.h
EXTRA_DIST += tests/unit/work_trial.h

if HAVE_CHECK
UNIT =
UNIT_ALONE =
TESTS += $(UNIT)

check_PROGRAMS += tests/unit/test_address
UNIT += tests/unit/test_address
UNIT_ALONE += tests/unit/test_address
tests_unit_test_address_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_address_LDADD = $(TEST_LIBS)
tests_unit_test_address_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_breaker
UNIT += tests/unit/test_breaker
UNIT_ALONE += tests/unit/test_breaker
tests_unit_test_breaker_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_breaker_LDADD = $(TEST_LIBS)
tests_unit_test_breaker_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_bucket
UNIT += tests/unit/test_bucket
UNIT_ALONE += tests/unit/test_bucket
tests_unit_test_bucket_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_bucket_LDADD = $(TEST_LIBS)
tests_unit_test_bucket_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_buf
UNIT += tests/unit/test_buf
UNIT_ALONE += tests/unit/test_buf
tests_unit_test_buf_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_buf_LDADD = $(TEST_LIBS)
tests_unit_test_buf_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_cgroup_text
UNIT += tests/unit/test_cgroup_text
UNIT_ALONE += tests/unit/test_cgroup_text
tests_unit_test_cgroup_text_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_cgroup_text_LDADD = $(TEST_LIBS)
tests_unit_test_cgroup_text_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_chan
UNIT += tests/unit/test_chan
tests_unit_test_chan_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chan_LDADD = $(TEST_LIBS)
tests_unit_test_chan_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_chan_ends
UNIT += tests/unit/test_chan_ends
tests_unit_test_chan_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chan_ends_LDADD = $(TEST_LIBS)
tests_unit_test_chan_ends_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_clock
UNIT += tests/unit/test_clock
UNIT_ALONE += tests/unit/test_clock
tests_unit_test_clock_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_clock_LDADD = $(TEST_LIBS)
tests_unit_test_clock_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_command_template
UNIT += tests/unit/test_command_template
UNIT_ALONE += tests/unit/test_command_template
tests_unit_test_command_template_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_command_template_LDADD = $(TEST_LIBS)
tests_unit_test_command_template_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_conf
UNIT += tests/unit/test_conf
UNIT_ALONE += tests/unit/test_conf
tests_unit_test_conf_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_conf_LDADD = $(TEST_LIBS)
tests_unit_test_conf_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_conf_errors
UNIT += tests/unit/test_conf_errors
UNIT_ALONE += tests/unit/test_conf_errors
tests_unit_test_conf_errors_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_conf_errors_LDADD = $(TEST_LIBS)
tests_unit_test_conf_errors_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_core_no_memory
UNIT += tests/unit/test_core_no_memory
UNIT_ALONE += tests/unit/test_core_no_memory
tests_unit_test_core_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_core_no_memory_LDADD = $(TEST_LIBS)
tests_unit_test_core_no_memory_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_counter
UNIT += tests/unit/test_counter
tests_unit_test_counter_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_counter_LDADD = $(TEST_LIBS)
tests_unit_test_counter_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_ctl
UNIT += tests/unit/test_ctl
tests_unit_test_ctl_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctl_LDADD = $(TEST_LIBS)
tests_unit_test_ctl_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_ctx
UNIT += tests/unit/test_ctx
tests_unit_test_ctx_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctx_LDADD = $(TEST_LIBS)
tests_unit_test_ctx_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_ctx_deadline
UNIT += tests/unit/test_ctx_deadline
tests_unit_test_ctx_deadline_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctx_deadline_LDADD = $(TEST_LIBS)
tests_unit_test_ctx_deadline_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_ctx_race
UNIT += tests/unit/test_ctx_race
tests_unit_test_ctx_race_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ctx_race_LDADD = $(TEST_LIBS)
tests_unit_test_ctx_race_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_fd
UNIT += tests/unit/test_fd
UNIT_ALONE += tests/unit/test_fd
tests_unit_test_fd_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_fd_LDADD = $(TEST_LIBS)
tests_unit_test_fd_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_fit
UNIT += tests/unit/test_fit
UNIT_ALONE += tests/unit/test_fit
tests_unit_test_fit_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_fit_LDADD = $(TEST_LIBS)
tests_unit_test_fit_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_audit
UNIT += tests/unit/test_gate_audit
tests_unit_test_gate_audit_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_audit_LDADD = $(TEST_LIBS)
tests_unit_test_gate_audit_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_bulk
UNIT += tests/unit/test_gate_bulk
tests_unit_test_gate_bulk_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_bulk_LDADD = $(TEST_LIBS)
tests_unit_test_gate_bulk_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_callback
UNIT += tests/unit/test_gate_callback
tests_unit_test_gate_callback_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_callback_LDADD = $(TEST_LIBS)
tests_unit_test_gate_callback_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_lanes
UNIT += tests/unit/test_gate_lanes
tests_unit_test_gate_lanes_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_lanes_LDADD = $(TEST_LIBS)
tests_unit_test_gate_lanes_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_limit_key
UNIT += tests/unit/test_gate_limit_key
tests_unit_test_gate_limit_key_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_limit_key_LDADD = $(TEST_LIBS)
tests_unit_test_gate_limit_key_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_limits
UNIT += tests/unit/test_gate_limits
tests_unit_test_gate_limits_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_limits_LDADD = $(TEST_LIBS)
tests_unit_test_gate_limits_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_no_memory
UNIT += tests/unit/test_gate_no_memory
tests_unit_test_gate_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_no_memory_LDADD = $(TEST_LIBS)
tests_unit_test_gate_no_memory_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_rate
UNIT += tests/unit/test_gate_rate
tests_unit_test_gate_rate_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_rate_LDADD = $(TEST_LIBS)
tests_unit_test_gate_rate_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_recover
UNIT += tests/unit/test_gate_recover
tests_unit_test_gate_recover_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_recover_LDADD = $(TEST_LIBS)
tests_unit_test_gate_recover_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_retry
UNIT += tests/unit/test_gate_retry
tests_unit_test_gate_retry_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_retry_LDADD = $(TEST_LIBS)
tests_unit_test_gate_retry_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_store
UNIT += tests/unit/test_gate_store
tests_unit_test_gate_store_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_store_LDADD = $(TEST_LIBS)
tests_unit_test_gate_store_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_submit
UNIT += tests/unit/test_gate_submit
tests_unit_test_gate_submit_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_submit_LDADD = $(TEST_LIBS)
tests_unit_test_gate_submit_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_tenants
UNIT += tests/unit/test_gate_tenants
tests_unit_test_gate_tenants_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_tenants_LDADD = $(TEST_LIBS)
tests_unit_test_gate_tenants_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_timeout
UNIT += tests/unit/test_gate_timeout
tests_unit_test_gate_timeout_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_timeout_LDADD = $(TEST_LIBS)
tests_unit_test_gate_timeout_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_gate_waits
UNIT += tests/unit/test_gate_waits
tests_unit_test_gate_waits_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_gate_waits_LDADD = $(TEST_LIBS)
tests_unit_test_gate_waits_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_group
UNIT += tests/unit/test_group
tests_unit_test_group_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_group_LDADD = $(TEST_LIBS)
tests_unit_test_group_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_heap
UNIT += tests/unit/test_heap
UNIT_ALONE += tests/unit/test_heap
tests_unit_test_heap_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_heap_LDADD = $(TEST_LIBS)
tests_unit_test_heap_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_http_bulk
UNIT += tests/unit/test_http_bulk
tests_unit_test_http_bulk_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_bulk_LDADD = $(TEST_LIBS)
tests_unit_test_http_bulk_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_http_clients
UNIT += tests/unit/test_http_clients
tests_unit_test_http_clients_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_clients_LDADD = $(TEST_LIBS)
tests_unit_test_http_clients_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_http_jobs
UNIT += tests/unit/test_http_jobs
tests_unit_test_http_jobs_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_jobs_LDADD = $(TEST_LIBS)
tests_unit_test_http_jobs_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_http_list
UNIT += tests/unit/test_http_list
tests_unit_test_http_list_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_list_LDADD = $(TEST_LIBS)
tests_unit_test_http_list_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_http_log
UNIT += tests/unit/test_http_log
tests_unit_test_http_log_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_log_LDADD = $(TEST_LIBS)
tests_unit_test_http_log_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_http_results
UNIT += tests/unit/test_http_results
tests_unit_test_http_results_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_results_LDADD = $(TEST_LIBS)
tests_unit_test_http_results_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_io
UNIT += tests/unit/test_io
tests_unit_test_io_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_io_LDADD = $(TEST_LIBS)
tests_unit_test_io_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_job
UNIT += tests/unit/test_job
UNIT_ALONE += tests/unit/test_job
tests_unit_test_job_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_job_LDADD = $(TEST_LIBS)
tests_unit_test_job_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_lane
UNIT += tests/unit/test_lane
UNIT_ALONE += tests/unit/test_lane
tests_unit_test_lane_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_lane_LDADD = $(TEST_LIBS)
tests_unit_test_lane_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_lib_no_memory
UNIT += tests/unit/test_lib_no_memory
tests_unit_test_lib_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_lib_no_memory_LDADD = $(TEST_LIBS)
tests_unit_test_lib_no_memory_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_live
UNIT += tests/unit/test_live
tests_unit_test_live_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_live_LDADD = $(TEST_LIBS)
tests_unit_test_live_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_log
UNIT += tests/unit/test_log
tests_unit_test_log_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_log_LDADD = $(TEST_LIBS)
tests_unit_test_log_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_map
UNIT += tests/unit/test_map
tests_unit_test_map_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_map_LDADD = $(TEST_LIBS)
tests_unit_test_map_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_mutex
UNIT += tests/unit/test_mutex
tests_unit_test_mutex_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_mutex_LDADD = $(TEST_LIBS)
tests_unit_test_mutex_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_once
UNIT += tests/unit/test_once
tests_unit_test_once_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_once_LDADD = $(TEST_LIBS)
tests_unit_test_once_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_order
UNIT += tests/unit/test_order
UNIT_ALONE += tests/unit/test_order
tests_unit_test_order_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_order_LDADD = $(TEST_LIBS)
tests_unit_test_order_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_outcome
UNIT += tests/unit/test_outcome
UNIT_ALONE += tests/unit/test_outcome
tests_unit_test_outcome_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_outcome_LDADD = $(TEST_LIBS)
tests_unit_test_outcome_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_overflow
UNIT += tests/unit/test_overflow
tests_unit_test_overflow_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_overflow_LDADD = $(TEST_LIBS)
tests_unit_test_overflow_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_parse
UNIT += tests/unit/test_parse
UNIT_ALONE += tests/unit/test_parse
tests_unit_test_parse_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_parse_LDADD = $(TEST_LIBS)
tests_unit_test_parse_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_pipeline
UNIT += tests/unit/test_pipeline
tests_unit_test_pipeline_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pipeline_LDADD = $(TEST_LIBS)
tests_unit_test_pipeline_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_pool
UNIT += tests/unit/test_pool
tests_unit_test_pool_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pool_LDADD = $(TEST_LIBS)
tests_unit_test_pool_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_problem
UNIT += tests/unit/test_problem
UNIT_ALONE += tests/unit/test_problem
tests_unit_test_problem_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_problem_LDADD = $(TEST_LIBS)
tests_unit_test_problem_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_progress
UNIT += tests/unit/test_progress
UNIT_ALONE += tests/unit/test_progress
tests_unit_test_progress_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_progress_LDADD = $(TEST_LIBS)
tests_unit_test_progress_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_queue
UNIT += tests/unit/test_queue
UNIT_ALONE += tests/unit/test_queue
tests_unit_test_queue_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_queue_LDADD = $(TEST_LIBS)
tests_unit_test_queue_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_ref
UNIT += tests/unit/test_ref
tests_unit_test_ref_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ref_LDADD = $(TEST_LIBS)
tests_unit_test_ref_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_result
UNIT += tests/unit/test_result
UNIT_ALONE += tests/unit/test_result
tests_unit_test_result_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_result_LDADD = $(TEST_LIBS)
tests_unit_test_result_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_retry
UNIT += tests/unit/test_retry
UNIT_ALONE += tests/unit/test_retry
tests_unit_test_retry_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_retry_LDADD = $(TEST_LIBS)
tests_unit_test_retry_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_ring
UNIT += tests/unit/test_ring
UNIT_ALONE += tests/unit/test_ring
tests_unit_test_ring_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_ring_LDADD = $(TEST_LIBS)
tests_unit_test_ring_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_roam
UNIT += tests/unit/test_roam
tests_unit_test_roam_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_roam_LDADD = $(TEST_LIBS)
tests_unit_test_roam_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_runtime
UNIT += tests/unit/test_runtime
tests_unit_test_runtime_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_runtime_LDADD = $(TEST_LIBS)
tests_unit_test_runtime_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_runtime_end
UNIT += tests/unit/test_runtime_end
tests_unit_test_runtime_end_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_runtime_end_LDADD = $(TEST_LIBS)
tests_unit_test_runtime_end_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_select
UNIT += tests/unit/test_select
tests_unit_test_select_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_select_LDADD = $(TEST_LIBS)
tests_unit_test_select_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_select_ends
UNIT += tests/unit/test_select_ends
tests_unit_test_select_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_select_ends_LDADD = $(TEST_LIBS)
tests_unit_test_select_ends_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_sem
UNIT += tests/unit/test_sem
tests_unit_test_sem_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sem_LDADD = $(TEST_LIBS)
tests_unit_test_sem_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_share
UNIT += tests/unit/test_share
UNIT_ALONE += tests/unit/test_share
tests_unit_test_share_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_share_LDADD = $(TEST_LIBS)
tests_unit_test_share_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_sign
UNIT += tests/unit/test_sign
UNIT_ALONE += tests/unit/test_sign
tests_unit_test_sign_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sign_LDADD = $(TEST_LIBS)
tests_unit_test_sign_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_siphash
UNIT += tests/unit/test_siphash
UNIT_ALONE += tests/unit/test_siphash
tests_unit_test_siphash_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_siphash_LDADD = $(TEST_LIBS)
tests_unit_test_siphash_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_stack
UNIT += tests/unit/test_stack
UNIT_ALONE += tests/unit/test_stack
tests_unit_test_stack_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_stack_LDADD = $(TEST_LIBS)
tests_unit_test_stack_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_stats
UNIT += tests/unit/test_stats
UNIT_ALONE += tests/unit/test_stats
tests_unit_test_stats_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_stats_LDADD = $(TEST_LIBS)
tests_unit_test_stats_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store
UNIT += tests/unit/test_store
tests_unit_test_store_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_LDADD = $(TEST_LIBS)
tests_unit_test_store_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_damage
UNIT += tests/unit/test_store_damage
tests_unit_test_store_damage_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_damage_LDADD = $(TEST_LIBS)
tests_unit_test_store_damage_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_kinds
UNIT += tests/unit/test_store_kinds
tests_unit_test_store_kinds_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_kinds_LDADD = $(TEST_LIBS)
tests_unit_test_store_kinds_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_list
UNIT += tests/unit/test_store_list
tests_unit_test_store_list_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_list_LDADD = $(TEST_LIBS)
tests_unit_test_store_list_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_no_memory
UNIT += tests/unit/test_store_no_memory
UNIT_ALONE += tests/unit/test_store_no_memory
tests_unit_test_store_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_no_memory_LDADD = $(TEST_LIBS)
tests_unit_test_store_no_memory_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_sqlite
UNIT += tests/unit/test_store_sqlite
tests_unit_test_store_sqlite_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_sqlite_LDADD = $(TEST_LIBS)
tests_unit_test_store_sqlite_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_sync
UNIT += tests/unit/test_store_sync
tests_unit_test_store_sync_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_sync_LDADD = $(TEST_LIBS)
tests_unit_test_store_sync_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_tenants
UNIT += tests/unit/test_store_tenants
tests_unit_test_store_tenants_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_tenants_LDADD = $(TEST_LIBS)
tests_unit_test_store_tenants_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_store_tend
UNIT += tests/unit/test_store_tend
tests_unit_test_store_tend_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_store_tend_LDADD = $(TEST_LIBS)
tests_unit_test_store_tend_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_task
UNIT += tests/unit/test_task
tests_unit_test_task_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_task_LDADD = $(TEST_LIBS)
tests_unit_test_task_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_time
UNIT += tests/unit/test_time
tests_unit_test_time_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_time_LDADD = $(TEST_LIBS)
tests_unit_test_time_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_tombs
UNIT += tests/unit/test_tombs
UNIT_ALONE += tests/unit/test_tombs
tests_unit_test_tombs_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_tombs_LDADD = $(TEST_LIBS)
tests_unit_test_tombs_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_trace
UNIT += tests/unit/test_trace
UNIT_ALONE += tests/unit/test_trace
tests_unit_test_trace_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_trace_LDADD = $(TEST_LIBS)
tests_unit_test_trace_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_uuid
UNIT += tests/unit/test_uuid
tests_unit_test_uuid_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_uuid_LDADD = $(TEST_LIBS)
tests_unit_test_uuid_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_waitgroup
UNIT += tests/unit/test_waitgroup
tests_unit_test_waitgroup_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_waitgroup_LDADD = $(TEST_LIBS)
tests_unit_test_waitgroup_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_list
UNIT += tests/unit/test_wire_list
UNIT_ALONE += tests/unit/test_wire_list
tests_unit_test_wire_list_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_list_LDADD = $(TEST_LIBS)
tests_unit_test_wire_list_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_log
UNIT += tests/unit/test_wire_log
UNIT_ALONE += tests/unit/test_wire_log
tests_unit_test_wire_log_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_log_LDADD = $(TEST_LIBS)
tests_unit_test_wire_log_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_no_memory
UNIT += tests/unit/test_wire_no_memory
UNIT_ALONE += tests/unit/test_wire_no_memory
tests_unit_test_wire_no_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_no_memory_LDADD = $(TEST_LIBS)
tests_unit_test_wire_no_memory_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_read
UNIT += tests/unit/test_wire_read
UNIT_ALONE += tests/unit/test_wire_read
tests_unit_test_wire_read_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_read_LDADD = $(TEST_LIBS)
tests_unit_test_wire_read_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_record
UNIT += tests/unit/test_wire_record
UNIT_ALONE += tests/unit/test_wire_record
tests_unit_test_wire_record_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_record_LDADD = $(TEST_LIBS)
tests_unit_test_wire_record_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_refuse
UNIT += tests/unit/test_wire_refuse
tests_unit_test_wire_refuse_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_refuse_LDADD = $(TEST_LIBS)
tests_unit_test_wire_refuse_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_tenant
UNIT += tests/unit/test_wire_tenant
UNIT_ALONE += tests/unit/test_wire_tenant
tests_unit_test_wire_tenant_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_tenant_LDADD = $(TEST_LIBS)
tests_unit_test_wire_tenant_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_text
UNIT += tests/unit/test_wire_text
UNIT_ALONE += tests/unit/test_wire_text
tests_unit_test_wire_text_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_text_LDADD = $(TEST_LIBS)
tests_unit_test_wire_text_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_wire_write
UNIT += tests/unit/test_wire_write
UNIT_ALONE += tests/unit/test_wire_write
tests_unit_test_wire_write_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_wire_write_LDADD = $(TEST_LIBS)
tests_unit_test_wire_write_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_command
UNIT += tests/unit/test_work_command
tests_unit_test_work_command_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_command_LDADD = $(TEST_LIBS)
tests_unit_test_work_command_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_command_ends
UNIT += tests/unit/test_work_command_ends
tests_unit_test_work_command_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_command_ends_LDADD = $(TEST_LIBS)
tests_unit_test_work_command_ends_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_command_kill
UNIT += tests/unit/test_work_command_kill
tests_unit_test_work_command_kill_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_command_kill_LDADD = $(TEST_LIBS)
tests_unit_test_work_command_kill_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_echo
UNIT += tests/unit/test_work_echo
tests_unit_test_work_echo_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_echo_LDADD = $(TEST_LIBS)
tests_unit_test_work_echo_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_http
UNIT += tests/unit/test_work_http
tests_unit_test_work_http_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_LDADD = $(TEST_LIBS)
tests_unit_test_work_http_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_http_breaker
UNIT += tests/unit/test_work_http_breaker
tests_unit_test_work_http_breaker_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_breaker_LDADD = $(TEST_LIBS)
tests_unit_test_work_http_breaker_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_http_ends
UNIT += tests/unit/test_work_http_ends
tests_unit_test_work_http_ends_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_ends_LDADD = $(TEST_LIBS)
tests_unit_test_work_http_ends_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_http_guard
UNIT += tests/unit/test_work_http_guard
tests_unit_test_work_http_guard_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_guard_LDADD = $(TEST_LIBS)
tests_unit_test_work_http_guard_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_http_redirect
UNIT += tests/unit/test_work_http_redirect
tests_unit_test_work_http_redirect_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_http_redirect_LDADD = $(TEST_LIBS)
tests_unit_test_work_http_redirect_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/unit/test_work_sleep
UNIT += tests/unit/test_work_sleep
tests_unit_test_work_sleep_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_work_sleep_LDADD = $(TEST_LIBS)
tests_unit_test_work_sleep_LINK = $(PLAIN_LINK)

endif
