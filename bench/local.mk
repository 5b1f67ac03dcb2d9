# bench - speed and memory, beside a peer in the same run; nothing here is built or run by the tests
EXTRA_PROGRAMS = bench/slow_server
bench_slow_server_CFLAGS = $(AM_CFLAGS)
EXTRA_DIST += bench/README.md bench/inflight bench/drain
CLEANFILES += $(EXTRA_PROGRAMS)

bench: penstockd $(EXTRA_PROGRAMS)
.PHONY: bench
