/* daemon.h - the parts of penstockd: what was asked for on the command line, and running it. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <penstock/base.h>

#include "conf/conf.h"

struct daemon {
	const char *conf_path; /* NULL: only defaults */
	struct conf_overrides overrides;
	struct conf *conf; /* the one in force */
	int listen_fd;     /* ours until http_start() took it */
	char address[80];
	int signal_fd;
	struct store *store;
	struct gate *gate;
	struct http *http;
	struct pen_chan *signals; /* of int, from the task that reads signal_fd */
};

/* run.c: the first task.  0, or 1 when it could not start or stop cleanly. */
int daemon_run(void *daemon);
void daemon_set_log_level(const struct conf *conf);

/* drain.c: from the first SIGTERM to the last job's end. */
void daemon_drain(struct daemon *daemon);

/* signals.c: block TERM, INT and HUP in this thread and all it starts; give a descriptor to read them from. */
int signals_open(int *ret_fd);
int signals_start(struct pen_ctx *ctx, struct daemon *daemon); /* a task that sends each to daemon->signals */

/* notify.c: tell the service manager, if there is one. */
void notify_ready(const char *address);
void notify_stopping(
	size_t running, int64_t left_ns, int64_t grace_ns); /* who shall not end us before both are over */
void notify_status(const char *text);

/* socket.c: the listening socket, passed by the service manager or opened here. */
int socket_open(struct daemon *daemon, struct problem *reterr);

#endif
