/* test_http_clients.c - connections: many, idle, slow, half closed, beyond their limit, at the end of the server. */
#include "http_trial.h"

static void ck_serves(int fd)
{
	say(fd, "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n");
	ck_ok(listen_to(fd));
}

HTTP_TEST(a_connection_serves_one_request_after_another, "")
{
	int fd = dial();

	for (int i = 0; i < 5; i++)
		ck_serves(fd);
	close(fd);
}

HTTP_TEST(requests_sent_at_once_are_answered_in_order, "")
{
	int fd = dial();
	struct answer first, second;

	say(fd, "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\nGET /readyz HTTP/1.1\r\nHost: here\r\n\r\n");
	first = listen_to(fd);
	second = listen_to(fd);
	ck_assert_member(&first, "status", "ok");
	ck_assert_member(&second, "status", "ready");
	answer_fini(&first);
	answer_fini(&second);
	close(fd);
}

HTTP_TEST(who_has_said_all_still_hears_the_answer, "")
{
	int fd = dial();

	say(fd, "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n");
	shutdown(fd, SHUT_WR);
	ck_ok(listen_to(fd));
	close(fd);
}

/* As a process that is killed does with what it has not read. */
static void hang_up(int fd)
{
	ck_assert_int_eq(
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger)),
		0);
	close(fd);
}

HTTP_TEST(who_hangs_up_while_an_answer_is_awaited_hinders_nobody, "")
{
	CLEANUP(freep)
	char *id = submit_job("{\"kind\":\"sleep\",\"delay\":\"1h\",\"spec\":{\"for\":\"1h\"}}");
	struct answer cancelled;
	int waiting = dial();

	say(waiting, "GET /results/%s?wait=60s HTTP/1.1\r\nHost: here\r\n\r\n", id);
	for (int i = 0; i < 20; i++) {
		int fd = dial();

		say(fd, "GET /results/%s?wait=60s HTTP/1.1\r\nHost: here\r\n\r\n", id);
		ck_ok(get("/healthz")); /* so the request has come in, mostly */
		hang_up(fd);
	}
	cancelled = ask_for("DELETE", "/jobs/%s", id, "");
	ck_assert_int_eq(cancelled.status, 202);
	answer_fini(&cancelled);
	ck_ok(listen_to(waiting)); /* it is cancelled */
	close(waiting);
}

/* Wait until there is another task, or none is to be expected. */
static void wait_for_another(size_t before)
{
	for (int i = 0; i < 20 && pen_tasks_alive() <= before; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

HTTP_TEST(
	who_hangs_up_again_and_again_has_no_more_at_work_than_connections_and_places, "connections-max = 8\n")
{
	enum { CONNECTIONS = 8, PLACES = 64, SERVERS_OWN = 3, MORE = 30 };
	CLEANUP(freep)
	char *id = submit_job("{\"kind\":\"sleep\",\"delay\":\"1h\",\"spec\":{\"for\":\"1h\"}}");
	size_t before = pen_tasks_alive(), most = PLACES * pen_loops() + CONNECTIONS;
	enum job_state state;
	struct uuid uuid;

	for (size_t i = 0; i < most + MORE; i++) {
		size_t alive = pen_tasks_alive();
		int fd = dial();

		say(fd, "GET /results/%s?wait=60s HTTP/1.1\r\nHost: here\r\n\r\n", id);
		wait_for_another(alive);
		hang_up(fd);
	}
	ck_assert_uint_ge(pen_tasks_alive(), before + CONNECTIONS);
	ck_assert_uint_le(pen_tasks_alive(), before + most + SERVERS_OWN * pen_loops());
	ck_assert_int_eq(uuid_parse(id, &uuid), 0);
	ck_assert_int_eq(gate_cancel(served.gate, &uuid, &state, NULL), 0);
	ck_ok(get("/healthz"));
}

HTTP_TEST(who_comes_beyond_the_limit_is_served_once_there_is_room, "connections-max = 1\n")
{
	int fd = dial(), late;

	for (int i = 0; i < 3; i++) {
		ck_serves(fd);
		late = dial();
		close(fd);
		fd = late;
	}
	ck_serves(fd);
	close(fd);
	ck_ok(get("/healthz"));
}

HTTP_TEST(many_idle_connections_hinder_nobody, "")
{
	int fds[300];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = dial();
	ck_ok(get("/healthz"));
	ck_serves(fds[ARRAY_LEN(fds) / 2]);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

HTTP_TEST(who_takes_too_long_over_a_request_is_told_so, "request-timeout = 1s\n")
{
	int fd = dial();

	say(fd, "POST /jobs HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{");
	ck_refused(listen_to(fd), 408, "request-timeout");
	ck_assert_closed(fd);
	close(fd);
}

HTTP_TEST(a_connection_without_a_request_is_closed_in_time, "idle-timeout = 1s\n")
{
	int fd = dial(), used = dial();

	ck_serves(used);
	ck_assert_closed(fd);
	ck_assert_closed(used);
	close(fd);
	close(used);
}

int main(void)
{
	TCase *tcase = tcase_create("http_clients");

	tcase_add_http_test(tcase, a_connection_serves_one_request_after_another);
	tcase_add_http_test(tcase, requests_sent_at_once_are_answered_in_order);
	tcase_add_http_test(tcase, who_has_said_all_still_hears_the_answer);
	tcase_add_http_test(tcase, who_hangs_up_while_an_answer_is_awaited_hinders_nobody);
	tcase_add_http_test(
		tcase, who_hangs_up_again_and_again_has_no_more_at_work_than_connections_and_places);
	tcase_add_http_test(tcase, who_comes_beyond_the_limit_is_served_once_there_is_room);
	tcase_add_http_test(tcase, many_idle_connections_hinder_nobody);
	tcase_add_http_test(tcase, who_takes_too_long_over_a_request_is_told_so);
	tcase_add_http_test(tcase, a_connection_without_a_request_is_closed_in_time);
	return http_run_suite("http_clients", tcase);
}
