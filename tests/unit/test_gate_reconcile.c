/* test_gate_reconcile.c - what is counted of jobs on record only is compared with the record, and put right. */
#define UNIT_FORKS 1
#include "gate/inside.h"
#include "gate_trial.h"

enum { WAITING = 40, ROUNDS = 4 };

/* So small a window that most are on record only. */
#define NARROW "workers = 4\nbacklog-window = 2\ntenant held { max-running = 0 max-queued = 100000 }\n"

static char state_folder[] = "/tmp/penstock-store-XXXXXX";

static int narrow_main(void *arg)
{
	void (*body)(struct gate * gate) = *(void (**)(struct gate *))arg;
	struct store_options options = {.kind = "sqlite",
		.state_dir = state_folder,
		.restore = wire_restore_job,
		.queue_max = 8192,
		.group_max = 64,
		.batch_max = 10000};
	struct problem problem = {0};
	struct gate *gate;

	with.conf = load_apart(NARROW);
	options.retention_ns = with.conf->retention_ns;
	options.retention_jobs = with.conf->retention_jobs;
	options.retention_bytes = with.conf->retention_bytes;
	ck_assert_msg(store_open(&options, &with.store, &problem) == 0, "%s", problem.message);
	ck_assert_int_eq(pen_ctx_with_cancel(&with.ctx, NULL), 0);
	ck_assert_int_eq(gate_start(with.ctx, with.conf, with.store, &gate), 0);
	body(gate);
	gate_end(gate);
	return 0;
}

static void remove_state(void)
{
	static const char *const files[] = {"jobs.db", "jobs.db-wal", "jobs.db-shm", "lock"};
	char file[sizeof state_folder + 32];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(file, sizeof file, "%s/%s", state_folder, files[i]);
		unlink(file);
	}
	ck_assert_int_eq(rmdir(state_folder), 0);
}

/* With the store in a file. */
static void narrow_run(size_t loops, void (*body)(struct gate *gate))
{
	struct pen_run_options options = {.loops = loops, .on_leak = gate_trial_leak};

	strcpy(state_folder, "/tmp/penstock-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(state_folder));
	ck_assert_int_eq(pen_run(&options, narrow_main, &body), 0);
	remove_state();
}

#define NARROW_TEST(name) \
	static void name##_body(struct gate *gate); \
	START_TEST(name) \
	{ \
		narrow_run((size_t)_i + 1, name##_body); \
	} \
	END_TEST \
	static void name##_body(struct gate *gate)

static size_t audited(struct gate *gate)
{
	struct gate_audit audit;

	ck_assert_int_eq(gate_audit(gate, &audit), 0);
	return audit.differences;
}

static struct tenant *held_of(struct gate *gate)
{
	struct tenant *tenant;

	HASH_FIND_STR(gate->tenants, "held", tenant);
	ck_assert_ptr_nonnull(tenant);
	return tenant;
}

/* As many queued as scheduled. */
static void submit_held(struct gate *gate, const char *delay)
{
	struct gate_line lines[WAITING] = {0};
	struct problem problem = {0};

	for (size_t i = 0; i < WAITING; i++)
		lines[i].job =
			job_as("{\"kind\":\"echo\",\"tenant\":\"held\",\"spec\":1%s}", i % 2 ? delay : "");
	ck_assert_int_eq(gate_submit_many(gate, lines, WAITING, true, &problem), 0);
	for (size_t i = 0; i < WAITING; i++)
		gate_line_fini(&lines[i]);
}

/* As a fault would: all the counts that an audit can compare without the record are wrong together. */
static void plant(struct gate *gate, enum job_state state, ptrdiff_t change)
{
	struct tenant *held = held_of(gate);

	if (state == JOB_QUEUED)
		queue_count_away(&held->queue, 5, change);
	else
		held->later_away += (size_t)change;
	gate->later_away += state == JOB_QUEUED ? 0 : (size_t)change;
	gate->away += (size_t)change;
	held->waiting += (size_t)change;
	gate->stats.jobs[state] += (size_t)change;
}

static void ck_assert_counts(struct gate *gate, size_t queued, size_t later)
{
	struct tenant *held = held_of(gate);

	ck_assert_uint_eq(held->queue.lines[5].away, queued);
	ck_assert_uint_eq(held->queue.away, queued);
	ck_assert_uint_eq(held->later_away, later);
	ck_assert_uint_eq(gate->away, queued + later);
	ck_assert_uint_eq(gate->later_away, later);
	ck_assert_uint_eq(held->waiting, WAITING);
	ck_assert_uint_eq(gate->stats.jobs[JOB_QUEUED] + gate->stats.jobs[JOB_SCHEDULED], WAITING);
}

NARROW_TEST(a_count_of_jobs_on_record_only_that_is_wrong_is_found_told_and_put_right)
{
	size_t queued, later;
	struct tenant *held;

	ck_assert_uint_eq(audited(gate), 0);
	submit_held(gate, ",\"delay\":\"1h\"");
	held = held_of(gate);
	queued = held->queue.away;
	later = held->later_away;
	ck_assert_uint_eq(queued, WAITING / 2 - 2);
	ck_assert_uint_gt(later, 0);
	ck_assert_uint_eq(audited(gate), 0);
	for (ptrdiff_t change = -1; change <= 1; change += 2) {
		plant(gate, JOB_QUEUED, 3 * change);
		ck_assert_uint_eq(audited(gate), 1);
		ck_assert_counts(gate, queued, later);
		plant(gate, JOB_SCHEDULED, change);
		plant(gate, JOB_QUEUED, change);
		ck_assert_uint_eq(audited(gate), 2);
		ck_assert_counts(gate, queued, later);
		ck_assert_uint_eq(audited(gate), 0);
	}
	ck_assert_uint_eq(gate->stats.audit_differences, 6);
	ck_assert_uint_eq(gate->audit.doubts, 4); /* and a second look each time */
}

/* More than the window holds, so that they go away and come back, of three tenants. */
static void submit_quick(struct gate *gate)
{
	struct gate_line lines[WAITING] = {0};
	struct problem problem = {0};

	for (size_t i = 0; i < WAITING; i++)
		lines[i].job = job_as("{\"kind\":\"echo\",\"tenant\":\"%c\",\"spec\":1,\"priority\":%zu%s}",
			(char)('a' + i % 3), i % 2, i % 4 == 3 ? ",\"delay\":\"5ms\"" : "");
	ck_assert_int_eq(gate_submit_many(gate, lines, WAITING, true, &problem), 0);
	for (size_t i = 0; i < WAITING; i++)
		gate_line_fini(&lines[i]);
}

NARROW_TEST(what_comes_and_goes_while_the_record_is_counted_is_no_difference)
{
	struct gate_stats stats;
	uint64_t submitted = 0;

	do {
		if (submitted < ROUNDS) {
			submit_quick(gate);
			submitted++;
		}
		ck_assert_uint_eq(audited(gate), 0);
		gate_stats(gate, &stats);
	} while (stats.finished[JOB_ECHO][JOB_SUCCEEDED] < ROUNDS * WAITING);
	ck_assert_uint_eq(stats.audit_differences, 0);
	ck_assert_uint_eq(gate->audit.doubts, 0);
}

GATE_TEST(a_job_that_the_gate_has_forgotten_is_missed, "")
{
	struct job *job = submit(gate, job_as("{\"kind\":\"echo\",\"spec\":1,\"delay\":\"1h\"}"));
	struct job *forgotten = quick_job("acme");
	struct store_op *op = store_op_new(STORE_ACCEPT, forgotten);
	struct pen_chan *done = pen_chan_new(sizeof op, 1); /* that is not the gate's */

	op->done = done;
	ck_assert_int_eq(store_submit(NULL, with.store, op), 0);
	ck_assert_int_eq(pen_chan_recv(NULL, done, &op), 0);
	ck_assert_uint_eq(audited(gate), 1);
	store_op_free(op);
	pen_chan_free(done);
	job_unref(forgotten);
	job_unref(job);
}

/* It waits, as its tenant has no token left. */
GATE_TEST(a_callback_that_came_with_an_end_is_expected_on_record, "tenant slow { rate = 1/h burst = 1 }\n")
{
	struct job *job = submit(gate,
		job_as("{\"kind\":\"echo\",\"tenant\":\"slow\",\"spec\":1,\"callback\":{\"url\":\"http://127.0.0.1:9/\"}}"));

	just_ends(gate, job, JOB_SUCCEEDED);
	ck_assert_uint_eq(audited(gate), 0);
	ck_assert_uint_eq(gate->stats.jobs[JOB_QUEUED], 1);
	ck_assert_uint_eq(gate->audit.doubts, 0);
}

GATE_TEST(who_asks_is_told_when_the_record_cannot_be_counted, "")
{
	struct gate_audit audit;

	told.unsurveyed = -EIO;
	ck_assert_int_eq(gate_audit(gate, &audit), -EIO);
	told.unsurveyed = -ECANCELED; /* as of a drain, that has no time for it */
	ck_assert_int_eq(gate_audit(gate, &audit), 0);
	told.unsurveyed = 0;
	gate_drain(gate);
	ck_assert_int_eq(gate_audit(gate, &audit), 0);
	ck_assert_uint_eq(audit.differences, 0);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_reconcile");

	tcase_add_gate_test(tcase, a_count_of_jobs_on_record_only_that_is_wrong_is_found_told_and_put_right);
	tcase_add_gate_test(tcase, what_comes_and_goes_while_the_record_is_counted_is_no_difference);
	tcase_add_gate_test(tcase, a_job_that_the_gate_has_forgotten_is_missed);
	tcase_add_gate_test(tcase, a_callback_that_came_with_an_end_is_expected_on_record);
	tcase_add_gate_test(tcase, who_asks_is_told_when_the_record_cannot_be_counted);
	return gate_run_suite("gate_reconcile", tcase);
}
