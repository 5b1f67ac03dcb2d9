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
penstockd_LDADD = libhttp.a libgate.a libwork.a libstore.a libwire.a libconf.a liblog.a libcore.a libpen.a libbase.a \
	$(MICROHTTPD_LIBS) $(JANSSON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(SYSTEMD_LIBS)
penstockd_LINK = $(PLAIN_LINK)
