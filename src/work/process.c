/* process.c - see process.h. */
#include "work/process.h"

#include <errno.h>
#include <fcntl.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define KILL_ALL SIGUSR1               /* to its init */
#define KILL_TIME_NS (10 * PEN_SECOND) /* that it has for it */

struct pipes {
	int in[2], out[2], err[2], report[2];
};

static void pipes_close(struct pipes *pipes)
{
	int *all[] = {pipes->in, pipes->out, pipes->err, pipes->report};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t end = 0; end < 2; end++)
			all[i][end] = fd_close(all[i][end]);
}

/* Our end does not block; the command's does, as commands expect. */
static int open_pipe(int ends[2], int ours)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	return fcntl(ends[ours], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int pipes_open(struct pipes *pipes, bool with_stdin)
{
	int r = 0;

	*pipes = (struct pipes){
		.in = {-1, -1},
                  .out = {-1, -1},
                  .err = {-1, -1},
                  .report = {-1, -1}
        };
	if (with_stdin)
		r = open_pipe(pipes->in, 1);
	else if ((pipes->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
		r = -errno;
	if (r == 0)
		r = open_pipe(pipes->out, 0);
	if (r == 0)
		r = open_pipe(pipes->err, 0);
	if (r == 0)
		r = open_pipe(pipes->report, 0);
	if (r < 0)
		pipes_close(pipes);
	return r;
}

/* Take an end out of `pipes`, which is about to be closed. */
static int take(int *end)
{
	int fd = *end;

	*end = -1;
	return fd;
}

int process_start(struct spawner *spawner, const struct process_plan *plan, bool with_stdin,
	struct process *ret_process)
{
	struct pipes pipes;
	uint64_t key;
	int r = pipes_open(&pipes, with_stdin);

	if (r < 0)
		return r;
	r = spawner_start(
		spawner, plan, (int[]){pipes.in[0], pipes.out[1], pipes.err[1], pipes.report[1]}, &key);
	if (r == 0)
		*ret_process = (struct process){
			.spawner = spawner,
			.key = key,
			.in = take(&pipes.in[1]),
			.out = take(&pipes.out[0]),
			.err = take(&pipes.err[0]),
			.report = take(&pipes.report[0]),
		};
	pipes_close(&pipes);
	return r;
}

int process_wait(struct pen_ctx *ctx, const struct process *process)
{
	return pen_io_wait(ctx, process->report, PEN_IO_READ);
}

static bool ended_by(const struct process *process, int64_t deadline_ns)
{
	return pen_io_wait_until(NULL, process->report, PEN_IO_READ, deadline_ns) == 0;
}

/*
 * Gives whether the wait is over: it has ended, or penstock-exec has and it has not, as a command may stop its init again and again, and nobody
 * is left to continue it.
 */
static bool killed(const struct process *process)
{
	bool lost = spawner_signal(process->spawner, process->key, SIGKILL) == -ESRCH;
	int r;

	pen_yield(); /* there may be no memory to wait with, which will not be for long */
	r = pen_io_wait_until(NULL, process->report, PEN_IO_READ, pen_now_ns() + KILL_TIME_NS);
	return r == 0 || (lost && r == -ETIMEDOUT);
}

void process_end(const struct process *process, int64_t kill_at_ns)
{
	spawner_signal(process->spawner, process->key, SIGTERM);
	if (ended_by(process, kill_at_ns))
		return;
	spawner_signal(process->spawner, process->key, KILL_ALL);
	if (ended_by(process, pen_now_ns() + KILL_TIME_NS))
		return;
	/* penstock-exec may have been stopped before it took that, and goes on by the next */
	while (!killed(process))
		;
}

/* Without one the step is that of an end that nobody told of. */
static struct exec_report read_report(const struct process *process)
{
	struct exec_report report;

	if (read(process->report, &report, sizeof report) != sizeof report)
		report = (struct exec_report){.step = EXEC_STEPS};
	return report;
}

struct exec_report process_reap(struct process *process)
{
	struct exec_report report = read_report(process);

	process->in = fd_close(process->in);
	process->out = fd_close(process->out);
	process->err = fd_close(process->err);
	process->report = fd_close(process->report);
	return report;
}
