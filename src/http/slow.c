/* slow.c - see slow.h. */
#include "http/slow.h"

#include <penstock/base.h>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utlist.h>

void slow_init(struct slow *slow, int64_t idle_timeout_ns, int64_t request_timeout_ns)
{
	*slow = (struct slow){.looks = (unsigned)((idle_timeout_ns - 1) / request_timeout_ns) + 1};
	slow->limit_ns[SLOW_IDLE] = idle_timeout_ns / slow->looks;
	slow->limit_ns[SLOW_REQUEST] = request_timeout_ns;
	slow->limit_ns[SLOW_ANSWER] = idle_timeout_ns;
}

void slow_forget(struct slow *slow, struct client *client)
{
	if (client->state >= 0)
		DL_DELETE(slow->lists[client->state], client);
	client->state = -1;
}

static void append(struct slow *slow, struct client *client, enum slow_state state, int64_t now_ns)
{
	client->state = (int)state;
	client->deadline_ns = now_ns + slow->limit_ns[state];
	DL_APPEND(slow->lists[state], client);
}

void slow_enter(struct slow *slow, struct client *client, enum slow_state state, int64_t now_ns)
{
	slow_forget(slow, client);
	client->looks_left = slow->looks;
	client->received_known = false;
	append(slow, client, state, now_ns);
}

void slow_add(struct slow *slow, struct client *client, int fd, int64_t now_ns)
{
	*client = (struct client){.fd = fd, .state = -1};
	slow_enter(slow, client, SLOW_IDLE, now_ns);
	client->received_known = true; /* nothing */
}

/* A socket that is not TCP never receives, as far as we know; then only idle-timeout counts. */
static uint64_t bytes_received(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

/* Still waiting, or is a request coming in?  It is off its list.  False: it has waited long enough. */
static bool look(struct slow *slow, struct client *client, int64_t now_ns)
{
	uint64_t received = bytes_received(client->fd);

	if (client->received_known && received > client->received) {
		slow_enter(slow, client, SLOW_REQUEST, now_ns);
		return true;
	}
	if (--client->looks_left == 0)
		return false;
	client->received = received;
	client->received_known = true;
	append(slow, client, SLOW_IDLE, now_ns);
	return true;
}

struct client *slow_take(struct slow *slow, int64_t now_ns, enum slow_state *ret_state)
{
	for (int state = 0; state < SLOW_STATES; state++) {
		struct client *first;

		while ((first = slow->lists[state]) && first->deadline_ns <= now_ns) {
			slow_forget(slow, first);
			if (state == SLOW_IDLE && look(slow, first, now_ns))
				continue;
			*ret_state = (enum slow_state)state;
			return first;
		}
	}
	return NULL;
}

int64_t slow_deadline(const struct slow *slow)
{
	int64_t deadline_ns = PEN_NEVER;

	for (int state = 0; state < SLOW_STATES; state++)
		if (slow->lists[state] && slow->lists[state]->deadline_ns < deadline_ns)
			deadline_ns = slow->lists[state]->deadline_ns;
	return deadline_ns;
}

int64_t slow_shortest(const struct slow *slow)
{
	int64_t idle_ns = slow->limit_ns[SLOW_IDLE], request_ns = slow->limit_ns[SLOW_REQUEST];

	return idle_ns < request_ns ? idle_ns : request_ns;
}
