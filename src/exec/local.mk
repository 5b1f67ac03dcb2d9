# src/exec - floor 2: penstock-exec, which starts commands, and the init of each; no libraries, and linked statically where that can be done
libexec_PROGRAMS += penstock-exec
penstock_exec_SOURCES = \
	src/exec/cgroup.c \
	src/exec/cgroup.h \
	src/exec/exec.h \
	src/exec/init.c \
	src/exec/main.c \
	src/exec/report.h \
	src/exec/request.h \
	src/exec/serve.c \
	src/exec/serve.h \
	src/exec/settings.c \
	src/exec/start.c \
	src/exec/tree.c \
	src/exec/tree.h
penstock_exec_CFLAGS = $(PEN_EXEC_CFLAGS)
penstock_exec_LINK = $(CCLD) $(PEN_EXEC_CFLAGS) $(CFLAGS) $(PEN_EXEC_LDFLAGS) $(LDFLAGS) -o $@
