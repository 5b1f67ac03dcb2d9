/*
 * stress_tenants.c - a hundred thousand tenants without jobs, and what each costs in memory: those for whom limits are set, over the real
 * store; and those that nobody has configured, whose jobs have ended, and who have spent a token that they get back in an hour.
 */
#include <errno.h>
#include <malloc.h>
#include <penstock/chan.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "gate/gate.h"
#include "store/store.h"
#include "stress.h"
#include "wire/wire.h"

/* Sanitizers keep records of their own, so with them nothing is measured. */
#if defined(PEN__TSAN) || defined(PEN__ASAN)
enum { TENANTS = 1000, MEASURED = 0 };
#else
enum { TENANTS = 100000, MEASURED = 1 };
#endif

enum { CLIENTS = 64, LINES = 1000, BYTES_MOST = 200 };

static char folder[] = "/tmp/penstock-tenants-XXXXXX";

struct world {
	struct conf *conf;
	struct store *store;
	struct pen_ctx *ctx;
	struct gate *gate;
};

/* One of those who set limits: every CLIENTS-th tenant's. */
struct client {
	struct gate *gate;
	unsigned number;
	struct pen_waitgroup *alive;
};

static size_t bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static struct conf *load(void)
{
	char path[sizeof(folder) + 16];
	struct problem problem = {0};
	struct conf *conf;
	FILE *file;

	snprintf(path, sizeof(path), "%s/conf", folder);
	file = fopen(path, "we");
	STRESS_CHECK(file, "no file for the configuration");
	fprintf(file,
		"workers = 4\nretention-jobs = 100\ncache-bytes = 0\ntenants-max = %d\n"
		"tenant-defaults { rate = 1/h\n burst = 1 }\n",
		2 * TENANTS);
	fclose(file);
	STRESS_CHECK(conf_load(path, NULL, &conf, &problem) == 0, "%s", problem.message);
	unlink(path);
	return conf;
}

static void begin(struct world *world)
{
	struct store_options options = {
		.kind = "sqlite",
		.state_dir = folder,
		.restore = wire_restore_job,
		.queue_max = 8192,
		.group_max = 1024,
		.batch_max = LINES,
	};
	struct problem problem = {0};

	world->conf = load();
	options.retention_ns = world->conf->retention_ns;
	options.retention_jobs = world->conf->retention_jobs;
	options.retention_bytes = world->conf->retention_bytes;
	STRESS_CHECK(store_open(&options, &world->store, &problem) == 0, "%s", problem.message);
	STRESS_CHECK(pen_ctx_with_cancel(&world->ctx, NULL) == 0, "no context");
	STRESS_CHECK(gate_start(world->ctx, world->conf, world->store, &world->gate) == 0,
		"the gate does not start");
}

static void end(struct world *world)
{
	gate_drain(world->gate);
	STRESS_CHECK(gate_drained(NULL, world->gate) == 0, "it is not drained");
	gate_stop(world->gate);
	store_close(world->store);
	pen_ctx_unrefp(&world->ctx);
	conf_unref(world->conf);
}

static void set_limits(void *arg)
{
	struct client *client = arg;

	for (unsigned i = client->number; i < TENANTS; i += CLIENTS) {
		char name[TENANT_NAME_MAX + 1];
		struct tenant_change change = {
			.what = TENANT_PUT,
			.name = name,
			.set = 1u << LIMIT_MAX_RUNNING | 1u << LIMIT_RATE | 1u << LIMIT_BURST,
			.limits = {.max_running = 1 + i % 100, .starts = {{50, 1}, 10}},
		};
		struct problem problem = {0};
		struct tenant_view view;

		snprintf(name, sizeof(name), "customer-%06u", i);
		STRESS_CHECK(gate_change_tenant(client->gate, &change, &view, &problem) == 0, "%s: %s", name,
			problem.message);
	}
	pen_waitgroup_done(client->alive);
}

static void set_all(struct gate *gate)
{
	struct pen_waitgroup *alive = pen_waitgroup_new();
	struct client clients[CLIENTS];

	STRESS_CHECK(alive, "out of memory");
	pen_waitgroup_add(alive, CLIENTS);
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){gate, i, alive};
		STRESS_CHECK(pen_go(set_limits, &clients[i]) == 0, "no task");
	}
	STRESS_CHECK(pen_waitgroup_wait(NULL, alive) == 0, "waiting for the clients failed");
	pen_waitgroup_free(alive);
}

static struct job *job_of(unsigned tenant)
{
	const struct wire_limits limits = {.depth_max = 8, .timeout_max_ns = PEN_SECOND};
	struct problem problem = {0};
	char text[100];
	struct job *job;

	snprintf(text, sizeof(text),
		"{\"kind\":\"echo\",\"tenant\":\"visitor-%06u\",\"timeout\":\"1s\",\"durability\":\"relaxed\"}",
		tenant);
	STRESS_CHECK(wire_read_job(text, strlen(text), &limits, clock_wall_ms(), &job, &problem) == 0, "%s",
		problem.message);
	return job;
}

static void submit(struct gate *gate, unsigned from, unsigned n)
{
	static struct gate_line lines[LINES];
	struct problem problem = {0};

	for (unsigned i = 0; i < n; i++)
		lines[i] = (struct gate_line){.job = job_of(from + i)};
	STRESS_CHECK(gate_submit_many(gate, lines, n, false, &problem) == 0, "%s", problem.message);
	for (unsigned i = 0; i < n; i++) {
		STRESS_CHECK(lines[i].result == 0, "a job was refused: %d", lines[i].result);
		gate_line_fini(&lines[i]);
	}
}

static struct gate_stats await(struct gate *gate, uint64_t ended)
{
	struct gate_stats stats;

	for (;;) {
		stats = (struct gate_stats){0};
		gate_stats(gate, &stats);
		if (stats.finished[JOB_ECHO][JOB_SUCCEEDED] >= ended)
			return stats;
		STRESS_CHECK(pen_sleep(NULL, 5 * PEN_MS) == 0, "no sleep");
	}
}

static void visit_all(struct gate *gate)
{
	for (unsigned from = 0; from < TENANTS; from += LINES)
		submit(gate, from, LINES);
	await(gate, TENANTS);
}

/* Of a tenant all is kept for a moment after its last job. */
static size_t bytes_each(size_t before)
{
	int64_t until_ns = pen_now_ns() + 20 * PEN_SECOND;
	size_t each;

	while ((each = (bytes_in_use() - before) / TENANTS) >= BYTES_MOST && pen_now_ns() < until_ns)
		STRESS_CHECK(pen_sleep(NULL, 20 * PEN_MS) == 0, "no sleep");
	return each;
}

static void tell(const char *what, size_t before, int64_t began_ns)
{
	size_t each = MEASURED ? bytes_each(before) : 0;

	if (!MEASURED)
		return;
	printf("# %d tenants %s: %zu bytes each, in %.1f s\n", TENANTS, what, each,
		(double)(pen_now_ns() - began_ns) / PEN_SECOND);
	STRESS_CHECK(each < BYTES_MOST, "a tenant %s takes %zu bytes", what, each);
}

static void check_set(struct gate *gate)
{
	struct tenant_view view;

	for (unsigned i = 0; i < TENANTS; i += TENANTS / 100) {
		char name[TENANT_NAME_MAX + 1];

		snprintf(name, sizeof(name), "customer-%06u", i);
		STRESS_CHECK(gate_tenant(gate, name, &view) == 0 && view.limits.max_running == 1 + i % 100 &&
				     view.from[LIMIT_RATE] == FROM_API,
			"%s has other limits than were set", name);
	}
}

static int run(void *arg)
{
	struct world world;
	struct gate_stats stats;
	int64_t began_ns;
	size_t before;

	(void)arg;
	begin(&world);
	before = bytes_in_use();
	began_ns = pen_now_ns();
	set_all(world.gate);
	tell("with limits of their own", before, began_ns);
	end(&world);
	before = bytes_in_use();
	began_ns = pen_now_ns();
	begin(&world);
	check_set(world.gate);
	tell("with limits of their own, read back,", before, began_ns);

	before = bytes_in_use();
	began_ns = pen_now_ns();
	visit_all(world.gate);
	tell("that have spent a token", before, began_ns);
	submit(world.gate, 0, 10);
	stats = await(world.gate, TENANTS);
	STRESS_CHECK(stats.limit_waiting == 10 && stats.finished[JOB_ECHO][JOB_SUCCEEDED] == TENANTS,
		"who has spent its token starts a job");
	STRESS_CHECK(stats.tenants == TENANTS, "%llu tenants are known", (unsigned long long)stats.tenants);
	end(&world);
	return 0;
}

static void remove_folder(void)
{
	static const char *const files[] = {"jobs.db", "jobs.db-wal", "jobs.db-shm", "lock"};
	char path[sizeof(folder) + 16];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

int main(void)
{
	struct pen_run_options options = {.loops = 2, .on_leak = stress_leak};

	printf("1..1\n");
	fflush(stdout);
	alarm(STRESS_SECONDS_MAX);
	mallopt(M_ARENA_MAX, 1); /* the one that is measured */
	STRESS_CHECK(mkdtemp(folder), "no folder");
	STRESS_CHECK(pen_run(&options, run, NULL) == 0, "the runtime did not start");
	remove_folder();
	printf("ok 1 - %d tenants without jobs take less than %d bytes each\n", TENANTS, BYTES_MOST);
	return EXIT_SUCCESS;
}
