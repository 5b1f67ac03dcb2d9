# src/conf - floor 3: the configuration; only here libconfuse
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/check.c \
	src/conf/check.h \
	src/conf/conf.c \
	src/conf/conf.h \
	src/conf/guards.c \
	src/conf/guards.h \
	src/conf/identity.c \
	src/conf/identity.h \
	src/conf/options.c \
	src/conf/options.h \
	src/conf/read.c \
	src/conf/read.h \
	src/conf/secrets.c \
	src/conf/secrets.h \
	src/conf/source.c \
	src/conf/source.h \
	src/conf/suggest.c \
	src/conf/suggest.h \
	src/conf/value.c \
	src/conf/value.h \
	src/conf/write.c
libconf_a_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS)
