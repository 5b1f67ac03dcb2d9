/* test_gate_lanes.c - limits by name: of an endpoint, a command, a limit_key; who waits for them, and whom that holds up. */
#define UNIT_FORKS 1
#include "gate_lanes.h"

GATE_TEST(a_job_waits_for_its_limit_key_and_holds_up_no_other, "tenant acme { max-running = 3 }\n")
{
	struct job *running = submit_and_run(gate, keyed("acme", "k", LONG)), *waiting[4];
	struct gate_stats stats;

	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		waiting[i] = submit(gate, keyed("acme", "k", QUICK));
	for (int i = 0; i < 4; i++) {
		just_ends(gate, submit(gate, quick_job("acme")), JOB_SUCCEEDED);
		just_ends(gate, submit(gate, keyed("acme", "other", QUICK)), JOB_SUCCEEDED);
		just_ends(gate, submit(gate, keyed("other", "k", QUICK)), JOB_SUCCEEDED);
	}
	gate_stats(gate, &stats);
	ck_assert_uint_eq(stats.limited[LANE_KEY], ARRAY_LEN(waiting));
	ck_assert_uint_eq(stats.jobs[JOB_QUEUED], ARRAY_LEN(waiting));
	ck_assert_uint_eq(stats.limit_waiting, 0); /* it is no limit of the tenant's */
	ck_assert_uint_eq(stats.workers_busy, 1);
	ck_assert_int_eq(state_of(gate, waiting[0]), JOB_QUEUED);
	cancel_running(gate, running);
	ck_assert_begin(waiting, ARRAY_LEN(waiting));
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		just_ends(gate, waiting[i], JOB_SUCCEEDED);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 0);
}

GATE_TEST(what_waits_for_a_key_goes_on_by_priority_and_then_by_age, "workers = 8\n")
{
	static const int priorities[] = {0, 9, 5, 5, 9, 0};
	static const size_t order[] = {1, 4, 2, 3, 0, 5};
	struct job *first = submit_and_run(gate, keyed("a", "k", LONG)), *jobs[ARRAY_LEN(order)],
		   *sorted[ARRAY_LEN(order)];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(
			gate, job_as("{\"tenant\":\"a\",\"limit_key\":\"k\",\"priority\":%d," QUICK "}",
				      priorities[i]));
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		sorted[i] = jobs[order[i]];
	cancel_running(gate, first);
	ck_assert_begin(sorted, ARRAY_LEN(sorted));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		just_ends(gate, jobs[i], JOB_SUCCEEDED);
}

GATE_TEST(what_waits_for_a_key_can_be_cancelled_and_expires, "")
{
	const int64_t now_ms = clock_wall_ms();
	struct job *first, *jobs[4];

	clock_wall_set(now_ms);
	first = submit_and_run(gate, keyed("a", "k", LONG));
	jobs[0] = submit(gate, keyed("a", "k", QUICK));
	jobs[1] = submit(gate, keyed("a", "k", QUICK ",\"expires_in\":\"1m\""));
	jobs[2] = submit(gate, keyed("a", "k", QUICK));
	jobs[3] = submit(gate, keyed("a", "k", QUICK));
	cancel(gate, jobs[0], JOB_CANCELLED);
	just_ends(gate, jobs[0], JOB_CANCELLED);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 3);
	clock_wall_set(now_ms + 60000);
	ck_assert_int_eq(gate_ready(gate, NULL), 0); /* makes it look at the clock */
	just_ends(gate, jobs[1], JOB_EXPIRED);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 2);
	cancel_running(gate, first);
	just_ends(gate, jobs[2], JOB_SUCCEEDED);
	just_ends(gate, jobs[3], JOB_SUCCEEDED);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 0);
}

/* The one that is offered to the tenant, which has no slot, is taken away: the next must be. */
GATE_TEST(what_was_put_in_line_again_and_is_cancelled_leaves_its_place_to_the_next,
	"tenant a { max-running = 2 }\n")
{
	struct job *first = submit_and_run(gate, keyed("a", "k", LONG)), *jobs[2], *rivals[2];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(gate, keyed("a", "k", LONG));
	rivals[0] = submit_running(gate, "a");
	rivals[1] = submit(gate, job_as("{\"tenant\":\"a\",\"priority\":9," LONG "}"));
	cancel_running(gate, first);
	await_state(rivals[1], JOB_RUNNING);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 1);
	cancel(gate, jobs[0], JOB_CANCELLED);
	just_ends(gate, jobs[0], JOB_CANCELLED);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 0);
	cancel_running(gate, rivals[0]);
	await_state(jobs[1], JOB_RUNNING);
	cancel_running(gate, jobs[1]);
	cancel_running(gate, rivals[1]);
}

static struct job *of_priority(int priority, const char *key, const char *what)
{
	return job_as("{\"tenant\":\"a\",\"priority\":%d%s%s%s,%s}", priority, key ? ",\"limit_key\":\"" : "",
		key ? key : "", key ? "\"" : "", what);
}

/* One is in line again when the key gets full once more, and then one of a higher priority is set aside. */
GATE_TEST(
	what_was_put_in_line_again_goes_before_nobody_of_a_higher_priority, "tenant a { max-running = 2 }\n")
{
	struct job *first = submit_and_run(gate, of_priority(0, "k", LONG)),
		   *jobs[] = {of_priority(9, "k", LONG), of_priority(9, "k", QUICK),
			   of_priority(0, "k", QUICK)},
		   *rivals[2];

	submit(gate, jobs[2]);
	rivals[0] = submit_running(gate, "a");
	submit(gate, jobs[0]);
	submit(gate, jobs[1]);
	rivals[1] = submit(gate, of_priority(5, NULL, LONG));
	cancel_running(gate, first);
	await_state(jobs[0], JOB_RUNNING);
	cancel_running(gate, rivals[0]);
	await_state(rivals[1], JOB_RUNNING);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 2);
	cancel_running(gate, jobs[0]);
	ck_assert_begin(&jobs[1], 2);
	just_ends(gate, jobs[1], JOB_SUCCEEDED);
	just_ends(gate, jobs[2], JOB_SUCCEEDED);
	cancel_running(gate, rivals[1]);
}

#define KEYS(n) "tenant a { key-max-running = " #n " }\n"

GATE_TEST(a_higher_limit_starts_jobs_at_once_and_a_lower_one_stops_none, KEYS(1))
{
	struct job *jobs[5];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(gate, keyed("a", "k", LONG));
	await_state(jobs[0], JOB_RUNNING);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 4);
	reconfigure(gate, KEYS(3));
	ck_assert_begin(&jobs[1], 2);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 2);
	reconfigure(gate, KEYS(2));
	ck_assert_uint_eq(gate_running(gate), 3);
	cancel_running(gate, jobs[0]);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 2);
	cancel_running(gate, jobs[1]);
	ck_assert_begin(&jobs[3], 1);
	cancel_running(gate, jobs[2]);
	ck_assert_begin(&jobs[4], 1);
	cancel_running(gate, jobs[3]);
	cancel_running(gate, jobs[4]);
}

GATE_TEST(while_a_job_waits_for_another_try_its_key_is_free, "")
{
	struct job *frail = submit(gate,
			   job_as("{\"tenant\":\"a\",\"limit_key\":\"k\",\"kind\":\"http\",\"spec\":{\"url\":"
				  "\"http://127.0.0.1:1/\"},\"retry\":{\"min\":\"1h\",\"max\":\"1h\"}}")),
		   *next;

	await_state(frail, JOB_SCHEDULED);
	next = submit(gate, keyed("a", "k", QUICK));
	just_ends(gate, next, JOB_SUCCEEDED);
	cancel(gate, frail, JOB_CANCELLED);
	just_ends(gate, frail, JOB_CANCELLED);
}

#define HOLD "command hold { exec = /bin/sleep args = {3600} timeout = 1h max-running = 1 }\n"
#define HOLDS "\"kind\":\"command\",\"spec\":{\"command\":\"hold\"}"

static struct job *hold(const char *tenant)
{
	return job_as("{\"tenant\":\"%s\"," HOLDS "}", tenant);
}

GATE_TEST(a_commands_limit_is_of_all_tenants_and_one_that_may_not_run_holds_up_no_other,
	"workers = 6\ntenant a { max-running = 2 }\n" HOLD)
{
	struct job *first = submit_and_run(gate, hold("a")), *second = submit(gate, hold("a")),
		   *rivals[2] = {submit_running(gate, "a")}, *b = submit(gate, hold("b")), *c;

	rivals[1] = submit(gate, job_as("{\"tenant\":\"a\",\"priority\":9," LONG "}"));
	just_ends(gate, submit(gate, quick_job("b")), JOB_SUCCEEDED);
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 2);
	cancel_running(gate, first); /* the tenant's slot goes to another job of its own */
	await_state(b, JOB_RUNNING);
	c = submit(gate, hold("c"));
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 1);
	cancel_running(gate, b);
	await_state(c, JOB_RUNNING);
	cancel_running(gate, rivals[0]);
	ck_assert_int_eq(state_of(gate, second), JOB_QUEUED);
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 1);
	cancel_running(gate, c);
	await_state(second, JOB_RUNNING);
	cancel_running(gate, second);
	cancel_running(gate, rivals[1]);
}

GATE_TEST(a_command_that_gets_a_limit_while_it_runs_is_counted,
	"command hold { exec = /bin/sleep args = {3600} timeout = 1h }\n")
{
	struct job *jobs[3];

	for (size_t i = 0; i < 2; i++)
		jobs[i] = submit_and_run(gate, hold("a"));
	reconfigure(gate, HOLD);
	jobs[2] = submit(gate, hold("b"));
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 1);
	cancel_running(gate, jobs[0]);
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 1);
	reconfigure(gate, "");
	just_ends(
		gate, jobs[2], JOB_FAILED); /* nobody may run it any more, so there is nothing to wait for */
	cancel_running(gate, jobs[1]);
}

#define CALLS "workers = 8\ntenant-defaults { host-connections = 2 }\n"

static struct job *call(const char *tenant, const char *key, unsigned port)
{
	return job_as("{\"tenant\":\"%s\",%s%s%s\"timeout\":\"1h\",\"kind\":\"http\",\"spec\":{\"url\":"
		      "\"http://127.0.0.1:%u/\"}}",
		tenant, key ? "\"limit_key\":\"" : "", key ? key : "", key ? "\"," : "", port);
}

GATE_TEST(calls_of_one_endpoint_have_a_limit_for_each_tenant, CALLS)
{
	unsigned ports[2];
	int fds[] = {silent_port(&ports[0]), silent_port(&ports[1])};
	struct job *jobs[4], *there, *others;

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = submit(gate, call("a", NULL, ports[0]));
	there = submit_and_run(gate, call("a", NULL, ports[1]));
	others = submit_and_run(gate, call("b", NULL, ports[0]));
	ck_assert_uint_eq(limited(gate, LANE_ENDPOINT), 2);
	ck_assert_uint_eq(gate_running(gate), 4);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		cancel_running(gate, jobs[i]);
	cancel_running(gate, there);
	cancel_running(gate, others);
	close(fds[0]);
	close(fds[1]);
}

GATE_TEST(a_job_takes_its_endpoint_and_its_key_together_or_neither, CALLS)
{
	unsigned ports[2];
	int fds[] = {silent_port(&ports[0]), silent_port(&ports[1])};
	struct job *first = submit_and_run(gate, call("a", "k", ports[0])), *both[2], *plain;

	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		both[i] = submit(gate, call("a", "k", ports[0])); /* for the key */
	plain = submit_and_run(gate, call("a", NULL, ports[0]));  /* so they have not taken the endpoint */
	ck_assert_uint_eq(limited(gate, LANE_KEY), 2);
	just_ends(gate, submit(gate, keyed("a", "other", QUICK)), JOB_SUCCEEDED);
	cancel_running(gate, first);
	ck_assert_begin(both, 1);
	first = submit(gate, call("a", "other", ports[0])); /* for the endpoint */
	ck_assert_uint_eq(limited(gate, LANE_ENDPOINT), 1);
	just_ends(gate, submit(gate, keyed("a", "other", QUICK)), JOB_SUCCEEDED); /* nor has that the key */
	cancel_running(gate, both[0]);
	await_state(both[1], JOB_RUNNING); /* it came first */
	ck_assert_uint_eq(gate_running(gate), 2);
	cancel_running(gate, plain);
	await_state(first, JOB_RUNNING);
	cancel_running(gate, both[1]);
	cancel_running(gate, first);
	close(fds[0]);
	close(fds[1]);
}

/* When a key gets room and its first finds the endpoint full, that is no reason for the others of the key to wait. */
GATE_TEST(one_that_has_to_wait_for_another_limit_next_lets_those_behind_it_pass, CALLS)
{
	unsigned port;
	int fd = silent_port(&port);
	struct job *first = submit_and_run(gate, keyed("a", "k", LONG)), *blocked, *next, *calls[2];

	blocked = submit(gate, call("a", "k", port));
	next = submit(gate, keyed("a", "k", LONG));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		calls[i] = submit_and_run(gate, call("a", NULL, port));
	ck_assert_uint_eq(limited(gate, LANE_KEY), 2);
	cancel_running(gate, first);
	await_state(next, JOB_RUNNING);
	ck_assert_uint_eq(limited(gate, LANE_ENDPOINT), 1);
	cancel_running(gate, calls[0]);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 1);
	cancel_running(gate, next);
	await_state(blocked, JOB_RUNNING);
	cancel_running(gate, blocked);
	cancel_running(gate, calls[1]);
	close(fd);
}

/* Both are in line again, the later one since later. */
GATE_TEST(of_two_that_were_offered_room_at_different_limits_that_one_goes_first_which_came_first,
	"tenant a { host-connections = 1\n max-running = 3 }\n")
{
	unsigned port;
	int fd = silent_port(&port);
	struct job *key = submit_and_run(gate, keyed("a", "k", LONG)),
		   *endpoint = submit_and_run(gate, call("a", NULL, port)),
		   *earlier = submit(gate, keyed("a", "k", QUICK)),
		   *later = submit(gate, call("a", "k", port)), *rivals[3];

	ck_assert_uint_eq(limited(gate, LANE_KEY), 1);
	ck_assert_uint_eq(limited(gate, LANE_ENDPOINT), 1);
	rivals[0] = submit_and_run(gate, of_priority(9, NULL, LONG));
	rivals[1] = submit(gate, of_priority(9, NULL, LONG));
	rivals[2] = submit(gate, of_priority(9, NULL, LONG));
	cancel_running(gate, key);
	await_state(rivals[1], JOB_RUNNING);
	cancel_running(gate, endpoint);
	await_state(rivals[2], JOB_RUNNING);
	ck_assert_uint_eq(limited(gate, LANE_KEY) + limited(gate, LANE_ENDPOINT), 0);
	cancel_running(gate, rivals[0]);
	ck_assert_begin((struct job *[]){earlier, later}, 2);
	just_ends(gate, earlier, JOB_SUCCEEDED);
	cancel_running(gate, later);
	cancel_running(gate, rivals[1]);
	cancel_running(gate, rivals[2]);
	close(fd);
}

GATE_TEST(a_lane_of_which_nobody_is_left_goes_while_who_left_it_waits_for_another,
	"tenant a { host-connections = 1 }\n")
{
	unsigned port;
	int fd = silent_port(&port);
	struct job *key = submit_and_run(gate, keyed("a", "k", LONG)),
		   *endpoint = submit_and_run(gate, call("a", NULL, port)),
		   *both = submit(gate, call("a", "k", port));

	ck_assert_uint_eq(limited(gate, LANE_ENDPOINT), 1);
	cancel_running(gate, endpoint);
	ck_assert_uint_eq(limited(gate, LANE_ENDPOINT), 0);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 1);
	cancel_running(gate, key);
	await_state(both, JOB_RUNNING);
	cancel_running(gate, both);
	close(fd);
}

GATE_TEST(those_set_aside_do_not_cost_their_tenant_its_turns, "workers = 2\n")
{
	enum { EACH = 20 };
	struct job *key = submit_and_run(gate, keyed("a", "k", LONG)), *first = submit_running(gate, "f"),
		   *a[EACH], *b[EACH];
	struct told_record record;
	size_t n = 0;

	for (size_t i = 0; i < EACH; i++) {
		submit(gate, a[i] = keyed("a", i % 2 ? "k" : "free", QUICK));
		b[i] = submit(gate, quick_job("b"));
	}
	cancel_running(gate, first);
	for (size_t begun = 0; begun < EACH;) {
		ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
		begun += record.state == JOB_RUNNING;
		for (size_t i = 0; i < EACH && record.state == JOB_RUNNING; i++)
			n += uuid_equal(&record.id, &a[i]->id);
	}
	ck_assert_uint_ge(n, EACH / 2 - 1);
	while (limited(gate, LANE_KEY) != EACH / 2) /* the last of them may be about to have its turn */
		pen_yield();
	cancel_running(gate, key);
	for (size_t i = 0; i < EACH; i++) {
		just_ends(gate, a[i], JOB_SUCCEEDED);
		just_ends(gate, b[i], JOB_SUCCEEDED);
	}
}

GATE_TEST(who_waits_for_its_slots_and_for_its_key_too_holds_up_nobody, "tenant t { max-running = 3 }\n")
{
	struct job *running = submit_and_run(gate, keyed("t", "k", LONG)),
		   *large = submit(gate, keyed("t", "k", "\"slots\":3," LONG));

	just_ends(gate, submit(gate, quick_job("t")), JOB_SUCCEEDED);
	ck_assert_uint_eq(limited(gate, LANE_KEY), 1);
	cancel_running(gate, running);
	await_state(large, JOB_RUNNING);
	cancel_running(gate, large);
}

/* Until the command is run by somebody else, the one that waits for three slots might be next. */
GATE_TEST(who_waits_for_its_slots_steps_aside_when_its_command_is_taken_by_another_tenant,
	HOLD "tenant t { max-running = 3 }\n")
{
	struct job *running = submit_running(gate, "t"), *other, *small,
		   *large = submit(gate, job_as("{\"tenant\":\"t\",\"slots\":3," HOLDS "}"));

	small = submit(gate, quick_job("t"));
	just_ends(gate, submit(gate, quick_job("other")), JOB_SUCCEEDED);
	ck_assert_int_eq(state_of(gate, small), JOB_QUEUED);
	other = submit_and_run(gate, job_as("{\"tenant\":\"other\"," HOLDS "}"));
	just_ends(gate, small, JOB_SUCCEEDED);
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 1);
	cancel_running(gate, other);
	ck_assert_uint_eq(limited(gate, LANE_COMMAND), 0);
	cancel_running(gate, running);
	await_state(large, JOB_RUNNING);
	cancel_running(gate, large);
}

GATE_TEST(a_drain_leaves_what_waits_for_a_limit_where_it_is, "")
{
	struct job *running = submit_and_run(gate, keyed("a", "k", LONG)),
		   *waiting = submit(gate, keyed("a", "k", QUICK));

	gate_drain(gate);
	gate_cancel_running(gate);
	ck_assert_int_eq(gate_drained(NULL, gate), 0);
	ck_assert_int_eq(state_of(gate, waiting), JOB_QUEUED);
	ck_assert_int_eq(state_of(gate, running), JOB_QUEUED);
	job_unref(running);
	job_unref(waiting);
}

int main(void)
{
	TCase *tcase = tcase_create("gate_lanes");

	tcase_add_gate_test(tcase, a_job_waits_for_its_limit_key_and_holds_up_no_other);
	tcase_add_gate_test(tcase, what_waits_for_a_key_goes_on_by_priority_and_then_by_age);
	tcase_add_gate_test(tcase, what_waits_for_a_key_can_be_cancelled_and_expires);
	tcase_add_gate_test(tcase, what_was_put_in_line_again_and_is_cancelled_leaves_its_place_to_the_next);
	tcase_add_gate_test(tcase, what_was_put_in_line_again_goes_before_nobody_of_a_higher_priority);
	tcase_add_gate_test(tcase, a_higher_limit_starts_jobs_at_once_and_a_lower_one_stops_none);
	tcase_add_gate_test(tcase, while_a_job_waits_for_another_try_its_key_is_free);
	tcase_add_gate_test(
		tcase, a_commands_limit_is_of_all_tenants_and_one_that_may_not_run_holds_up_no_other);
	tcase_add_gate_test(tcase, a_command_that_gets_a_limit_while_it_runs_is_counted);
	tcase_add_gate_test(tcase, calls_of_one_endpoint_have_a_limit_for_each_tenant);
	tcase_add_gate_test(tcase, a_job_takes_its_endpoint_and_its_key_together_or_neither);
	tcase_add_gate_test(tcase, one_that_has_to_wait_for_another_limit_next_lets_those_behind_it_pass);
	tcase_add_gate_test(tcase,
		of_two_that_were_offered_room_at_different_limits_that_one_goes_first_which_came_first);
	tcase_add_gate_test(tcase, a_lane_of_which_nobody_is_left_goes_while_who_left_it_waits_for_another);
	tcase_add_gate_test(tcase, those_set_aside_do_not_cost_their_tenant_its_turns);
	tcase_add_gate_test(tcase, who_waits_for_its_slots_and_for_its_key_too_holds_up_nobody);
	tcase_add_gate_test(
		tcase, who_waits_for_its_slots_steps_aside_when_its_command_is_taken_by_another_tenant);
	tcase_add_gate_test(tcase, a_drain_leaves_what_waits_for_a_limit_where_it_is);
	return gate_run_suite("gate_lanes", tcase);
}
