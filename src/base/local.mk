# src/base - floor 0: what everything stands on
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/ahead.c \
	src/base/ahead.h \
	src/base/base64.c \
	src/base/base64.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/cleanup.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/fit.c \
	src/base/fit.h \
	src/base/hash.h \
	src/base/hash_table.h \
	src/base/heap.c \
	src/base/heap.h \
	src/base/list.c \
	src/base/list.h \
	src/base/parse.c \
	src/base/parse.h \
	src/base/problem.c \
	src/base/problem.h \
	src/base/sanitizer.h \
	src/base/uuid.c \
	src/base/uuid.h \
	src/base/words.c \
	src/base/words.h
