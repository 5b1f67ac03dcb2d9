/* own.c - see own.h.  The system is asked for all of them, which with many takes long enough not to be done for each call. */
#include "work/own.h"

#include <errno.h>
#include <ifaddrs.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdlib.h>

#define AGE_MAX_NS PEN_SECOND

struct loop_own {
	struct own_addresses known;
	int64_t read_ns; /* 0: never */
};

struct own {
	size_t n_loops;
	struct loop_own loops[];
};

int own_new(struct own **ret_own)
{
	size_t n = pen_loops();
	struct own *own = calloc(1, sizeof *own + n * sizeof own->loops[0]);

	if (!own)
		return -ENOMEM;
	own->n_loops = n;
	*ret_own = own;
	return 0;
}

void own_free(struct own *own)
{
	for (size_t i = 0; own && i < own->n_loops; i++)
		free(own->loops[i].known.addresses);
	free(own);
}

static socklen_t socket_bytes(const struct sockaddr *socket)
{
	return socket->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static int gather(const struct ifaddrs *first, struct own_addresses *ret_known)
{
	struct own_addresses known = {0};
	uint16_t port;
	size_t n = 1;

	for (const struct ifaddrs *at = first; at; at = at->ifa_next)
		n++;
	known.addresses = calloc(n, sizeof known.addresses[0]);
	if (!known.addresses)
		return -ENOMEM;
	for (const struct ifaddrs *at = first; at; at = at->ifa_next)
		known.n += at->ifa_addr && address_of_socket(at->ifa_addr, socket_bytes(at->ifa_addr),
						   &known.addresses[known.n], &port);
	*ret_known = known;
	return 0;
}

static int look(struct loop_own *loop)
{
	struct own_addresses known;
	struct ifaddrs *first;
	int r;

	if (getifaddrs(&first) < 0)
		return -errno;
	r = gather(first, &known);
	freeifaddrs(first);
	if (r < 0)
		return r;
	free(loop->known.addresses);
	loop->known = known;
	loop->read_ns = pen_now_ns();
	return 0;
}

int own_look(struct own *own, const struct own_addresses **ret_addresses)
{
	struct loop_own *loop = &own->loops[pen_loop_self()];
	int r = 0;

	if (!loop->read_ns || pen_now_ns() - loop->read_ns > AGE_MAX_NS)
		r = look(loop);
	if (r == 0)
		*ret_addresses = &loop->known;
	return r;
}
