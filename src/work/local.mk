# src/work - floor 3: doing a job; here libcurl and libcrypto
noinst_LIBRARIES += libwork.a
libwork_a_SOURCES = \
	src/work/beneath.c \
	src/work/beneath.h \
	src/work/cgroup_text.c \
	src/work/cgroup_text.h \
	src/work/cgroups.c \
	src/work/cgroups.h \
	src/work/command.c \
	src/work/echo.c \
	src/work/endpoints.c \
	src/work/endpoints.h \
	src/work/http.c \
	src/work/http_answer.c \
	src/work/http_answer.h \
	src/work/http_guard.c \
	src/work/http_guard.h \
	src/work/http_redirect.c \
	src/work/http_redirect.h \
	src/work/http_request.c \
	src/work/http_request.h \
	src/work/http_url.c \
	src/work/http_url.h \
	src/work/inside.h \
	src/work/kept.c \
	src/work/kept.h \
	src/work/kinds.c \
	src/work/live.c \
	src/work/live.h \
	src/work/own.c \
	src/work/own.h \
	src/work/process.c \
	src/work/process.h \
	src/work/sign.c \
	src/work/sign.h \
	src/work/sleep.c \
	src/work/spawner.c \
	src/work/spawner.h \
	src/work/streams.c \
	src/work/streams.h \
	src/work/supervisor.c \
	src/work/supervisor.h \
	src/work/transfers.c \
	src/work/transfers.h \
	src/work/work.h
libwork_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(CRYPTO_CFLAGS) \
	-DPENSTOCK_EXEC='"$(libexecdir)/penstock-exec"'
