/* stress_mutex.c - a mutex and a read-write mutex whose waiters are canceled as they are served. */
#include <errno.h>
#include <penstock/mutex.h>

#include "nemesis.h"

enum { MEMBERS = 12, ROUNDS = 20000 };

/* Plain numbers: a lock that lets two in loses some, and the sanitizer for threads sees it. */
struct place {
	struct pen_chan *nemesis;
	struct pen_mutex *mutex;
	struct pen_rwmutex *rwmutex;
	long entered, written, mirror;       /* under the mutex; the others under the read-write mutex */
	long entered_by_all, written_by_all; /* atomic */
};

static void enter(struct member *member, struct place *place)
{
	long before = place->entered;

	if (pick(member, 2))
		pen_yield();
	place->entered = before + 1;
	__atomic_fetch_add(&place->entered_by_all, 1, __ATOMIC_RELAXED);
	pen_mutex_unlock(place->mutex);
}

static void write_both(struct member *member, struct place *place)
{
	place->written++;
	if (pick(member, 2))
		pen_yield();
	place->mirror++;
	__atomic_fetch_add(&place->written_by_all, 1, __ATOMIC_RELAXED);
	pen_rwmutex_unlock(place->rwmutex);
}

static void read_both(struct member *member, struct place *place)
{
	long written = place->written;

	if (pick(member, 2))
		pen_yield();
	STRESS_CHECK(place->mirror == written, "a reader saw half a write");
	pen_rwmutex_runlock(place->rwmutex);
}

static int lock(struct pen_ctx *ctx, struct place *place, bool try)
{
	return try ? pen_mutex_try_lock(place->mutex) : pen_mutex_lock(ctx, place->mutex);
}

static int lock_to_write(struct pen_ctx *ctx, struct place *place, bool try)
{
	return try ? pen_rwmutex_try_lock(place->rwmutex) : pen_rwmutex_lock(ctx, place->rwmutex);
}

static int lock_to_read(struct pen_ctx *ctx, struct place *place, bool try)
{
	return try ? pen_rwmutex_try_rlock(place->rwmutex) : pen_rwmutex_rlock(ctx, place->rwmutex);
}

static const struct way {
	int (*lock)(struct pen_ctx *ctx, struct place *place, bool try);
	void (*act)(struct member *member, struct place *place); /* and unlock */
} ways[] = {
	{lock,          enter     },
	{lock_to_write, write_both},
	{lock_to_read,  read_both },
	{lock_to_read,  read_both },
};

static void work(struct member *member)
{
	struct place *place = member->shared;

	for (unsigned i = stress_rounds(ROUNDS); i > 0; i--) {
		const struct way *way = &ways[pick(member, sizeof(ways) / sizeof(ways[0]))];
		struct pen_ctx *ctx = doomed_ctx(member, place->nemesis);
		int r = way->lock(ctx, place, pick(member, 4) == 0);

		if (r == 0)
			way->act(member, place);
		else
			STRESS_CHECK(ended_by_ctx(r) || r == -EAGAIN, "a lock gave %d", r);
		pen_ctx_unref(ctx);
	}
}

static void run(uint64_t *random)
{
	struct place place = {
		.nemesis = nemesis_new(), .mutex = pen_mutex_new(), .rwmutex = pen_rwmutex_new()};

	stress_members(random, MEMBERS, work, &place);
	pen_chan_close(place.nemesis);
	STRESS_CHECK(place.entered == place.entered_by_all, "the mutex let two in");
	STRESS_CHECK(place.written == place.written_by_all, "the read-write mutex let two writers in");
	pen_mutex_free(place.mutex);
	pen_rwmutex_free(place.rwmutex);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "locks let in one writer or many readers", run);
}
