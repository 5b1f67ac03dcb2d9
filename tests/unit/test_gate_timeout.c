/* test_gate_timeout.c - how long an attempt may take: what its job says, what its command says, what all get. */
#define UNIT_FORKS 1
#include <penstock/task.h>
#include <penstock/time.h>

#include "conf_file.h"
#include "gate/gate.h"
#include "unit.h"
#include "wire_submit.h"

#define FOR_WHAT_HANGS_NS (60 * PEN_SECOND)

/* A job under a configuration, and what became of it. */
struct trial {
	const char *conf, *job;
	enum job_state state;
	bool timed_out;
};

static void run_job(struct gate *gate, struct trial *trial)
{
	CLEANUP(job_unrefp) struct job *job = good(trial->job);
	CLEANUP(result_unrefp) struct result *result = NULL;
	struct problem problem = {0};
	struct gate_receipt receipt;
	int r = gate_submit(gate, job, &receipt, &problem);

	ck_assert_msg(r == 0, "%s", problem.message);
	ck_assert_int_eq(gate_result(NULL, gate, &job->id, pen_now_ns() + FOR_WHAT_HANGS_NS, &result), 0);
	trial->state = result->state;
	trial->timed_out = strstr(result->body, "\"code\":\"timeout\"") != NULL;
}

static int start_and_stop(void *arg)
{
	static const struct store_options options = {.kind = "memory",
		.retention_jobs = 10,
		.retention_bytes = 1 << 20,
		.queue_max = 10,
		.group_max = 10};
	struct trial *trial = arg;
	CLEANUP(conf_unrefp) struct conf *conf = load(trial->conf);
	struct problem problem;
	struct store *store;
	struct gate *gate;

	ck_assert_int_eq(store_open(&options, &store, &problem), 0);
	ck_assert_int_eq(gate_start(NULL, conf, store, &gate), 0);
	run_job(gate, trial);
	gate_drain(gate);
	ck_assert_int_eq(gate_drained(NULL, gate), 0);
	gate_stop(gate);
	store_close(store);
	return 0;
}

/* With one worker, as the thread sanitizer makes each one dear. */
static struct trial try(const char *conf, const char *job)
{
	char text[512];
	struct trial trial = {.conf = text, .job = job};

	snprintf(text, sizeof(text), "workers = 1\n%s", conf);
	ck_assert_int_eq(pen_run(NULL, start_and_stop, &trial), 0);
	return trial;
}

START_TEST(a_job_that_says_nothing_has_the_default)
{
	ck_assert(try("timeout = 1ms\n",
		"{\"kind\": \"sleep\", \"retry\": {\"max_attempts\": 1}, \"spec\": {\"for\": \"1h\"}}")
			  .timed_out);
}
END_TEST

START_TEST(a_command_may_have_more_than_the_default)
{
	struct trial trial = try("timeout = 1ms\n"
				 "command nap { exec = /bin/sleep args = {\"0.2\"} timeout = 1h }\n",
		"{\"kind\": \"command\", \"retry\": {\"max_attempts\": 1}, \"spec\": {\"command\": \"nap\"}}");

	ck_assert_int_eq(trial.state, JOB_SUCCEEDED);
}
END_TEST

START_TEST(a_job_may_ask_for_less_than_its_command_has)
{
	ck_assert(try("command nap { exec = /bin/sleep args = {\"3600\"} timeout = 1h }\n",
		"{\"kind\": \"command\", \"timeout\": \"1ms\", \"retry\": {\"max_attempts\": 1}, "
		"\"spec\": {\"command\": \"nap\"}}")
			  .timed_out);
}
END_TEST

START_TEST(a_job_gets_no_more_than_its_command_has)
{
	ck_assert(try("command nap { exec = /bin/sleep args = {\"3600\"} timeout = 1ms }\n",
		"{\"kind\": \"command\", \"timeout\": \"1h\", \"retry\": {\"max_attempts\": 1}, "
		"\"spec\": {\"command\": \"nap\"}}")
			  .timed_out);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("gate_timeout");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, a_job_that_says_nothing_has_the_default);
	tcase_add_test(tcase, a_command_may_have_more_than_the_default);
	tcase_add_test(tcase, a_job_may_ask_for_less_than_its_command_has);
	tcase_add_test(tcase, a_job_gets_no_more_than_its_command_has);
	return unit_run("gate_timeout", tcase);
}
