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

static void see_to(struct pen__loop *loop, struct pen_task *left)
{
	loop->left = NULL;
	if (left->ended) {
		pen__fiber_destroy(&left->fiber);
		stack_put(loop, left->stack);
	} else {
		__atomic_store_n(&left->at_rest, 1, __ATOMIC_RELEASE);
	}
}

/* After every switch: the one who was left may have ended, or be free to roam now. */
static inline void see_to_left(struct pen__loop *loop)
{
	if (__builtin_expect(loop->left != NULL, 0))
		see_to(loop, loop->left);
}

/* A compiler takes errno to lie at one address as long as a function runs; so for one who may have come to another thread
 * meanwhile it is another function that writes it. */
__attribute__((noinline)) static void set_errno(int to)
{
	errno = to;
}

void pen__task_leave_for(struct pen__loop *loop, struct pen_task *next)
{
	struct pen_task *me = loop->current;
	int my_errno = errno;

	if (next == me)
		return;
	loop->current = next;
	pen__fiber_switch(me ? &me->fiber : &loop->scheduler, next ? &next->fiber : &loop->scheduler, 0);
	see_to_left(loop);
	errno = my_errno;
}

/* Whoever makes it ready the next time hears of it by the claim of its wait, so the end of its rest needs no order. */
void pen__task_roam_for(struct pen__loop *loop, struct pen_task *next)
{
	struct pen_task *me = loop->current;
	int my_errno = errno;

	if (next == me)
		return;
	loop->left = me;
	loop->current = next;
	pen__fiber_switch(&me->fiber, next ? &next->fiber : &loop->scheduler, 0);
	__atomic_store_n(&me->at_rest, 0, __ATOMIC_RELAXED);
	see_to_left(me->loop);
	set_errno(my_errno);
}

/* Begun and not ended: those of one loop, which need no lock, or those that roam. */
static struct pen_task **begun_list(struct pen_task *task)
{
	return task->roams ? &task->loop->runtime->roaming : &task->loop->tasks;
}

static void link_begun(struct pen_task *task)
{
	struct pen_task **list = begun_list(task);

	task->older = *list;
	if (*list)
		(*list)->newer = task;
	*list = task;
}

static void unlink_begun(struct pen_task *task)
{
	if (task->newer)
		task->newer->older = task->older;
	else
		*begun_list(task) = task->older;
	if (task->older)
		task->older->newer = task->newer;
}

static void change_begun(struct pen_task *task, void (*change)(struct pen_task *task))
{
	struct pen__lock *lock = &task->loop->runtime->roaming_lock;

	if (task->roams)
		pen__lock_take(lock);
	change(task);
	if (task->roams)
		pen__lock_drop(lock);
}

static void task_entry(void)
{
	struct pen__loop *loop = pen__loop_self();
	struct pen_task *me = loop->current, *next;

	pen__fiber_entered();
	see_to_left(loop);
	change_begun(me, link_begun);
	me->fn(me->arg);
	change_begun(me, unlink_begun);
	loop = me->loop; /* it may have changed */
	__atomic_sub_fetch(&loop->runtime->tasks, 1, __ATOMIC_RELAXED);
	next = pen__loop_next(loop);
	me->ended = true;
	loop->left = me;
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

static int spawn(struct pen__loop *loop, const char *name, void (*fn)(void *arg), void *arg, bool roams)
{
	struct pen_task *task = pen__task_new(loop, name, fn, arg);

	if (!task)
		return -ENOMEM;
	task->roams = roams;
	pen__task_ready(task);
	return 0;
}

static int spawn_on(size_t loop, const char *name, void (*fn)(void *arg), void *arg, bool roams)
{
	struct pen__runtime *runtime;
	int r = -ESRCH;

	pen__runtime_visit();
	runtime = pen__runtime_here();
	if (runtime)
		r = loop < runtime->n_loops ? spawn(&runtime->loops[loop], name, fn, arg, roams) : -EINVAL;
	pen__runtime_leave();
	return r;
}

int pen_go_named(const char *name, void (*fn)(void *arg), void *arg)
{
	struct pen__loop *loop = pen__loop_visit();
	int r = loop ? spawn(loop, name, fn, arg, false) : -ESRCH;

	pen__runtime_leave();
	return r;
}

int pen_go_on_named(size_t loop, const char *name, void (*fn)(void *arg), void *arg)
{
	return spawn_on(loop, name, fn, arg, false);
}

int pen_go_roam_named(size_t loop, const char *name, void (*fn)(void *arg), void *arg)
{
	return spawn_on(loop, name, fn, arg, true);
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
