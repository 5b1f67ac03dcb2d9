# bench - speed and memory, beside a peer in the same run; nothing here is built or run by the tests
EXTRA_PROGRAMS = bench/calls_client bench/floor_server bench/load bench/nop bench/primitives bench/slow_server \
	bench/spawn_floor bench/tenants
bench_calls_client_CFLAGS = $(AM_CFLAGS)
bench_calls_client_LDADD = libwork.a libwire.a liblog.a libcore.a libpen.a libbase.a $(JANSSON_LIBS)
bench_calls_client_LINK = $(PLAIN_LINK)
bench_floor_server_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS) $(JANSSON_CFLAGS)
bench_floor_server_LDADD = $(MICROHTTPD_LIBS) $(JANSSON_LIBS)
bench_floor_server_LINK = $(PLAIN_LINK)
bench_load_CFLAGS = $(AM_CFLAGS)
bench_load_LDADD = libpen.a libbase.a
bench_load_LINK = $(PLAIN_LINK)
bench_nop_CFLAGS = -std=gnu17 -O2 -fno-stack-protector
bench_nop_LINK = $(CC) -static -nostdlib -o $@
bench_primitives_CFLAGS = $(AM_CFLAGS)
bench_primitives_LDADD = libpen.a libbase.a
bench_primitives_LINK = $(PLAIN_LINK)
bench_slow_server_CFLAGS = $(AM_CFLAGS)
bench_slow_server_LINK = $(PLAIN_LINK)
bench_spawn_floor_CFLAGS = $(AM_CFLAGS)
bench_spawn_floor_LINK = $(PLAIN_LINK)
bench_tenants_CFLAGS = $(AM_CFLAGS)
bench_tenants_LDADD = libgate.a libwork.a libstore.a libwire.a libconf.a liblog.a libcore.a libpen.a libbase.a \
	$(JANSSON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS)
bench_tenants_LINK = $(PLAIN_LINK)
EXTRA_DIST += bench/README.md bench/runtime bench/go bench/daemon bench/bullmq.mjs bench/calls bench/inflight bench/drain bench/commands \
	bench/limits
CLEANFILES += $(EXTRA_PROGRAMS)

bench: penstockd $(EXTRA_PROGRAMS)
.PHONY: bench
