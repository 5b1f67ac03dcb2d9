# src/work - floor 3: doing a job; here libcurl
noinst_LTLIBRARIES += libwork.la
libwork_la_SOURCES = \
	src/work/work.h
libwork_la_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
libwork_la_LIBADD = $(CURL_LIBS)
