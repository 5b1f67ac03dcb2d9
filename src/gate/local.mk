# src/gate - floor 4: who runs next
noinst_LIBRARIES += libgate.a
libgate_a_SOURCES = \
	src/gate/accept.c \
	src/gate/arrivals.c \
	src/gate/attempt.c \
	src/gate/audit.c \
	src/gate/bulk.c \
	src/gate/callback.c \
	src/gate/calls.c \
	src/gate/cancel.c \
	src/gate/control.c \
	src/gate/damage.c \
	src/gate/entry.c \
	src/gate/explain.c \
	src/gate/gate.c \
	src/gate/gate.h \
	src/gate/inside.h \
	src/gate/lanes.c \
	src/gate/ledger.c \
	src/gate/limit_key.c \
	src/gate/list.c \
	src/gate/loader.c \
	src/gate/log.c \
	src/gate/log.h \
	src/gate/logs.c \
	src/gate/logs.h \
	src/gate/reconcile.c \
	src/gate/recover.c \
	src/gate/resting.c \
	src/gate/results.c \
	src/gate/results.h \
	src/gate/settings.c \
	src/gate/state.h \
	src/gate/tenant.c \
	src/gate/turn.c \
	src/gate/waits.c \
	src/gate/window.c \
	src/gate/worker.c
