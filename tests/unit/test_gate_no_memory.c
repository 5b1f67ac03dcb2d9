/*
 * test_gate_no_memory.c - any allocation on the way of a job may fail: from its submission to its result.  Then the submission is
 * refused and nothing of it is left, or the job ends all the same.
 */
#include "gate_trial.h"
#include "scarce.h"

enum { TURNS = 300 }; /* more than a job takes from its acceptance to its end */

static const char *const requests[] = {
	"{\"kind\":\"echo\",\"spec\":[1]}",
	"{\"kind\":\"echo\",\"spec\":[1],\"delay\":\"1s\",\"expires_in\":\"1h\"}",
	"{\"kind\":\"echo\",\"spec\":[1],\"limit_key\":\"k\"}",
	"{\"kind\":\"sleep\",\"spec\":{\"for\":\"1ms\"},\"timeout\":\"1h\",\"callback\":{\"url\":\"http://127.0.0.1:1/\"}}",
};

static void set_clock_ahead(struct gate *gate)
{
	struct gate_stats stats;

	clock_wall_set(clock_wall_ms() + 2000);
	gate_stats(gate, &stats); /* which makes it look at the clock */
}

/* What waits for memory, or for its time, is due. */
static void let_it_end(struct gate *gate, const struct job *job)
{
	struct result *result = NULL;

	while (gate_result(NULL, gate, &job->id, pen_now_ns() + 10 * PEN_MS, &result) != 0)
		set_clock_ahead(gate);
	ck_assert_int_eq(result->state, JOB_SUCCEEDED);
	result_unref(result);
}

static void must_be_unknown(struct gate *gate, const struct job *job)
{
	struct store_record record;

	ck_assert_int_eq(gate_look(gate, &job->id, &record, NULL), -ENOENT);
	ck_assert_int_eq(store_read(with.store, &job->id, &record), -ENOENT);
}

/* Another of its limit_key, which it has to wait for; NULL: it has none. */
static struct job *rival_of(struct gate *gate, const char *request)
{
	if (!strstr(request, "limit_key"))
		return NULL;
	return submit(gate, job_as("{\"kind\":\"sleep\",\"spec\":{\"for\":\"1ms\"},\"limit_key\":\"k\"}"));
}

/* One life of a gate, in which an allocation fails after `n` that did not.  Whether there were so many. */
static bool run_with(struct gate *gate, const char *request, long n)
{
	struct job *job = job_as("%s", request), *rival = rival_of(gate, request);
	struct problem problem = {0};
	struct gate_receipt receipt;
	bool felt;
	int r;

	scarce_left = n;
	scarce_once = true;
	r = gate_submit(gate, job, &receipt, &problem);
	for (int turn = 0; turn < TURNS && r == 0; turn++)
		pen_yield();
	felt = scarce_left < 0;
	scarce_left = -1;
	ck_assert_msg(r == 0 || r == -ENOMEM || r == -EAGAIN || r == -EIO, "with room for %ld: %d", n, r);
	if (r == 0)
		let_it_end(gate, job);
	else
		must_be_unknown(gate, job);
	if (rival)
		let_it_end(gate, rival);
	job_unref(job);
	job_unref(rival);
	return felt;
}

/* The same of what is set for a tenant: it holds or it does not, and can be set again. */
static bool set_with(struct gate *gate, long n)
{
	struct tenant_change change = {.what = TENANT_PUT,
		.name = "a",
		.set = 1u << LIMIT_WEIGHT,
		.limits.weight = 7,
		.says_paused = true,
		.paused = true};
	struct tenant_view view;
	bool felt;
	int r;

	scarce_left = n;
	scarce_once = true;
	r = gate_change_tenant(gate, &change, &view, NULL);
	felt = scarce_left < 0;
	scarce_left = -1;
	ck_assert_msg(r == 0 || r == -ENOMEM || r == -EIO, "with room for %ld: %d", n, r);
	ck_assert_int_eq(gate_tenant(gate, "a", &view), 0);
	ck_assert_uint_eq(view.limits.weight, r == 0 ? 7 : 1);
	ck_assert_int_eq(view.pause.on, r == 0);
	ck_assert_int_eq(gate_change_tenant(gate, &change, &view, NULL), 0);
	ck_assert_uint_eq(view.limits.weight, 7);
	return felt;
}

struct life {
	const char *request; /* NULL: something is set for a tenant */
	long n;
	bool felt;
};

/* Its tenant is looked at again when its bucket is full.  Over a store that has no assertions of its own, which allocate. */
static int live(void *arg)
{
	struct store_options options = {.queue_max = 8192, .group_max = 64};
	struct life *life = arg;
	struct gate *gate;

	with.conf = load_apart("tenant-defaults { rate = 1000/s burst = 2 }\n");
	options.retention_ns = with.conf->retention_ns;
	options.retention_jobs = with.conf->retention_jobs;
	options.retention_bytes = with.conf->retention_bytes;
	ck_assert_int_eq(store_open_kind(&store_memory, &options, &with.store, NULL), 0);
	ck_assert_int_eq(pen_ctx_with_cancel(&with.ctx, NULL), 0);
	ck_assert_int_eq(gate_start(with.ctx, with.conf, with.store, &gate), 0);
	life->felt = life->request ? run_with(gate, life->request, life->n) : set_with(gate, life->n);
	gate_end(gate);
	clock_wall_set(0);
	return 0;
}

/* One life after another, each with a little more room, until it is enough. */
static void live_with_little(const char *request)
{
	const struct pen_run_options options = {.loops = 1, .on_leak = gate_trial_leak};
	struct life life = {request, 1000000, true};
	long alive;

	signal(SIGPIPE, SIG_IGN);                            /* as in the daemon */
	ck_assert_int_eq(pen_run(&options, live, &life), 0); /* so that what is made once is made */
	for (life.n = 0, life.felt = true; life.felt; life.n++) {
		alive = scarce_alive;
		ck_assert_int_eq(pen_run(&options, live, &life), 0);
		ck_assert_msg(scarce_alive == alive, "with room for %ld, %ld are left", life.n,
			scarce_alive - alive);
	}
	ck_assert_int_gt(life.n, 10);
}

START_TEST(without_memory_a_job_is_refused_or_ends_later_and_nothing_is_left)
{
	live_with_little(requests[_i]);
}
END_TEST

START_TEST(without_memory_nothing_is_set_for_a_tenant_and_nothing_is_left)
{
	live_with_little(NULL);
}
END_TEST

int main(void)
{
	TCase *tcase;

	if (scarce_is_skipped())
		return EXIT_SUCCESS;
	tcase = tcase_create("gate_no_memory");
	tcase_add_loop_test(tcase, without_memory_a_job_is_refused_or_ends_later_and_nothing_is_left, 0,
		(int)ARRAY_LEN(requests));
	tcase_add_test(tcase, without_memory_nothing_is_set_for_a_tenant_and_nothing_is_left);
	return gate_run_suite("gate_no_memory", tcase);
}
