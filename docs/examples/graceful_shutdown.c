/*
 * graceful_shutdown.c - workers run until SIGINT or SIGTERM; then they have a drain timeout, then they are cancelled; a second
 * signal does not wait for it.
 *
 *   graceful_shutdown MS_A_JOB MS_TO_DRAIN
 *
 * Exit status: 0 if all ended by themselves, 3 if they had to be cancelled.
 */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/select.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "example.h"

enum { WORKERS = 4 };

static int64_t job_ns, drain_ns;
static int signals;                /* a descriptor: signals are read, never handled */
static struct pen_ctx *accept_ctx; /* ends first: no new jobs */
static struct pen_ctx *jobs_ctx;   /* ends when the drain is over */
static struct pen_waitgroup *alive;
static struct pen_chan *drained;

static void worker(void *arg)
{
	(void)arg;
	while (pen_ctx_err(accept_ctx) == 0)
		if (pen_sleep(jobs_ctx, job_ns) < 0) /* a job that listens to its context */
			break;
	pen_waitgroup_done(alive);
}

static int next_signal(struct pen_ctx *ctx)
{
	struct signalfd_siginfo info;
	int r = pen_io_wait(ctx, signals, PEN_IO_READ);

	if (r < 0)
		return r;
	return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : -EIO;
}

static void tell_drained(void *arg)
{
	(void)arg;
	MUST(pen_waitgroup_wait(NULL, alive));
	pen_chan_close(drained);
}

/* A second signal is as good as the end of the timeout. */
static void hurry(void *arg)
{
	if (next_signal(arg) > 0)
		pen_ctx_cancel(arg, "second signal");
	pen_ctx_unref(arg);
}

static int drain(void)
{
	struct pen_case done[] = {PEN_CASE_RECV(drained, NULL)};
	struct pen_ctx *patience;
	int r;

	pen_ctx_cancel(accept_ctx, "shutdown");
	MUST(pen_ctx_with_timeout(&patience, NULL, drain_ns));
	MUST(pen_go(hurry, pen_ctx_ref(patience)));
	MUST(pen_go(tell_drained, NULL));
	r = pen_select(patience, done, 1, PEN_SELECT_FAIR);
	if (r < 0) {
		printf("cancelling what still runs: %s\n", pen_ctx_cause(patience));
		pen_ctx_cancel(jobs_ctx, "shutdown");
		MUST(pen_chan_recv(NULL, drained, NULL) == -EPIPE ? 0 : -EIO);
	}
	pen_ctx_unrefp(&patience);
	return r < 0 ? 3 : 0;
}

static int start(void *arg)
{
	int r;

	(void)arg;
	MUST(pen_ctx_with_cancel(&accept_ctx, NULL));
	MUST(pen_ctx_with_cancel(&jobs_ctx, NULL));
	alive = MUST_HAVE(pen_waitgroup_new());
	drained = MUST_HAVE(pen_chan_new(0, 0));
	for (int i = 0; i < WORKERS; i++) {
		pen_waitgroup_add(alive, 1);
		MUST(pen_go(worker, NULL));
	}
	puts("running");
	fflush(stdout);
	printf("draining after signal %d\n", MUST(next_signal(NULL)));
	fflush(stdout);
	r = drain();
	puts("stopped");
	pen_chan_free(drained);
	pen_waitgroup_free(alive);
	pen_ctx_unrefp(&jobs_ctx);
	pen_ctx_unrefp(&accept_ctx);
	return r;
}

int main(int argc, char **argv)
{
	sigset_t set;

	job_ns = (argc > 1 ? atoll(argv[1]) : 10) * PEN_MS;
	drain_ns = (argc > 2 ? atoll(argv[2]) : 10000) * PEN_MS;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL); /* before pen_run(): its threads inherit the mask */
	signals = MUST(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	return MUST(pen_run(NULL, start, NULL));
}
