# src/wire - floor 3: structures to text and back; only here jansson
noinst_LIBRARIES += libwire.a
libwire_a_SOURCES = \
	src/wire/bounds.c \
	src/wire/bounds.h \
	src/wire/callback.c \
	src/wire/callback.h \
	src/wire/explain.c \
	src/wire/explain.h \
	src/wire/families.c \
	src/wire/families.h \
	src/wire/fields.c \
	src/wire/fields.h \
	src/wire/json.c \
	src/wire/json.h \
	src/wire/kinds.c \
	src/wire/kinds.h \
	src/wire/labels.c \
	src/wire/log.c \
	src/wire/log.h \
	src/wire/member.c \
	src/wire/nearest.c \
	src/wire/nearest.h \
	src/wire/out.c \
	src/wire/out.h \
	src/wire/page.c \
	src/wire/print.h \
	src/wire/print_exposition.c \
	src/wire/print_json.c \
	src/wire/problem.c \
	src/wire/process.c \
	src/wire/process.h \
	src/wire/read_job.c \
	src/wire/read_record.c \
	src/wire/record.h \
	src/wire/samples.c \
	src/wire/secrets.c \
	src/wire/secrets.h \
	src/wire/spec_command.c \
	src/wire/spec_echo.c \
	src/wire/spec_http.c \
	src/wire/spec_sleep.c \
	src/wire/stats.c \
	src/wire/stats.h \
	src/wire/tenant.c \
	src/wire/tenant.h \
	src/wire/text.c \
	src/wire/text.h \
	src/wire/trace.c \
	src/wire/trace.h \
	src/wire/url.c \
	src/wire/url.h \
	src/wire/utf8.c \
	src/wire/utf8.h \
	src/wire/where.c \
	src/wire/where.h \
	src/wire/wire.h \
	src/wire/write_job.c \
	src/wire/write_record.c \
	src/wire/write_result.c
# spec_http.c has locals of the name of its table
libwire_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) -Wno-shadow
