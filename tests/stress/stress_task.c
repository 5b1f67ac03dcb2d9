/*
 * stress_task.c - tasks started by tasks and by threads, in every way there is, that start others, yield and park: each runs
 * once, on its loop and under its name, and in the end no more are alive than before.
 */
#include <errno.h>
#include <string.h>

#include "nemesis.h"

enum {
	MEMBERS = 12,
	ROUNDS = 3000 / STRESS_LESS,
	DEPTH_MOST = 3,
	ANY_LOOP = 1000,
	ALIVE_MOST = 2000 / STRESS_LESS
};

struct place {
	struct pen_chan *calls; /* a task parks for one, another gives it */
	struct pen_waitgroup *wg;
	unsigned long started, ran; /* atomic */
	unsigned alive;             /* atomic; so that memory stays small */
};

/* One task to be. */
struct life {
	struct place *place;
	size_t loop;
	unsigned depth;
	bool begun; /* of one started by pen_go_now; read by its starter at once, so it must not be freed then */
	bool kept;
	uint64_t random;
};

static void live(void *arg);

static int start(struct life *life, unsigned way)
{
	switch (way) {
	case 0:
		life->loop = pen_in_task() ? pen_loop_self() : ANY_LOOP;
		return pen_go(live, life);
	case 1:
		life->loop = life->random % pen_loops();
		return pen_go_on(life->loop, live, life);
	default:
		life->loop = pen_loop_self();
		life->kept = true;
		return pen_go_now(live, life);
	}
}

static void bear(struct place *place, uint64_t *random, unsigned depth)
{
	struct life *life = malloc(sizeof(*life));
	unsigned way = (unsigned)(stress_random(random) % (pen_in_task() ? 3 : 2));
	int r;

	STRESS_CHECK(life, "out of memory");
	*life = (struct life){.place = place, .depth = depth, .random = stress_random(random)};
	pen_waitgroup_add(place->wg, 1);
	__atomic_add_fetch(&place->started, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&place->alive, 1, __ATOMIC_RELAXED);
	r = start(life, way);
	STRESS_CHECK(r == 0, "a task could not be started: %d", r);
	if (way != 2)
		return;
	STRESS_CHECK(life->begun, "a task that was to run at once has not");
	free(life);
}

/* Whatever it does, a task stays where it is. */
static void check_place(const struct life *life, pthread_t thread)
{
	STRESS_CHECK(
		pen_in_task() && strcmp(pen_task_name(), "live") == 0, "the name is %s", pen_task_name());
	STRESS_CHECK(life->loop == ANY_LOOP || pen_loop_self() == life->loop, "on loop %zu, not %zu",
		pen_loop_self(), life->loop);
	STRESS_CHECK(pthread_equal(pthread_self(), thread), "a task changed its thread");
}

static void act(struct life *life, unsigned act)
{
	struct place *place = life->place;
	int r = 0;

	switch (act) {
	case 0:
		pen_yield();
		break;
	case 1:
		r = pen_sleep(NULL, (int64_t)(stress_random(&life->random) % 50) * PEN_US);
		break;
	case 2:
		r = pen_chan_send(NULL, place->calls, NULL); /* a thread of ours receives as many */
		break;
	default:
		if (life->depth > 0)
			bear(place, &life->random, life->depth - 1);
	}
	STRESS_CHECK(r == 0, "a call of a task gave %d", r);
}

/* pen_go_now: the starter goes on when we first park, and frees what it gave us; so we work on a copy. */
static void live(void *arg)
{
	struct life life = *(struct life *)arg;
	pthread_t thread = pthread_self();

	if (life.kept)
		((struct life *)arg)->begun = true;
	else
		free(arg);
	check_place(&life, thread);
	for (unsigned n = (unsigned)(stress_random(&life.random) % 4); n > 0; n--) {
		errno = (int)life.random & 127;
		act(&life, (unsigned)(stress_random(&life.random) % 4));
		check_place(&life, thread);
	}
	__atomic_add_fetch(&life.place->ran, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&life.place->alive, 1, __ATOMIC_RELAXED);
	pen_waitgroup_done(life.place->wg);
}

static void work(struct member *member)
{
	struct place *place = member->shared;

	for (unsigned i = stress_rounds(ROUNDS); i > 0; i--) {
		bear(place, &member->random, pick(member, DEPTH_MOST + 1));
		if (pick(member, 4) == 0)
			pen_yield();
		while (__atomic_load_n(&place->alive, __ATOMIC_RELAXED) > ALIVE_MOST)
			STRESS_CHECK(pen_sleep(NULL, 50 * PEN_US) == 0, "a sleep failed");
	}
}

static void *take_calls(void *arg)
{
	while (pen_chan_recv(NULL, arg, NULL) == 0)
		;
	return NULL;
}

/* What is counted as alive is so until it has left its stack, which is a little after its last word. */
static void wait_for_alive(size_t n)
{
	int64_t until_ns = pen_now_ns() + 60 * PEN_SECOND;

	while (pen_tasks_alive() != n) {
		STRESS_CHECK(pen_now_ns() < until_ns, "%zu tasks are alive, not %zu", pen_tasks_alive(), n);
		STRESS_CHECK(pen_sleep(NULL, 100 * PEN_US) == 0, "a sleep failed");
	}
}

static void run(uint64_t *random)
{
	struct place place = {.calls = pen_chan_new(0, 0), .wg = pen_waitgroup_new()};
	size_t before = pen_tasks_alive();
	pthread_t taker;

	STRESS_CHECK(place.calls && place.wg && before == 1, "%zu tasks at the start", before);
	STRESS_CHECK(pthread_create(&taker, NULL, take_calls, place.calls) == 0, "no thread");
	stress_members(random, MEMBERS, work, &place);
	STRESS_CHECK(pen_waitgroup_wait(NULL, place.wg) == 0, "waiting for the tasks failed");
	STRESS_CHECK(place.started == place.ran && place.alive == 0, "%lu were started, %lu ran",
		place.started, place.ran);
	wait_for_alive(before);
	pen_chan_close(place.calls);
	pthread_join(taker, NULL);
	pen_chan_free(place.calls);
	pen_waitgroup_free(place.wg);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "every task runs once, where it was put, and is gone", run);
}
