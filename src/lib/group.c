/*
 * group.c - tasks that work on one thing.
 *
 * The last thing a member does to its group is to be done in `alive`; a wait group allows it to be freed
 * right after the wait, and so does the group.
 */
#include <penstock/group.h>

#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/task.h>
#include <stdlib.h>

#include "lib/abort.h"
#include "lib/lock.h"
#include "lib/sem.h"
#include "lib/waitgroup.h"

struct pen_group {
	struct pen_ctx *ctx;
	struct pen_sem places; /* one for each task that may be alive */
	struct pen_waitgroup alive;
	struct pen__lock lock; /* of err */
	int err;               /* the first */
};

struct member {
	struct pen_group *group;
	int (*fn)(struct pen_ctx *ctx, void *arg);
	void *arg;
};

int pen_group_new(struct pen_group **ret_group, struct pen_ctx *parent, size_t limit)
{
	struct pen_group *group = malloc(sizeof *group);
	int r;

	if (!group)
		return -ENOMEM;
	*group = (struct pen_group){.places = {.size = limit ? limit : SIZE_MAX}};
	r = pen_ctx_with_cancel(&group->ctx, parent);
	if (r < 0) {
		free(group);
		return r;
	}
	*ret_group = group;
	return 0;
}

void pen_group_free(struct pen_group *group)
{
	if (!group)
		return;
	PEN__REQUIRE(pen__waitgroup_idle(&group->alive), "a group was freed while tasks of it are alive");
	pen_ctx_unrefp(&group->ctx);
	free(group);
}

struct pen_ctx *pen_group_ctx(struct pen_group *group)
{
	return group->ctx;
}

static void fail(struct pen_group *group, int err)
{
	bool first;

	pen__lock_take(&group->lock);
	first = group->err == 0;
	if (first)
		group->err = err;
	pen__lock_drop(&group->lock);
	if (first)
		pen_ctx_cancel(group->ctx, "group failed");
}

static void leave(struct pen_group *group)
{
	pen_sem_release(&group->places, 1);
	pen_waitgroup_done(&group->alive);
}

static void member_run(void *arg)
{
	struct member *member = arg;
	struct pen_group *group = member->group;
	int r = member->fn(group->ctx, member->arg);

	free(member);
	if (r != 0)
		fail(group, r);
	leave(group);
}

/* With a place taken, which is given back when no task can be started. */
static int start(struct pen_group *group, int (*fn)(struct pen_ctx *ctx, void *arg), void *arg)
{
	struct member *member = malloc(sizeof *member);
	int r = -ENOMEM;

	pen_waitgroup_add(&group->alive, 1);
	if (member) {
		*member = (struct member){group, fn, arg};
		r = pen_go_named("pen_group", member_run, member);
	}
	if (r < 0) {
		free(member);
		leave(group);
	}
	return r;
}

int pen_group_go(struct pen_group *group, int (*fn)(struct pen_ctx *ctx, void *arg), void *arg)
{
	int r = pen_sem_acquire(group->ctx, &group->places, 1);

	return r < 0 ? r : start(group, fn, arg);
}

int pen_group_try_go(struct pen_group *group, int (*fn)(struct pen_ctx *ctx, void *arg), void *arg)
{
	int r = pen_ctx_err(group->ctx);

	if (r == 0)
		r = pen_sem_try_acquire(&group->places, 1);
	return r < 0 ? r : start(group, fn, arg);
}

int pen_group_wait(struct pen_group *group)
{
	int err;

	pen__waitgroup_join(&group->alive);
	pen_ctx_cancel(group->ctx, "group done");
	pen__lock_take(&group->lock);
	err = group->err;
	pen__lock_drop(&group->lock);
	return err;
}
