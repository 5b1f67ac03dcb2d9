/* thread.c - see thread.h. */
#include "store/thread.h"

#include <penstock/chan.h>
#include <penstock/waitgroup.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	CALLS_MAX = 64,   /* that may gather; callers wait beyond */
	TURN_NS = 100000, /* the shortest there are */
};

struct aside_call {
	void (*fn)(void *arg);
	void *arg;
	struct pen_waitgroup *done;
};

struct aside {
	struct pen_chan *calls; /* of struct aside_call */
	struct aside_call last;
	pthread_t thread;
};

int thread_start(pthread_t *ret_thread, const char *name, void *(*fn)(void *arg), void *arg)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(ret_thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		pthread_setname_np(*ret_thread, name);
	return r;
}

/* As the kernel has it; the C library does not know it yet. */
struct turns {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t turn_ns, deadline_ns, period_ns;
};

void thread_take_short_turns(void)
{
	struct turns turns = {.size = sizeof turns, .nice = getpriority(PRIO_PROCESS, 0), .turn_ns = TURN_NS};

	if (sched_getscheduler(0) == SCHED_OTHER) /* what an operator has set otherwise stays */
		syscall(SYS_sched_setattr, 0, &turns, 0);
}

static void make(const struct aside_call *call)
{
	if (call->fn)
		call->fn(call->arg);
	pen_waitgroup_done(call->done);
}

static void *make_calls(void *arg)
{
	struct aside *aside = arg;
	struct aside_call call;

	while (pen_chan_recv(NULL, aside->calls, &call) == 0)
		make(&call);
	make(&aside->last);
	return NULL;
}

struct aside *aside_new(const char *name)
{
	struct aside *aside = calloc(1, sizeof(*aside));

	if (!aside)
		return NULL;
	aside->calls = pen_chan_new(sizeof(struct aside_call), CALLS_MAX);
	aside->last.done = pen_waitgroup_new();
	if (!aside->calls || !aside->last.done || thread_start(&aside->thread, name, make_calls, aside) < 0)
		goto free_aside;
	pen_waitgroup_add(aside->last.done, 1);
	return aside;
free_aside:
	pen_chan_free(aside->calls);
	pen_waitgroup_free(aside->last.done);
	free(aside);
	return NULL;
}

int aside_run(struct aside *aside, void (*fn)(void *arg), void *arg)
{
	struct aside_call call = {fn, arg, pen_waitgroup_new()};
	int r;

	if (!call.done)
		return -ENOMEM;
	pen_waitgroup_add(call.done, 1);
	r = pen_chan_send(NULL, aside->calls, &call);
	if (r == 0)
		r = pen_waitgroup_wait(NULL, call.done);
	else
		pen_waitgroup_done(call.done);
	pen_waitgroup_free(call.done);
	return r;
}

void aside_free(struct aside *aside, void (*last)(void *arg), void *arg)
{
	int r;

	if (!aside)
		return;
	aside->last.fn = last;
	aside->last.arg = arg;
	pen_chan_close(aside->calls);
	r = pen_waitgroup_wait(NULL, aside->last.done);
	(void)r; /* without a context it ends in no other way */
	pthread_join(aside->thread, NULL);
	pen_chan_free(aside->calls);
	pen_waitgroup_free(aside->last.done);
	free(aside);
}
