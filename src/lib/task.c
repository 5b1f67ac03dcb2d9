/* task.c - the life of a task: made on a stack, run, left for others, ended. */
#include <penstock/task.h>

#include <errno.h>
#include <sched.h>

#include "lib/abort.h"
#include "lib/loop.h"

static struct pen__stack *stack_get(struct pen__loop *loop)
{
	struct pen__stack *stack;

	if (loop == pen__loop_self() && (stack = loop->warm)) {
		loop->warm = stack->next;
		loop->n_warm--;
		return stack;
	}
	return pen__stack_get(&loop->runtime->stacks);
}

static void stack_put(struct pen__loop *loop, struct pen__stack *stack)
{
	if (loop->n_warm < STACK_CACHE_MAX) {
		stack->next = loop->warm;
		loop->warm = stack;
		loop->n_warm++;
	} else {
		pen__stack_put(&loop->runtime->stacks, stack);
	}
}

/* After every switch: the one who was left may have ended. */
static void bury_dead(struct pen__loop *loop)
{
	struct pen_task *dead = loop->dead;

	if (!dead)
		return;
	loop->dead = NULL;
	pen__fiber_destroy(&dead->fiber);
	stack_put(loop, dead->stack);
}

void pen__task_leave_for(struct pen__loop *loop, struct pen_task *next)
{
	struct pen_task *me = loop->current;
	int my_errno = errno;

	if (next == me)
		return;
	loop->current = next;
	pen__fiber_switch(me ? &me->fiber : &loop->scheduler, next ? &next->fiber : &loop->scheduler, 0);
	bury_dead(loop);
	errno = my_errno;
}

static void register_begun(struct pen_task *task)
{
	struct pen__loop *loop = task->loop;

	task->older = loop->tasks;
	if (loop->tasks)
		loop->tasks->newer = task;
	loop->tasks = task;
}

static void unregister(struct pen_task *task)
{
	if (task->newer)
		task->newer->older = task->older;
	else
		task->loop->tasks = task->older;
	if (task->older)
		task->older->newer = task->newer;
}

static void task_entry(void)
{
	struct pen__loop *loop = pen__loop_self();
	struct pen_task *me = loop->current, *next;

	pen__fiber_entered();
	bury_dead(loop);
	register_begun(me);
	me->fn(me->arg);
	unregister(me);
	__atomic_sub_fetch(&loop->runtime->tasks, 1, __ATOMIC_RELAXED);
	next = pen__loop_next(loop);
	loop->dead = me;
	loop->current = next;
	pen__fiber_switch(&me->fiber, next ? &next->fiber : &loop->scheduler, 1);
	pen__abort(__FILE__, __LINE__, "an ended task was resumed");
}

struct pen_task *pen__task_new(struct pen__loop *loop, const char *name, void (*fn)(void *arg), void *arg)
{
	struct pen__stack *stack = stack_get(loop);
	struct pen_task *task;
	uintptr_t top;

	if (!stack)
		return NULL;
	top = (uintptr_t)stack->base + pen__stack_bytes(&loop->runtime->stacks);
	top = (top - sizeof *task) & ~(uintptr_t)63;
	task = (struct pen_task *)top;
	*task = (struct pen_task){.loop = loop, .stack = stack, .name = name, .fn = fn, .arg = arg};
	pen__fiber_make(&task->fiber, stack->base, task, task_entry);
	__atomic_add_fetch(&loop->runtime->tasks, 1, __ATOMIC_RELAXED);
	return task;
}

static int spawn(struct pen__loop *loop, const char *name, void (*fn)(void *arg), void *arg)
{
	struct pen_task *task = pen__task_new(loop, name, fn, arg);

	if (!task)
		return -ENOMEM;
	pen__task_ready(task);
	return 0;
}

int pen_go_named(const char *name, void (*fn)(void *arg), void *arg)
{
	struct pen__loop *loop = pen__loop_visit();
	int r = loop ? spawn(loop, name, fn, arg) : -ESRCH;

	pen__runtime_leave();
	return r;
}

int pen_go_on_named(size_t loop, const char *name, void (*fn)(void *arg), void *arg)
{
	struct pen__runtime *runtime;
	int r = -ESRCH;

	pen__runtime_visit();
	runtime = pen__runtime_here();
	if (runtime)
		r = loop < runtime->n_loops ? spawn(&runtime->loops[loop], name, fn, arg) : -EINVAL;
	pen__runtime_leave();
	return r;
}

int pen_go_now_named(const char *name, void (*fn)(void *arg), void *arg)
{
	struct pen__loop *loop = pen__loop_self();
	struct pen_task *task;

	if (!pen_in_task())
		return -EPERM;
	task = pen__task_new(loop, name, fn, arg);
	if (!task)
		return -ENOMEM;
	pen__runq_push_front(&loop->ready, loop->current);
	pen__task_leave_for(loop, task);
	return 0;
}

void pen_yield(void)
{
	struct pen__loop *loop = pen__loop_self();

	if (!pen_in_task()) {
		sched_yield();
		return;
	}
	pen__runq_push(&loop->ready, loop->current);
	pen__task_park();
}

bool pen_in_task(void)
{
	return pen__task_self();
}

const char *pen_task_name(void)
{
	return pen__task_self() ? pen__task_self()->name : "thread";
}

size_t pen_loop_self(void)
{
	return pen_in_task() ? pen__loop_self()->number : SIZE_MAX;
}
