# src/lib - floor 1: libpenstock.  libpen.a is what the tree itself links; libpenstock.la is what is installed.
noinst_LIBRARIES += libpen.a
libpen_a_SOURCES = \
	src/lib/abort.c \
	src/lib/abort.h \
	src/lib/alone.h \
	src/lib/chan.c \
	src/lib/chan_ops.h \
	src/lib/counter.c \
	src/lib/ctx.c \
	src/lib/ctx.h \
	src/lib/fiber.c \
	src/lib/fiber.h \
	src/lib/futex.h \
	src/lib/group.c \
	src/lib/io.c \
	src/lib/lock.c \
	src/lib/lock.h \
	src/lib/loop.c \
	src/lib/loop.h \
	src/lib/map.c \
	src/lib/mutex.c \
	src/lib/once.c \
	src/lib/overflow.c \
	src/lib/overflow.h \
	src/lib/pipeline.c \
	src/lib/poller.h \
	src/lib/pool.c \
	src/lib/ref.c \
	src/lib/runtime.c \
	src/lib/select.c \
	src/lib/sem.c \
	src/lib/sem.h \
	src/lib/siphash.c \
	src/lib/siphash.h \
	src/lib/stack.c \
	src/lib/stack.h \
	src/lib/switch.h \
	src/lib/table.c \
	src/lib/table.h \
	src/lib/task.c \
	src/lib/time.c \
	src/lib/timer.c \
	src/lib/timer.h \
	src/lib/wait.c \
	src/lib/wait.h \
	src/lib/waitgroup.c \
	src/lib/waitgroup.h
if SWITCH_X86_64
libpen_a_SOURCES += src/lib/switch_x86_64.S
else
if SWITCH_AARCH64
libpen_a_SOURCES += src/lib/switch_aarch64.S
else
libpen_a_SOURCES += src/lib/switch_ucontext.c
endif
endif
EXTRA_DIST += src/lib/switch_x86_64.S src/lib/switch_aarch64.S src/lib/switch_ucontext.c

# The same sources again, with what of base they stand on: a shared library wants objects of its own.
lib_LTLIBRARIES += libpenstock.la
libpenstock_la_SOURCES = $(libpen_a_SOURCES) src/base/fd.c src/base/heap.c
libpenstock_la_CFLAGS = $(AM_CFLAGS)
libpenstock_la_CCASFLAGS = $(AM_CCASFLAGS)
libpenstock_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,--version-script=$(srcdir)/src/lib/penstock.map
EXTRA_libpenstock_la_DEPENDENCIES = src/lib/penstock.map
EXTRA_DIST += src/lib/penstock.map

penstockincludedir = $(includedir)/penstock
penstockinclude_HEADERS = \
	src/include/penstock/base.h \
	src/include/penstock/chan.h \
	src/include/penstock/counter.h \
	src/include/penstock/ctx.h \
	src/include/penstock/group.h \
	src/include/penstock/io.h \
	src/include/penstock/map.h \
	src/include/penstock/mutex.h \
	src/include/penstock/once.h \
	src/include/penstock/pipeline.h \
	src/include/penstock/pool.h \
	src/include/penstock/ref.h \
	src/include/penstock/select.h \
	src/include/penstock/sem.h \
	src/include/penstock/task.h \
	src/include/penstock/time.h \
	src/include/penstock/waitgroup.h

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = src/lib/penstock.pc
