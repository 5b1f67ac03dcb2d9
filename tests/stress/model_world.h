/*
 * model_world.h - a real gate over the real store, and the model beside it.
 *
 * All is done by tasks of one loop, but for the store's threads; its committer notes each operation that it has put on record, for
 * the model.  A daemon that is killed is one whose state folder is copied between two commits: it is
 * stopped, and what it does then counts for nothing; the next one begins with the copy.
 */
#ifndef TESTS_MODEL_WORLD_H
#define TESTS_MODEL_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <penstock/ctx.h>
#include <penstock/select.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "conf/conf.h"
#include "gate/inside.h"
#include "log/log.h"
#include "model_rest.h"
#include "model_steps.h"
#include "store/kind.h"
#include "wire/wire.h"

/* How long to wait for what takes a moment: more than others may keep the processors from us. */
static int64_t world_rest_ns = 40 * PEN_SECOND;

static const char *const world_files[] = {"jobs.db", "jobs.db-wal", "lock"};

/* What the committer has noted; the lock is held from before each commit until it is noted. */
static struct {
	pthread_mutex_t lock;
	bool deaf; /* the daemon was killed */
	struct note *notes;
	size_t n, max;
	struct pen_chan *more; /* somebody waits for them */
} watch = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct world {
	struct model model;
	const char *folder; /* of the configuration, and of state folders */
	unsigned state;     /* the number of the one in use */
	unsigned era;       /* counts daemons */
	struct conf *conf;
	struct store *store;
	struct pen_ctx *ctx;
	struct gate *gate;
	struct pen_waitgroup *calls;
	unsigned calls_out;
	bool calm;    /* nothing has happened since it was at rest */
	bool narrow;  /* there is room in memory for next to nothing */
	bool hurries; /* all is to come to its end, and no endpoint is left alone */
	unsigned window;
	int silent;           /* a socket where nobody answers */
	unsigned silent_port; /* its port */
};

static inline struct note world_note(const struct store_op *op)
{
	const struct progress *progress = &op->progress;
	struct note note = {
		.type = op->type,
		.error = op->error,
		.id = op->job->id,
		.state = progress->state,
		.attempts = progress->attempts,
		.failures = progress->failures,
		.crashes = progress->crashes,
		.next_ms = progress->next_run_at_ms,
		.expires_ms = progress->expires_at_ms,
		.finished_ms = progress->finished_ms,
		.receipt = op->receipt,
		.at_ns = pen_now_ns(),
	};

	if (op->type == STORE_ACCEPT && model_callback_of(op->job))
		note.callback = job_ref(op->job);

	if (progress->n_kept > 0)
		note.started_ms = progress->kept[progress->n_kept - 1].started_ms;
	if (op->result) {
		note.told = op->result->state;
		memcpy(note.etag, op->result->etag, sizeof(note.etag));
	}
	return note;
}

static inline void world_add_note(const struct store_op *op)
{
	if (watch.n == watch.max) {
		watch.max = watch.max ? 2 * watch.max : 1024;
		watch.notes = reallocarray(watch.notes, watch.max, sizeof(*watch.notes));
		MODEL_CHECK(watch.notes, "no room for notes");
	}
	watch.notes[watch.n++] = world_note(op);
}

/* On the committer's thread. */
static inline int world_commit(void *state, struct store_op *const *ops, size_t n)
{
	int r;

	pthread_mutex_lock(&watch.lock);
	r = store_sqlite.commit(state, ops, n);
	MODEL_CHECK(r == 0, "the store cannot write: %s", strerror(-r));
	for (size_t i = 0; i < n && !watch.deaf; i++)
		if (ops[i]->job)
			world_add_note(ops[i]);
	pthread_mutex_unlock(&watch.lock);
	r = pen_chan_try_send(watch.more, NULL);
	return r == -EPIPE ? r : 0;
}

static inline int world_tend(void *state)
{
	int r;

	pthread_mutex_lock(&watch.lock);
	r = store_sqlite.tend(state);
	pthread_mutex_unlock(&watch.lock);
	return r;
}

/* Have the model take what has been noted. */
static inline void world_listen(struct world *world)
{
	struct note *notes;
	size_t n;

	pthread_mutex_lock(&watch.lock);
	notes = watch.notes;
	n = watch.n;
	watch.notes = NULL;
	watch.n = watch.max = 0;
	pthread_mutex_unlock(&watch.lock);
	for (size_t i = 0; i < n; i++)
		model_take(&world->model, &notes[i]);
	free(notes);
}

static inline const char *world_path(const struct world *world, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%u%s%s", world->folder, world->state, *name ? "/" : "", name);
	return path;
}

static inline void world_remove_state(const struct world *world)
{
	for (size_t i = 0; i < ARRAY_LEN(world_files); i++)
		unlink(world_path(world, world_files[i]));
	unlink(world_path(world, "jobs.db-shm"));
	rmdir(world_path(world, ""));
}

static inline const char *world_conf_path(const struct world *world)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/conf", world->folder);
	return path;
}

/* By the limits and the window that it has. */
static inline struct conf *world_load_conf(struct world *world)
{
	FILE *file = fopen(world_conf_path(world), "we");
	struct problem problem = {0};
	struct conf *conf;

	model_limit(&world->model);
	MODEL_CHECK(file, "no configuration can be written: %s", strerror(errno));
	world->model.window_blocks = world->narrow ? 1 : world->window / 2 + 1;
	fprintf(file,
		"workers = %d\ncrash-limit = %d\nretention = 3660d\nretention-jobs = 1000000\n"
		"backlog-window = %u\nbacklog-window-bytes = %s\n"
		"allow-networks = 127.0.0.0/8\nbreaker-failures = %d\nbreaker-min = %dms\nbreaker-max = %dms\n",
		MODEL_WORKERS, MODEL_CRASHES_MAX, world->window, world->narrow ? "0" : "64MiB",
		world->hurries ? 0 : MODEL_BREAKER_FAILURES, MODEL_BREAKER_MS, MODEL_BREAKER_MS);
	for (unsigned i = 0; i < MODEL_TENANTS; i++)
		fprintf(file,
			"tenant \"t%u\" { max-running = %u\n max-queued = %d\n ageing = %s\n key-max-running = %u\n"
			" host-connections = 1\n rate = %s\n burst = %d }\n",
			i, world->model.configured[i].running, MODEL_QUEUED_MAX,
			i == MODEL_AGEING ? "10ms" : "0s", world->model.configured[i].key_running,
			i == MODEL_RATED ? MODEL_RATE_TEXT : "none", i == MODEL_RATED ? MODEL_BURST : 0);
	fclose(file);
	MODEL_CHECK(conf_load(world_conf_path(world), NULL, &conf, &problem) == 0, "%s", problem.message);
	return conf;
}

static inline size_t world_check_page(struct world *world, int64_t *below)
{
	const struct store_query query = {.kind = JOB_KINDS, .below = *below, .jobs_max = STORE_PAGE_MAX};
	struct store_page page;
	size_t n;

	MODEL_CHECK(store_list(world->store, &query, &page) == 0, "what is on record cannot be listed");
	for (size_t i = 0; i < page.n; i++)
		model_check_record(model_subject(&world->model, &page.records[i].job->id), &page.records[i]);
	*below = page.next;
	n = page.n;
	store_page_fini(&page);
	return n;
}

/* All that was accepted must be on record, as the model knows it, and nothing else. */
static inline void world_check_records(struct world *world)
{
	int64_t below = STORE_NEWEST;
	size_t known = 0;

	do
		known += world_check_page(world, &below);
	while (below);
	for (unsigned i = 0; i < world->model.n; i++)
		known -= world->model.subjects[i]->known;
	MODEL_CHECK(known == 0, "%zd jobs more are on record than there should be", (ssize_t)known);
}

/* A daemon on the state folder; `killed` says how the one before it has ended. */
static inline void world_begin(struct world *world, bool killed)
{
	static struct store_kind kind;
	struct store_options options = {
		.state_dir = world_path(world, ""),
		.restore = wire_restore_job,
		.queue_max = 8192,
		.group_max = 64,
		.batch_max = 1000,
	};
	struct problem problem = {0};

	world->conf = world_load_conf(world);
	options.retention_ns = world->conf->retention_ns;
	options.retention_jobs = world->conf->retention_jobs;
	options.retention_bytes = world->conf->retention_bytes;
	kind = store_sqlite;
	kind.commit = world_commit;
	kind.tend = world_tend;
	watch.deaf = false;
	MODEL_CHECK(store_open_kind(&kind, &options, &world->store, &problem) == 0, "%s", problem.message);
	model_begin_again(&world->model, killed);
	if (killed || world->hurries) /* at the end too; in between one that was stopped is believed */
		world_check_records(world);
	MODEL_CHECK(pen_ctx_with_cancel(&world->ctx, NULL) == 0, "no context");
	MODEL_CHECK(gate_start(world->ctx, world->conf, world->store, &world->gate) == 0,
		"the gate does not start");
	world->era++;
	world->calm = false;
}

/* Whoever connects waits until he has enough of it. */
static inline void world_listen_silently(struct world *world)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof(address);

	world->silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MODEL_CHECK(world->silent >= 0 && bind(world->silent, (void *)&address, bytes) == 0 &&
			    listen(world->silent, 1000) == 0 &&
			    getsockname(world->silent, (void *)&address, &bytes) == 0,
		"nobody can listen: %s", strerror(errno));
	world->silent_port = ntohs(address.sin_port);
}

static inline void world_await_calls(struct world *world)
{
	struct pen_ctx *ctx;

	MODEL_CHECK(pen_ctx_with_timeout(&ctx, NULL, world_rest_ns) == 0, "no context");
	MODEL_CHECK(pen_waitgroup_wait(ctx, world->calls) == 0, "a call is not answered");
	pen_ctx_unrefp(&ctx);
}

static inline void world_stop(struct world *world)
{
	world->model.draining = true;
	gate_drain(world->gate);
	gate_cancel_running(world->gate);
	MODEL_CHECK(gate_drained(NULL, world->gate) == 0, "it is not drained");
	world_await_calls(world);
	gate_stop(world->gate);
	store_close(world->store);
	pen_ctx_unrefp(&world->ctx);
	conf_unref(world->conf);
}

/* Stop it, as SIGTERM does, with no time to drain. */
static inline void world_end(struct world *world)
{
	world->model.giving_back = true;
	world_stop(world);
	world_listen(world);
}

static inline void world_restart(struct world *world)
{
	world_end(world);
	world_begin(world, false);
}

/* The descriptors are to be closed once nobody has locks on the files, which that would drop. */
static inline void world_copy(int from, const char *path)
{
	char bytes[65536];
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	MODEL_CHECK(to >= 0, "%s: %s", path, strerror(errno));
	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		MODEL_CHECK(write(to, bytes, (size_t)n) == n, "%s: %s", path, strerror(errno));
	close(to);
}

/* Kill it, as SIGKILL does. */
static inline void world_crash(struct world *world)
{
	int from[ARRAY_LEN(world_files)];

	for (size_t i = 0; i < ARRAY_LEN(world_files); i++)
		from[i] = open(world_path(world, world_files[i]), O_RDONLY | O_CLOEXEC);
	world->state++;
	MODEL_CHECK(mkdir(world_path(world, ""), 0700) == 0, "no folder: %s", strerror(errno));
	pthread_mutex_lock(&watch.lock);
	for (size_t i = 0; i < ARRAY_LEN(world_files); i++)
		if (from[i] >= 0)
			world_copy(from[i], world_path(world, world_files[i]));
	watch.deaf = true;
	pthread_mutex_unlock(&watch.lock);
	world_listen(world);
	world->era++;
	world_stop(world);
	for (size_t i = 0; i < ARRAY_LEN(world_files); i++)
		if (from[i] >= 0)
			close(from[i]);
	world->state--;
	world_remove_state(world);
	world->state++;
	world_begin(world, true);
}

static inline void world_reconfigure(struct world *world)
{
	struct conf *conf = world_load_conf(world);

	MODEL_CHECK(gate_reconfigure(world->gate, conf) == 0, "the configuration is not taken");
	conf_unref(TAKE_PTR(world->conf));
	world->conf = conf;
}

static inline void world_change_tenant(struct world *world, struct tenant_change change, unsigned tenant)
{
	struct problem problem = {0};
	struct tenant_view view;
	char name[8];

	snprintf(name, sizeof(name), "t%u", tenant);
	change.name = name;
	MODEL_CHECK(gate_change_tenant(world->gate, &change, &view, &problem) == 0,
		"tenant %u cannot be changed: %s", tenant, problem.message);
	MODEL_CHECK(view.limits.max_running == world->model.limits[tenant] &&
			    view.limits.key_max_running == world->model.key_limits[tenant] &&
			    view.pause.on == world->model.paused[tenant],
		"of tenant %u other limits hold than were set", tenant);
	world->calm = false;
}

/* Wait until something more is noted, or a moment. */
static inline void world_wait(void)
{
	struct pen_case cases[] = {PEN_CASE_RECV(watch.more, NULL)};
	int r = pen_select_until(NULL, cases, 1, PEN_SELECT_FAIR, pen_now_ns() + 200 * PEN_US);

	MODEL_CHECK(r == 0 || r == -ETIMEDOUT, "waiting gave %d", r);
}

/* Whatever is said on standard error, which is a file, is said of something that is wrong. */
static inline void world_check_log(void)
{
	struct stat status;

	MODEL_CHECK(fstat(STDERR_FILENO, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_size == 0),
		"it has logged an error");
}

/* What is on its way is not counted by anybody. */
static inline bool world_is_quiet(const struct gate *gate)
{
	return gate->ops_out == 0 && !gate->ops_first && !gate->loading;
}

/* What a tenant's gate has counted of its jobs that wait. */
static inline size_t world_waiting(const struct world *world, unsigned tenant)
{
	const struct tenant *found;
	char name[8];

	snprintf(name, sizeof(name), "t%u", tenant);
	HASH_FIND_STR(world->gate->tenants, name, found);
	return found ? found->waiting : 0;
}

/* The first tenant of whom it has counted more or fewer than wait; MODEL_TENANTS: of none. */
static inline unsigned world_miscounted(const struct world *world)
{
	unsigned i = 0;

	while (i < MODEL_TENANTS && world_waiting(world, i) == model_waiting(&world->model, i))
		i++;
	return world->model.draining ? MODEL_TENANTS : i;
}

/* Each limit_key has as many running as its lane has counted; a lane of which nothing is left is not there. */
static inline void world_check_lanes(const struct world *world)
{
	const struct gate *gate = world->gate;
	size_t running = 0, aside = 0, counted = 0, runs = 0;

	for (const struct named_lane *lane = gate->lanes; lane; lane = lane->hh.next) {
		running += lane->sort == LANE_KEY ? lane->lane.running : 0;
		MODEL_CHECK(!lane_idle(&lane->lane) || lane->members, "a lane is left of which nobody is");
		MODEL_CHECK(lane->arriving == 0, "somebody arrives who has arrived");
	}
	for (const struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next)
		for (int priority = 0; priority < PRIORITIES; priority++)
			aside += tenant->lines[priority].aside;
	for (unsigned i = 0; i < MODEL_TENANTS * MODEL_LIMIT_KEYS; i++)
		runs += world->model.keys_running[i / MODEL_LIMIT_KEYS][i % MODEL_LIMIT_KEYS];
	MODEL_CHECK(
		running == runs, "%zu jobs with a limit_key run, and their lanes count %zu", runs, running);
	for (int sort = 0; sort < LANE_SORTS; sort++)
		counted += gate->stats.limited[sort];
	MODEL_CHECK(aside == counted, "%zu jobs are set aside, and %zu are counted", aside, counted);
}

/* Until nothing happens.  Of a job whose token has just come the gate knows a moment before its worker tells us; so counts may differ so long. */
static inline void world_settle(struct world *world, struct gate_stats *ret_stats)
{
	int64_t until_ns = pen_now_ns() + world_rest_ns;
	const struct subject *subject;
	const char *why;
	unsigned tenant;

	for (;;) {
		gate_stats(world->gate, ret_stats);
		world_listen(world);
		why = model_unrest(&world->model, ret_stats, &subject);
		tenant = world_miscounted(world);
		if (!why && tenant == MODEL_TENANTS && world_is_quiet(world->gate))
			return;
		MODEL_CHECK(pen_now_ns() < until_ns || why || tenant == MODEL_TENANTS,
			"of tenant %u wait %u jobs, and it counts %zu", tenant,
			model_waiting(&world->model, tenant), world_waiting(world, tenant));
		MODEL_CHECK(pen_now_ns() < until_ns, "%s%s%s", subject ? model_name(subject) : "",
			subject ? ": " : "", why ? why : "it never becomes quiet");
		world_wait();
	}
}

static inline void world_rest(struct world *world)
{
	struct gate_audit audit = {0};
	struct gate_stats stats;

	world_await_calls(world);
	world_settle(world, &stats);
	MODEL_CHECK(gate_audit(world->gate, &audit) == 0 && audit.differences == 0,
		"%zu counts are not what the jobs say", audit.differences);
	world_settle(world, &stats); /* from here on nobody else has a turn */
	MODEL_CHECK(stats.finishes_refused == 0 && stats.slots_reconciled == 0, "the store refused an end");
	world_check_log();
	world_check_lanes(world);
	model_rested(&world->model);
	world->calm = !world->model.draining; /* then some may expire, and some need not */
}

static inline void world_set_clock(struct world *world, int64_t now_ms)
{
	struct gate_stats stats;

	world_await_calls(world);
	clock_wall_set(now_ms);
	model_clock(&world->model, now_ms);
	gate_stats(world->gate, &stats); /* which makes it look at the clock */
	world->calm = false;
}

#endif
