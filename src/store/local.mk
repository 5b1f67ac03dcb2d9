# src/store - floor 3: where jobs are kept; only here SQLite
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	src/store/attempts.c \
	src/store/attempts.h \
	src/store/keys.c \
	src/store/keys.h \
	src/store/kind.c \
	src/store/kind.h \
	src/store/latest.c \
	src/store/latest.h \
	src/store/list.c \
	src/store/list.h \
	src/store/memory.c \
	src/store/offline.h \
	src/store/op.c \
	src/store/order.c \
	src/store/order.h \
	src/store/spread.h \
	src/store/sqlite.c \
	src/store/sqlite.h \
	src/store/sqlite_checksum.c \
	src/store/sqlite_commit.c \
	src/store/sqlite_folder.c \
	src/store/sqlite_import.c \
	src/store/sqlite_keys.c \
	src/store/sqlite_list.c \
	src/store/sqlite_read.c \
	src/store/sqlite_scan.c \
	src/store/sqlite_schema.c \
	src/store/sqlite_statement.c \
	src/store/sqlite_survey.c \
	src/store/sqlite_sync.c \
	src/store/sqlite_tend.c \
	src/store/sqlite_visit.c \
	src/store/sqlite_witness.c \
	src/store/sqlite_tenants.c \
	src/store/store.c \
	src/store/store.h \
	src/store/tenants.c \
	src/store/tenants.h \
	src/store/thread.c \
	src/store/thread.h \
	src/store/tombs.c \
	src/store/tombs.h
libstore_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
