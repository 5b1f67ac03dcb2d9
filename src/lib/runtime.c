/* runtime.c - pen_run(): the set of loops, from the first thread to the last leak. */
#include <errno.h>
#include <penstock/task.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "lib/abort.h"
#include "lib/loop.h"

enum { LOOPS_MAX = 256 };
#define SPIN_DEFAULT_NS (20 * PEN_US)
#define STACK_MIN ((size_t)16 << 10)
#define STACK_MAX ((size_t)64 << 20)
#if defined(PEN__ASAN) || defined(PEN__TSAN)
#define STACK_DEFAULT ((size_t)256 << 10) /* their redzones and frames are larger */
#else
#define STACK_DEFAULT ((size_t)60 << 10) /* with its guard page 64 KiB */
#endif

/*
 * The one runtime of the process, for calls from plain threads, and how many of those are inside it just now.  Both atomic.
 * Who visits counts itself in before it looks for the runtime, and the runtime hides itself before it waits for the count to come
 * to 0: so, with both sequentially consistent, either the visitor sees that it is hidden, or it is waited for.
 */
static struct pen__runtime *running;
static uint32_t visitors;

/* Atomic; from the beginning of pen_run() to its end, while `running` is only from when tasks can run until main_fn has returned. */
static uint32_t occupied;

void pen__runtime_visit(void)
{
	if (!pen__loop_self())
		__atomic_add_fetch(&visitors, 1, __ATOMIC_SEQ_CST);
}

void pen__runtime_leave(void)
{
	if (!pen__loop_self())
		__atomic_sub_fetch(&visitors, 1, __ATOMIC_RELEASE);
}

/* A visit is a few instructions and perhaps a wake-up. */
static void wait_for_visitors(void)
{
	while (__atomic_load_n(&visitors, __ATOMIC_SEQ_CST))
		sched_yield();
}

/* No visitor will find it any more, and those who have are gone. */
static void hide_runtime(void)
{
	__atomic_store_n(&running, NULL, __ATOMIC_SEQ_CST);
	wait_for_visitors();
}

struct pen__runtime *pen__runtime_here(void)
{
	struct pen__loop *loop = pen__loop_self();

	return loop ? loop->runtime : __atomic_load_n(&running, __ATOMIC_SEQ_CST);
}

struct pen__loop *pen__loop_visit(void)
{
	struct pen__loop *loop = pen__loop_self();
	struct pen__runtime *runtime;

	if (loop)
		return loop;
	pen__runtime_visit();
	runtime = pen__runtime_here();
	if (!runtime)
		return NULL;
	return &runtime->loops[__atomic_fetch_add(&runtime->next_loop, 1, __ATOMIC_RELAXED) %
			       runtime->n_loops];
}

size_t pen_loops(void)
{
	struct pen__runtime *runtime;
	size_t n;

	pen__runtime_visit();
	runtime = pen__runtime_here();
	n = runtime ? runtime->n_loops : 0;
	pen__runtime_leave();
	return n;
}

size_t pen_tasks_alive(void)
{
	struct pen__runtime *runtime;
	size_t n;

	pen__runtime_visit();
	runtime = pen__runtime_here();
	n = runtime ? __atomic_load_n(&runtime->tasks, __ATOMIC_RELAXED) : 0;
	pen__runtime_leave();
	return n;
}

static size_t processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

/* Fill in the defaults; -EINVAL for what is out of range. */
static int settle_options(struct pen_run_options *options)
{
	if (options->loops == 0)
		options->loops = processors();
	if (options->stack_bytes == 0)
		options->stack_bytes = STACK_DEFAULT;
	if (options->spin_ns == 0 && options->loops > 1)
		options->spin_ns = SPIN_DEFAULT_NS;
	if (options->loops > LOOPS_MAX || options->spin_ns < 0)
		return -EINVAL;
	return options->stack_bytes < STACK_MIN || options->stack_bytes > STACK_MAX ? -EINVAL : 0;
}

static int runtime_new(const struct pen_run_options *options, struct pen__runtime **ret_runtime)
{
	struct pen__runtime *runtime;
	size_t bytes = sizeof *runtime + options->loops * sizeof runtime->loops[0], done;
	int r = 0;

	runtime = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
	if (!runtime)
		return -ENOMEM;
	*runtime = (struct pen__runtime){
		.n_loops = options->loops,
		.spin_ns = options->spin_ns,
		.on_leak = options->on_leak,
		.on_leak_arg = options->on_leak_arg,
	};
	for (done = 0; done < options->loops && r == 0; done++)
		r = pen__loop_init(&runtime->loops[done], runtime, done);
	if (r < 0) {
		while (--done > 0)
			pen__loop_fini(&runtime->loops[done - 1]);
		free(runtime);
		return r;
	}
	pen__stacks_init(&runtime->stacks, options->stack_bytes);
	pthread_barrier_init(&runtime->barrier, NULL, (unsigned)options->loops);
	*ret_runtime = runtime;
	return 0;
}

static void runtime_free(struct pen__runtime *runtime)
{
	for (size_t i = 0; i < runtime->n_loops; i++)
		pen__loop_fini(&runtime->loops[i]);
	pthread_barrier_destroy(&runtime->barrier);
	pen__stacks_fini(&runtime->stacks);
	free(runtime);
}

static void tell_leaks(struct pen__runtime *runtime, struct pen_task *tasks)
{
	for (struct pen_task *task = tasks; task; task = task->older) {
		if (runtime->on_leak)
			runtime->on_leak(task->name, runtime->on_leak_arg);
		pen__fiber_destroy(&task->fiber);
	}
	pen__fiber_leave_thread();
}

static void *loop_thread(void *arg)
{
	struct pen__loop *loop = arg;
	struct pen__overflow *overflow = &loop->runtime->overflow;
	stack_t before = {0};

	pen__loop_here = loop;
	pen__fiber_adopt_thread(&loop->scheduler);
	pen__overflow_enter(overflow, loop->number, &before);
	pen__loop_run(loop);
	pen__overflow_leave(overflow, &before);
	pen__fiber_leave_thread();
	pen__loop_here = NULL;
	return NULL;
}

static void stop(struct pen__runtime *runtime, enum pen__stop how)
{
	__atomic_store_n(&runtime->stopping, how, __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < runtime->n_loops; i++)
		pen__loop_poke(&runtime->loops[i]);
}

static void main_task(void *arg)
{
	struct pen__runtime *runtime = arg;

	runtime->main_result = runtime->main_fn(runtime->main_arg);
	hide_runtime(); /* else threads could keep it from ever being quiet */
	stop(runtime, PEN__STOP_QUIET);
}

static void join_threads(struct pen__runtime *runtime, size_t n)
{
	for (size_t i = 1; i < n; i++)
		pthread_join(runtime->loops[i].thread, NULL);
}

/*
 * Signals are for the program's own threads to take; loops other than the caller's block them all.  But a blocked fault ends the
 * process without its handler.
 */
static int start_threads(struct pen__runtime *runtime)
{
	sigset_t all, before;
	size_t started = 1;
	int r = 0;

	sigfillset(&all);
	if (runtime->overflow.stacks)
		sigdelset(&all, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < runtime->n_loops && r == 0) {
		r = -pthread_create(
			&runtime->loops[started].thread, NULL, loop_thread, &runtime->loops[started]);
		started += r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0) {
		stop(runtime, PEN__STOP_NOW);
		join_threads(runtime, started);
	}
	return r;
}

int pen_run(const struct pen_run_options *given, int (*main_fn)(void *arg), void *arg)
{
	struct pen_run_options options = given ? *given : (struct pen_run_options){0};
	struct pen__runtime *runtime;
	struct pen_task *task;
	int r = settle_options(&options);

	if (r == 0)
		r = runtime_new(&options, &runtime);
	if (r < 0)
		return r;
	runtime->main_fn = main_fn;
	runtime->main_arg = arg;
	if (__atomic_exchange_n(&occupied, 1, __ATOMIC_ACQ_REL)) {
		runtime_free(runtime);
		return -EALREADY;
	}
	pen__loop_here = &runtime->loops[0];
	task = pen__task_new(&runtime->loops[0], "main", main_task, runtime);
	pen__loop_here = NULL;
	r = task ? 0 : -ENOMEM;
	if (r == 0 && options.tell_overflow)
		r = pen__overflow_begin(&runtime->overflow, runtime->n_loops);
	if (r == 0)
		r = start_threads(runtime);
	if (r == 0) {
		__atomic_store_n(&running, runtime, __ATOMIC_SEQ_CST);
		pen__task_ready(task);
		loop_thread(&runtime->loops[0]);
		join_threads(runtime, runtime->n_loops);
		r = runtime->main_result;
	}
	pen__overflow_end(&runtime->overflow);
	for (size_t i = 0; i < runtime->n_loops; i++)
		pen__timers_fini(&runtime->loops[i].timers);
	wait_for_visitors(); /* who came for a timer that was still there, or to wake the last task */
	for (size_t i = 0; i < runtime->n_loops; i++)
		tell_leaks(runtime, runtime->loops[i].tasks);
	tell_leaks(runtime, runtime->roaming);
	runtime_free(runtime);
	__atomic_store_n(&occupied, 0, __ATOMIC_RELEASE);
	return r;
}
