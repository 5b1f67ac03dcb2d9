/* http_guard.c - see http_guard.h.  The callbacks never park: libcurl is not to be entered twice. */
#include "work/http_guard.h"

#include <errno.h>

#include "base/fit.h"
#include "work/inside.h"
#include "work/transfers.h"

static bool judge(struct http_guard *guard, const struct ip_address *address, uint16_t port)
{
	const struct guard_place place = {.host = guard->host, .address = *address, .port = port};
	const struct own_addresses *own;
	enum guard_verdict verdict;
	enum address_class class;
	char text[ADDRESS_TEXT];

	guard->error = own_look(guard->own, &own);
	if (guard->error < 0)
		return false;
	verdict = guard_judge(guard->terms->guard, guard->terms->tenant_guard, own, &place, &class);
	if (verdict == GUARD_OPEN)
		return true;
	address_format(address, text);
	guard->refused = verdict;
	if (verdict == GUARD_PORT)
		fit_print(guard->why, sizeof guard->why, "port %u of %s is not open to jobs", port, text);
	else
		fit_print(guard->why, sizeof guard->why, "%s is not open to jobs: it is %s", text,
			address_class_name(class));
	return false;
}

/*
 * Where the first address is refused the call is given up: libcurl would go on to the others, and some versions (7.88) forget to when
 * addresses of both families are refused.
 */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *socket_address)
{
	struct http_guard *guard = arg;
	struct ip_address address;
	uint16_t port;

	(void)purpose;
	if (guard->given_up) /* libcurl goes on until it hears of that */
		return CURL_SOCKET_BAD;
	if (!address_of_socket(&socket_address->addr, socket_address->addrlen, &address, &port) ||
		!judge(guard, &address, port)) {
		guard->given_up = !guard->passed;
		if (guard->given_up)
			transfers_give_up(guard->easy, -EACCES);
		return CURL_SOCKET_BAD;
	}
	guard->passed = true;
	return socket(
		socket_address->family, socket_address->socktype | SOCK_CLOEXEC, socket_address->protocol);
}

/* A connection that is used again was opened for another job, maybe of another tenant or under another configuration. */
static int on_request(void *arg, char *ip, char *own_ip, int port, int own_port)
{
	struct http_guard *guard = arg;
	struct ip_address address;

	(void)own_ip;
	(void)own_port;
	guard->passed = address_parse(ip, &address) && judge(guard, &address, (uint16_t)port);
	return guard->passed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

void http_guard_set(CURL *easy, struct http_guard *guard)
{
	guard->easy = easy;
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, guard);
}

bool http_guard_refused(const struct http_guard *guard, struct outcome *outcome)
{
	static const char *const codes[] = {
		[GUARD_ADDRESS] = "blocked-address",
		[GUARD_PORT] = "blocked-port",
	};

	if (guard->passed || (!guard->refused && !guard->error))
		return false;
	if (guard->error < 0)
		work_refused(guard->error, outcome);
	else
		outcome_fail(outcome, OUTCOME_FAILED, codes[guard->refused], "%s", guard->why);
	return true;
}
