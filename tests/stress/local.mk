# tests/stress - seeded, bounded by count; written by scripts/list-tests
EXTRA_DIST += tests/stress/ledger.h
EXTRA_DIST += tests/stress/model.h
EXTRA_DIST += tests/stress/model_asks.h
EXTRA_DIST += tests/stress/model_ops.h
EXTRA_DIST += tests/stress/model_rest.h
EXTRA_DIST += tests/stress/model_steps.h
EXTRA_DIST += tests/stress/model_world.h
EXTRA_DIST += tests/stress/nemesis.h
EXTRA_DIST += tests/stress/stress.h

STRESS =
STRESS_ALONE =
TESTS += $(STRESS)

check_PROGRAMS += tests/stress/gate_model
STRESS += tests/stress/gate_model
tests_stress_gate_model_CFLAGS = $(TEST_CFLAGS)
tests_stress_gate_model_LDADD = $(TEST_LIBS)
tests_stress_gate_model_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/simulate
STRESS += tests/stress/simulate
tests_stress_simulate_CFLAGS = $(TEST_CFLAGS)
tests_stress_simulate_LDADD = $(TEST_LIBS)
tests_stress_simulate_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_chan
STRESS += tests/stress/stress_chan
tests_stress_stress_chan_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_chan_LDADD = $(TEST_LIBS)
tests_stress_stress_chan_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_ctx
STRESS += tests/stress/stress_ctx
tests_stress_stress_ctx_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_ctx_LDADD = $(TEST_LIBS)
tests_stress_stress_ctx_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_group
STRESS += tests/stress/stress_group
tests_stress_stress_group_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_group_LDADD = $(TEST_LIBS)
tests_stress_stress_group_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_map
STRESS += tests/stress/stress_map
tests_stress_stress_map_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_map_LDADD = $(TEST_LIBS)
tests_stress_stress_map_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_map_readers
STRESS += tests/stress/stress_map_readers
tests_stress_stress_map_readers_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_map_readers_LDADD = $(TEST_LIBS)
tests_stress_stress_map_readers_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_million
STRESS += tests/stress/stress_million
tests_stress_stress_million_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_million_LDADD = $(TEST_LIBS)
tests_stress_stress_million_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_mutex
STRESS += tests/stress/stress_mutex
tests_stress_stress_mutex_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_mutex_LDADD = $(TEST_LIBS)
tests_stress_stress_mutex_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_pipeline
STRESS += tests/stress/stress_pipeline
tests_stress_stress_pipeline_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_pipeline_LDADD = $(TEST_LIBS)
tests_stress_stress_pipeline_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_select
STRESS += tests/stress/stress_select
tests_stress_stress_select_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_select_LDADD = $(TEST_LIBS)
tests_stress_stress_select_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_sem
STRESS += tests/stress/stress_sem
tests_stress_stress_sem_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_sem_LDADD = $(TEST_LIBS)
tests_stress_stress_sem_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_task
STRESS += tests/stress/stress_task
tests_stress_stress_task_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_task_LDADD = $(TEST_LIBS)
tests_stress_stress_task_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_tenants
STRESS += tests/stress/stress_tenants
tests_stress_stress_tenants_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_tenants_LDADD = $(TEST_LIBS)
tests_stress_stress_tenants_LINK = $(PLAIN_LINK)

check_PROGRAMS += tests/stress/stress_time
STRESS += tests/stress/stress_time
tests_stress_stress_time_CFLAGS = $(TEST_CFLAGS)
tests_stress_stress_time_LDADD = $(TEST_LIBS)
tests_stress_stress_time_LINK = $(PLAIN_LINK)
