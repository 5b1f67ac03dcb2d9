# src/ctl - floor 6: the command line client; here libcurl
bin_PROGRAMS += penstock
penstock_SOURCES = \
	src/ctl/await.c \
	src/ctl/await.h \
	src/ctl/bulk.c \
	src/ctl/bulk.h \
	src/ctl/ctl.c \
	src/ctl/ctl.h \
	src/ctl/job.c \
	src/ctl/job.h \
	src/ctl/list.c \
	src/ctl/main.c \
	src/ctl/request.c \
	src/ctl/request.h \
	src/ctl/stats.c \
	src/ctl/submit.c \
	src/ctl/wait.c
penstock_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
penstock_LDADD = libwire.a libcore.a libpen.a libbase.a $(JANSSON_LIBS) $(CURL_LIBS)
penstock_LINK = $(PLAIN_LINK)
