# src/store - floor 3: where jobs are kept
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	src/store/kind.h \
	src/store/memory.c \
	src/store/op.c \
	src/store/spread.h \
	src/store/store.c \
	src/store/store.h \
	src/store/tombs.c \
	src/store/tombs.h
