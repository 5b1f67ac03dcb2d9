/* stress_group.c - groups grow from within, fail and are canceled, and are freed right after their wait. */
#include <errno.h>
#include <penstock/group.h>

#include "nemesis.h"

enum { MEMBERS = 8, GROUPS = 5000 / STRESS_LESS, CHILDREN_MOST = 8, FAILURE = -EILSEQ };

struct family {
	struct pen_group *group;
	unsigned long started, ended, failed; /* atomic */
};

/* One on its way to be a task of the group; with children of its own. */
struct child {
	struct family *family;
	unsigned fails, children;
	uint64_t random;
};

static int live(struct pen_ctx *ctx, void *arg);

/* A child that could not be started tells why, and is gone. */
static int give_birth(struct family *family, struct child child, bool try)
{
	struct child *born = malloc(sizeof(*born));
	int r;

	STRESS_CHECK(born, "out of memory");
	*born = child;
	r = try ? pen_group_try_go(family->group, live, born) : pen_group_go(family->group, live, born);
	if (r == 0)
		__atomic_add_fetch(&family->started, 1, __ATOMIC_RELAXED);
	else
		free(born);
	STRESS_CHECK(r == 0 || r == -EAGAIN || ended_by_ctx(r), "a group's go gave %d", r);
	return r;
}

/* Only tries to have children: to wait for a place while having one would be to wait for oneself. */
static int live(struct pen_ctx *ctx, void *arg)
{
	struct child me = *(struct child *)arg;
	struct family *family = me.family;

	free(arg);
	for (unsigned i = 0; i < me.children; i++)
		give_birth(family, (struct child){.family = family}, true);
	if (stress_random(&me.random) % 2)
		pen_yield();
	if (me.fails)
		__atomic_add_fetch(&family->failed, 1, __ATOMIC_RELAXED);
	else if (pen_ctx_err(ctx) == 0 && stress_random(&me.random) % 16 == 0)
		STRESS_CHECK(pen_sleep(ctx, 10 * PEN_US) <= 0, "a sleep gave more than 0");
	__atomic_add_fetch(&family->ended, 1, __ATOMIC_RELAXED);
	return me.fails ? FAILURE : 0;
}

static void raise_one(struct member *member, struct pen_chan *nemesis)
{
	struct pen_ctx *ctx = doomed_ctx(member, nemesis);
	struct family family = {0};
	unsigned children = pick(member, CHILDREN_MOST + 1);
	int r = pen_group_new(&family.group, ctx, pick(member, 4));

	STRESS_CHECK(r == 0, "a group could not be made: %d", r);
	for (unsigned i = 0; i < children && r == 0; i++)
		r = give_birth(&family,
			(struct child){&family, pick(member, 10) == 0, pick(member, 3),
				stress_random(&member->random)},
			false);
	r = pen_group_wait(family.group);
	pen_group_free(family.group);
	STRESS_CHECK(family.started == family.ended, "%lu of %lu tasks had ended when the wait did",
		family.ended, family.started);
	STRESS_CHECK(
		r == (family.failed ? FAILURE : 0), "the wait gave %d with %lu failed", r, family.failed);
	pen_ctx_unref(ctx);
}

static void work(struct member *member)
{
	for (unsigned i = stress_rounds(GROUPS); i > 0; i--)
		raise_one(member, member->shared);
}

static void run(uint64_t *random)
{
	struct pen_chan *nemesis = nemesis_new();

	stress_members(random, MEMBERS, work, nemesis);
	pen_chan_close(nemesis);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "a group's wait ends when all its tasks have", run);
}
