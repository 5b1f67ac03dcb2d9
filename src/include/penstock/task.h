/*
 * task.h - tasks: Go's goroutines, pinned to one loop each.
 *
 * A runtime is a set of loops, one a core, each on its own thread.  A task is started on one loop and, unless it was
 * started to roam, stays there for life: thread-local state stays right, errno is what the task left in it, and two tasks of one loop never
 * run at the same instant.  A task runs until it parks in a blocking call, yields or returns; a task that computes for long
 * without either holds up its loop.
 *
 * One runtime a process at a time.
 */
#ifndef PENSTOCK_TASK_H
#define PENSTOCK_TASK_H

#include <penstock/base.h>

PEN_BEGIN

/* Zero means the default for every member. */
struct pen_run_options {
	size_t loops;       /* default: the processors this process may use; at most 256 */
	size_t stack_bytes; /* of each task; default 64 KiB (256 KiB under a sanitizer), 16 KiB..64 MiB */
	int64_t spin_ns; /* how long a loop looks for work before it sleeps; default 20 us, with one loop 0 */
	void (*on_leak)(
		const char *task, void *arg); /* called for each task still parked when main_fn is done */
	void *on_leak_arg;
	/*
	 * Say "penstock: task NAME overflowed its stack of N bytes" on stderr before an overflow ends the process.  For the
	 * time of the run, and only where SIGSEGV has its default action, a handler on an alternate stack of each loop takes
	 * it; what it does not tell, and what it told, then meets the default action.  Without this no signal is touched.
	 */
	bool tell_overflow;
};

/*
 * Start the loops and run `main_fn(arg)` as the first task, on loop 0, which is the calling thread.  When
 * main_fn returns, threads find the runtime no longer, and tasks that can still run do so until all are parked or done; a task
 * still parked then has no exit path: `on_leak` is told its name, and its stack is freed without unwinding.  `options` may be NULL.
 * Returns what main_fn returned; or, before main_fn ran, -EALREADY where a runtime is running, -EINVAL,
 * -ENOMEM, or what the system said about threads, epoll or memory.
 */
PEN_API int pen_run(const struct pen_run_options *options, int (*main_fn)(void *arg), void *arg);

/*
 * Start a task that runs `fn(arg)`: on the loop of the calling task, behind those already ready; called by a
 * plain thread, on the loops in turn.  `name` is kept by address and must outlive the task (a literal).
 * Never blocks.  Takes `arg` in whatever sense fn does.
 * Returns 0, -ENOMEM, or -ESRCH where no runtime is running.
 */
PEN_API PEN_MUST_CHECK int pen_go_named(const char *name, void (*fn)(void *arg), void *arg);
#define pen_go(fn, arg) pen_go_named(#fn, fn, arg)

/* The same on a loop of choice, 0..pen_loops()-1; -EINVAL for any other. */
PEN_API PEN_MUST_CHECK int pen_go_on_named(size_t loop, const char *name, void (*fn)(void *arg), void *arg);
#define pen_go_on(loop, fn, arg) pen_go_on_named(loop, #fn, fn, arg)

/*
 * The same, but the task may change its loop, as a goroutine does: one that waits in a channel, a select, a lock or
 * the like, without a deadline of that wait itself, goes to the loop of the task that wakes it if nothing else is ready
 * there.  So two who hand each other values come to run on one core, whichever they began on, and a hand-over costs what
 * it costs on one loop.  Woken by a thread, or out of pen_yield(), pen_sleep() or pen_io_wait(), it is still where it was.
 *
 * What is bound to a thread must not be kept across such a wait by what the task runs: the address of a thread-local
 * variable, errno in a function that waits between two uses of it, a lock of pthread's, a descriptor that others of
 * the loop wait for.  And the task shares nothing without a lock with tasks of any loop.
 */
PEN_API PEN_MUST_CHECK int pen_go_roam_named(size_t loop, const char *name, void (*fn)(void *arg), void *arg);
#define pen_go_roam(loop, fn, arg) pen_go_roam_named(loop, #fn, fn, arg)

/*
 * Start a task on this loop and run it at once; the caller goes on as soon as the new task parks, yields or
 * returns, before any other task of the loop.  For servers that would rather finish a short request in place
 * than hand it over.  Tasks only (-EPERM from a thread).
 */
PEN_API PEN_MUST_CHECK int pen_go_now_named(const char *name, void (*fn)(void *arg), void *arg);
#define pen_go_now(fn, arg) pen_go_now_named(#fn, fn, arg)

/* Let the other ready tasks of this loop run first.  In a plain thread: sched_yield. */
PEN_API void pen_yield(void);

/* Whether the caller is a task; its name (a thread: "thread"); its loop (a thread: SIZE_MAX). */
PEN_API bool pen_in_task(void);
PEN_API const char *pen_task_name(void);
PEN_API size_t pen_loop_self(void);

/* The number of loops of the running runtime (0: none), and of its tasks alive, parked ones too. */
PEN_API size_t pen_loops(void);
PEN_API size_t pen_tasks_alive(void);

PEN_END

#endif
