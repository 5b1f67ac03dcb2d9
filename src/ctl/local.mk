# src/ctl - floor 6: the command line: the client, here libcurl; and what works on a state folder
bin_PROGRAMS += penstock
penstock_SOURCES = \
	src/ctl/await.c \
	src/ctl/await.h \
	src/ctl/bulk.c \
	src/ctl/bulk.h \
	src/ctl/ctl.c \
	src/ctl/ctl.h \
	src/ctl/export.c \
	src/ctl/filter.c \
	src/ctl/filter.h \
	src/ctl/folder.c \
	src/ctl/folder.h \
	src/ctl/import.c \
	src/ctl/job.c \
	src/ctl/job.h \
	src/ctl/list.c \
	src/ctl/logs.c \
	src/ctl/main.c \
	src/ctl/request.c \
	src/ctl/request.h \
	src/ctl/retry.c \
	src/ctl/stats.c \
	src/ctl/submit.c \
	src/ctl/tenants.c \
	src/ctl/verify.c \
	src/ctl/wait.c \
	src/ctl/why.c
penstock_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
penstock_LDADD = libstore.a libwire.a liblog.a libcore.a libpen.a libbase.a $(SQLITE_LIBS) $(JANSSON_LIBS) $(CURL_LIBS)
penstock_LINK = $(PLAIN_LINK)
