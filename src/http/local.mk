# src/http - floor 5: the control plane; only here libmicrohttpd
noinst_LIBRARIES += libhttp.a
libhttp_a_SOURCES = \
	src/http/bulk.c \
	src/http/bulk.h \
	src/http/client.c \
	src/http/cursor.c \
	src/http/cursor.h \
	src/http/exchange.c \
	src/http/explain.c \
	src/http/head.c \
	src/http/health.c \
	src/http/http.h \
	src/http/inside.h \
	src/http/jobs.c \
	src/http/jobs.h \
	src/http/list.c \
	src/http/log.c \
	src/http/numbers.c \
	src/http/prefer.c \
	src/http/prefer.h \
	src/http/reply.c \
	src/http/results.c \
	src/http/retry.c \
	src/http/routes.c \
	src/http/server.c \
	src/http/slow.c \
	src/http/slow.h \
	src/http/socket.c \
	src/http/stream.c \
	src/http/stream.h \
	src/http/target.c \
	src/http/target.h \
	src/http/tenants.c \
	src/http/wanted.c \
	src/http/wanted.h
libhttp_a_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
