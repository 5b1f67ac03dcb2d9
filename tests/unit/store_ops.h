/* store_ops.h - jobs and operations to try a store with. */
#ifndef TESTS_STORE_OPS_H
#define TESTS_STORE_OPS_H

#include <penstock/chan.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "crew.h"
#include "store/kind.h"
#include "wire/wire.h"

#define NOW_MS INT64_C(1764000000000)
#define HOUR_MS INT64_C(3600000)

static struct store_options small = {
	.kind = "memory",
	.restore = wire_restore_job,
	.retention_ns = HOUR_MS * PEN_MS,
	.retention_jobs = 1000,
	.retention_bytes = 1 << 30,
	.queue_max = 64,
	.group_max = 16,
};

/* Of the next job that is accepted. */
static inline struct job_stamp new_stamp(void)
{
	static uint64_t accepted;
	struct job_stamp stamp = {.sequence = ++accepted, .created_ms = NOW_MS};

	uuid_new(&stamp.id, NOW_MS);
	return stamp;
}

static inline struct job *new_job(int n)
{
	const struct job_stamp stamp = new_stamp();
	struct problem problem = {0};
	char text[80];
	struct job *job;
	int bytes = snprintf(
		text, sizeof(text), "{\"kind\":\"sleep\",\"priority\":%d,\"spec\":{\"for\":\"1s\"}}", n);

	ck_assert_msg(
		wire_restore_job(text, (size_t)bytes, &stamp, &job, &problem) == 0, "%s", problem.message);
	return job;
}

static inline struct store_op *new_op(
	enum store_op_type type, struct job *job, enum job_state state, struct pen_chan *done)
{
	struct store_op *op = store_op_new(type, job);

	ck_assert_ptr_nonnull(op);
	op->done = done;
	op->progress.state = state;
	if (job_state_ended(state))
		op->progress.finished_ms = clock_wall_ms();
	if (type == STORE_FINISH) {
		op->result = result_new(&job->id, state, op->progress.finished_ms, "{}", 2);
		ck_assert_ptr_nonnull(op->result);
	}
	return op;
}

static inline struct pen_chan *new_done(void)
{
	struct pen_chan *done = pen_chan_new(sizeof(struct store_op *), 256);

	ck_assert_ptr_nonnull(done);
	return done;
}

/* Wait for one operation to come back; those that came back with it wait their turn. */
static inline struct store_op *next_back(struct pen_chan *done)
{
	struct store_op *op;

	ck_assert_int_eq(pen_chan_recv(NULL, done, &op), 0);
	if (op->next)
		ck_assert_int_eq(pen_chan_try_send(done, &op->next), 0);
	op->next = NULL;
	return op;
}

/* The same; gives its error. */
static inline int come_back(struct pen_chan *done)
{
	struct store_op *op = next_back(done);
	int error = op->error;

	store_op_free(op);
	return error;
}

/* A state folder that is not there yet, in one of the test's own, which goes with all that is in it. */
#define STORE_FOLDER "/tmp/penstock-store-XXXXXX"
static char store_folder[] = STORE_FOLDER;
static const char *store_template = STORE_FOLDER;
static char store_path[sizeof(store_folder) + 32];

/* Where nobody waits for a disk, for who syncs often and looks at no disk; before the first is made. */
static inline void store_in_memory(void)
{
	if (access("/dev/shm", W_OK) == 0)
		store_template = "/dev/shm/penstock-XXXXXX";
}

static inline const char *in_folder(const char *name)
{
	snprintf(store_path, sizeof(store_path), "%s/state%s", store_folder, name);
	return store_path;
}

static inline void make_store_folder(void)
{
	static char state_dir[sizeof(store_folder) + 8];

	strcpy(store_folder, store_template);
	ck_assert_ptr_nonnull(mkdtemp(store_folder));
	strcpy(state_dir, in_folder(""));
	small.state_dir = state_dir;
}

static inline void remove_store_folder(void)
{
	unlink(in_folder("/jobs.db"));
	unlink(in_folder("/jobs.db-wal"));
	unlink(in_folder("/jobs.db-shm"));
	unlink(in_folder("/lock"));
	rmdir(in_folder(""));
	ck_assert_int_eq(rmdir(store_folder), 0);
}

static inline struct store *open_store(const struct store_options *options)
{
	struct problem problem = {0};
	struct store *store;

	ck_assert_msg(store_open(options, &store, &problem) == 0, "%s", problem.message);
	return store;
}

/* Put it on record and wait until it is. */
static inline void record(struct store *store, enum store_op_type type, struct job *job, enum job_state state)
{
	struct pen_chan *done = new_done();

	ck_assert_int_eq(store_submit(NULL, store, new_op(type, job, state, done)), 0);
	ck_assert_int_eq(come_back(done), 0);
	pen_chan_free(done);
}

/* Accept, run and finish a job; gives its id. */
static inline struct uuid finished_job(struct store *store)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);

	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	record(store, STORE_FINISH, job, JOB_SUCCEEDED);
	return job->id;
}

/* 0 and the state, or -errno. */
static inline int look(struct store *store, const struct uuid *id, enum job_state *ret_state)
{
	CLEANUP(store_record_fini) struct store_record found = {0};
	int r = store_read(store, id, &found);

	if (r == 0)
		*ret_state = found.progress.state;
	return r;
}

static inline void assert_state(struct store *store, const struct uuid *id, enum job_state want)
{
	enum job_state state;

	ck_assert_int_eq(look(store, id, &state), 0);
	ck_assert_int_eq(state, want);
}

static inline void assert_error(struct store *store, const struct uuid *id, int error)
{
	enum job_state state;

	ck_assert_int_eq(look(store, id, &state), error);
}

#endif
