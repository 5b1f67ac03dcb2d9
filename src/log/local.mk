# src/log - floor 2: log lines
noinst_LTLIBRARIES += liblog.la
liblog_la_SOURCES = \
	src/log/log.c \
	src/log/log.h
