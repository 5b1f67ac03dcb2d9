/*
 * simulate.c - the scheduler alone, in virtual time: fair share, queues, token buckets and slots of src/core, driven as the gate
 * drives them, by millions of jobs of many tenants.  After each event an observer who looks at all tenants one by one says whether
 * a worker is idle for no reason, or a limit was exceeded.
 */
#include <string.h>

#include "base/heap.h"
#include "core/bucket.h"
#include "core/queue.h"
#include "core/share.h"
#include "stress.h"

#define MEAN_RUN_NS PEN_SECOND
#define NEVER INT64_MAX

enum { TENANTS_MAX = 256, EVENTS = 1000000, EVENTS_SOAK = 10000000 };

__extension__ typedef __int128 wide;

struct job {
	struct queue_item item; /* first: queue_pop() gives it back */
	struct heap_item end;
	struct tenant *tenant;
	unsigned slots;
	uint64_t number;
	int64_t bound_ns; /* that its wait should keep */
};

struct tenant {
	struct share_runner runner; /* first: share_next() gives it back */
	struct queue queue;
	struct bucket starts;
	struct bucket_size size;
	struct heap_item wake, arrival;
	unsigned max_running, taken, running;
	/* What it does: */
	int64_t gap_ns; /* between its jobs, on the average; 0: there is always another one when one starts */
	unsigned slots_most;
	bool all_priorities;
	/* What was seen of it: */
	uint64_t started, latest[PRIORITIES];
	int64_t oracle_ns; /* the moment from which its rate is watched */
	uint64_t oracle_started;
	wide oracle_least;
	int64_t overtaker_ns; /* since when the youngest waited that has started */
};

static struct world {
	struct tenant tenants[TENANTS_MAX];
	size_t n, active;
	struct share share;
	struct heap ends, arrivals, waking;
	unsigned workers, busy;
	int64_t now_ns;
	uint64_t random, jobs, events;
	uint64_t light, late; /* jobs that have a bound, and those of them that did not keep it */
} world;

static uint64_t below(uint64_t n)
{
	return (stress_random(&world.random) >> 11) % n;
}

static double between_0_and_1(void)
{
	return (double)(stress_random(&world.random) >> 11) / (double)(UINT64_C(1) << 53);
}

/* Exponentially distributed, by comparisons only: von Neumann, "Various techniques used in connection with random digits", 1951. */
static int64_t about(int64_t mean_ns)
{
	for (int whole = 0;; whole++) {
		double first = between_0_and_1(), last = first, next;
		int n = 1;

		while ((next = between_0_and_1()) < last) {
			last = next;
			n++;
		}
		if (n % 2 == 1)
			return (int64_t)((whole + first) * (double)mean_ns) + 1;
	}
}

static void push(struct heap *heap, struct heap_item *item, int64_t key)
{
	heap_remove(heap, item);
	item->key = key;
	STRESS_CHECK(heap_push(heap, item) == 0, "no memory");
}

/* As tenant_review() of the gate. */
static void review(struct tenant *tenant)
{
	const struct job *first = (struct job *)queue_first(&tenant->queue);
	bool may = first && tenant->taken + first->slots <= tenant->max_running;
	int64_t ready_ns = bucket_ready_ns(&tenant->starts, &tenant->size, world.now_ns);

	heap_remove(&world.waking, &tenant->wake);
	if (may && ready_ns > world.now_ns)
		push(&world.waking, &tenant->wake, ready_ns);
	if (!may || ready_ns > world.now_ns)
		share_leave(&world.share, &tenant->runner);
	else
		STRESS_CHECK(share_join(&world.share, &tenant->runner) == 0, "no memory");
}

static bool is_active(const struct tenant *tenant)
{
	return tenant->queue.len > 0 || tenant->running > 0;
}

static void submit(struct tenant *tenant)
{
	struct job *job = calloc(1, sizeof *job);

	STRESS_CHECK(job, "no memory");
	world.active += !is_active(tenant);
	heap_item_init(&job->end);
	job->tenant = tenant;
	job->slots = 1 + (unsigned)below(tenant->slots_most);
	job->number = ++world.jobs;
	job->item.since_ns = world.now_ns;
	if (tenant->gap_ns > 0)
		job->bound_ns = (int64_t)world.active * MEAN_RUN_NS / world.workers + MEAN_RUN_NS;
	queue_push(&tenant->queue, &job->item, tenant->all_priorities ? (int)below(PRIORITIES) : 5);
	review(tenant);
}

/* In any time since it is watched no more than its burst and its rate; see test_bucket.c. */
static void observe_rate(struct tenant *tenant)
{
	const wide token = (wide)tenant->size.rate.seconds * PEN_SECOND;
	wide have = (wide)tenant->oracle_started++ * token -
		    (wide)(world.now_ns - tenant->oracle_ns) * tenant->size.rate.count;

	if (tenant->size.rate.count == 0)
		return;
	if (have < tenant->oracle_least)
		tenant->oracle_least = have;
	STRESS_CHECK(have + token - tenant->oracle_least <= (wide)bucket_burst(&tenant->size) * token,
		"more starts than the rate allows");
}

/* First in, first out inside a priority; and nobody who came long after it goes before a job. */
static void observe_order(struct tenant *tenant, const struct job *job)
{
	const int64_t most_ns = (PRIORITIES - 1) * tenant->queue.ageing_ns;

	STRESS_CHECK(job->number > tenant->latest[job->item.priority], "a job overtook its equal");
	tenant->latest[job->item.priority] = job->number;
	if (job->item.since_ns > tenant->overtaker_ns)
		tenant->overtaker_ns = job->item.since_ns;
	STRESS_CHECK(tenant->overtaker_ns - job->item.since_ns <= most_ns,
		"a job was overtaken by a far younger one");
}

static void start(struct tenant *tenant)
{
	struct job *job = (struct job *)queue_pop(&tenant->queue);

	STRESS_CHECK(job, "a turn of a tenant without a job");
	STRESS_CHECK(bucket_take(&tenant->starts, &tenant->size, world.now_ns), "a turn without a token");
	observe_rate(tenant);
	observe_order(tenant, job);
	tenant->taken += job->slots;
	tenant->running++;
	tenant->started++;
	world.busy++;
	STRESS_CHECK(tenant->taken <= tenant->max_running, "more slots than the tenant has");
	STRESS_CHECK(world.busy <= world.workers, "more jobs than workers");
	if (job->bound_ns > 0) {
		world.light++;
		world.late += world.now_ns - job->item.since_ns > job->bound_ns;
	}
	push(&world.ends, &job->end, world.now_ns + about(MEAN_RUN_NS));
	review(tenant);
	if (tenant->gap_ns == 0)
		submit(tenant);
}

static void finish(struct job *job)
{
	struct tenant *tenant = job->tenant;

	tenant->taken -= job->slots;
	tenant->running--;
	world.busy--;
	world.active -= !is_active(tenant);
	free(job);
	review(tenant);
}

/* Found out without the share and without queue_first(). */
static bool could_start(const struct tenant *tenant)
{
	const struct job *first = NULL;
	int64_t rank_ns, least_ns = 0;

	for (int priority = 0; priority < PRIORITIES; priority++) {
		const struct job *head = (struct job *)tenant->queue.lines[priority].head;

		if (!head)
			continue;
		rank_ns = head->item.since_ns - priority * tenant->queue.ageing_ns;
		if (!first || rank_ns <= least_ns) {
			first = head;
			least_ns = rank_ns;
		}
	}
	return first && tenant->taken + first->slots <= tenant->max_running &&
	       bucket_ready_ns(&tenant->starts, &tenant->size, world.now_ns) <= world.now_ns;
}

static void observe_idleness(void)
{
	if (world.busy == world.workers)
		return;
	for (size_t i = 0; i < world.n; i++)
		STRESS_CHECK(!could_start(&world.tenants[i]),
			"a worker is idle, and a job of tenant %zu could start", i);
}

static void start_what_may_run(void)
{
	struct share_runner *next;

	while (world.busy < world.workers && (next = share_next(&world.share)))
		start((struct tenant *)next);
}

#define OF(type, member, item) ((struct type *)((char *)(item)-offsetof(struct type, member)))

static int64_t next_ns(const struct heap *heap)
{
	return heap_first(heap) ? heap_first(heap)->key : NEVER;
}

/* The next thing that happens. */
static void event(void)
{
	int64_t end_ns = next_ns(&world.ends), arrival_ns = next_ns(&world.arrivals),
		wake_ns = next_ns(&world.waking);
	struct tenant *tenant;

	world.events++;
	if (end_ns <= arrival_ns && end_ns <= wake_ns) {
		world.now_ns = end_ns;
		finish(OF(job, end, heap_pop(&world.ends)));
	} else if (arrival_ns <= wake_ns) {
		world.now_ns = arrival_ns;
		tenant = OF(tenant, arrival, heap_pop(&world.arrivals));
		push(&world.arrivals, &tenant->arrival, world.now_ns + about(tenant->gap_ns));
		submit(tenant);
	} else {
		world.now_ns = wake_ns;
		review(OF(tenant, wake, heap_pop(&world.waking)));
	}
	start_what_may_run();
	observe_idleness();
}

static void run(uint64_t events)
{
	start_what_may_run();
	while (events-- > 0)
		event();
}

static struct tenant *add(uint32_t weight, int64_t gap_ns, size_t backlog)
{
	struct tenant *tenant = &world.tenants[world.n++];

	*tenant = (struct tenant){.max_running = UINT16_MAX, .gap_ns = gap_ns, .slots_most = 1};
	share_runner_init(&tenant->runner, weight);
	heap_item_init(&tenant->wake);
	heap_item_init(&tenant->arrival);
	tenant->queue.ageing_ns = 60 * PEN_SECOND;
	if (gap_ns > 0)
		push(&world.arrivals, &tenant->arrival, world.now_ns + about(gap_ns));
	for (size_t i = 0; i < backlog; i++)
		submit(tenant);
	return tenant;
}

static void begin(unsigned workers)
{
	const uint64_t random = world.random, events = world.events;

	memset(&world, 0, sizeof world);
	world.random = random;
	world.events = events;
	world.workers = workers;
}

static void end(void)
{
	struct queue_item *item;

	for (size_t i = 0; i < world.n; i++)
		while ((item = queue_pop(&world.tenants[i].queue)))
			free(item);
	while (heap_first(&world.ends))
		free(OF(job, end, heap_pop(&world.ends)));
	heap_fini(&world.ends);
	heap_fini(&world.arrivals);
	heap_fini(&world.waking);
	share_fini(&world.share);
}

/* One comes late and has 100,000 jobs queued from then on.  The others have so many workers' worth among them, the i-th a part of 1/i. */
static void a_noisy_tenant_costs_the_others_nothing(uint64_t events)
{
	enum { LIGHT = 200, WORKERS = 16, WORTH = WORKERS / 2, NOISE = 100000 };
	double parts = 0;

	begin(WORKERS);
	for (int i = 1; i <= LIGHT; i++)
		parts += 1.0 / i;
	for (int i = 1; i <= LIGHT; i++)
		add(1, (int64_t)((double)MEAN_RUN_NS / WORTH * parts * i), 0);
	run(events / 4);
	add(1, 0, NOISE);
	run(events - events / 4);
	printf("# light tenants: %llu jobs, %llu waited for longer than (active / workers + 1) x mean run\n",
		(unsigned long long)world.light, (unsigned long long)world.late);
	STRESS_CHECK(world.light > 1000, "too few jobs to tell");
	STRESS_CHECK(world.late * 100 <= world.light, "light tenants' p99 wait is beyond its bound");
	end();
}

/* "A Quantitative Measure of Fairness and Discrimination", Jain, Chiu, Hawe, 1984. */
static double jain_index(void)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < world.n; i++) {
		double share = (double)world.tenants[i].started / world.tenants[i].runner.weight;

		sum += share;
		squares += share * share;
	}
	return sum * sum / ((double)world.n * squares);
}

static void equals_have_equal_shares(uint64_t events)
{
	enum { EQUALS = 100 };
	double index;

	begin(7);
	for (size_t i = 0; i < EQUALS; i++)
		add(1, 0, 1 + i * i % 1000);
	run(events);
	index = jain_index();
	printf("# equal weights: Jain index %.6f\n", index);
	STRESS_CHECK(index >= 0.99, "Jain index %f", index);
	end();
}

static void shares_are_by_weight(uint64_t events)
{
	static const uint32_t weights[] = {1, 3, 10};
	enum { EACH = 5 };
	double sum = 0, worst = 0;

	begin(11);
	for (size_t i = 0; i < 3 * EACH; i++) {
		add(weights[i % 3], 0, 20);
		sum += weights[i % 3];
	}
	run(events);
	for (size_t i = 0; i < world.n; i++) {
		double due = (double)(world.jobs - 20 * world.n) * weights[i % 3] / sum;
		double off = (double)world.tenants[i].started / due - 1;

		worst = off > worst ? off : -off > worst ? -off : worst;
	}
	printf("# weights 1:3:10: %.3f %% off at most\n", 100 * worst);
	STRESS_CHECK(worst <= 0.03, "a share is off by %f %%", 100 * worst);
	end();
}

/* Limits are set anew while all goes on. */
static void change_limits(struct tenant *tenant)
{
	static const struct bucket_size sizes[] = {
		{{0, 0},        0 },
		{{2, 1},        0 },
		{{90, 60},      7 },
		{{10000, 3600}, 20},
	};
	const struct bucket_size size = sizes[below(4)];

	bucket_resize(&tenant->starts, &tenant->size, &size, world.now_ns);
	tenant->size = size;
	tenant->oracle_ns = world.now_ns;
	tenant->oracle_started = 0;
	tenant->oracle_least = 0;
	tenant->max_running = below(20) == 0 ? 0 : tenant->slots_most + (unsigned)below(6);
	tenant->runner.weight = 1 + (uint32_t)below(10);
	review(tenant);
}

/* A job that waits goes away: the first or the last of a line. */
static void cancel(struct tenant *tenant)
{
	struct queue_line *line = &tenant->queue.lines[below(PRIORITIES)];
	struct queue_item *item = below(2) ? line->head : line->tail;

	if (!item)
		return;
	queue_remove(item);
	free(item);
	world.active -= !is_active(tenant);
	review(tenant);
}

static void no_limit_is_exceeded_and_no_worker_is_idle_for_nothing(uint64_t events)
{
	enum { SOME = 30, WORKERS = 20 };
	uint64_t n = 0;

	begin(WORKERS);
	for (unsigned i = 0; i < SOME; i++) {
		struct tenant *tenant = add(1, MEAN_RUN_NS * (1 + i % 3), 0);

		tenant->all_priorities = true;
		tenant->slots_most = 1 + i % 4;
		tenant->queue.ageing_ns = (1 + i % 7) * PEN_SECOND;
		bucket_init(&tenant->starts, &tenant->size, world.now_ns);
		change_limits(tenant);
	}
	while (events-- > 0) {
		struct tenant *tenant = &world.tenants[below(SOME)];

		event();
		if (below(1000) == 0)
			change_limits(tenant);
		if (below(8) == 0 || tenant->queue.len > 1000)
			cancel(tenant);
	}
	for (size_t i = 0; i < world.n; i++)
		n += world.tenants[i].started;
	printf("# all limits at once: %llu starts\n", (unsigned long long)n);
	end();
}

static void (*const parts[])(uint64_t events) = {
	a_noisy_tenant_costs_the_others_nothing,
	equals_have_equal_shares,
	shares_are_by_weight,
	no_limit_is_exceeded_and_no_worker_is_idle_for_nothing,
};

int main(int argc, char **argv)
{
	const uint64_t wanted = getenv("SOAK") ? EVENTS_SOAK : stress_rounds(EVENTS);
	const size_t n = sizeof parts / sizeof parts[0];

	world.random = stress_seed(argc, argv);
	printf("1..1\n# PEN_SEED=%llu\n", (unsigned long long)world.random);
	for (size_t i = 0; i < n; i++)
		parts[i](wanted / n);
	printf("ok 1 - shares are fair, limits are kept, no worker is idle for nothing: %llu events\n",
		(unsigned long long)world.events);
	return EXIT_SUCCESS;
}
