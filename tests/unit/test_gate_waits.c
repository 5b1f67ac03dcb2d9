/* test_gate_waits.c - how many jobs wait for what is what each of them is told when it asks. */
#define UNIT_FORKS 1
#include "gate_lanes.h"

enum { JOBS_MAX = 32 };

struct crowd {
	struct job *jobs[JOBS_MAX];
	size_t n;
};

static void add(struct crowd *crowd, struct gate *gate, struct job *job)
{
	ck_assert_uint_lt(crowd->n, JOBS_MAX);
	crowd->jobs[crowd->n++] = submit(gate, job);
}

static void add_running(struct crowd *crowd, struct gate *gate, struct job *job)
{
	add(crowd, gate, job);
	await_state(job, JOB_RUNNING);
}

/* What each says for itself adds up to what is counted, and so many are told this reason. */
static void ck_assert_reasons(struct gate *gate, const struct crowd *crowd, const size_t want[WAIT_REASONS])
{
	size_t heard[WAIT_REASONS] = {0};
	struct explanation why;
	struct gate_stats stats;

	gate_stats(gate, &stats);
	for (size_t i = 0; i < crowd->n; i++) {
		ck_assert_int_eq(gate_explain(gate, &crowd->jobs[i]->id, &why, NULL), 0);
		for (enum wait_reason reason = 0; why.waits && reason < WAIT_REASONS; reason++)
			heard[reason] += strcmp(why.reason, wait_reason_name(reason)) == 0;
	}
	for (enum wait_reason reason = 0; reason < WAIT_REASONS; reason++) {
		ck_assert_msg(heard[reason] == want[reason], "%zu jobs are told %s", heard[reason],
			wait_reason_name(reason));
		ck_assert_msg(stats.waiting[reason] == want[reason], "%llu jobs are counted as %s",
			(unsigned long long)stats.waiting[reason], wait_reason_name(reason));
	}
}

static void pause_tenant(struct gate *gate, const char *name)
{
	const struct tenant_change change = {.what = TENANT_PAUSE, .name = name};
	struct tenant_view view;

	ck_assert_int_eq(gate_change_tenant(gate, &change, &view, NULL), 0);
}

GATE_TEST(jobs_that_wait_are_counted_by_the_reason_that_each_is_told,
	"workers = 5\ntenant limited { max-running = 1 }\ntenant rated { rate = 1/h burst = 1 }\n")
{
	struct crowd crowd = {0};

	just_ends(gate, submit(gate, quick_job("rated")), JOB_SUCCEEDED);
	add_running(&crowd, gate, long_job("limited"));
	add_running(&crowd, gate, keyed("t", "k", LONG));
	pause_tenant(gate, "paused");
	for (int i = 0; i < 3; i++) {
		add(&crowd, gate, quick_job("limited"));
		add(&crowd, gate, quick_job("rated"));
		add(&crowd, gate, keyed("t", "k", QUICK));
	}
	add(&crowd, gate, quick_job("paused"));
	add(&crowd, gate, job_as("{\"delay\":\"1h\",%s}", QUICK));
	add(&crowd, gate, job_as("{\"delay\":\"1h\",\"tenant\":\"limited\",%s}", QUICK));
	ck_assert_reasons(gate, &crowd,
		(size_t[WAIT_REASONS]){[WAIT_NOT_DUE] = 2,
			[WAIT_PAUSE] = 1,
			[WAIT_TENANT] = 3,
			[WAIT_RATE] = 3,
			[WAIT_KEY] = 3});
	for (int i = 0; i < 3; i++)
		add_running(&crowd, gate, long_job("other"));
	for (int i = 0; i < 3; i++)
		add(&crowd, gate, quick_job("other"));
	ck_assert_reasons(gate, &crowd,
		(size_t[WAIT_REASONS]){[WAIT_NOT_DUE] = 2,
			[WAIT_PAUSE] = 1,
			[WAIT_TENANT] = 3,
			[WAIT_RATE] = 3,
			[WAIT_KEY] = 3,
			[WAIT_WORKER] = 1,
			[WAIT_OTHERS] = 2});
	gate_drain(gate);
	ck_assert_reasons(gate, &crowd, (size_t[WAIT_REASONS]){[WAIT_NOT_DUE] = 2, [WAIT_DRAIN] = 13});
	for (size_t i = 0; i < crowd.n; i++)
		job_unref(crowd.jobs[i]);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_waits");

	tcase_add_gate_test(tcase, jobs_that_wait_are_counted_by_the_reason_that_each_is_told);
	return gate_run_suite("gate_waits", tcase);
}
