/* signals.c - signals as values on a channel. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/daemon.h"

int signals_open(int *ret_fd)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* whoever started us may have ignored it, and then no child waits for us */
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

struct reader {
	struct pen_ctx *ctx;
	int fd;
	struct pen_chan *signals;
};

/* Ends with its context.  A signal that comes while earlier ones wait is dropped: the receiver acts on kinds, not on counts. */
static void read_signals(void *arg)
{
	CLEANUP(freep) struct reader *reader = arg;
	struct signalfd_siginfo info;

	while (pen_io_wait(reader->ctx, reader->fd, PEN_IO_READ) == 0) {
		while (read(reader->fd, &info, sizeof info) == sizeof info) {
			int number = (int)info.ssi_signo;
			int dropped = pen_chan_try_send(reader->signals, &number);

			(void)dropped;
		}
	}
	pen_ctx_unref(reader->ctx);
}

int signals_start(struct pen_ctx *ctx, struct daemon *daemon)
{
	struct reader *reader = malloc(sizeof *reader);
	int r;

	if (!reader)
		return -ENOMEM;
	*reader =
		(struct reader){.ctx = pen_ctx_ref(ctx), .fd = daemon->signal_fd, .signals = daemon->signals};
	r = pen_go(read_signals, reader);
	if (r < 0) {
		pen_ctx_unref(ctx);
		free(reader);
	}
	return r;
}
