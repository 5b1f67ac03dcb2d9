# src/http - floor 5: the control plane; only here libmicrohttpd
noinst_LTLIBRARIES += libhttp.la
libhttp_la_SOURCES = \
	src/http/http.h
libhttp_la_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
libhttp_la_LIBADD = $(MICROHTTPD_LIBS)
