# docs/examples - a program for each pattern, built, run and compared with what it should say by `make check`
EXAMPLES = tests/examples/check
TESTS += $(EXAMPLES)
EXTRA_DIST += $(EXAMPLES) docs/examples/expected docs/examples/hello \
	docs/examples/example.h docs/examples/fetch.h docs/examples/local_server.h docs/examples/tour.conf
EXAMPLE_CFLAGS = $(AM_CFLAGS)
EXAMPLE_LIBS = libpen.a libbase.a

check_PROGRAMS += docs/examples/bounded_channel
docs_examples_bounded_channel_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_bounded_channel_LDADD = $(EXAMPLE_LIBS)
docs_examples_bounded_channel_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/bounded_semaphore
docs_examples_bounded_semaphore_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_bounded_semaphore_LDADD = $(EXAMPLE_LIBS)
docs_examples_bounded_semaphore_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/concurrent_map
docs_examples_concurrent_map_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_concurrent_map_LDADD = $(EXAMPLE_LIBS)
docs_examples_concurrent_map_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/graceful_shutdown
docs_examples_graceful_shutdown_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_graceful_shutdown_LDADD = $(EXAMPLE_LIBS)
docs_examples_graceful_shutdown_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/group_cancel
docs_examples_group_cancel_CFLAGS = $(EXAMPLE_CFLAGS) $(CURL_CFLAGS)
docs_examples_group_cancel_LDADD = $(EXAMPLE_LIBS) $(CURL_LIBS)
docs_examples_group_cancel_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/group_limit
docs_examples_group_limit_CFLAGS = $(EXAMPLE_CFLAGS) $(CURL_CFLAGS)
docs_examples_group_limit_LDADD = $(EXAMPLE_LIBS) $(CURL_LIBS)
docs_examples_group_limit_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/leak_detection
docs_examples_leak_detection_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_leak_detection_LDADD = $(EXAMPLE_LIBS)
docs_examples_leak_detection_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/pipeline
docs_examples_pipeline_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_pipeline_LDADD = $(EXAMPLE_LIBS)
docs_examples_pipeline_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/producer_closes
docs_examples_producer_closes_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_producer_closes_LDADD = $(EXAMPLE_LIBS)
docs_examples_producer_closes_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/quick_start
docs_examples_quick_start_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_quick_start_LDADD = $(EXAMPLE_LIBS)
docs_examples_quick_start_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/roaming
docs_examples_roaming_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_roaming_LDADD = $(EXAMPLE_LIBS)
docs_examples_roaming_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/select_default
docs_examples_select_default_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_select_default_LDADD = $(EXAMPLE_LIBS)
docs_examples_select_default_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/select_priority
docs_examples_select_priority_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_select_priority_LDADD = $(EXAMPLE_LIBS)
docs_examples_select_priority_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/select_timeout
docs_examples_select_timeout_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_select_timeout_LDADD = $(EXAMPLE_LIBS)
docs_examples_select_timeout_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/worker_pool
docs_examples_worker_pool_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_worker_pool_LDADD = $(EXAMPLE_LIBS)
docs_examples_worker_pool_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/context
docs_examples_context_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_context_LDADD = $(EXAMPLE_LIBS)
docs_examples_context_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/locks
docs_examples_locks_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_locks_LDADD = $(EXAMPLE_LIBS)
docs_examples_locks_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/once
docs_examples_once_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_once_LDADD = $(EXAMPLE_LIBS)
docs_examples_once_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/ticker
docs_examples_ticker_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_ticker_LDADD = $(EXAMPLE_LIBS)
docs_examples_ticker_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/wait_for_pipe
docs_examples_wait_for_pipe_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_wait_for_pipe_LDADD = $(EXAMPLE_LIBS)
docs_examples_wait_for_pipe_LINK = $(PLAIN_LINK)

check_PROGRAMS += docs/examples/shared_object
docs_examples_shared_object_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_shared_object_LDADD = $(EXAMPLE_LIBS)
docs_examples_shared_object_LINK = $(PLAIN_LINK)

# README.md shows this one, so it is built with the rest.
noinst_PROGRAMS += docs/examples/generator
docs_examples_generator_CFLAGS = $(EXAMPLE_CFLAGS)
docs_examples_generator_LDADD = $(EXAMPLE_LIBS)
docs_examples_generator_LINK = $(PLAIN_LINK)
