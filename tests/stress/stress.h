/*
 * stress.h - what the stress programs share: a seed, members that are tasks and threads, and a verdict.
 *
 * A program does a fixed amount of random work.  The seed comes from the first argument, else from PEN_SEED,
 * else from the clock, and is printed first: with it the same work is done again, though not in the same
 * order.  PEN_LESS divides the work, for those under whom all takes longer.
 */
#ifndef TESTS_STRESS_H
#define TESTS_STRESS_H

#include <penstock/ctx.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fiber.h"

enum { MEMBERS_MAX = 64, STRESS_SECONDS_MAX = 240 };

/* What a run is divided by: to make and end a task costs the sanitizer for threads as much as a thread. */
#if defined(PEN__TSAN)
enum { STRESS_LESS = 20 };
#else
enum { STRESS_LESS = 1 };
#endif

/* What is left of `n` rounds where somebody is in a hurry: PEN_LESS says by how much to divide. */
static inline unsigned stress_rounds(unsigned n)
{
	const char *given = getenv("PEN_LESS");
	unsigned less = given ? (unsigned)strtoul(given, NULL, 10) : 1;

	return less > 1 ? n / less + 1 : n;
}

/* One who works: its number, its own random numbers, and what all share. */
struct member {
	unsigned number;
	uint64_t random;
	void *shared;
	void (*fn)(struct member *member);
	struct pen_waitgroup *alive;
	pthread_t thread;
};

/* Ends the program at once: with others at work there is nothing to tidy up. */
#define STRESS_CHECK(cond, ...) STRESS_CHECK_SAYING("not ok 1 - ", cond, __VA_ARGS__)

/* The same with other words before what is wrong. */
#define STRESS_CHECK_SAYING(before, cond, ...) \
	do { \
		if (!(cond)) { \
			printf(before "%s:%d: ", __FILE__, __LINE__); \
			printf(__VA_ARGS__); \
			printf("\n"); \
			fflush(stdout); \
			_exit(EXIT_FAILURE); \
		} \
	} while (0)

/* splitmix64: any seed will do, and neighbours are unlike. */
static inline uint64_t stress_random(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* 0..below-1 */
static inline unsigned pick(struct member *member, unsigned below)
{
	return (unsigned)(stress_random(&member->random) >> 32) % below;
}

static inline void stress_task(void *arg)
{
	struct member *member = arg;

	member->fn(member);
	pen_waitgroup_done(member->alive);
}

static inline void *stress_thread(void *arg)
{
	stress_task(arg);
	return NULL;
}

static inline bool is_thread(const struct member *member)
{
	return member->number % 2 == 1;
}

/* Two tasks stay, two roam, and so on. */
static inline int stress_go(struct member *member)
{
	unsigned task = member->number / 2;
	size_t loop = task % pen_loops();

	return task % 4 / 2 == 0 ? pen_go_on(loop, stress_task, member)
				 : pen_go_roam(loop, stress_task, member);
}

static inline void stress_start(struct member *member)
{
	int r = is_thread(member) ? pthread_create(&member->thread, NULL, stress_thread, member)
				  : stress_go(member);

	STRESS_CHECK(r == 0, "a member could not be started");
}

/* Run `n` members, every other one a thread, and wait for all. */
static inline void stress_members(
	uint64_t *random, unsigned n, void (*fn)(struct member *member), void *shared)
{
	struct member members[MEMBERS_MAX];
	struct pen_waitgroup *alive = pen_waitgroup_new();

	STRESS_CHECK(alive && n <= MEMBERS_MAX, "no room for %u members", n);
	pen_waitgroup_add(alive, (int)n);
	for (unsigned i = 0; i < n; i++) {
		members[i] = (struct member){.number = i,
			.random = stress_random(random),
			.shared = shared,
			.fn = fn,
			.alive = alive};
		stress_start(&members[i]);
	}
	STRESS_CHECK(pen_waitgroup_wait(NULL, alive) == 0, "waiting for the members failed");
	for (unsigned i = 0; i < n; i++)
		if (is_thread(&members[i]))
			pthread_join(members[i].thread, NULL);
	pen_waitgroup_free(alive);
}

struct stress_program {
	void (*run)(uint64_t *random);
	uint64_t random;
};

static inline int stress_run(void *arg)
{
	struct stress_program *program = arg;

	program->run(&program->random);
	return 0;
}

static inline void stress_leak(const char *task, void *arg)
{
	(void)arg;
	STRESS_CHECK(false, "the task %s was left parked", task);
}

static inline uint64_t stress_seed(int argc, char **argv)
{
	const char *given = argc > 1 ? argv[1] : getenv("PEN_SEED");

	return given ? strtoull(given, NULL, 0) : (uint64_t)pen_now_ns();
}

/* What main() returns.  A program that hangs is ended by SIGALRM. */
static inline int stress_main(int argc, char **argv, const char *name, void (*run)(uint64_t *random))
{
	struct stress_program program = {run, stress_seed(argc, argv)};
	struct pen_run_options options = {.on_leak = stress_leak, .stack_bytes = 256 << 10};

	printf("1..1\n# PEN_SEED=%llu\n", (unsigned long long)program.random);
	fflush(stdout);
	alarm(STRESS_SECONDS_MAX);
	options.loops = 1 + stress_random(&program.random) % 3;
	STRESS_CHECK(pen_run(&options, stress_run, &program) == 0, "the runtime did not start");
	printf("ok 1 - %s\n", name);
	return EXIT_SUCCESS;
}

#endif
