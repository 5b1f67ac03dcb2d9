# src/core - floor 2: the pure part: jobs, states, fair share
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/address.c \
	src/core/address.h \
	src/core/breaker.c \
	src/core/breaker.h \
	src/core/bucket.c \
	src/core/bucket.h \
	src/core/command.c \
	src/core/command.h \
	src/core/durability.h \
	src/core/explanation.c \
	src/core/explanation.h \
	src/core/guard.c \
	src/core/guard.h \
	src/core/job.c \
	src/core/job.h \
	src/core/key.h \
	src/core/lane.c \
	src/core/lane.h \
	src/core/limits.c \
	src/core/limits.h \
	src/core/log_record.h \
	src/core/outcome.c \
	src/core/outcome.h \
	src/core/parameter.c \
	src/core/parameter.h \
	src/core/progress.c \
	src/core/queue.c \
	src/core/queue.h \
	src/core/result.c \
	src/core/result.h \
	src/core/retry.c \
	src/core/retry.h \
	src/core/ring.c \
	src/core/ring.h \
	src/core/settings.c \
	src/core/settings.h \
	src/core/share.c \
	src/core/share.h \
	src/core/signing.c \
	src/core/signing.h
