# src/daemon - floor 6: the daemon's start, signals and stop; only here libsystemd
sbin_PROGRAMS += penstockd
penstockd_SOURCES = \
	src/daemon/daemon.h \
	src/daemon/drain.c \
	src/daemon/main.c \
	src/daemon/notify.c \
	src/daemon/run.c \
	src/daemon/signals.c \
	src/daemon/socket.c

penstockd_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
penstockd_LDADD = libhttp.la libgate.la libwork.la libstore.la libwire.la libconf.la liblog.la libcore.la libpen.la libbase.la \
	$(SYSTEMD_LIBS)
