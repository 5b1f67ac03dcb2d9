/* stress_sem.c - a semaphore grows and shrinks while waiters are canceled: no unit is lost or made. */
#include <errno.h>
#include <penstock/sem.h>

#include "nemesis.h"

enum { MEMBERS = 12, ROUNDS = 20000, SIZE_MIN = 4, SIZE_MOST = 12 };

struct place {
	struct pen_sem *sem;
	struct pen_chan *nemesis;
	size_t taken; /* atomic; what its holders think */
};

static void hold_for_a_while(struct member *member, struct place *place, size_t n)
{
	size_t taken = __atomic_add_fetch(&place->taken, n, __ATOMIC_RELAXED);

	STRESS_CHECK(taken <= SIZE_MOST, "%zu units are taken", taken);
	STRESS_CHECK(pen_sem_taken(place->sem) >= n, "the semaphore forgot a holder");
	if (pick(member, 2))
		pen_yield();
	__atomic_sub_fetch(&place->taken, n, __ATOMIC_RELAXED);
	pen_sem_release(place->sem, n);
}

static void visit(struct member *member, struct place *place)
{
	struct pen_ctx *ctx = doomed_ctx(member, place->nemesis);
	size_t n = pick(member, 8) ? pick(member, 4) : pick(member, SIZE_MOST + 1);
	int r = pick(member, 4) ? pen_sem_acquire(ctx, place->sem, n) : pen_sem_try_acquire(place->sem, n);

	if (r == 0)
		hold_for_a_while(member, place, n);
	else
		STRESS_CHECK(ended_by_ctx(r) || r == -EAGAIN || r == -E2BIG, "acquire gave %d", r);
	pen_ctx_unref(ctx);
}

static void work(struct member *member)
{
	struct place *place = member->shared;

	for (unsigned i = stress_rounds(ROUNDS); i > 0; i--) {
		if (pick(member, 50) == 0)
			pen_sem_resize(place->sem, SIZE_MIN + pick(member, SIZE_MOST - SIZE_MIN + 1));
		visit(member, place);
	}
}

static void run(uint64_t *random)
{
	struct place place = {.sem = pen_sem_new(SIZE_MOST), .nemesis = nemesis_new()};

	stress_members(random, MEMBERS, work, &place);
	pen_chan_close(place.nemesis);
	STRESS_CHECK(pen_sem_taken(place.sem) == 0, "%zu units are lost", pen_sem_taken(place.sem));
	STRESS_CHECK(pen_sem_try_acquire(place.sem, pen_sem_size(place.sem)) == 0, "not all can be had");
	pen_sem_free(place.sem);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "no unit of a semaphore is lost or made", run);
}
