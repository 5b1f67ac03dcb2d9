# bench - speed and memory, beside a peer in the same run; nothing here is built or run by the tests
EXTRA_PROGRAMS = bench/primitives
bench_primitives_CFLAGS = $(AM_CFLAGS)
bench_primitives_LDADD = libpen.a libbase.a
bench_primitives_LINK = $(PLAIN_LINK)
EXTRA_DIST += bench/runtime bench/go
CLEANFILES += $(EXTRA_PROGRAMS)
